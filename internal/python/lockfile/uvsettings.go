package lockfile

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// Settings is what uv's lock remembers of what the manifest at its workspace's root told uv.
type Settings struct {
	// Members are the names of the workspace's projects, normalized; empty where the root is the only one.
	Members []string
	// Lists are requirements by the name that [tool.uv] has for them, such as "override-dependencies".
	Lists map[string][]Requirement
	// Excludes are names that are left out of the resolution, normalized.
	Excludes []string
	// Options are single values by the name that [tool.uv] has for them, such as "resolution".
	Options map[string]string
	// Environments are the markers of those that the lock is for alone; empty for all.
	Environments []string
	// Required says that there are environments for which wheels must be there.
	Required bool
	// Conflicts are sets of extras, groups and projects that exclude one another.
	Conflicts [][]string
	// Static is what the manifest says in place of a package's own metadata.
	Static []StaticMetadata
}

// StaticMetadata is what a manifest says in place of a package's own metadata.
type StaticMetadata struct {
	Name, Version string
	Requires      []string // as they are written
	Line          int
}

func uvSettings(document *toml.Value) *Settings {
	manifest, options := document.Get("manifest"), document.Get("options")
	s := &Settings{
		Members: normalized(manifest.Get("members").Texts()), Excludes: normalized(manifest.Get("excludes").Texts()),
		Lists: map[string][]Requirement{
			"constraint-dependencies":       uvRequirements(manifest.Get("constraints")),
			"override-dependencies":         uvRequirements(manifest.Get("overrides")),
			"build-constraint-dependencies": uvRequirements(manifest.Get("build-constraints")),
		},
		Options:      map[string]string{},
		Environments: document.Get("supported-markers").Texts(),
		Required:     document.Get("required-markers") != nil,
		Conflicts:    UVConflicts(document.Get("conflicts"), ""),
		Static:       UVStaticMetadata(manifest.Get("dependency-metadata")),
	}
	if s.Environments == nil {
		s.Environments = document.Get("environment-markers").Texts() // as uv called them before 0.5
	}
	for setting, key := range map[string]string{
		"resolution": "resolution-mode", "prerelease": "prerelease-mode", "fork-strategy": "fork-strategy",
		"exclude-newer": "exclude-newer", "exclude-newer-span": "exclude-newer-span",
	} {
		if text, ok := options.Get(key).Text(); ok {
			s.Options[setting] = text
		}
	}
	return s
}

// UVConflicts reads the sets of what excludes one another, as lock and manifest have them; self is the project that is meant where
// none is named.
func UVConflicts(list *toml.Value, self string) [][]string {
	var all [][]string
	for _, set := range list.Elements() {
		var names []string
		for _, item := range set.Elements() {
			name, named := item.Get("package").Text()
			if name = python.NormalizeName(name); !named {
				name = self
			}
			for _, kind := range [...]string{"extra", "group"} {
				if text, ok := item.Get(kind).Text(); ok {
					name += " " + kind + " " + python.NormalizeName(text)
				}
			}
			names = append(names, name)
		}
		slices.Sort(names)
		all = append(all, names)
	}
	return all
}

// UVStaticMetadata reads dependency-metadata, as lock and manifest have it.
func UVStaticMetadata(list *toml.Value) []StaticMetadata {
	var all []StaticMetadata
	for _, table := range list.Elements() {
		name, _ := table.Get("name").Text()
		m := StaticMetadata{Name: python.NormalizeName(name), Requires: table.Get("requires-dist").Texts(), Line: table.Line}
		m.Version, _ = table.Get("version").Text()
		all = append(all, m)
	}
	return all
}

func normalized(names []string) []string {
	for i, name := range names {
		names[i] = python.NormalizeName(name)
	}
	return names
}

// Equal reports whether two say the same.
func (m StaticMetadata) Equal(other StaticMetadata) bool {
	spaceless := func(list []string) []string {
		all := make([]string, len(list))
		for i, text := range list {
			all[i] = strings.ReplaceAll(text, " ", "")
		}
		return slices.Sorted(slices.Values(all))
	}
	return m.Name == other.Name && m.Version == other.Version && slices.Equal(spaceless(m.Requires), spaceless(other.Requires))
}
