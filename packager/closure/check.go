package closure

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

var errNoFile = errors.New("no such file")

// checkLocalManifests compares what the manifests of the closure's local projects ask for with the closure. Their tools do that when they
// lock, and not again. What only a build finds out is for CheckBuilt.
func (r *resolver) checkLocalManifests() error {
	var found []Mismatch
	for i := range r.closure.Packages {
		p := &r.closure.Packages[i]
		if p.Source.Kind != lockfile.Directory || r.isStatic(p) {
			continue
		}
		lists, err := r.localLists(p, path.Join(p.Source.Path, p.Source.Subdirectory))
		if err != nil {
			return err
		}
		var all []project.Requirement
		for _, list := range lists {
			all = append(all, list.Requirements...)
		}
		asked := *p
		asked.Extras = r.ownExtras(p, all)
		for _, list := range lists {
			for _, req := range list.Requirements {
				if m, bad := r.compare(&asked, list.File, req); bad {
					found = append(found, m)
				}
			}
		}
	}
	return r.mismatch(found)
}

// ownExtras gives the extras that are asked for of a package, and those that they stand for: all = ["lib[one,two]"] in lib itself.
func (r *resolver) ownExtras(p *Package, requirements []project.Requirement) []string {
	env := r.env
	env.Extras = slices.Clone(p.Extras)
	for again := true; again; {
		again = false
		for _, req := range requirements {
			if req.Name != p.Name || req.Optional && !intersects(req.ForExtras, env.Extras) || !req.Holds(env) {
				continue
			}
			for _, extra := range req.Extras {
				if !slices.Contains(env.Extras, extra) {
					env.Extras, again = append(env.Extras, extra), true
				}
			}
		}
	}
	return env.Extras
}

func intersects(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// localLists gives what the manifests of a local project ask for, as far as that can be read.
func (r *resolver) localLists(p *Package, dir string) ([]project.List, error) {
	file := path.Join(dir, "pyproject.toml")
	manifest, err := r.readProject(file)
	if err != nil {
		return nil, err
	}
	if manifest != nil && !r.allowsPackagePython(manifest.RequiresPython) {
		return nil, r.otherPython(file, manifest.PythonLine, p.Name, manifest.PythonText)
	}
	if manifest != nil && r.isOtherMember(manifest.Name, dir) {
		if err := r.inherit(manifest, dir); err != nil {
			return nil, err
		}
	}
	last := ""
	lists, err := project.SetupLists(manifest, func(name string) ([]byte, bool, error) {
		last = path.Join(dir, name)
		data, found, err := r.read(last)
		if found {
			r.closure.Manifests = append(r.closure.Manifests, last)
		}
		return data, found, err
	})
	var broken *syntax.Error
	if errors.As(err, &broken) {
		err = &syntax.FileError{File: last, Err: err}
	}
	if manifest != nil {
		lists = append(lists, project.List{File: "pyproject.toml", Requirements: r.withoutOtherSources(manifest)})
	}
	for i := range lists {
		lists[i].File = path.Join(dir, lists[i].File)
	}
	return lists, err
}

// isOtherMember reports whether a project is a member of the workspace of a uv.lock, other than its root.
func (r *resolver) isOtherMember(name, dir string) bool {
	s := r.lock.Settings
	return s != nil && slices.Contains(s.Members, name) && dir != path.Dir(r.closure.Lock)
}

// withoutOtherSources gives what a manifest asks for, but that something comes from a URL or git where the lock's tool need not heed it:
// [tool.uv.sources] is uv's alone, and says it on some machines only where it has several.
func (r *resolver) withoutOtherSources(manifest *project.Project) []project.Requirement {
	all := slices.Clone(manifest.Main)
	for i := range all {
		if byCondition, named := manifest.UVSources[all[i].Name]; named && (byCondition || r.lock.Format != lockfile.UV) {
			all[i].Elsewhere = false
		}
	}
	return all
}

// CheckBuilt compares what the wheel of a local project asks for, as its METADATA has it, with the closure: a setup.py is a
// program, and what it says is known only when it has run. requires has the lines of Requires-Dist (PEP 508, core metadata
// specification). The error is a *MismatchError.
func (c *Closure) CheckBuilt(p *Package, requires []string) error {
	r := c.resolver
	if r.isStatic(p) {
		return nil
	}
	file, err := r.manifestOf(path.Join(p.Source.Path, p.Source.Subdirectory))
	if err != nil {
		return err
	}
	all := make([]project.Requirement, len(requires))
	for i, text := range requires {
		if all[i], err = project.ParseRequirement(text); err != nil {
			return fmt.Errorf("%s: the wheel of %s says Requires-Dist: %s: %w", file, p.Name, text, err)
		}
	}
	env := r.env
	env.Extras = r.ownExtras(p, all)
	var found []Mismatch
	for _, req := range all {
		if !req.Holds(env) {
			continue
		}
		req.Conditions = nil
		if m, bad := r.compare(p, file, req); bad {
			found = append(found, m)
		}
	}
	return r.mismatch(found)
}

// manifestOf gives the file of a local project that says, or finds out, what it needs.
func (r *resolver) manifestOf(dir string) (string, error) {
	names := []string{"setup.py", "setup.cfg", "pyproject.toml"}
	for _, name := range names {
		file := path.Join(dir, name)
		if _, found, err := r.read(file); found || err != nil {
			return file, err
		}
	}
	return dir, nil
}

func (r *resolver) mismatch(found []Mismatch) error {
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(a.Manifest, b.Manifest), cmp.Compare(a.Line, b.Line))
	})
	return &MismatchError{Lock: r.closure.Lock, Mismatches: found}
}

// compare looks for what a path dependency asks for on this target.
func (r *resolver) compare(p *Package, file string, req project.Requirement) (Mismatch, bool) {
	m := Mismatch{Manifest: file, Line: req.Line, By: p.Name, Package: req.Name, Wants: req.Text}
	if req.Optional && !intersects(req.ForExtras, p.Extras) || !req.Holds(r.env) || req.Name == p.Name || r.isOutside(req.Name) {
		return m, false
	}
	if req.Path != "" {
		m.Wants = "from " + req.Path
	}
	overridden, needed := r.override(req.Name)
	locked := r.closure.Find(req.Name)
	switch {
	case overridden && (locked != nil || !needed):
		return m, false
	case locked == nil:
		return m, true
	}
	m.Has = strings.TrimSpace(locked.Name + " " + locked.Version)
	switch {
	case req.Elsewhere && req.Path == "":
		m.Wants, m.Has = "from a URL or git", describeSource(locked)
		return m, locked.Source.Kind == lockfile.Registry || locked.Source.IsLocal()
	case req.Path != "":
		m.Has = describeSource(locked)
		wanted := path.Join(path.Dir(file), req.Path)
		return m, !path.IsAbs(req.Path) && (!locked.Source.IsLocal() || path.Join(locked.Source.Path, locked.Source.Subdirectory) != wanted && locked.Source.Path != wanted)
	case !allows(req.Constraint, locked):
		return m, true
	}
	for _, extra := range req.Extras {
		if !slices.Contains(locked.Extras, extra) && r.lock.Format != lockfile.Requirements && r.hasExtra(locked, extra) {
			m.Wants, m.Has = fmt.Sprintf("with its extra %q", extra), m.Has+" without"
			return m, true
		}
	}
	return m, false
}

// hasExtra reports whether an extra stands for anything. uv's locks do not have those that a local project has empty, or no more.
func (r *resolver) hasExtra(p *Package, extra string) bool {
	if r.lock.Format != lockfile.UV || p.Source.Kind != lockfile.Directory {
		return true
	}
	manifest, err := r.readProject(path.Join(p.Source.Path, p.Source.Subdirectory, "pyproject.toml"))
	return err != nil || manifest == nil || manifest.Dynamic || slices.ContainsFunc(manifest.Main, func(req project.Requirement) bool {
		return slices.Contains(req.ForExtras, extra)
	})
}

// isOutside reports whether a name is that of the project itself, or of one that is not installed.
func (r *resolver) isOutside(name string) bool {
	if r.manifest != nil && r.manifest.Name == name {
		return true
	}
	return slices.ContainsFunc(r.byName[name], func(i int) bool { return i == r.root || r.lock.Packages[i].Source.Virtual })
}

// allows compares versions of what comes from an index; a local project has whatever version it has.
func allows(c project.Constraint, p *Package) bool {
	v, err := pep440.Parse(p.Version)
	return err != nil || p.Source.Kind != lockfile.Registry || c.Allows(v)
}

func describeSource(p *Package) string {
	if p.Source.IsLocal() {
		return "it from " + p.Source.Path
	}
	return fmt.Sprintf("%s %s from %s", p.Name, p.Version, [...]string{"an index", "git", "a URL"}[p.Source.Kind])
}
