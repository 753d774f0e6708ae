package python

import (
	"cmp"
	"slices"
	"strings"
)

// ParsePyproject reads a pyproject.toml (PEP 518, 621, 735) with the tables of Poetry, uv, PDM, Hatch and setuptools. A document that is not
// TOML is a *SyntaxError; a table of another shape than its tool asks for is passed over.
func ParsePyproject(data []byte) (*Manifest, error) {
	document, err := parseTOML(data)
	if err != nil {
		return &Manifest{}, err
	}
	p := pyproject{Manifest: &Manifest{}, document: document, counting: countingGroups(document)}
	p.project()
	p.dependencyGroups()
	p.buildSystem()
	p.poetry()
	p.uv()
	p.pdm()
	p.hatch()
	p.setuptools()
	slices.SortStableFunc(p.References, func(a, b Reference) int { return cmp.Compare(a.Line, b.Line) })
	return p.Manifest, nil
}

// pyproject gathers what the tables of one document say.
type pyproject struct {
	*Manifest
	document *value
	counting map[string]bool // the groups that count without dev_edges
}

// project reads [project] (PEP 621). Extras count whatever their name.
func (p *pyproject) project() {
	project := p.document.get("project")
	name, ok := project.get("name").text()
	if !ok {
		name, _ = p.document.get("tool", "poetry", "name").text()
	}
	p.Name = NormalizeName(name)
	p.requirements(project.get("dependencies"), false)
	for _, extra := range project.get("optional-dependencies").entries() {
		p.requirements(extra.value, false)
	}
	for _, field := range project.get("dynamic").elements() {
		if name, _ := field.text(); name == "dependencies" || name == "optional-dependencies" {
			p.Dynamic = true
		}
	}
}

// dependencyGroups reads [dependency-groups] (PEP 735).
func (p *pyproject) dependencyGroups() {
	for _, group := range p.document.get("dependency-groups").entries() {
		p.requirements(group.value, !p.counts(group.name))
	}
}

func (p *pyproject) buildSystem() {
	p.requirements(p.document.get("build-system", "requires"), false)
}

// pdm reads PDM's own groups, from before dependency-groups.
func (p *pyproject) pdm() {
	for _, group := range p.document.get("tool", "pdm", "dev-dependencies").entries() {
		p.requirements(group.value, isDevGroup(group.name))
	}
}

// setuptools reads where packages are found, and the files of dependencies that are read when the project is built.
func (p *pyproject) setuptools() {
	table := p.document.get("tool", "setuptools")
	for _, where := range table.get("packages", "find", "where").each() {
		p.packageSource(where)
	}
	for _, directory := range table.get("package-dir").entries() {
		p.packageSource(directory.value)
	}
	dynamic := table.get("dynamic")
	p.requirementsFiles(dynamic.get("dependencies", "file"))
	for _, extra := range dynamic.get("optional-dependencies").entries() {
		p.requirementsFiles(extra.value.get("file"))
	}
}

func (p *pyproject) requirementsFiles(files *value) {
	for _, file := range files.each() {
		if path, _ := file.text(); path != "" {
			p.reference(Reference{Path: path, Kind: RequirementsFile, Line: file.line})
		}
	}
}

// packageSource adds a directory of sources as a plain path, which may end in a glob.
func (p *pyproject) packageSource(v *value) {
	text, _ := v.text()
	if path := cutGlob(text); path != "" {
		p.reference(Reference{Path: path, Kind: PackageSource, Line: v.line})
	}
}

// requirements reads an array of PEP 508 strings.
func (p *pyproject) requirements(list *value, dev bool) {
	for _, item := range list.elements() {
		if text, ok := item.text(); ok {
			p.requirement(text, item.line, dev)
		}
	}
}

func (p *pyproject) requirement(text string, line int, dev bool) {
	req, ok := parseRequirement(text)
	if !ok {
		return
	}
	if req.name != "" {
		p.Dependencies = append(p.Dependencies, Dependency{Name: req.name, Line: line, Dev: dev})
	}
	if req.local {
		p.reference(Reference{Path: req.loc.path, Subdirectory: req.loc.subdirectory, Line: line, Dev: dev, Name: req.name})
	}
}

func (p *pyproject) reference(r Reference) {
	if !strings.Contains(r.Path, "\x00") {
		p.References = append(p.References, r)
	}
}

// counts reports whether a group counts without dev_edges.
func (p *pyproject) counts(group string) bool { return p.counting[NormalizeName(group)] }

// countingGroups gives the groups of [dependency-groups] and of Poetry that are not for development alone: those of
// other names, and what these include.
func countingGroups(document *value) map[string]bool {
	includes := map[string][]string{}
	for _, group := range document.get("dependency-groups").entries() {
		name := NormalizeName(group.name)
		includes[name] = append(includes[name], includedGroups(group.value, "include-group")...)
	}
	for _, group := range document.get("tool", "poetry", "group").entries() {
		name := NormalizeName(group.name)
		includes[name] = append(includes[name], poetryIncludes(group.value)...)
	}
	return countingNames(includes)
}

// includedGroups gives what the {include-group = "…"} of a group name.
func includedGroups(group *value, key string) []string {
	var names []string
	for _, item := range group.elements() {
		if name, ok := item.get(key).text(); ok {
			names = append(names, NormalizeName(name))
		}
	}
	return names
}

// countingNames follows from every name that is no dev group's to what it includes.
func countingNames(includes map[string][]string) map[string]bool {
	counting := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if !counting[name] {
			counting[name] = true
			for _, included := range includes[name] {
				visit(included)
			}
		}
	}
	for name := range includes {
		if !isDevGroup(name) {
			visit(name)
		}
	}
	return counting
}
