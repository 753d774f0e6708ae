package javascript

import (
	"slices"

	"github.com/monoplan/monoplan/internal/javascript/value"
)

// Manifest is what a package.json says, as far as planning goes.
type Manifest struct {
	Name     string
	NameLine int
	// OddName says that there is a name which is none: an empty one, or no text.
	OddName     bool
	Version     string
	VersionLine int
	// Dependencies are those of all sections, in the order of sections and then as they are written.
	Dependencies []Dependency
	// OddSpecs are the dependencies whose specs are no text, in the same order and without their specs.
	OddSpecs []Dependency
	// Workspaces has the globs of a root manifest; HasWorkspaces says that there is a list of them.
	Workspaces     []string
	HasWorkspaces  bool
	WorkspacesLine int
	// PackageManager is "pnpm@10.1.0" and the like.
	PackageManager string
	// OddWorkspaces says that not all of the globs are text.
	OddWorkspaces bool
	// BOM says that the file begins with a byte order mark.
	BOM bool
	// Lerna is the configuration that stands in the place of a lerna.json.
	Lerna *LernaConfig
	// NxName is the name that Nx knows the package by, where it is not its own; Nx says that the file has settings for
	// Nx, which make a root a package.
	NxName string
	Nx     bool
	// Implicit says that Nx is told of dependencies that it does not find.
	Implicit bool
}

// Dependency is one dependency of a manifest.
type Dependency struct {
	Name    string
	Spec    string
	Section Section
	Line    int // 1-based
}

// Section is the key of a manifest that a dependency stands under.
type Section uint8

// The sections of a manifest.
const (
	Dependencies Section = iota
	DevDependencies
	OptionalDependencies
	PeerDependencies
)

// sectionKeys are the keys of the sections.
var sectionKeys = [...]string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}

// implicitKey is the key of dependencies in the settings for Nx, below nx in a package.json and by itself in a project.json.
const implicitKey = "implicitDependencies"

// ParseManifest takes a manifest out of a document, or what a project.json says of the same. Fields of another type than npm has them say
// nothing.
func ParseManifest(v value.Value) Manifest {
	name, version, workspaces := v.Get("name"), v.Get("version"), v.Get("workspaces")
	m := Manifest{
		Name: textOf(name), NameLine: name.Line, OddName: name.Kind > value.Null && textOf(name) == "",
		Version: textOf(version), VersionLine: version.Line,
		PackageManager: textOf(v.Get("packageManager")),
		NxName:         textOf(v.Get("nx").Get("name")),
		Nx:             v.Get("nx").IsTrue(),
		Implicit:       v.Get(implicitKey).Items != nil || v.Get("nx").Get(implicitKey).Items != nil,
	}
	if workspaces.Kind == value.Object { // Yarn 1
		workspaces = workspaces.Get("packages")
	}
	if workspaces.Kind == value.List {
		m.Workspaces, m.HasWorkspaces, m.WorkspacesLine = workspaces.Strings(), true, workspaces.Line
		m.OddWorkspaces = len(m.Workspaces) < len(workspaces.Items)
	}
	if lerna := v.Get("lerna"); lerna.Kind == value.Object {
		c := ParseLerna(lerna)
		m.Lerna = &c
	}
	for section, key := range sectionKeys {
		for _, f := range v.Get(key).Fields {
			if d := (Dependency{f.Key, f.Value.Text, Section(section), f.Line}); f.Value.Kind == value.String {
				m.Dependencies = append(m.Dependencies, d)
			} else {
				d.Spec = ""
				m.OddSpecs = append(m.OddSpecs, d)
			}
		}
	}
	return m
}

// textOf gives a string's text, and nothing of any other value.
func textOf(v value.Value) string {
	if v.Kind == value.String {
		return v.Text
	}
	return ""
}

// first gives for each name the dependency in the first of these sections that has it; of one that is there twice in a
// section the last counts.
func (m *Manifest) first(sections ...Section) []Dependency {
	at := make(map[string]int)
	var chosen []Dependency
	for _, d := range m.Dependencies {
		i, seen := at[d.Name]
		switch {
		case !seen:
			at[d.Name] = len(chosen)
			chosen = append(chosen, d)
		case slices.Index(sections, d.Section) <= slices.Index(sections, chosen[i].Section):
			chosen[i] = d
		}
	}
	return chosen
}
