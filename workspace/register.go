package workspace

import (
	"fmt"
	"slices"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/internal/nearest"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
)

// ConfigFile is the path of the configuration in a repository.
const ConfigFile = "seed.yml"

// Config is what seed.yml says, as far as planning goes.
type Config struct {
	// File is how messages name the file.
	File string
	// Source is the text that was parsed.
	Source string
	// CheckCodeChange is false where every service is to be deployed whatever changed.
	CheckCodeChange bool
	// Algorithm decides about the services that have none of their own.
	Algorithm planner.Algorithm
	// override is the algorithm that takes the place of seed.yml's, empty where none does.
	override planner.Algorithm
	// HasRegister says that there is a list of services, be it empty.
	HasRegister bool
	Services    []ServiceEntry
	// Phases has the phases by the name of a service.
	Phases map[string]Phase
	// Ignore has the patterns of paths that trigger nothing, and ignore the lines that they are of.
	Ignore *gitignore.Matcher
	ignore []gitignore.Line
	// OrphansOpen is orphans: open.
	OrphansOpen bool
	// PathDependencies is false where path dependencies count for nothing.
	PathDependencies bool
	// DevEdges is true where the dependencies of development count.
	DevEdges bool
	// Package is how services are packaged that do not say otherwise; PackageOf has that of one service.
	Package Packaging
	// Hooks are what runs around each service's deploy.
	Hooks Hooks
	// StageNameConstructor is a text for the shell that prints the name of a stage, or empty.
	StageNameConstructor string
	// SkipIdentical says that a deploy is skipped whose artifact, configuration and environment are those of the last; the
	// environment is then the variables of these names.
	SkipIdentical        bool
	IdenticalEnvironment []string
	// Ledger is where deploys are remembered.
	Ledger Ledger
	// Store is where wheels are shared between machines, s3://bucket/prefix, or empty.
	Store string
}

// ServiceEntry is one entry of the register.
type ServiceEntry struct {
	// Path is a directory, cleaned, "." for the root; or a glob of directories with a marker.
	Path   string
	IsGlob bool
	Name   string
	Phase  int
	// DependsOn are further path dependencies; HasDependsOn says that there is a list, be it empty.
	DependsOn     []DependsOn
	HasDependsOn  bool
	DependsOnLine int
	// Isolated is nested: isolate.
	Isolated bool
	// CheckCodeChange is nil where the service says nothing of its own.
	CheckCodeChange *bool
	// Algorithm is empty where the service has none of its own.
	Algorithm planner.Algorithm
	Type      string
	// Marker is the name of an unusual marker in the directory.
	Marker     string
	MarkerLine int
	// Package is how the service is packaged, where that differs from Config.Package; nil where nothing is said.
	Package *Packaging
	// Deploy is what deploys the service, where that is not the tool of its type.
	Deploy Deploying
	Line   int
}

// DependsOn is a directory, a file or a glob of the repository.
type DependsOn struct {
	Path   string
	IsGlob bool
	Line   int
}

// Phase is where phases: puts a service.
type Phase struct {
	Number       int
	Line, Column int // 1-based
}

// DefaultConfig gives what holds where there is no seed.yml.
func DefaultConfig() *Config {
	return &Config{
		File: ConfigFile, CheckCodeChange: true, Algorithm: planner.Git, PathDependencies: true,
		Ledger: Ledger{Backend: "git", Ref: defaultLedgerRef},
	}
}

// Override has an algorithm take the place of check_code_change, but for services that have their own.
func (c *Config) Override(a planner.Algorithm) {
	c.Algorithm, c.CheckCodeChange, c.override = a, true, a
}

// picks gives the entry by which a directory with a marker is a service: the first glob that matches it, and without a
// list none is needed.
func (c *Config) picks(dir string) (ServiceEntry, bool) {
	for _, e := range c.Services {
		if e.IsGlob && newGlob(e.Path).match(dir) {
			return e, true
		}
	}
	return ServiceEntry{}, !c.HasRegister
}

// packageAlgorithms gives the algorithms in use that know packages.
func (c *Config) packageAlgorithms() []planner.Algorithm {
	var known []planner.Algorithm
	for _, a := range []planner.Algorithm{planner.Lerna, planner.Pnpm} {
		if c.Algorithm == a || slices.ContainsFunc(c.Services, func(e ServiceEntry) bool { return e.Algorithm == a }) {
			known = append(known, a)
		}
	}
	return known
}

// registered gives the directories that are services with or without a marker.
func (c *Config) registered() []string {
	var paths []string
	for _, e := range c.Services {
		if !e.IsGlob {
			paths = append(paths, e.Path)
		}
	}
	return paths
}

// customMarkers gives the files that are markers because the register says so.
func (c *Config) customMarkers() []string {
	var files []string
	for _, e := range c.Services {
		if !e.IsGlob && e.Marker != "" {
			files = append(files, joinPath(e.Path, e.Marker))
		}
	}
	return files
}

// assignPhases gives services the phase in which phases: names them.
func (c *Config) assignPhases(services []Service) {
	for i := range services {
		if p, ok := c.Phases[services[i].Name]; ok {
			services[i].Phase = p.Number
		}
	}
}

// doubts warns of what was hardly meant: a glob that picks no service, a marker that is not there, a phase of a name that
// none has, an ignore that takes out all of a service.
func (c *Config) doubts(services []Service) []Warning {
	var warnings []Warning
	for _, e := range c.Services {
		if e.IsGlob && !slices.ContainsFunc(services, func(s Service) bool { return newGlob(e.Path).match(s.Path) }) {
			warnings = append(warnings, Warning{c.File, e.Line, fmt.Sprintf("%q picks no service: no directory that it matches holds a marker", e.Path)})
		}
	}
	for _, s := range services {
		if e := c.entry(s.Path); e.Marker != "" && !s.Missing && s.Marker != joinPath(e.Path, e.Marker) {
			warnings = append(warnings, Warning{c.File, e.MarkerLine, fmt.Sprintf("the service %q holds no file %q, so that is not its marker", s.Path, e.Marker)})
		}
	}
	for name, p := range c.Phases {
		if !slices.ContainsFunc(services, func(s Service) bool { return s.Name == name }) {
			warnings = append(warnings, Warning{c.File, p.Line, fmt.Sprintf("no service is called %q", name)})
		}
	}
	for _, s := range services {
		if line, ignored := c.ignored(s.Path, true, false); ignored && s.Path != root {
			warnings = append(warnings, Warning{c.File, line, fmt.Sprintf("ignore takes out all of the service %q: no file of it ever deploys it", s.Path)})
		}
	}
	return warnings
}

// doubtsOfPaths warns of registered paths that are no directories of the tree: a symbolic link to one, a file in one, and one that
// is not there. That may be mistyped, as the marked directory that no entry picks may show.
func (c *Config) doubtsOfPaths(services []Service, found discovery, look *lookups) []Warning {
	var warnings []Warning
	for _, e := range c.Services {
		if e.IsGlob {
			continue
		}
		message := ""
		switch at := look.at(e.Path); {
		case at.Mode == tree.Symlink:
			message = fmt.Sprintf("%q is a symbolic link and no service", e.Path)
			if to := look.resolve(parentPath(e.Path), baseName(e.Path)); to.exists() && to.entry.Mode == tree.Dir {
				message += fmt.Sprintf("; register the directory itself, %q", to.entry.Path)
			}
		case at.Mode.IsFile():
			message = fmt.Sprintf("%q is a file and no service; register its directory, %q", e.Path, parentPath(e.Path))
		case at.Mode == tree.None:
			message = fmt.Sprintf("%q is not in the commit", e.Path)
			if near := nearest.Name(e.Path, unregistered(services, found)); near != "" {
				message += fmt.Sprintf("; did you mean %q?", near)
			}
		default:
			continue
		}
		warnings = append(warnings, Warning{c.File, e.Line, message})
	}
	return warnings
}

// unregistered gives the directories with a marker that are no services.
func unregistered(services []Service, found discovery) []string {
	var dirs []string
	for _, m := range found.markers {
		if !slices.ContainsFunc(services, func(s Service) bool { return s.Path == m.Dir }) {
			dirs = append(dirs, m.Dir)
		}
	}
	return dirs
}

// ignored reports whether ignore: takes a path out, and by which line of seed.yml. What a wildcard takes out was hardly meant of seed.yml
// itself, by which every service is deployed. The ledger's own files are out without being named: each deploy changes them.
func (c *Config) ignored(path string, isDir, isSeed bool) (line int, ignored bool) {
	if c.Ledger.has(path) && !isDir && !isSeed {
		return 0, true
	}
	if isSeed && !c.Ignore.Names(path) {
		return 0, false
	}
	ignored, line = c.Ignore.Match(path, isDir)
	return line, ignored
}

// dependsOn gives what the entry of a service's directory depends on.
func (c *Config) dependsOn(dir string) []DependsOn { return c.entry(dir).DependsOn }

// entry gives the entry of a service's directory; it is empty where the register says nothing of it.
func (c *Config) entry(dir string) ServiceEntry {
	for _, e := range c.Services {
		if !e.IsGlob && e.Path == dir {
			return e
		}
	}
	e, _ := c.picks(dir)
	return e
}

// hasGlobDependency reports whether a service depends on what matches a glob, which only a listing tells.
func (c *Config) hasGlobDependency() bool {
	return slices.ContainsFunc(c.Services, func(e ServiceEntry) bool {
		return slices.ContainsFunc(e.DependsOn, func(d DependsOn) bool { return d.IsGlob })
	})
}

// globsMatch reports whether a path that came or went, or a directory above it, is one that a service depends on by
// a glob.
func (c *Config) globsMatch(change tree.Change) bool {
	if !change.Added() && !change.Deleted() {
		return false
	}
	for _, e := range c.Services {
		for _, d := range e.DependsOn {
			if d.IsGlob && newGlob(d.Path).matchUnder(change.Path) {
				return true
			}
		}
	}
	return false
}
