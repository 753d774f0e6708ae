package python

import (
	"github.com/monoplan/monoplan/internal/python/toml"
)

// uv reads [tool.uv]. Its sources count only where a dependency that counts names them, which is for the caller to decide: those of a
// workspace's root hold for its members too.
func (p *pyproject) uv() {
	table := p.document.Get("tool", "uv")
	p.requirements(table.Get("dev-dependencies"), true)
	shared := p.uvShared(table)
	p.References = append(p.References, shared.References...)
	p.Variables = append(p.Variables, shared.Variables...)
	p.Dependencies = append(p.Dependencies, shared.Dependencies...)
	for _, source := range table.Get("sources").Entries() {
		for _, alternative := range source.Value.Each() {
			p.uvSource(NormalizeName(source.Name), alternative)
		}
	}
	p.uvWorkspace(table.Get("workspace"), shared)

	// Without [project] the dependencies are wherever the build says, in setup.py as a rule.
	if len(p.Sources) > 0 && p.document.Get("project") == nil && p.UVWorkspace == nil {
		p.Dynamic = true
	}
}

// uvShared reads what holds for all members, where the manifest is a workspace's root.
func (p *pyproject) uvShared(table *toml.Value) UVShared {
	shared := pyproject{Manifest: &Manifest{}, document: p.document}
	for _, key := range []string{"constraint-dependencies", "override-dependencies", "build-constraint-dependencies"} {
		shared.requirements(table.Get(key), false)
	}
	for _, build := range table.Get("extra-build-dependencies").Entries() {
		shared.uvBuildDependencies(build.Value)
	}
	for _, directory := range table.Get("find-links").Each() {
		shared.findLinks(directory)
	}
	for _, index := range table.Get("index").Elements() {
		shared.findLinks(index.Get("url"))
	}
	return UVShared{References: shared.References, Variables: shared.Variables, Dependencies: shared.Dependencies}
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

func (p *pyproject) uvWorkspace(table *toml.Value, shared UVShared) {
	if !table.IsTable() {
		return
	}
	p.UVWorkspace = &UVWorkspace{
		Members: table.Get("members").Texts(),
		Exclude: table.Get("exclude").Texts(),
		Line:    table.Line,
		Shared:  shared,
	}
}
