package python

import (
	"strings"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// poetry reads [tool.poetry]: its groups of dependencies, and the packages that it takes from elsewhere.
func (p *pyproject) poetry() {
	table := p.document.Get("tool", "poetry")
	p.poetryGroup(table.Get("dependencies"), false)
	for _, group := range table.Get("group").Entries() {
		p.poetryGroup(group.Value.Get("dependencies"), !p.counts(group.Name))
	}
	p.poetryGroup(table.Get("dev-dependencies"), true)
	for _, item := range table.Get("packages").Each() {
		p.poetryPackageSource(item)
	}
}

func (p *pyproject) poetryGroup(group *toml.Value, dev bool) {
	for _, dependency := range group.Entries() {
		name := NormalizeName(dependency.Name)
		if name == "python" {
			continue
		}
		p.PoetryDependencies = append(p.PoetryDependencies, Dependency{Name: name, Line: dependency.Line, Dev: dev})
		for _, constraint := range dependency.Value.Each() {
			p.specification(constraint, name, dev)
		}
	}
}

// specification reads one dependency as Poetry and Pipenv write it, a table with path, file, or a URL that is local.
func (p *pyproject) specification(spec *toml.Value, name string, dev bool) {
	reference := Reference{Name: name, Dev: dev}
	reference.Subdirectory, _ = spec.Get("subdirectory").Text()
	for _, key := range []string{"path", "file", "url", "git"} {
		v := spec.Get(key)
		text, _ := v.Text()
		path, subdirectory, local := specifiedPath(key, text)
		if !local {
			continue
		}
		reference.Path, reference.Line = path, v.Line
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
func (p *pyproject) poetryPackageSource(item *toml.Value) {
	include := item.Get("include")
	if item.IsText() {
		include = item
	}
	text, ok := include.Text()
	line := 0
	if include != nil {
		line = include.Line
	}
	if from, has := item.Get("from").Text(); has && from != "" {
		text = strings.TrimSuffix(from, "/") + "/" + text
		ok, line = true, item.Get("from").Line
	}
	if path := cutGlob(text); ok && path != "" {
		p.reference(Reference{Path: path, Kind: PackageSource, Line: line})
	}
}

// poetryIncludes gives the groups that a group of Poetry includes.
func poetryIncludes(group *toml.Value) []string {
	var names []string
	for _, item := range group.Get("include-groups").Elements() {
		if name, ok := item.Text(); ok {
			names = append(names, NormalizeName(name))
		}
	}
	return names
}
