package closure

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
)

// checkUVMetadata compares what a uv.lock took from the project's manifest with the manifest as it is now, as far as the target goes.
// The other members of a workspace, and path dependencies, are compared with the closure like those of any lock.
func (r *resolver) checkUVMetadata() error {
	metadata := r.lock.Packages[r.root].Metadata
	if metadata == nil {
		if !slices.ContainsFunc(r.lock.Packages, func(p lockfile.Package) bool { return p.Metadata != nil }) && len(r.lock.Packages) > 1 {
			return nil // uv did not keep it at first
		}
		metadata = &lockfile.Metadata{}
	}
	if r.manifest == nil || r.manifest.Dynamic {
		return nil
	}
	s := uvStale{resolver: r}
	for _, extras := range append([][]string{nil}, slices.Collect(slices.Chunk(r.options.Extras, 1))...) {
		if err := s.compare(metadata.Requires, r.manifest.Main, extras); err != nil {
			return err
		}
	}
	for _, group := range r.options.Groups {
		if err := s.compare(metadata.Groups[group], r.manifest.Groups[group], nil); err != nil {
			return err
		}
	}
	return nil
}

// isStatic reports whether dependency-metadata stands for what a package's own manifest says.
func (r *resolver) isStatic(p *Package) bool {
	return r.lock.Settings != nil && slices.ContainsFunc(r.lock.Settings.Static, func(m lockfile.StaticMetadata) bool {
		return m.Name == p.Name && (m.Version == "" || p.Version == "" || m.Version == p.Version)
	})
}

// override reports whether override-dependencies or exclude-dependencies stand for what any package says of a name, and whether what
// they say needs it on the target.
func (r *resolver) override(name string) (overridden, needed bool) {
	if r.lock.Settings == nil {
		return false, false
	}
	if slices.Contains(r.lock.Settings.Excludes, name) {
		return true, false
	}
	for _, req := range r.lock.Settings.Lists["override-dependencies"] {
		if req.Name == name {
			overridden = true
			holds, err := r.holds(req.Marker, req.Line, nil)
			needed = needed || err != nil || holds
		}
	}
	return overridden, needed
}

type uvStale struct {
	*resolver
}

// asked is a requirement in a form that is the same in manifest and lock.
type asked struct {
	key  string
	name string
	line int
}

func (s *uvStale) compare(locked []lockfile.Requirement, manifest []project.Requirement, extras []string) error {
	env := s.env
	env.Extras = extras
	now := s.inManifest(manifest, env)
	before, err := s.inLock(locked, env)
	if err != nil {
		return err
	}
	for _, a := range now {
		if !slices.ContainsFunc(before, func(b asked) bool { return a.key == b.key }) {
			return &StaleError{Lock: s.closure.Lock, Manifest: s.manifestPath(), Line: a.line, Package: a.name, Tool: "uv"}
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, func(a asked) bool { return a.key == b.key }) {
			return &StaleError{Lock: s.closure.Lock, Manifest: s.manifestPath(), Tool: "uv"}
		}
	}
	return nil
}

func (s *uvStale) inManifest(requirements []project.Requirement, env marker.Environment) []asked {
	var all []asked
	for _, req := range requirements {
		wanted := !req.Optional || intersects(req.ForExtras, env.Extras)
		if !wanted || !req.Holds(env) {
			continue
		}
		place := ""
		switch {
		case req.Path != "" || req.Workspace:
			place = "local"
		case req.Elsewhere:
			place = "elsewhere"
		}
		if place == "" && req.Index != "" {
			place = s.indexNamed(req.Index)
		}
		all = append(all, s.asked(req.Name, req.Extras, req.Text, place, req.Line))
	}
	return all
}

func (s *uvStale) inLock(requirements []lockfile.Requirement, env marker.Environment) ([]asked, error) {
	var all []asked
	for _, req := range requirements {
		holds, err := s.holds(req.Marker, req.Line, env.Extras)
		if err != nil {
			return nil, err
		}
		if !holds {
			continue
		}
		place := ""
		switch {
		case req.Path != "":
			place = "local"
		case req.Elsewhere:
			place = "elsewhere"
		}
		if place == "" && req.Index != "" {
			place = indexPlace(req.Index)
		}
		all = append(all, s.asked(req.Name, req.Extras, req.Specifier, place, req.Line))
	}
	return all, nil
}

// indexNamed gives the place that is the index of a name. One that no manifest declares is for uv to complain about.
func (s *uvStale) indexNamed(name string) string {
	for _, index := range s.manifest.Indexes {
		if index.Name == name {
			return indexPlace(index.URL)
		}
	}
	return ""
}

// indexPlace writes an index without what may be written in several ways: user and password, which uv keeps out of locks, and the
// slash at the end.
func indexPlace(address string) string {
	if u, err := url.Parse(address); err == nil {
		u.User = nil
		address = u.String()
	}
	return "index " + strings.TrimRight(address, "/")
}

func (s *uvStale) asked(name string, extras []string, specifier, place string, line int) asked {
	if s.manifest.UVSources[name] { // by markers: the lock has such a requirement once for each
		return asked{key: name, name: name, line: line}
	}
	if set, err := pep440.ParseSet(specifier); err == nil {
		specifier = describeSet(set)
	}
	if place == "local" || place == "elsewhere" {
		specifier = "" // such a source is a version of its own
	}
	extras = slices.Sorted(slices.Values(extras))
	return asked{key: strings.Join([]string{name, strings.Join(extras, ","), specifier, cmp.Or(place, "index")}, " "), name: name, line: line}
}

// describeSet writes clauses so that equal ones are the same text: 1.0 is 1 for all operators but those that count a version's parts.
func describeSet(set pep440.Set) string {
	texts := make([]string, len(set))
	for i, clause := range set {
		operator, version := clause.Parts()
		if operator != "~=" && operator != "===" && strings.Trim(version, "0123456789.") == "" {
			for strings.HasSuffix(version, ".0") {
				version = strings.TrimSuffix(version, ".0")
			}
		}
		texts[i] = operator + version
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ",")
}
