package javascript

import (
	"strings"

	"github.com/monoplan/monoplan/internal/javascript/value"
)

// PnpmConfig is what a pnpm-workspace.yaml says, or a .npmrc, as far as planning goes.
type PnpmConfig struct {
	Packages     []string
	HasPackages  bool
	PackagesLine int
	// Catalogs are in the order in which they are written; the one under catalog: is called default.
	Catalogs []Catalog
	// LinkWorkspacePackages makes a range that a package satisfies a dependency on it.
	LinkWorkspacePackages bool
	IgnorePatterns        []string
	TestPatterns          []string
	// Refused is what pnpm fails on.
	Refused []Setting
}

// Catalog is a list of specs by the names of dependencies.
type Catalog struct {
	Name    string
	Entries []CatalogEntry
}

// CatalogEntry is one entry of a catalog.
type CatalogEntry struct {
	Name, Spec string
	Line       int
}

// defaultCatalog is what "catalog:" means.
const defaultCatalog = "default"

// ParsePnpm takes a configuration out of a pnpm-workspace.yaml.
func ParsePnpm(v value.Value) PnpmConfig {
	packages := v.Get("packages")
	c := PnpmConfig{
		Packages: packages.Strings(), HasPackages: packages.Kind == value.List, PackagesLine: packages.Line,
		LinkWorkspacePackages: v.Get("linkWorkspacePackages").IsTrue(),
		IgnorePatterns:        oneOrMore(v.Get("changedFilesIgnorePattern")),
		TestPatterns:          oneOrMore(v.Get("testPattern")),
	}
	c.refuse(v)
	if of := v.Get("catalog"); of.Kind == value.Object {
		c.Catalogs = append(c.Catalogs, parseCatalog(defaultCatalog, of))
	}
	for _, f := range v.Get("catalogs").Fields {
		c.Catalogs = append(c.Catalogs, parseCatalog(f.Key, f.Value))
	}
	return c
}

// refuse notes what pnpm fails on: packages that are no list of names, and a default catalog that is there twice.
func (c *PnpmConfig) refuse(v value.Value) {
	packages := v.Get("packages")
	if packages.Kind > value.Null && packages.Kind != value.List {
		c.Refused = append(c.Refused, Setting{"packages that are no list", packages.Line})
	}
	for _, item := range packages.Items {
		if textOf(item) == "" {
			c.Refused = append(c.Refused, Setting{"an element of packages that is no name", item.Line})
		}
	}
	if twice := v.Get("catalogs").Get(defaultCatalog); v.Get("catalog").Kind > value.Null && twice.Kind > value.Null {
		c.Refused = append(c.Refused, Setting{"a default catalog in two places", twice.Line})
	}
}

func parseCatalog(name string, v value.Value) Catalog {
	c := Catalog{Name: name}
	for _, f := range v.Fields {
		c.Entries = append(c.Entries, CatalogEntry{f.Key, f.Value.Text, f.Line})
	}
	return c
}

func oneOrMore(v value.Value) []string {
	if v.Kind == value.String {
		return []string{v.Text}
	}
	return v.Strings()
}

// ParseNpmrc reads the settings of a .npmrc that pnpm 10 and older have in common with pnpm-workspace.yaml (npmrc(5)).
func ParseNpmrc(data []byte) PnpmConfig {
	var c PnpmConfig
	for line := range strings.Lines(string(data)) {
		key, text, _ := strings.Cut(strings.TrimSpace(line), "=")
		key, isList := strings.CutSuffix(strings.TrimSpace(key), "[]")
		text = strings.Trim(strings.TrimSpace(text), `"'`)
		list := []string{text}
		switch key {
		case "link-workspace-packages":
			c.LinkWorkspacePackages = text == "true" || text == "deep"
		case "changed-files-ignore-pattern":
			if isList {
				list = append(c.IgnorePatterns, text)
			}
			c.IgnorePatterns = list
		case "test-pattern":
			if isList {
				list = append(c.TestPatterns, text)
			}
			c.TestPatterns = list
		}
	}
	return c
}

// entry gives the entry of a catalog, the last of that name.
func (c *PnpmConfig) entry(catalog, name string) (CatalogEntry, bool) {
	for _, of := range c.Catalogs {
		if of.Name != catalog {
			continue
		}
		for i := len(of.Entries) - 1; i >= 0; i-- {
			if of.Entries[i].Name == name {
				return of.Entries[i], true
			}
		}
	}
	return CatalogEntry{}, false
}

// ChangedCatalogs gives the entries of catalogs that two configurations do not have alike.
func ChangedCatalogs(a, b *PnpmConfig) map[CatalogUse]bool {
	changed := make(map[CatalogUse]bool)
	for _, pair := range [][2]*PnpmConfig{{a, b}, {b, a}} {
		for _, catalog := range pair[0].Catalogs {
			for _, e := range catalog.Entries {
				if other, ok := pair[1].entry(catalog.Name, e.Name); !ok || other.Spec != e.Spec {
					changed[CatalogUse{catalog.Name, e.Name}] = true
				}
			}
		}
	}
	return changed
}

// CatalogUse is an entry of a catalog that a package names.
type CatalogUse struct{ Catalog, Name string }
