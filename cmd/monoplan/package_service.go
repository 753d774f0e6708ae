package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace"
)

// service gives a planned service as the packager takes it.
func (j *packaging) service(c planner.ServicePlan) (packager.Service, error) {
	settings, own := j.planned.config.PackageOf(c.Path)
	s := packager.Service{Name: c.Name, Path: c.Path, Forced: own}
	if i := slices.IndexFunc(j.planned.workspace.Services, func(s workspace.Service) bool { return s.Path == c.Path }); i >= 0 {
		found := j.planned.workspace.Services[i]
		s.Runtime = found.Runtime.Name
		setRequirements(&s, found)
		if found.Isolated {
			s.Without = j.nestedIn(c.Path)
		}
		if err := j.setTarget(&s, settings, found); err != nil {
			return s, err
		}
	}
	o := &s.Options
	o.Builder, o.Image, o.BaseImage = settings.Builder, settings.Image, settings.BaseImage
	o.Format = packager.Format(cmp.Or(settings.Format, string(packager.Bundle)))
	o.Include, o.Exclude, o.Groups, o.Extras = settings.Include, settings.Exclude, settings.Groups, settings.Extras
	if settings.Slim != nil {
		o.Slim, o.SlimPatterns = settings.Slim.On, settings.Slim.Patterns
	}
	o.ExcludeRuntime = isSet(settings.ExcludeRuntime)
	o.Bytecode = isSet(settings.Bytecode)
	o.Relock, o.Install = isSet(settings.Relock), settings.Install == "poetry"
	o.Requirements = isSet(settings.Requirements)
	return s, nil
}

// setRequirements takes over what a service's templates say of requirements.
func setRequirements(s *packager.Service, found workspace.Service) {
	r := found.Requirements
	s.Requirements = closure.Requirements{Unknown: r.Unknown, File: r.File, Line: r.Line}
	if r.Name != "" && !r.Unknown {
		s.Requirements.Path = path.Join(s.Path, r.Name)
	}
	for _, m := range r.Modules {
		s.Modules = append(s.Modules, closure.Requirements{Path: m.Path, File: m.File, Line: m.Line})
	}
}

func isSet(b *bool) bool { return b != nil && *b }

// settingError is a setting of seed.yml that cannot be followed.
type settingError struct {
	line    int
	message string
}

func (e *settingError) Error() string {
	return fmt.Sprintf("%s:%d: %s", workspace.ConfigFile, e.line, e.message)
}

// setTarget finds out for which machine a service is packaged: seed.yml says it, or else its marker. A service for which
// neither says a Python has none.
func (j *packaging) setTarget(s *packager.Service, settings workspace.Packaging, found workspace.Service) error {
	python, _ := strings.CutPrefix(found.Runtime.Name, "python")
	if python == found.Runtime.Name {
		python = ""
	}
	if settings.Python != "" && python != "" && settings.Python != python {
		j.app.messages().warn(workspace.ConfigFile, settings.Lines["python"],
			fmt.Sprintf("%s is packaged for Python %s, and %s has %s", s.Name, settings.Python, found.Marker, found.Runtime.Name))
	}
	python = cmp.Or(settings.Python, python)
	if python == "" {
		return nil
	}
	t, err := target.Lambda(python, cmp.Or(settings.Architecture, found.Runtime.Architecture, "x86_64"))
	if err != nil {
		return err
	}
	if major, minor, ok := strings.Cut(settings.Glibc, "."); ok {
		var errs [2]error
		t.Libc.Major, errs[0] = strconv.Atoi(major)
		t.Libc.Minor, errs[1] = strconv.Atoi(minor)
		if errs[0] != nil || errs[1] != nil {
			return &settingError{settings.Lines["glibc"], "glibc " + settings.Glibc + " is no version"}
		}
	}
	if err := t.Check(); err != nil {
		return err
	}
	s.Options.Target = t
	return nil
}

// nestedIn lists the services inside a directory.
func (j *packaging) nestedIn(dir string) []string {
	var nested []string
	for _, s := range j.planned.workspace.Services {
		if s.Path != dir && (dir == "." || strings.HasPrefix(s.Path, dir+"/")) {
			nested = append(nested, s.Path)
		}
	}
	return nested
}

// leftBySettings says why seed.yml leaves a service to the tool that deploys it; nothing where it does not.
func (j *packaging) leftBySettings(dir string) string {
	if settings, _ := j.planned.config.PackageOf(dir); settings.Off {
		return "package: false in " + workspace.ConfigFile
	}
	return ""
}
