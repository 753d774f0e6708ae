package python

import "strings"

// hatch reads [tool.hatch]: the dependencies of its environments, and the files that a build takes from elsewhere.
func (p *pyproject) hatch() {
	table := p.document.get("tool", "hatch")
	environments := table.get("envs")
	counting := countingEnvironments(environments)
	for _, environment := range environments.entries() {
		p.hatchEnvironment(environment.value, !counting[NormalizeName(environment.name)])
	}
	build := table.get("build")
	p.forceInclude(build.get("force-include"))
	for _, target := range build.get("targets").entries() {
		p.forceInclude(target.value.get("force-include"))
	}
}

// countingEnvironments gives the environments that are not for development alone: those of other names, and the
// templates that these inherit from.
func countingEnvironments(environments *value) map[string]bool {
	templates := map[string][]string{}
	for _, environment := range environments.entries() {
		name := NormalizeName(environment.name)
		templates[name] = nil
		if template, ok := environment.value.get("template").text(); ok {
			templates[name] = []string{NormalizeName(template)}
		}
	}
	return countingNames(templates)
}

func (p *pyproject) hatchEnvironment(environment *value, dev bool) {
	for _, entry := range environment.entries() {
		switch {
		case strings.HasSuffix(entry.name, "dependencies"):
			p.hatchDependencies(entry.value, dev)
		case strings.HasSuffix(entry.name, "install-commands"):
			p.hatchCommands(entry.value, dev)
		case entry.name == "workspace":
			p.hatchMembers(entry.value.get("members"), dev)
		case entry.name == "overrides":
			p.hatchOverrides(entry.value, dev)
		}
	}
}

// hatchDependencies reads an array of requirements: strings, or {value = "…"} where the array is an override's.
func (p *pyproject) hatchDependencies(list *value, dev bool) {
	p.requirements(list, dev)
	for _, item := range list.elements() {
		if text, ok := item.get("value").text(); ok {
			p.requirement(text, item.line, dev)
		}
	}
}

// hatchCommands reads the words of commands, such as "pip install -e ../lib", that lead upwards.
func (p *pyproject) hatchCommands(list *value, dev bool) {
	for _, item := range list.elements() {
		command, _ := item.text()
		for _, word := range shellWords(command) {
			if target := parseTarget(word); target.local && leadsUp(target.loc.path) {
				p.reference(Reference{Path: target.loc.path, Subdirectory: target.loc.subdirectory, Name: target.name, Line: item.line, Dev: dev})
			}
		}
	}
}

// hatchMembers reads the projects that an environment installs as they stand: paths, globs, or {path = "…"}.
func (p *pyproject) hatchMembers(list *value, dev bool) {
	for _, item := range list.elements() {
		member := item
		if item.kind == tableValue {
			member = item.get("path")
		}
		text, _ := member.text()
		if path := cutGlob(text); path != "" {
			p.reference(Reference{Path: path, Line: item.line, Dev: dev})
		}
	}
}

// hatchOverrides reads what an environment adds by platform, variable, matrix or name: overrides.<source>.<condition>.<option>, whose name
// may begin with "set-".
func (p *pyproject) hatchOverrides(overrides *value, dev bool) {
	for _, source := range overrides.entries() {
		for _, condition := range source.value.entries() {
			p.hatchEnvironment(condition.value, dev)
		}
	}
}

// forceInclude reads a table whose keys are paths of the file system, and whose values are paths in the build.
func (p *pyproject) forceInclude(table *value) {
	for _, entry := range table.entries() {
		if entry.name != "" {
			p.reference(Reference{Path: entry.name, Kind: PackageSource, Line: entry.line})
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
