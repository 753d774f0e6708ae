package python

import (
	"cmp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/buildsystem"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParsePyproject reads a pyproject.toml (PEP 518, 621, 735) with the tables of Poetry, uv, PDM, Hatch and setuptools. A document that is not
// TOML is a *SyntaxError; a table of another shape than its tool asks for is passed over.
func ParsePyproject(data []byte) (*Manifest, error) {
	document, err := toml.Parse(data)
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
	p.outside()
	slices.SortStableFunc(p.References, func(a, b Reference) int { return cmp.Compare(a.Line, b.Line) })
	return p.Manifest, nil
}

// pyproject gathers what the tables of one document say.
type pyproject struct {
	*Manifest
	document *toml.Value
	counting map[string]bool // the groups that count without dev_edges
}

// project reads [project] (PEP 621). Extras count whatever their name.
func (p *pyproject) project() {
	project := p.document.Get("project")
	name, ok := project.Get("name").Text()
	if !ok {
		name, _ = p.document.Get("tool", "poetry", "name").Text()
	}
	p.Name = NormalizeName(name)
	p.requirements(project.Get("dependencies"), false)
	for _, extra := range project.Get("optional-dependencies").Entries() {
		p.requirements(extra.Value, false)
	}
	for _, field := range project.Get("dynamic").Elements() {
		if name, _ := field.Text(); name == "dependencies" || name == "optional-dependencies" {
			p.Dynamic = true
		}
	}
}

// dependencyGroups reads [dependency-groups] (PEP 735).
func (p *pyproject) dependencyGroups() {
	for _, group := range p.document.Get("dependency-groups").Entries() {
		p.requirements(group.Value, !p.counts(group.Name))
	}
}

func (p *pyproject) buildSystem() {
	p.requirements(p.document.Get("build-system", "requires"), false)
}

// pdm reads PDM's own groups, from before dependency-groups, and the URLs that take the place of versions for whoever depends on
// a package ("Override the resolved package versions" in PDM's documentation).
func (p *pyproject) pdm() {
	table := p.document.Get("tool", "pdm")
	for _, overrides := range []*toml.Value{table.Get("resolution", "overrides"), table.Get("overrides")} {
		for _, override := range overrides.Entries() {
			if url, _ := override.Value.Text(); strings.HasPrefix(url, "file:") {
				p.requirement(override.Name+" @ "+url, override.Line, false)
			}
		}
	}
	for _, group := range table.Get("dev-dependencies").Entries() {
		p.requirements(group.Value, IsDevGroup(group.Name))
	}
}

// setuptools reads where packages are found, and the files of dependencies that are read when the project is built.
func (p *pyproject) setuptools() {
	table := p.document.Get("tool", "setuptools")
	for _, where := range table.Get("packages", "find", "where").Each() {
		p.packageSource(where)
	}
	for _, directory := range table.Get("package-dir").Entries() {
		p.packageSource(directory.Value)
	}
	dynamic := table.Get("dynamic")
	p.requirementsFiles(dynamic.Get("dependencies", "file"))
	for _, extra := range dynamic.Get("optional-dependencies").Entries() {
		p.requirementsFiles(extra.Value.Get("file"))
	}
}

// outside reads what the build takes from beside the project, by the packager's own list, where it is not there already: a hook's
// program, a readme, the file of a version.
func (p *pyproject) outside() {
	for _, o := range buildsystem.Outside(p.document) {
		r := Reference{Path: cutGlob(o.Text), Kind: PackageSource, Line: o.Line}
		if !slices.ContainsFunc(p.References, func(other Reference) bool { return other.Path == r.Path && other.Line == r.Line }) {
			p.reference(r)
		}
	}
}

func (p *pyproject) requirementsFiles(files *toml.Value) {
	for _, file := range files.Each() {
		if path, _ := file.Text(); path != "" {
			p.reference(Reference{Path: path, Kind: RequirementsFile, Line: file.Line})
		}
	}
}

// packageSource adds a directory of sources as a plain path, which may end in a glob.
func (p *pyproject) packageSource(v *toml.Value) {
	text, _ := v.Text()
	if path := cutGlob(text); path != "" {
		p.reference(Reference{Path: path, Kind: PackageSource, Line: v.Line})
	}
}

// requirements reads an array of PEP 508 strings.
func (p *pyproject) requirements(list *toml.Value, dev bool) {
	for _, item := range list.Elements() {
		if text, ok := item.Text(); ok {
			p.requirement(text, item.Line, dev)
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
	p.variable(req.loc, line, dev)
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
func countingGroups(document *toml.Value) map[string]bool {
	includes := map[string][]string{}
	for _, group := range document.Get("dependency-groups").Entries() {
		name := NormalizeName(group.Name)
		includes[name] = append(includes[name], includedGroups(group.Value, "include-group")...)
	}
	for _, group := range document.Get("tool", "poetry", "group").Entries() {
		name := NormalizeName(group.Name)
		includes[name] = append(includes[name], poetryIncludes(group.Value)...)
	}
	return countingNames(includes)
}

// includedGroups gives what the {include-group = "…"} of a group name.
func includedGroups(group *toml.Value, key string) []string {
	var names []string
	for _, item := range group.Elements() {
		if name, ok := item.Get(key).Text(); ok {
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
		if !IsDevGroup(name) {
			visit(name)
		}
	}
	return counting
}
