package python

import "strings"

// Manifest is what one manifest says about local paths.
type Manifest struct {
	// Name is the project's own name, normalized; empty where the manifest gives none.
	Name string
	// References are the local paths that the manifest names itself, in the order of its lines.
	References []Reference
	// Variables are the local paths of which a variable is the beginning, so that no file tells what they name.
	Variables []Variable
	// Dependencies are what the project needs by name in the tables that tool.uv.sources may stand for.
	Dependencies []Dependency
	// PoetryDependencies are what Poetry's own tables need by name; tool.uv.sources does not hold for those.
	PoetryDependencies []Dependency
	// Dynamic says that the manifest does not list all of its dependencies: any source may stand for one.
	Dynamic bool
	// Sources are the entries of tool.uv.sources that lead to a local path or a member of the workspace.
	Sources []Source
	// UVWorkspace is tool.uv.workspace, or nil.
	UVWorkspace *UVWorkspace
}

// Reference is a local path that a manifest or a lock names.
type Reference struct {
	// Path is relative to the directory of the file that names it, or begins with "/". It is decoded, and without
	// extras, markers and fragments, but not cleaned: what ".." leads through may be a symbolic link.
	Path string
	// Subdirectory is where the project lies in what Path names, or empty.
	Subdirectory string
	Kind         Kind
	Line         int // 1-based; where the path is written
	// Dev says that only development needs it.
	Dev bool
	// Name is the dependency's normalized name, or empty where it is not known.
	Name string
}

// Variable is a place where a manifest names a path by a variable.
type Variable struct {
	Line int
	Dev  bool // only development needs it
}

// Kind says what a reference's path is to the one that names it.
type Kind uint8

// The kinds of references.
const (
	PathDependency   Kind = iota // a project's directory, a wheel or a source archive to be installed
	RequirementsFile             // a file of requirements, which count as if written here
	ConstraintsFile              // a file that constrains versions
	FindLinks                    // a directory or page in which packages are looked for
	PackageSource                // sources that become part of the project's own package
)

// Dependency is a project that a manifest needs by name.
type Dependency struct {
	Name string // normalized
	Line int
	Dev  bool // only development needs it
}

// Source is one entry of tool.uv.sources that stands for a local path or a member of the workspace.
type Source struct {
	Name         string // normalized name of the dependency that it stands for
	Path         string // as in Reference; empty for a member of the workspace
	Subdirectory string
	Workspace    bool
	Line         int
}

// UVWorkspace is tool.uv.workspace: globs of directories, relative to the manifest's.
type UVWorkspace struct {
	Members []string
	Exclude []string
	Line    int
	// Shared is what tool.uv says beside it about every resolution and build, and so for each member.
	Shared UVShared
}

// UVShared are overrides, constraints, what builds need besides, and places where packages are looked for. The manifest has them as
// its own, too.
type UVShared struct {
	References   []Reference
	Variables    []Variable
	Dependencies []Dependency
}

// Parse reads the manifest whose file is called base: pyproject.toml, hatch.toml, Pipfile, Pipfile.lock, setup.cfg, pdm.lock, a name of
// PEP 751's, or any other for a file of requirements. A file that does not parse is a *SyntaxError, together with what could be read (never nil).
func Parse(base string, data []byte) (*Manifest, error) {
	switch base {
	case "pyproject.toml":
		return ParsePyproject(data)
	case "hatch.toml":
		return ParseHatch(data)
	case "Pipfile":
		return ParsePipfile(data)
	case "Pipfile.lock":
		return ParsePipfileLock(data)
	case "setup.cfg":
		return ParseSetupCfg(data)
	case "pdm.lock":
		return ParsePDMLock(data)
	}
	if IsPylock(base) {
		return ParsePylock(base, data)
	}
	return ParseRequirements(data)
}

// NormalizeName gives the one spelling of a project's name (PEP 503): lower case, runs of "-", "_" and "." as one "-".
func NormalizeName(name string) string {
	var b strings.Builder
	separated := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '-' || c == '_' || c == '.':
			separated = true
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if separated {
			b.WriteByte('-')
			separated = false
		}
		b.WriteByte(c)
	}
	if separated {
		b.WriteByte('-')
	}
	return b.String()
}

// IsDevGroup reports whether a group or environment of that name, in any spelling, is for development alone.
func IsDevGroup(name string) bool {
	switch NormalizeName(name) {
	case "dev", "test", "tests", "lint", "docs":
		return true
	}
	return false
}
