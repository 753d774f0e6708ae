package python

import (
	"github.com/monoplan/monoplan/internal/python/toml"
)

// uv reads [tool.uv]. Its sources count only where a dependency that counts names them, which is for the caller to decide: those of a
// workspace's root hold for its members too.
func (p *pyproject) uv() {
	table := p.document.Get("tool", "uv")
	p.requirements(table.Get("dev-dependencies"), true)
	for _, key := range []string{"constraint-dependencies", "override-dependencies", "build-constraint-dependencies"} {
		p.requirements(table.Get(key), false)
	}
	for _, build := range table.Get("extra-build-dependencies").Entries() {
		p.uvBuildDependencies(build.Value)
	}
	for _, source := range table.Get("sources").Entries() {
		for _, alternative := range source.Value.Each() {
			p.uvSource(NormalizeName(source.Name), alternative)
		}
	}
	for _, directory := range table.Get("find-links").Each() {
		p.findLinks(directory)
	}
	for _, index := range table.Get("index").Elements() {
		p.findLinks(index.Get("url"))
	}
	p.uvWorkspace(table.Get("workspace"))

	// Without [project] the dependencies are wherever the build says, in setup.py as a rule.
	if len(p.Sources) > 0 && p.document.Get("project") == nil && p.UVWorkspace == nil {
		p.Dynamic = true
	}
}

// uvBuildDependencies reads what one package needs besides to be built: strings, or {requirement = "…"}.
func (p *pyproject) uvBuildDependencies(list *toml.Value) {
	p.requirements(list, false)
	for _, item := range list.Elements() {
		if text, ok := item.Get("requirement").Text(); ok {
			p.requirement(text, item.Line, false)
		}
	}
}

func (p *pyproject) uvSource(name string, source *toml.Value) {
	if member := source.Get("workspace"); member.IsTrue() {
		p.Sources = append(p.Sources, Source{Name: name, Workspace: true, Line: member.Line})
	}
	subdirectory, _ := source.Get("subdirectory").Text()
	for _, key := range []string{"path", "url", "git"} {
		v := source.Get(key)
		text, _ := v.Text()
		path, fragment, local := specifiedPath(key, text)
		if !local {
			continue
		}
		if fragment != "" {
			subdirectory = fragment
		}
		p.Sources = append(p.Sources, Source{Name: name, Path: path, Subdirectory: subdirectory, Line: v.Line})
	}
}

// findLinks adds a place where packages are looked for, if it is a local one.
func (p *pyproject) findLinks(v *toml.Value) {
	text, _ := v.Text()
	if loc, local := parseLocation(text); local {
		p.reference(Reference{Path: loc.path, Kind: FindLinks, Line: v.Line})
	}
}

func (p *pyproject) uvWorkspace(table *toml.Value) {
	if !table.IsTable() {
		return
	}
	p.UVWorkspace = &UVWorkspace{
		Members: table.Get("members").Texts(),
		Exclude: table.Get("exclude").Texts(),
		Line:    table.Line,
	}
}
