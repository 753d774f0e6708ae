package workspace

import (
	"fmt"
	"slices"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/tree"
)

// uv adds the edges that tool.uv gives a pyproject.toml: those of its own sources, and as a member of a workspace
// those of the root's. The rules are uv's, "Workspaces" and "Dependency sources" in its documentation.
func (b *builder) uv(node, file string, m *python.Manifest) {
	rootFile, rootManifest, isMember := b.uvWorkspace(node, file, m)
	if !isMember {
		b.uvMayBeMember(node, file, rootFile)
		rootFile, rootManifest = "", nil
	}
	own := make(map[string]bool)
	for _, s := range m.Sources {
		own[s.Name] = true
		if b.uvNames(node, m, s.Name) {
			b.uvSource(node, s, file, rootFile, rootManifest)
		}
	}
	if rootFile == "" || rootFile == file {
		return
	}
	for _, s := range rootManifest.Sources {
		if !own[s.Name] && b.uvNames(node, m, s.Name) || b.namesAny(node, rootManifest.UVWorkspace.Shared.Dependencies, s.Name) {
			b.uvSource(node, s, rootFile, rootFile, rootManifest)
		}
	}
	b.uvRoot(node, file, m, rootFile, rootManifest.UVWorkspace)
}

// uvRoot adds the edges that a member has to the files of a workspace's root, and by them: a workspace has one resolution for
// all members, by the root's overrides and constraints, and its lock may know of local sources that no manifest of the
// member names, such as those of other members for what both need.
func (b *builder) uvRoot(node, file string, m *python.Manifest, rootFile string, w *python.UVWorkspace) {
	at := place{rootFile, w.Line}
	top := parentPath(rootFile)
	var lock resolved
	for _, name := range []string{"pyproject.toml", "uv.lock"} {
		lock = b.lookups.resolve(top, name)
		b.edge(node, lock, at, mention{what: "uv workspace", text: name, quiet: true, noScripts: true}) // a lock that was deleted counts
	}
	b.noteVariables(node, rootFile, w.Shared.Variables)
	b.references(node, rootFile, w.Shared.References)
	if lock.entry.Mode.IsFile() {
		b.uvRootLock(node, file, m, joinPath(top, "uv.lock"), lock.entry)
	}
}

// uvMayBeMember adds the edge to the root of a workspace around a project that is no member and has no lock of its own: to become one,
// or to have been one, is a change of that file alone.
func (b *builder) uvMayBeMember(node, file, rootFile string) {
	if rootFile == "" {
		return
	}
	for _, name := range []string{"uv.lock", "poetry.lock"} {
		if _, ok := b.index.at(joinPath(parentPath(file), name)); ok {
			return
		}
	}
	b.edge(node, b.lookups.resolve(root, rootFile), place{file: rootFile}, mention{what: "uv workspace", text: rootFile, quiet: true, noScripts: true})
}

// uvRootLock adds the local sources that the lock of a workspace has for a member. An artifact that is made of the member's
// directory is made by that lock.
func (b *builder) uvRootLock(node, file string, m *python.Manifest, lockFile string, content tree.Entry) {
	doc := b.documents.get(content, form("uv.lock"))
	b.noteBroken(node, lockFile, doc)
	if doc.Lock == nil {
		return
	}
	dir, top := parentPath(file), parentPath(lockFile)
	for _, r := range doc.Lock.LocalOf(relativePath(dir, top), m) {
		if b.counts(node, r.Dev) {
			b.edge(node, b.resolveReference(top, r), place{lockFile, r.Line}, mention{what: pathDependency, text: r.Path, packaged: dir == node, noScripts: true})
		}
	}
}

// uvSource adds the edge of one source, declared in sourceFile.
func (b *builder) uvSource(node string, s python.Source, sourceFile, rootFile string, rootManifest *python.Manifest) {
	at := place{sourceFile, s.Line}
	if !s.Workspace {
		r := python.Reference{Path: s.Path, Subdirectory: s.Subdirectory, Line: s.Line}
		b.edge(node, b.resolveReference(parentPath(sourceFile), r), at, mention{what: "uv source", text: s.Path, noScripts: true})
		return
	}
	members := &uvMembers{}
	if rootFile != "" {
		members = b.uvMembersOf(rootFile, rootManifest)
	}
	if dir, ok := members.byName[s.Name]; ok {
		b.edge(node, b.lookups.resolve(root, dir), at, mention{what: "uv source", text: s.Name, noScripts: true})
		return
	}
	b.uvNoMember(node, s, at, members)
}

// uvNoMember: a source names none of the members that can be read. Each of the others may be the one; and where there
// is none, what the dependency comes from is in no file, as a member that was renamed is.
func (b *builder) uvNoMember(node string, s python.Source, at place, members *uvMembers) {
	for _, e := range members.unreadable {
		b.edge(node, b.lookups.resolve(root, parentPath(e.Path)), at, mention{what: "uv source", text: s.Name, noScripts: true})
		content, _ := b.content(e)
		b.noteBroken(node, e.Path, b.documents.get(content, form("pyproject.toml")))
	}
	if len(members.unreadable) == 0 {
		b.doubtNow(at, noMember)
		b.warn(at, fmt.Sprintf("uv source %q names no member of a workspace, so every service that reaches it may use anything", s.Name))
	}
}

// uvNames reports whether a dependency that counts has a source's name. Where the build makes up the dependencies,
// any may.
func (b *builder) uvNames(node string, m *python.Manifest, name string) bool {
	return m.Dynamic || b.namesAny(node, m.Dependencies, name)
}

// namesAny reports whether one of the dependencies counts and has the name.
func (b *builder) namesAny(node string, dependencies []python.Dependency, name string) bool {
	return slices.ContainsFunc(dependencies, func(d python.Dependency) bool { return d.Name == name && b.counts(node, d.Dev) })
}

// uvWorkspace finds the root of the workspace around a pyproject.toml, or "", and whether that is its root or a member. A broken
// pyproject.toml on the way up may be the root: the node reaches it, and is open.
func (b *builder) uvWorkspace(node, file string, m *python.Manifest) (rootFile string, rootManifest *python.Manifest, isMember bool) {
	if m.UVWorkspace != nil {
		return file, m, true
	}
	ancestors(parentPath(file), func(dir string) bool {
		f := joinPath(dir, "pyproject.toml")
		doc := b.pyproject(f)
		if doc.Broken != "" {
			b.noteBroken(node, f, doc)
			b.edge(node, b.lookups.resolve(dir, "pyproject.toml"), place{file: f}, mention{what: "uv workspace", text: f, scalar: true, noScripts: true})
		}
		if doc.Manifest == nil || doc.Manifest.UVWorkspace == nil {
			return true
		}
		rootFile, rootManifest, isMember = f, doc.Manifest, b.uvIsMember(f, doc.Manifest, parentPath(file))
		return false
	})
	return rootFile, rootManifest, isMember
}

// pyproject gives the pyproject.toml at a path, be it a link to one; an empty document where there is none.
func (b *builder) pyproject(file string) *document {
	b.use(file)
	if e, ok := b.index.at(file); ok {
		if content, readable := b.content(e); readable {
			return b.documents.get(content, form("pyproject.toml"))
		}
	}
	return &document{}
}

// uvIsMember reports whether the members of a workspace, less those excluded, have a directory.
func (b *builder) uvIsMember(rootFile string, m *python.Manifest, dir string) bool {
	rel := relativePath(dir, parentPath(rootFile))
	if rel == root {
		return true
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

// uvMembers are the members of a workspace: their directories by project name, and the manifests that cannot be read.
type uvMembers struct {
	byName     map[string]string
	unreadable []tree.Entry
}

// uvMembersOf finds the members of the workspace whose root is at rootFile.
func (b *builder) uvMembersOf(rootFile string, m *python.Manifest) *uvMembers {
	b.now.members = append(b.now.members, parentPath(rootFile))
	return remember(b, b.uvMembers, rootFile, func() *uvMembers { return b.findUVMembers(rootFile, m) })
}

func (b *builder) findUVMembers(rootFile string, m *python.Manifest) *uvMembers {
	members := &uvMembers{byName: make(map[string]string)}
	for _, e := range b.index.in(parentPath(rootFile)) {
		dir := parentPath(e.Path)
		if baseName(e.Path) != "pyproject.toml" || inNodeModules(e.Path, root) || !b.uvIsMember(rootFile, m, dir) {
			continue
		}
		content, readable := b.content(e)
		if !readable {
			continue
		}
		switch doc := b.documents.get(content, form("pyproject.toml")); {
		case doc.Broken != "":
			members.unreadable = append(members.unreadable, e)
		case doc.Manifest != nil && members.byName[doc.Manifest.Name] == "":
			members.byName[doc.Manifest.Name] = dir
		}
	}
	return members
}
