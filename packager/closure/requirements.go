package closure

import (
	"path"
	"slices"

	"github.com/monoplan/monoplan/internal/python/lockfile"
)

// selectRequirements picks the lines whose markers hold. Such a file is a closure already: nothing is added to it.
func (r *resolver) selectRequirements() error {
	for _, kind := range [...]struct {
		name  string
		asked []string
	}{{"group", r.options.Groups}, {"extra", r.options.Extras}} {
		if err := r.checkNames(kind.name, r.closure.Lock, kind.asked, nil); err != nil {
			return err
		}
	}
	for i := range r.lock.Packages {
		p := &r.lock.Packages[i]
		holds, err := r.holds(p.Marker, p.Line, nil)
		if err != nil {
			return err
		}
		if !holds {
			continue
		}
		if err := r.constrain(p); err != nil {
			return err
		}
		if err := r.checkLocked(p); err != nil {
			return err
		}
		if before := r.picked(p); before != nil {
			before.extras = slices.Concat(before.extras, p.Asked)
		} else {
			r.picks[i] = &pick{extras: p.Asked}
		}
	}
	return nil
}

// constrain takes over what the constraints say about a line whose markers hold.
func (r *resolver) constrain(p *lockfile.Package) error {
	for _, c := range r.lock.Constraints {
		if c.Name != p.Name {
			continue
		}
		holds, err := r.holds(c.Marker, p.Line, nil)
		if err != nil {
			return err
		}
		if holds {
			if err := p.Constrain(c, r.closure.Lock); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkLocked makes sure that a line says all that a lock would, and gives a path without a name the name of its project.
func (r *resolver) checkLocked(p *lockfile.Package) error {
	if p.Name == "" {
		p.Name = path.Base(path.Clean(p.Source.Path))
		if project, err := r.readProject(path.Join(r.base(), p.Source.Path, "pyproject.toml")); err != nil {
			return err
		} else if project != nil && project.Name != "" {
			p.Name = project.Name
		}
	}
	unlocked := &UnlockedError{File: p.File, Line: p.Line, Package: p.Name, Pinned: p.Version != ""}
	switch p.Source.Kind {
	case lockfile.Registry:
		if p.Version == "" || len(p.Files) == 0 {
			return unlocked
		}
	case lockfile.URL:
		if p.Files[0].Hash == "" {
			unlocked.Pinned = true
			return unlocked
		}
	case lockfile.Git:
		if p.Source.Commit == "" {
			return unlocked
		}
	}
	return nil
}

// picked gives the pick of the same package, if there was one before: a file that is put together of others names some twice.
func (r *resolver) picked(p *lockfile.Package) *pick {
	for i, before := range r.picks {
		other := &r.lock.Packages[i]
		if other.Name == p.Name && other.Version == p.Version && other.Source == p.Source {
			return before
		}
	}
	return nil
}
