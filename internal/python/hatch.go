package python

import (
	"strings"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParseHatch reads a hatch.toml, which says what [tool.hatch] of the pyproject.toml beside it says otherwise (Hatch's "Configuration"). A
// document that is not TOML is a *SyntaxError.
func ParseHatch(data []byte) (*Manifest, error) {
	own, err := toml.Parse(data)
	if err != nil {
		return &Manifest{}, err
	}
	p := pyproject{Manifest: &Manifest{}, document: toml.Under(own, "tool", "hatch")}
	p.hatch()
	p.outside()
	return p.Manifest, nil
}

// hatch reads [tool.hatch]: the dependencies of its environments, the files that a build takes from elsewhere, and the requirements
// that hatch-requirements-txt, a plugin, makes dependencies.
func (p *pyproject) hatch() {
	table := p.document.Get("tool", "hatch")
	environments := table.Get("envs")
	counting := countingEnvironments(environments)
	for _, environment := range environments.Entries() {
		p.hatchEnvironment(environment.Value, !counting[NormalizeName(environment.Name)])
	}
	build := table.Get("build")
	p.forceInclude(build.Get("force-include"))
	for _, target := range build.Get("targets").Entries() {
		p.forceInclude(target.Value.Get("force-include"))
	}
	hook := table.Get("metadata", "hooks", "requirements_txt")
	p.requirementsFiles(hook.Get("files"))
	for _, extra := range hook.Get("optional-dependencies").Entries() {
		p.requirementsFiles(extra.Value)
	}
}

// countingEnvironments gives the environments that are not for development alone: those of other names, and the
// templates that these inherit from.
func countingEnvironments(environments *toml.Value) map[string]bool {
	templates := map[string][]string{}
	for _, environment := range environments.Entries() {
		name := NormalizeName(environment.Name)
		templates[name] = nil
		if template, ok := environment.Value.Get("template").Text(); ok {
			templates[name] = []string{NormalizeName(template)}
		}
	}
	return countingNames(templates)
}

func (p *pyproject) hatchEnvironment(environment *toml.Value, dev bool) {
	for _, entry := range environment.Entries() {
		switch {
		case strings.HasSuffix(entry.Name, "dependencies"):
			p.hatchDependencies(entry.Value, dev)
		case strings.HasSuffix(entry.Name, "install-commands"):
			p.hatchCommands(entry.Value, dev)
		case entry.Name == "workspace":
			p.hatchMembers(entry.Value.Get("members"), dev)
		case entry.Name == "overrides":
			p.hatchOverrides(entry.Value, dev)
		}
	}
}

// hatchDependencies reads an array of requirements: strings, or {value = "…"} where the array is an override's.
func (p *pyproject) hatchDependencies(list *toml.Value, dev bool) {
	p.requirements(list, dev)
	for _, item := range list.Elements() {
		if text, ok := item.Get("value").Text(); ok {
			p.requirement(text, item.Line, dev)
		}
	}
}

// hatchCommands reads the words of commands, such as "pip install -e ../lib", that lead upwards.
func (p *pyproject) hatchCommands(list *toml.Value, dev bool) {
	for _, item := range list.Elements() {
		command, _ := item.Text()
		for _, word := range shellWords(command) {
			if target := parseTarget(word); target.local && leadsUp(target.loc.path) {
				p.reference(Reference{Path: target.loc.path, Subdirectory: target.loc.subdirectory, Name: target.name, Line: item.Line, Dev: dev})
			}
		}
	}
}

// hatchMembers reads the projects that an environment installs as they stand: paths, globs, or {path = "…"}.
func (p *pyproject) hatchMembers(list *toml.Value, dev bool) {
	for _, item := range list.Elements() {
		member := item
		if item.IsTable() {
			member = item.Get("path")
		}
		text, _ := member.Text()
		if path := cutGlob(text); path != "" {
			p.reference(Reference{Path: path, Line: item.Line, Dev: dev})
		}
	}
}

// hatchOverrides reads what an environment adds by platform, variable, matrix or name: overrides.<source>.<condition>.<option>, whose name
// may begin with "set-".
func (p *pyproject) hatchOverrides(overrides *toml.Value, dev bool) {
	for _, source := range overrides.Entries() {
		for _, condition := range source.Value.Entries() {
			p.hatchEnvironment(condition.Value, dev)
		}
	}
}

// forceInclude reads a table whose keys are paths of the file system, and whose values are paths in the build.
func (p *pyproject) forceInclude(table *toml.Value) {
	for _, entry := range table.Entries() {
		if entry.Name != "" {
			p.reference(Reference{Path: entry.Name, Kind: PackageSource, Line: entry.Line})
		}
	}
}

// leadsUp reports whether a path has a ".." segment.
func leadsUp(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == ".." {
			return true
		}
	}
	return false
}
