package javascript

import (
	"slices"
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
	// HasIgnorePatterns and HasTestPatterns say that there is such a setting, be it empty.
	IgnorePatterns, TestPatterns       []string
	HasIgnorePatterns, HasTestPatterns bool
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

// The settings about changed files, as pnpm-workspace.yaml calls them.
const (
	ignorePatternKey = "changedFilesIgnorePattern"
	testPatternKey   = "testPattern"
)

// defaultCatalog is what "catalog:" means.
const defaultCatalog = "default"

// ParsePnpm takes a configuration out of a pnpm-workspace.yaml.
func ParsePnpm(v value.Value) PnpmConfig {
	packages := v.Get("packages")
	c := PnpmConfig{
		Packages: packages.Strings(), HasPackages: packages.Kind == value.List, PackagesLine: packages.Line,
		LinkWorkspacePackages: v.Get("linkWorkspacePackages").IsTrue(),
		IgnorePatterns:        v.Get(ignorePatternKey).Strings(),
		TestPatterns:          v.Get(testPatternKey).Strings(),
		HasIgnorePatterns:     v.Get(ignorePatternKey).Kind != value.Absent,
		HasTestPatterns:       v.Get(testPatternKey).Kind != value.Absent,
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

// refuse notes what pnpm fails on: values of another type than it reads, and a default catalog that is there twice.
func (c *PnpmConfig) refuse(v value.Value) {
	if v.Kind > value.Null && v.Kind != value.Object {
		c.refused(v.Line, "a file that is no mapping")
	}
	packages := v.Get("packages")
	if packages.Kind > value.Null && packages.Kind != value.List {
		c.refused(packages.Line, "packages that are no list")
	}
	for _, item := range packages.Items {
		if textOf(item) == "" {
			c.refused(item.Line, "an element of packages that is no name")
		}
	}
	for _, key := range []string{ignorePatternKey, testPatternKey} {
		c.refusePatterns(key, v.Get(key))
	}
	c.refuseCatalogs(v.Get("catalog"), v.Get("catalogs"))
}

// refusePatterns: patterns are a list, even where there is one alone. To ignore changed files a number is a pattern like
// any other, and an empty one is none; of tests pnpm takes texts.
func (c *PnpmConfig) refusePatterns(key string, v value.Value) {
	if v.Kind > value.Null && v.Kind != value.List {
		c.refused(v.Line, key+" that is no list")
	}
	for _, item := range v.Items {
		isScalar := item.Kind == value.String || item.Kind == value.Number || item.Kind == value.Bool
		if !isScalar || key == testPatternKey && textOf(item) == "" {
			c.refused(item.Line, "an element of "+key+" that is no pattern")
		}
	}
}

func (c *PnpmConfig) refuseCatalogs(unnamed, named value.Value) {
	if twice := named.Get(defaultCatalog); unnamed.Kind > value.Null && twice.Kind > value.Null {
		c.refused(twice.Line, "a default catalog in two places")
	}
	catalogs := []value.Field{{Key: "catalog", Line: unnamed.Line, Value: unnamed}}
	if named.Kind > value.Null && named.Kind != value.Object {
		c.refused(named.Line, "catalogs that are no mapping")
	}
	for _, of := range append(catalogs, named.Fields...) {
		if isNamed := of.Key != "catalog"; of.Value.Kind != value.Object && (isNamed || of.Value.Kind > value.Null) {
			c.refused(of.Line, "a catalog that is no mapping")
		}
		for _, entry := range of.Value.Fields {
			if entry.Value.Kind != value.String {
				c.refused(entry.Line, "an entry of a catalog that is no text")
			}
		}
	}
}

func (c *PnpmConfig) refused(line int, what string) {
	c.Refused = append(c.Refused, Setting{what, line})
}

func parseCatalog(name string, v value.Value) Catalog {
	c := Catalog{Name: name}
	for _, f := range v.Fields {
		c.Entries = append(c.Entries, CatalogEntry{f.Key, f.Value.Text, f.Line})
	}
	return c
}

// ParseNpmrc reads the settings of a .npmrc that pnpm 10 and older have in common with pnpm-workspace.yaml (npmrc(5)). What
// stands below a "[section]" is none.
func ParseNpmrc(data []byte) PnpmConfig {
	var c PnpmConfig
	var ignore, tests npmrcPatterns
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			break
		}
		key, text, _ := strings.Cut(line, "=")
		key, isList := strings.CutSuffix(strings.TrimSpace(key), "[]")
		text = strings.Trim(strings.TrimSpace(text), `"'`)
		switch key {
		case "link-workspace-packages":
			c.LinkWorkspacePackages = text == "true" || text == "deep"
		case "changed-files-ignore-pattern":
			ignore.add(text, isList, number)
		case "test-pattern":
			tests.add(text, isList, number)
		}
	}
	c.IgnorePatterns, c.TestPatterns = ignore.texts, tests.texts
	if ignore.line > 0 && !ignore.isList {
		c.refused(ignore.line, ignorePatternKey+" that is no list")
	}
	if tests.line > 0 && (!tests.isList || slices.Contains(tests.texts, "")) {
		c.refused(tests.line, testPatternKey+" that is no list of patterns")
	}
	return c
}

// npmrcPatterns are the patterns of a .npmrc: a list where "[]" stands behind the key in one line of it at least. pnpm fails
// on what is none, as it does in pnpm-workspace.yaml.
type npmrcPatterns struct {
	texts  []string
	isList bool
	line   int // the last one, 0 for none
}

func (p *npmrcPatterns) add(text string, isList bool, line int) {
	p.line, p.isList = line, p.isList || isList
	if !p.isList {
		p.texts = nil
	}
	p.texts = append(p.texts, text)
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
