package python

import "strings"

// poetry reads [tool.poetry]: its groups of dependencies, and the packages that it takes from elsewhere.
func (p *pyproject) poetry() {
	table := p.document.get("tool", "poetry")
	p.poetryGroup(table.get("dependencies"), false)
	for _, group := range table.get("group").entries() {
		p.poetryGroup(group.value.get("dependencies"), !p.counts(group.name))
	}
	p.poetryGroup(table.get("dev-dependencies"), true)
	for _, item := range table.get("packages").each() {
		p.poetryPackageSource(item)
	}
}

func (p *pyproject) poetryGroup(group *value, dev bool) {
	for _, dependency := range group.entries() {
		name := NormalizeName(dependency.name)
		if name == "python" {
			continue
		}
		p.PoetryDependencies = append(p.PoetryDependencies, Dependency{Name: name, Line: dependency.line, Dev: dev})
		for _, constraint := range dependency.value.each() {
			p.specification(constraint, name, dev)
		}
	}
}

// specification reads one dependency as Poetry and Pipenv write it, a table with path, file, or a URL that is local.
func (p *pyproject) specification(spec *value, name string, dev bool) {
	reference := Reference{Name: name, Dev: dev}
	reference.Subdirectory, _ = spec.get("subdirectory").text()
	for _, key := range []string{"path", "file", "url", "git"} {
		v := spec.get(key)
		text, _ := v.text()
		path, subdirectory, local := specifiedPath(key, text)
		if !local {
			continue
		}
		reference.Path, reference.Line = path, v.line
		if subdirectory != "" {
			reference.Subdirectory = subdirectory
		}
		p.reference(reference)
	}
}

// specifiedPath reads the value of a key that names a path or a URL. A path is taken as it is; a URL counts where it is local.
func specifiedPath(key, text string) (path, subdirectory string, local bool) {
	isPath := key == "path" || key == "file"
	switch {
	case text == "":
		return "", "", false
	case isPath && !hasScheme(text):
		return text, "", true
	case !isPath && !hasScheme(text) && !strings.HasPrefix(text, ".") && !strings.HasPrefix(text, "/"):
		return "", "", false // git@host:repository, or the short name of something
	}
	loc, local := parseLocation(text)
	return loc.path, loc.subdirectory, local
}

// poetryPackageSource reads {include = "…", from = "…"}, or the include alone.
func (p *pyproject) poetryPackageSource(item *value) {
	include := item.get("include")
	if item != nil && item.kind == textValue {
		include = item
	}
	text, ok := include.text()
	line := 0
	if include != nil {
		line = include.line
	}
	if from, has := item.get("from").text(); has && from != "" {
		text = strings.TrimSuffix(from, "/") + "/" + text
		ok, line = true, item.get("from").line
	}
	if path := cutGlob(text); ok && path != "" {
		p.reference(Reference{Path: path, Kind: PackageSource, Line: line})
	}
}

// poetryIncludes gives the groups that a group of Poetry includes.
func poetryIncludes(group *value) []string {
	var names []string
	for _, item := range group.get("include-groups").elements() {
		if name, ok := item.text(); ok {
			names = append(names, NormalizeName(name))
		}
	}
	return names
}
