package python

// uv reads [tool.uv]. Its sources count only where a dependency that counts names them, which is for the caller to decide: those of a
// workspace's root hold for its members too.
func (p *pyproject) uv() {
	table := p.document.get("tool", "uv")
	p.requirements(table.get("dev-dependencies"), true)
	for _, key := range []string{"constraint-dependencies", "override-dependencies", "build-constraint-dependencies"} {
		p.requirements(table.get(key), false)
	}
	for _, build := range table.get("extra-build-dependencies").entries() {
		p.uvBuildDependencies(build.value)
	}
	for _, source := range table.get("sources").entries() {
		for _, alternative := range source.value.each() {
			p.uvSource(NormalizeName(source.name), alternative)
		}
	}
	for _, directory := range table.get("find-links").each() {
		p.findLinks(directory)
	}
	for _, index := range table.get("index").elements() {
		p.findLinks(index.get("url"))
	}
	p.uvWorkspace(table.get("workspace"))

	// Without [project] the dependencies are wherever the build says, in setup.py as a rule.
	if len(p.Sources) > 0 && p.document.get("project") == nil && p.UVWorkspace == nil {
		p.Dynamic = true
	}
}

// uvBuildDependencies reads what one package needs besides to be built: strings, or {requirement = "…"}.
func (p *pyproject) uvBuildDependencies(list *value) {
	p.requirements(list, false)
	for _, item := range list.elements() {
		if text, ok := item.get("requirement").text(); ok {
			p.requirement(text, item.line, false)
		}
	}
}

func (p *pyproject) uvSource(name string, source *value) {
	if member := source.get("workspace"); member.isTrue() {
		p.Sources = append(p.Sources, Source{Name: name, Workspace: true, Line: member.line})
	}
	subdirectory, _ := source.get("subdirectory").text()
	for _, key := range []string{"path", "url", "git"} {
		v := source.get(key)
		text, _ := v.text()
		path, fragment, local := specifiedPath(key, text)
		if !local {
			continue
		}
		if fragment != "" {
			subdirectory = fragment
		}
		p.Sources = append(p.Sources, Source{Name: name, Path: path, Subdirectory: subdirectory, Line: v.line})
	}
}

// findLinks adds a place where packages are looked for, if it is a local one.
func (p *pyproject) findLinks(v *value) {
	text, _ := v.text()
	if loc, local := parseLocation(text); local {
		p.reference(Reference{Path: loc.path, Kind: FindLinks, Line: v.line})
	}
}

func (p *pyproject) uvWorkspace(table *value) {
	if table == nil || table.kind != tableValue {
		return
	}
	p.UVWorkspace = &UVWorkspace{
		Members: texts(table.get("members")),
		Exclude: texts(table.get("exclude")),
		Line:    table.line,
	}
}

// texts gives the strings of an array.
func texts(list *value) []string {
	var all []string
	for _, item := range list.elements() {
		if text, ok := item.text(); ok {
			all = append(all, text)
		}
	}
	return all
}
