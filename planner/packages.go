package planner

import "cmp"

// Algorithm is how changed files lead to services.
type Algorithm string

// The algorithms, as seed.yml names them. The zero value is Git.
const (
	Git   Algorithm = "git"
	Lerna Algorithm = "lerna"
	Pnpm  Algorithm = "pnpm"
)

// Packages are the packages of a JavaScript workspace, as one algorithm sees them.
type Packages struct {
	// List is in the byte order of paths, each path once. A package at the root may own files and have dependents, but
	// what lies in it alone counts as being in no package.
	List []Package
	// Overlapping says that a package owns the files of the packages nested in it, too.
	Overlapping bool
	// IncludeDependencies says that what a listed package depends on is listed too.
	IncludeDependencies bool
	// Unknown says that what there is could not be read. Every changed path then counts as one in no package.
	Unknown bool
}

// Package is one package of a workspace.
type Package struct {
	Path string
	// Name is what the package is called; one that has no name of its own is called by its path.
	Name string
	// Dependencies are indices into the list, in any order.
	Dependencies []int
	// Forced says that the package is listed whatever changed.
	Forced bool
}

// Listing is what an algorithm makes of the changes of one comparison, besides who owns them.
type Listing struct {
	// Ignored are the changed paths that list no package.
	Ignored map[string]bool
	// Tests are the changed paths that list their package, and none that depends on it.
	Tests map[string]bool
	// Affected are the packages that changed because of a file that is not theirs, with that file.
	Affected map[int]string
	// Listed are the packages that changed, or depend on one that did, where another program was asked for them: Asked
	// says so. Nothing else lists a package then.
	Listed map[int]bool
	Asked  bool
}

// algorithm gives the algorithm of the services that have none of their own.
func (in Input) algorithm() Algorithm { return cmp.Or(in.Algorithm, Git) }

// algorithm gives the algorithm that decides about a service.
func (s Service) algorithm() Algorithm { return cmp.Or(s.Algorithm, Git) }
