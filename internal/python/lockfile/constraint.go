package lockfile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/requirement"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

// Constraint is what -c says about the packages of a name, where its marker holds.
type Constraint struct {
	Name   string // normalized
	Marker string
	// versions are those that will do, and version is the one that they pin, or empty.
	versions pep440.Set
	version  string
	hashes   []File
}

// newConstraint makes a constraint of a line's package and its text.
func newConstraint(p Package, text string) Constraint {
	c := Constraint{Name: p.Name, Marker: p.Marker, version: p.Version, hashes: p.Files}
	if req, err := requirement.Parse(text); err == nil {
		c.versions = req.Specifier
	}
	return c
}

// Constrain takes over what a constraint of its name says about a package from an index: a version where it has none itself, and hashes, of which
// those count that both have. A version that the constraint excludes is a *syntax.FileError.
func (p *Package) Constrain(c Constraint, file string) error {
	if p.Source.Kind != Registry {
		return nil
	}
	if p.Version == "" {
		p.Version = c.version
	} else if v, err := pep440.Parse(p.Version); err == nil && !c.versions.Contains(v) {
		err := fmt.Errorf("%s %s is constrained to %s", p.Name, p.Version, c.versions)
		return &syntax.FileError{File: cmp.Or(p.File, file), Err: &syntax.Error{Line: p.Line, Column: 1, Message: err.Error()}}
	}
	switch {
	case len(p.Files) == 0:
		p.Files = slices.Clone(c.hashes)
	case len(c.hashes) > 0:
		p.Files = slices.DeleteFunc(slices.Clone(p.Files), func(f File) bool { return !slices.Contains(c.hashes, f) })
	}
	return nil
}
