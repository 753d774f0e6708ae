package lockfile

import (
	"strings"

	"github.com/monoplan/monoplan/internal/python/syntax"
)

// Format is what kind of file a lock is.
type Format uint8

// The formats.
const (
	Poetry Format = iota
	UV
	Requirements
)

// Lock is one lock file.
type Lock struct {
	Format Format
	// Version is the format's version: "2.1" of Poetry, "1" of uv, empty for requirements.
	Version  string
	Packages []Package
	// RequiresPython is the range of Pythons that the lock holds for, as it is written, or empty.
	RequiresPython string
	// ContentHash is what Poetry took from the manifest that it locked (see ContentHash).
	ContentHash string
	// Tool is the version of Poetry that wrote the lock, or empty where it does not say.
	Tool string
	// Extras are, in Poetry's locks, the packages by name that each extra of the project needs, both normalized.
	Extras map[string][]string
	// HasGroups says that packages name the groups that need them, and under which marker (Poetry 2.1).
	HasGroups bool
	// Indexes are the pages of indexes that a requirements file names, the main one first if it names one (HasMainIndex).
	Indexes      []Index
	HasMainIndex bool
	// Constraints are what a requirements file is constrained by (-c), in its order.
	Constraints []Constraint
	// NoBinary are what a requirements file wants no wheels of, in its order.
	NoBinary []NoBinary
	// Settings are what uv was told, in its locks; or nil.
	Settings *Settings
}

// Index is the page of an index, and where a file names it. Variables in it are as they are written.
type Index struct {
	URL, File string
	Line      int
}

// NoBinary is a wish for packages that are built from source, wheel or no wheel.
type NoBinary struct {
	Names []string // normalized; nil for all packages
	File  string
	Line  int
}

// Package is one package of a lock. Of one name there can be several, for different machines.
type Package struct {
	Name    string // normalized
	Version string // as it is written; empty where the lock has none
	Line    int    // 1-based
	File    string // of a requirements file that another one includes; else empty, for the lock itself
	Source  Source
	Files   []File
	// RequiresPython is the range of Pythons that the package is for, in Poetry's locks; or empty.
	RequiresPython string
	// Dependencies are what the package needs, those for its extras included in Poetry's locks (Dependency.Extra).
	Dependencies []Dependency
	// Extras are what the package's extras need besides, in uv's locks.
	Extras map[string][]Dependency
	// DevGroups are what the dependency groups of a project need, in uv's locks.
	DevGroups map[string][]Dependency
	// Optional says that only an extra of the project needs the package (Poetry).
	Optional bool
	// Groups are those that need the package (Poetry 2.1), normalized.
	Groups []string
	// Markers are the markers under which each group needs the package, and Markers[""] is that of all groups.
	Markers map[string]string
	// Marker is that of a line of requirements, and Asked are the extras that the line asks for.
	Marker string
	Asked  []string
	// Metadata is what uv's lock took from the manifest of a local project, or nil.
	Metadata *Metadata
}

// Dependency is what one package needs of another.
type Dependency struct {
	Name   string // normalized
	Extras []string
	Marker string
	Line   int
	// Constraint is which versions will do, in Poetry's syntax.
	Constraint string
	// Version and Source choose among several packages of one name, in uv's locks.
	Version string
	Source  *Source
	// Optional says that only extras of the package need it, those in ForExtras (Poetry).
	Optional  bool
	ForExtras []string
}

// Metadata is what uv's lock remembers of a project's manifest.
type Metadata struct {
	Requires       []Requirement
	Groups         map[string][]Requirement
	ProvidesExtras []string
	Line           int
}

// Requirement is one requirement of a manifest as uv's lock remembers it.
type Requirement struct {
	Name      string // normalized
	Extras    []string
	Marker    string
	Specifier string
	// Path is where it comes from, if that is local.
	Path string
	// Elsewhere says that it comes from a URL or a git repository.
	Elsewhere bool
	// Index is the URL of the index that it comes from, where the manifest names one for it.
	Index string
	Line  int
}

// SourceKind says what a package comes from.
type SourceKind uint8

// The kinds of sources.
const (
	Registry  SourceKind = iota // an index, or a flat directory of files
	Git                         // a commit of a repository
	URL                         // one archive on the web
	Path                        // one archive in the repository
	Directory                   // a project in the repository
)

// Source is where a package comes from.
type Source struct {
	Kind SourceKind
	// URL is that of the registry, the repository or the archive. A registry without one is the default index, of which the lock
	// does not say which it is.
	URL string
	// Index is the name that Poetry's manifest has for the registry, or empty.
	Index string
	// Reference is the branch, tag or revision that was asked for, and Commit what it stood for.
	Reference, Commit string
	// Subdirectory is where the project lies in what the source names, or empty.
	Subdirectory string
	// Path is where a local source lies, as the lock says it: relative to the lock's directory, or absolute. A registry has one where it
	// is a directory of files.
	Path string
	// Virtual says that the project is none to be installed, only its dependencies are (uv).
	Virtual bool
}

// IsLocal reports whether the package is in the repository.
func (s Source) IsLocal() bool { return s.Kind == Path || s.Kind == Directory }

// File is one file of a package: a wheel or a source distribution.
type File struct {
	// Name is the file's name; empty where the lock knows hashes alone (requirements).
	Name string
	// Hash is the algorithm and the digest in hexadecimal: "sha256:…". Empty where the lock has none.
	Hash string
	// URL is where the lock saw the file, or empty.
	URL string
	// Path is where the file lies, if that is local; relative to the lock's directory, or absolute.
	Path string
	// Size is in bytes, or 0 where the lock does not say.
	Size int64
}

// IsWheel reports whether the file is a wheel by its name.
func (f File) IsWheel() bool { return strings.HasSuffix(f.Name, ".whl") }

// ByName gives for each name the indices of its packages.
func (l *Lock) ByName() map[string][]int {
	byName := make(map[string][]int, len(l.Packages))
	for i := range l.Packages {
		name := l.Packages[i].Name
		byName[name] = append(byName[name], i)
	}
	return byName
}

func errorAt(line int, message string) error {
	return &syntax.Error{Line: line, Column: 1, Message: message}
}
