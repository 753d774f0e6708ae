package closure

import (
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

// mainGroup is what Poetry calls the group of the project's own dependencies.
const mainGroup = "main"

// selectPoetry picks what `poetry install --only main` and the options' groups and extras would on the target. A lock of 2.1 says which
// groups need a package and under which marker; for older ones the graph is walked from the manifest.
func (r *resolver) selectPoetry() error {
	if r.manifest == nil {
		return &syntax.FileError{File: r.manifestPath(), Err: errNoFile}
	}
	if !r.lock.IsFresh(r.manifest.Document) {
		return &StaleError{Lock: r.closure.Lock, Manifest: r.manifestPath(), Tool: "poetry"}
	}
	if err := r.checkNames("group", r.manifestPath(), r.options.Groups, append(slices.Collect(maps.Keys(r.manifest.Groups)), mainGroup)); err != nil {
		return err
	}
	known := append(slices.Collect(maps.Keys(r.lock.Extras)), r.manifest.Extras...)
	if err := r.checkNames("extra", r.manifestPath(), r.options.Extras, known); err != nil {
		return err
	}
	w := poetryWalk{resolver: r}
	if r.lock.HasGroups {
		if err := w.chooseByGroups(); err != nil {
			return err
		}
	}
	roots, err := w.roots()
	if err != nil {
		return err
	}
	if err := r.walk(roots, w.needs); err != nil {
		return err
	}
	var unreached []edge
	for i := range w.chosen {
		if r.picks[i] == nil {
			unreached = append(unreached, edge{to: i})
		}
	}
	return r.walk(unreached, w.needs)
}

type poetryWalk struct {
	*resolver
	chosen map[int]bool // by groups and markers; nil where the lock does not say
}

// chooseByGroups evaluates the packages' own groups and markers (2.1).
func (w *poetryWalk) chooseByGroups() error {
	w.chosen = map[int]bool{}
	groups := append([]string{mainGroup}, w.options.Groups...)
	for i := range w.lock.Packages {
		p := &w.lock.Packages[i]
		for _, group := range groups {
			if !slices.Contains(p.Groups, group) {
				continue
			}
			holds, err := w.holds(p.MarkerOf(group), p.Line, w.options.Extras)
			if err != nil {
				return err
			}
			if holds {
				w.chosen[i] = true
			}
		}
	}
	return nil
}

// roots gives what the manifest asks for.
func (w *poetryWalk) roots() ([]edge, error) {
	requirements := slices.Clone(w.manifest.Main)
	for _, group := range w.options.Groups {
		requirements = append(requirements, w.manifest.Groups[group]...)
	}
	var roots []edge
	for _, req := range requirements {
		if !req.Holds(w.env) || !w.wants(req) {
			continue
		}
		i, err := w.find(req.Name, req.Constraint, nil)
		if err != nil {
			return nil, err
		}
		if i >= 0 {
			roots = append(roots, edge{i, req.Extras})
		} else if w.chosen == nil && req.Name != w.manifest.Name {
			return nil, &StaleError{Lock: w.closure.Lock, Manifest: w.manifestPath(), Line: req.Line, Package: req.Name, Tool: "poetry"}
		}
	}
	return roots, nil
}

// wants reports whether a dependency of the project is wanted: optional ones are, for the extras that are asked for.
func (w *poetryWalk) wants(req project.Requirement) bool {
	if !req.Optional {
		return true
	}
	for _, extra := range w.options.Extras {
		if slices.Contains(req.ForExtras, extra) || slices.Contains(w.lock.Extras[extra], req.Name) {
			return true
		}
	}
	return false
}

func (w *poetryWalk) needs(i int, extras []string) ([]edge, error) {
	p := &w.lock.Packages[i]
	var edges []edge
	for _, d := range p.Dependencies {
		if d.Optional && !intersects(d.ForExtras, extras) {
			continue
		}
		holds, err := w.holds(d.Marker, d.Line, extras)
		if err != nil {
			return nil, err
		}
		if !holds {
			continue
		}
		found, err := w.findDependency(d)
		if err != nil {
			return nil, err
		}
		switch {
		case found >= 0:
			edges = append(edges, edge{found, d.Extras})
		case w.chosen == nil && d.Name != w.manifest.Name:
			return nil, w.missing(p, d)
		}
	}
	return edges, nil
}

func (w *poetryWalk) findDependency(d lockfile.Dependency) (int, error) {
	if candidates := w.candidates(d.Name); len(candidates) < 2 {
		return only(candidates), nil
	}
	constraint, err := project.ParseConstraint(d.Constraint)
	if err != nil {
		return -1, w.lockError(d.Line, err.Error())
	}
	return w.find(d.Name, constraint, d.Source)
}

// candidates gives the packages of a name among which one is to be found.
func (w *poetryWalk) candidates(name string) []int {
	if w.chosen == nil {
		return w.byName[name]
	}
	var candidates []int
	for _, i := range w.byName[name] {
		if w.chosen[i] {
			candidates = append(candidates, i)
		}
	}
	return candidates
}

func only(candidates []int) int {
	if len(candidates) == 0 {
		return -1
	}
	return candidates[0]
}

// find gives the package for a dependency, or -1: of several the one that is for this Python, and that the constraint allows; one that
// was picked before, or else the newest.
func (w *poetryWalk) find(name string, constraint project.Constraint, source *lockfile.Source) (int, error) {
	candidates := w.candidates(name)
	if len(candidates) < 2 {
		return only(candidates), nil
	}
	best := -1
	var newest pep440.Version
	for _, i := range candidates {
		p := &w.lock.Packages[i]
		version, err := pep440.Parse(p.Version)
		if err != nil {
			return -1, w.lockError(p.Line, err.Error())
		}
		if !constraint.Allows(version) || !w.isForPython(p) || source != nil && source.Kind != p.Source.Kind {
			continue
		}
		if w.picks[i] != nil {
			return i, nil
		}
		if best < 0 || version.Compare(newest) > 0 {
			best, newest = i, version
		}
	}
	return best, nil
}

func (w *poetryWalk) isForPython(p *lockfile.Package) bool {
	constraint, err := project.ParseConstraint(p.RequiresPython)
	return err != nil || w.allowsPython(constraint)
}
