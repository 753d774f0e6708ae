package project

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/requirement"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// requirements reads an array of PEP 508 strings.
func (r *reader) requirements(list *toml.Value) []Requirement {
	var all []Requirement
	for _, item := range list.Elements() {
		text, ok := item.Text()
		if !ok {
			continue
		}
		req, err := ParseRequirement(text)
		if err != nil {
			r.fail(item.Line, err)
			continue
		}
		req.Line = item.Line
		all = append(all, req)
	}
	return all
}

// ParseRequirement reads a dependency as PEP 508 has it, with a path as tools write one behind the "@" (file:../lib).
func ParseRequirement(text string) (Requirement, error) {
	local, isLocal := python.LocalRequirement(text)
	parsed, err := requirement.Parse(text)
	if err != nil {
		if isLocal && local.Name != "" {
			return Requirement{Name: local.Name, Path: local.Path}, nil
		}
		return Requirement{}, err
	}
	req := Requirement{Name: parsed.Name, Extras: parsed.Extras, Text: parsed.Specifier.String()}
	if len(parsed.Specifier) > 0 {
		req.Constraint = Constraint{parsed.Specifier}
	}
	if !parsed.Marker.IsAny() {
		req.Conditions = []marker.Marker{parsed.Marker}
	}
	if isLocal {
		req.Path = local.Path
	} else {
		req.Elsewhere = parsed.URL != ""
	}
	return req, nil
}

// dependencyGroups reads [dependency-groups] and uv's own group from before it, with the groups that groups include.
func (r *reader) dependencyGroups() {
	table := r.Document.Get("dependency-groups")
	lists := map[string]*toml.Value{}
	for _, group := range table.Entries() {
		lists[python.NormalizeName(group.Name)] = group.Value
	}
	for name := range lists {
		r.Groups[name] = append(r.Groups[name], r.group(name, lists, map[string]bool{})...)
	}
	if dev := r.Document.Get("tool", "uv", "dev-dependencies"); dev != nil {
		r.Groups["dev"] = append(r.Groups["dev"], r.requirements(dev)...)
	}
}

// group gives a group's requirements with those of the groups that it includes; seen are those on the way, which a cycle may lead back to.
func (r *reader) group(name string, lists map[string]*toml.Value, seen map[string]bool) []Requirement {
	if seen[name] {
		return nil
	}
	seen[name] = true
	all := r.requirements(lists[name])
	for _, item := range lists[name].Elements() {
		if included, ok := item.Get("include-group").Text(); ok {
			all = append(all, r.group(python.NormalizeName(included), lists, seen)...)
		}
	}
	return all
}

// uv reads where [tool.uv.sources] has dependencies come from.
func (r *reader) uv() {
	r.takeSources(r.Document, "")
}

// Inherit takes over what the root of a uv workspace says for its members too: where dependencies come from, but for
// those of which the project itself says it, and indexes. The way up leads from the project to the root.
func (p *Project) Inherit(root *Project, up string) {
	p.takeSources(root.Document, up)
	p.Indexes = slices.Concat(p.Indexes, root.Indexes)
}

// takeSources takes over the sources of a manifest, the way up leading to it, but for those that are known already.
func (p *Project) takeSources(document *toml.Value, up string) {
	known := maps.Clone(p.UVSources)
	for _, source := range document.Get("tool", "uv", "sources").Entries() {
		name := python.NormalizeName(source.Name)
		if _, ok := known[name]; ok {
			continue
		}
		p.UVSources[name] = isByCondition(source.Value)
		for _, alternative := range source.Value.Each() {
			p.eachNamed(name, func(req *Requirement) { req.takeSource(alternative, up) })
		}
	}
}

// isByCondition reports whether a source is one of several, or for some machines, an extra or a group alone.
func isByCondition(source *toml.Value) bool {
	return source.IsArray() || source.Get("marker") != nil || source.Get("extra") != nil || source.Get("group") != nil
}

// UVList gives a list of requirements of [tool.uv], such as override-dependencies, each from where [tool.uv.sources] has it; nil and
// false where one of them is none.
func (p *Project) UVList(key string) ([]Requirement, bool) {
	list := p.Document.Get("tool", "uv", key)
	all := &reader{Project: &Project{UVSources: map[string]bool{}}}
	all.Main = all.requirements(list)
	if all.err != nil || len(all.Main) != len(list.Elements()) {
		return nil, false
	}
	all.takeSources(p.Document, "")
	return all.Main, true
}

func (p *Project) eachNamed(name string, f func(*Requirement)) {
	lists := [][]Requirement{p.Main}
	for _, group := range p.Groups {
		lists = append(lists, group)
	}
	for _, list := range lists {
		for i := range list {
			if list[i].Name == name {
				f(&list[i])
			}
		}
	}
}

// takeSource reads {path = …}, {workspace = true}, {git = …} or {url = …} of the manifest to which the way up leads.
func (r *Requirement) takeSource(table *toml.Value, up string) {
	for _, key := range [...]string{"path", "file"} {
		if text, ok := table.Get(key).Text(); ok {
			r.Path = text
			if local, isLocal := python.LocalPath(text); isLocal {
				r.Path = local
			}
			if up != "" && !path.IsAbs(r.Path) {
				r.Path = path.Join(up, r.Path)
			}
		}
	}
	r.Workspace = r.Workspace || table.Get("workspace").IsTrue()
	r.Elsewhere = r.Elsewhere || table.Get("git") != nil || table.Get("url") != nil
	if index, ok := table.Get("index").Text(); ok {
		r.Index = index
	}
}

// indexes reads [[tool.poetry.source]] and [[tool.uv.index]].
func (r *reader) indexes() {
	for _, table := range r.Document.Get("tool", "poetry", "source").Elements() {
		index := indexOf(table)
		if priority, ok := table.Get("priority").Text(); ok {
			index.Priority = strings.ToLower(priority)
		}
		switch {
		case table.Get("default").IsTrue():
			index.Priority = "default"
		case table.Get("secondary").IsTrue():
			index.Priority = "secondary"
		}
		r.Indexes = append(r.Indexes, index)
	}
	for _, table := range r.Document.Get("tool", "uv", "index").Elements() {
		index := indexOf(table)
		switch {
		case table.Get("explicit").IsTrue():
			index.Priority = "explicit"
		case table.Get("default").IsTrue():
			index.Priority = "default"
		}
		r.Indexes = append(r.Indexes, index)
	}
}

// indexOf reads what a source of Poetry and an index of uv have in common.
func indexOf(table *toml.Value) Index {
	index := Index{Line: table.Line, Priority: "primary"}
	index.Name, _ = table.Get("name").Text()
	index.URL, _ = table.Get("url").Text()
	return index
}
