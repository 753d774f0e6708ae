package javascript

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The files at a repository's root that say what its packages are.
const (
	LernaFile = "lerna.json"
	PnpmFile  = "pnpm-workspace.yaml"
	NpmrcFile = ".npmrc"
	RootFile  = "package.json"
)

// ProjectFile has a directory's settings for Nx, and makes it one of its projects.
const ProjectFile = "project.json"

// Files are what a tree holds of interest. Files that are not there are nil.
type Files struct {
	// Manifests are the paths of all files that are called as a manifest is, in byte order.
	Manifests []string
	// Projects are those of all project.json.
	Projects []string
	// Submodules are the directories of which another repository has the files.
	Submodules []string
	// Fetch says which manifests will be asked for, so that they can be read in one go.
	Fetch func(paths []string)
	// Manifest gives one of them, or of the projects, or why it does not parse.
	Manifest func(path string) (*Manifest, *Broken)

	Lerna *LernaConfig
	Pnpm  *PnpmConfig
	Npmrc *PnpmConfig
	// Broken has the root's files that do not parse.
	Broken map[string]*Broken
	// Ignored reports whether .gitignore or .nxignore take out a path.
	Ignored func(path string) bool
}

// Broken is a file that does not parse.
type Broken struct {
	Message string
	Line    int // 1-based, 0 for the whole file
}

// Workspace is the packages of a tree as one tool has them.
type Workspace struct {
	// Packages are in the byte order of their paths.
	Packages []Package
	// IncludeDependencies says that what a listed package depends on is listed too.
	IncludeDependencies bool
	// Unknown says that the tool would fail, so that what it would list is not known.
	Unknown bool
	// Ignore and Tests are the patterns of changed files that list no package, or none but their own.
	Ignore, Tests []string
	// Uses has the entries of catalogs that packages name, by their indices.
	Uses map[int][]CatalogUse
	// Warnings are in no order.
	Warnings []Warning
	// Unaskable is why the tool itself cannot be asked for all packages; nil where it can.
	Unaskable *Warning
}

// Package is one package.
type Package struct {
	Path     string
	Name     string // its path where it has none of its own
	Manifest string // the path of its manifest
	Edges    []Edge
	// Forced says that the package is listed whatever changed.
	Forced bool
}

// Edge is a dependency on another package of the workspace.
type Edge struct {
	To   int // index of the package
	Line int // of the package's manifest, 1-based
}

// Warning is something that widens a plan, or that who reads it should know.
type Warning struct {
	File    string
	Line    int // 1-based, 0 for the whole file
	Message string
}

// builder makes a workspace.
type builder struct {
	files Files
	Workspace
	manifests []*Manifest // of the packages; empty for one that does not parse
	byName    map[string][]int
	byPath    map[string]int
}

func (b *builder) warn(file string, line int, format string, args ...any) {
	b.Warnings = append(b.Warnings, Warning{file, line, fmt.Sprintf(format, args...)})
}

// fail warns of what the tool fails on. What it would list is then not known, be other packages there or not.
func (b *builder) fail(file string, line int, format string, args ...any) {
	b.Unknown = true
	b.warn(file, line, format+"; every change deploys every service", args...)
}

// failAtSubmodules fails where a package may be in a submodule, be it a package for the tool by the path of its manifest.
func (b *builder) failAtSubmodules(isPackage func(manifest string) bool) {
	for _, dir := range b.files.Submodules {
		if isPackage(dir + "/" + RootFile) {
			b.fail(dir, 0, "is a submodule, whose package.json is in another repository")
		}
	}
}

// take makes packages of these manifests, one in a directory.
func (b *builder) take(paths []string) {
	b.files.Fetch(paths)
	b.byName, b.byPath = make(map[string][]int), make(map[string]int)
	for _, p := range paths {
		b.Packages = append(b.Packages, Package{Path: directory(p), Manifest: p})
	}
	slices.SortFunc(b.Packages, func(a, b Package) int { return cmp.Compare(a.Path, b.Path) })
	for i := range b.Packages {
		p := &b.Packages[i]
		m, broken := b.files.Manifest(p.Manifest)
		if broken != nil {
			b.fail(p.Manifest, broken.Line, "does not parse: %s", broken.Message)
			m = &Manifest{}
		}
		b.manifests = append(b.manifests, m)
		p.Name = cmp.Or(m.Name, p.Path)
		b.byPath[p.Path] = i
		if m.Name != "" {
			b.byName[m.Name] = append(b.byName[m.Name], i)
		}
	}
}

// edge adds a dependency, once.
func (b *builder) edge(from, to int, line int) {
	p := &b.Packages[from]
	if from != to && !slices.ContainsFunc(p.Edges, func(e Edge) bool { return e.To == to }) {
		p.Edges = append(p.Edges, Edge{to, line})
	}
}

// directory gives the directory of a file.
func directory(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}

func baseName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// join gives the path that a relative one leads to from a directory, "" where that is out of the repository.
func join(dir, relative string) string {
	var at []string
	if dir != "." {
		at = strings.Split(dir, "/")
	}
	for segment := range strings.SplitSeq(relative, "/") {
		switch {
		case segment == "" || segment == ".":
		case segment != "..":
			at = append(at, segment)
		case len(at) == 0:
			return ""
		default:
			at = at[:len(at)-1]
		}
	}
	return cmp.Or(strings.Join(at, "/"), ".")
}
