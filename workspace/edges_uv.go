package workspace

import (
	"fmt"

	"github.com/monoplan/monoplan/internal/python"
)

// uv adds the edges that tool.uv gives a pyproject.toml: those of its own sources, and as a member of a workspace
// those of the root's sources and to the root itself. The rules are uv's, "Workspaces" and "Dependency sources" in its
// documentation.
func (b *builder) uv(node, file string, m *python.Manifest) {
	rootFile, rootManifest := b.uvWorkspace(node, file, m)
	own := make(map[string]bool)
	for _, s := range m.Sources {
		own[s.Name] = true
		b.uvSource(node, file, m, s, file, rootFile, rootManifest)
	}
	if rootFile == "" || rootFile == file {
		return
	}
	for _, s := range rootManifest.Sources {
		if !own[s.Name] {
			b.uvSource(node, file, m, s, rootFile, rootFile, rootManifest)
		}
	}
	at := place{rootFile, rootManifest.UVWorkspace.Line}
	for _, name := range []string{"pyproject.toml", "uv.lock"} {
		to := b.lookups.resolve(parentPath(rootFile), name)
		b.edge(node, to, at, mention{what: "uv workspace", text: name, scalar: true})
	}
}

// uvSource adds the edge of one source, declared in sourceFile, for a manifest in which a dependency that counts names
// it.
func (b *builder) uvSource(node, file string, m *python.Manifest, s python.Source, sourceFile, rootFile string, rootManifest *python.Manifest) {
	if !b.uvNames(m, s.Name) {
		return
	}
	at := place{sourceFile, s.Line}
	if !s.Workspace {
		r := python.Reference{Path: s.Path, Subdirectory: s.Subdirectory, Line: s.Line}
		b.edge(node, b.resolveReference(parentPath(sourceFile), r), at, mention{what: "uv source", text: s.Path})
		return
	}
	member := ""
	if rootFile != "" {
		member = b.uvMember(rootFile, rootManifest, s.Name)
	}
	if member == "" {
		b.warnings[Warning{sourceFile, s.Line, fmt.Sprintf("uv source %q names no member of a workspace", s.Name)}] = true
		return
	}
	b.edge(node, b.lookups.resolve(root, member), at, mention{what: "uv source", text: s.Name})
}

// uvNames reports whether a dependency that counts has a source's name. Where the build makes up the dependencies,
// any may.
func (b *builder) uvNames(m *python.Manifest, name string) bool {
	if m.Dynamic {
		return true
	}
	for _, d := range m.Dependencies {
		if d.Name == name && b.counts(d.Dev) {
			return true
		}
	}
	return false
}

// uvWorkspace finds the root of the workspace that a pyproject.toml is the root or a member of, or "". A broken
// pyproject.toml on the way up may be the root: the node reaches it, and is open.
func (b *builder) uvWorkspace(node, file string, m *python.Manifest) (string, *python.Manifest) {
	if m.UVWorkspace != nil {
		return file, m
	}
	var rootFile string
	var rootManifest *python.Manifest
	ancestors(parentPath(file), func(dir string) bool {
		f := joinPath(dir, "pyproject.toml")
		e, ok := b.index.at(f)
		if !ok || !e.Mode.IsFile() {
			return true
		}
		doc := b.documents.get(e, form("pyproject.toml"))
		if doc.Broken != "" {
			b.noteBroken(node, f, doc)
			b.addEdge(node, f, place{file: f})
		}
		if doc.Manifest == nil || doc.Manifest.UVWorkspace == nil {
			return true
		}
		if b.uvIsMember(f, doc.Manifest, parentPath(file)) {
			rootFile, rootManifest = f, doc.Manifest
		}
		return false
	})
	return rootFile, rootManifest
}

// uvIsMember reports whether the members of a workspace, less those excluded, have a directory.
func (b *builder) uvIsMember(rootFile string, m *python.Manifest, dir string) bool {
	top := parentPath(rootFile)
	if dir == top {
		return true
	}
	rel := dir
	if top != root {
		rel = dir[len(top)+1:]
	}
	return matchesAny(m.UVWorkspace.Members, rel) && !matchesAny(m.UVWorkspace.Exclude, rel)
}

func matchesAny(patterns []string, p string) bool {
	for _, pattern := range patterns {
		if newGlob(cleanGlob(pattern)).match(p) {
			return true
		}
	}
	return false
}

// uvMember gives the directory of the member with a project name, or "".
func (b *builder) uvMember(rootFile string, m *python.Manifest, name string) string {
	members, ok := b.uvMembers[rootFile]
	if !ok {
		members = make(map[string]string)
		for _, e := range b.index.in(parentPath(rootFile)) {
			if baseName(e.Path) != "pyproject.toml" || !e.Mode.IsFile() || inNodeModules(e.Path, root) {
				continue
			}
			dir := parentPath(e.Path)
			doc := b.documents.get(e, form("pyproject.toml"))
			if doc.Manifest != nil && b.uvIsMember(rootFile, m, dir) && members[doc.Manifest.Name] == "" {
				members[doc.Manifest.Name] = dir
			}
		}
		b.uvMembers[rootFile] = members
	}
	return members[name]
}
