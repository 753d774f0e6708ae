package javascript

import (
	"strings"

	"github.com/monoplan/monoplan/internal/javascript/value"
)

// LernaConfig is what a lerna.json says, as far as planning goes.
type LernaConfig struct {
	Packages     []string
	HasPackages  bool
	PackagesLine int
	NPMClient    string
	// IgnoreChanges are the patterns of changed files that list no package.
	IgnoreChanges []string
	// ForceAll lists every package, and Force those of these names.
	ForceAll bool
	Force    []string
	// IncludeDependencies lists what a listed package depends on, too.
	IncludeDependencies bool
	// Unheeded are settings that would shorten a list or that nobody reads any more.
	Unheeded []Setting
	// Refused is what Lerna fails on.
	Refused []Setting
	// UseWorkspaces is the line of useWorkspaces, 0 where it is not there.
	UseWorkspaces int
	// Extends is the line of extends, 0 where it is not there.
	Extends int
	// Since is the line of since, 0 where it is not there: for whoever asks Lerna itself, which then never lists all.
	Since int
}

// Setting is a key of a configuration, with its line.
type Setting struct {
	Key  string
	Line int
}

// ParseLerna takes a configuration out of a lerna.json. Settings of lerna ls count before those of the root.
func ParseLerna(v value.Value) LernaConfig {
	packages := v.Get("packages")
	c := LernaConfig{
		Packages: packages.Strings(), HasPackages: packages.IsTrue(), PackagesLine: packages.Line,
		NPMClient:     textOf(v.Get("npmClient")),
		UseWorkspaces: v.Get("useWorkspaces").Line,
		Extends:       v.Get("extends").Line,
	}
	list := v.Get("command").Get("list")
	option := func(key string) value.Value {
		if of := list.Get(key); of.Kind != value.Absent {
			return of
		}
		return v.Get(key)
	}
	ignore := option("ignoreChanges")
	c.IgnoreChanges = ignore.Strings()
	if ignore.Kind != value.Absent && ignore.Kind != value.List {
		c.Refused = append(c.Refused, Setting{"ignoreChanges that is no list", ignore.Line})
	}
	if len(c.Packages) < len(packages.Items) {
		c.Refused = append(c.Refused, Setting{"packages that are not all text", packages.Line})
	}
	c.force(option("forcePublish"))
	c.IncludeDependencies = option("includeDependencies").IsTrue()
	c.Since = option("since").Line
	if private := option("private"); private.Kind == value.Bool && private.Text == "false" {
		c.Unheeded = append(c.Unheeded, Setting{"private", private.Line})
	}
	for _, key := range []string{"excludeDependents", "ignore", "scope"} {
		if of := option(key); of.IsTrue() {
			c.Unheeded = append(c.Unheeded, Setting{key, of.Line})
		}
	}
	return c
}

// force reads forcePublish: true, names with commas between them, or a list of names; "*" is all.
func (c *LernaConfig) force(v value.Value) {
	switch v.Kind {
	case value.Bool:
		c.ForceAll = v.Text == "true"
	case value.String:
		c.Force = strings.Split(v.Text, ",")
	case value.List:
		c.Force = v.Strings()
	}
	for _, name := range c.Force {
		c.ForceAll = c.ForceAll || name == "*"
	}
}
