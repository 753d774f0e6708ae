package closure

import (
	"cmp"
	"slices"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/target"
)

// Reader gives a file of head's tree by its slash-separated path, and whether it is there.
type Reader = lockfile.Reader

// Source is where a package comes from; its Path is relative to the repository's root.
type Source = lockfile.Source

// File is one file of a package; its Path is relative to the repository's root.
type File = lockfile.File

// Options are what a closure is made for.
type Options struct {
	Target target.Target
	// Groups are the dependency groups wanted besides the main one, and Extras the project's extras, in any spelling.
	Groups, Extras []string
	// Requirements are what stands for requirements.txt.
	Requirements Requirements
}

// Requirements are those that something else names for a project; nothing for the requirements.txt in its directory.
type Requirements struct {
	// Path is the file's, from the repository's root.
	Path string
	// Unknown says that nobody can say which they are.
	Unknown bool
	// File and Line are what names them.
	File string
	Line int
}

// IsNamed reports whether they are others than those of requirements.txt.
func (r Requirements) IsNamed() bool { return r.Path != "" || r.Unknown }

// Closure is the packages that a project needs on a target.
type Closure struct {
	Packages []Package // sorted by name
	// Lock is the path of the lock in the tree, empty for a project that needs nothing.
	Lock string
	// Format is the lock's.
	Format lockfile.Format
	// Indexes are the package indexes that manifest and lock name, in their order. Poetry's packages name theirs by Source.Index.
	Indexes []project.Index
	// NoBinary are the wishes for packages built from source that concern one of these. They are not granted where there is a wheel.
	NoBinary []lockfile.NoBinary
	// Manifests are the paths of the manifests that were read: they and the lock are all that the closure depends on.
	Manifests []string

	resolver *resolver // that made it
}

// Package is one package of a closure.
type Package struct {
	Name    string // normalized
	Version string // empty for a local project whose lock does not say
	Source  Source
	Files   []File
	// Extras are those that are asked for of it, sorted.
	Extras []string
	// DependsOn names the packages of the closure that it needs itself, sorted. A requirements file does not say.
	DependsOn []string
	// LockFile and Line are where the lock has it.
	LockFile string
	Line     int
}

// Find gives the package of a normalized name, or nil.
func (c *Closure) Find(name string) *Package {
	i, found := slices.BinarySearchFunc(c.Packages, name, func(p Package, name string) int { return cmp.Compare(p.Name, name) })
	if !found {
		return nil
	}
	return &c.Packages[i]
}

// NeedsIndex reports whether the lock knows the package's files by their hashes alone, so that an index must be asked for their names before
// Best can choose among them.
func (p *Package) NeedsIndex() bool {
	return p.Source.Kind == lockfile.Registry && !slices.ContainsFunc(p.Files, func(f File) bool { return f.Name != "" })
}
