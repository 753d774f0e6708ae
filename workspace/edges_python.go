package workspace

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/tree"
)

// pythonManifest adds the edges of a manifest of Python's, to a node that it lies in. Its paths are against its own
// directory.
func (b *builder) pythonManifest(node, file string, m *python.Manifest) {
	b.noteVariables(node, file, m.Variables)
	if baseName(file) == "requirements.txt" && parentPath(file) != node && serviceAt(b.list, node) != nil {
		b.requirementsBelow(node, file, m.References)
		return
	}
	b.references(node, file, m.References)
	if baseName(file) == "pyproject.toml" {
		b.uv(node, file, m)
	}
}

// requirementsBelow adds the edges of requirements that lie deeper in a service: pip takes their paths against its working
// directory, which is the service's where its functions are packaged one by one, or else theirs.
func (b *builder) requirementsBelow(node, file string, references []python.Reference) {
	for _, r := range references {
		own, there, at := b.resolveReference(parentPath(file), r), b.resolveReference(node, r), place{file, r.Line}
		if isRequirements(r) || own.exists() || !there.exists() {
			b.follow(node, own, r, at, false)
		}
		if !isRequirements(r) && (there.exists() || !own.exists()) {
			b.follow(node, there, r, at, true)
		}
	}
}

// noteVariables keeps the paths of which no file tells what they name.
func (b *builder) noteVariables(node, file string, variables []python.Variable) {
	for _, v := range variables {
		if b.counts(node, v.Dev) {
			b.doubtNow(place{file, v.Line}, byVariable)
		}
	}
}

// counts reports whether a dependency of a node counts. Those of dev groups do so only with dev_edges, or where the node is a
// service that is packaged with one.
func (b *builder) counts(node string, dev bool) bool {
	if !dev || b.config.DevEdges {
		return true
	}
	s := serviceAt(b.list, node)
	return s != nil && s.devPackaged
}

// references adds the edges of the paths that a manifest or a lock names, against its directory.
func (b *builder) references(node, file string, references []python.Reference) {
	for _, r := range references {
		if b.counts(node, r.Dev) {
			b.follow(node, b.resolveReference(parentPath(file), r), r, place{file, r.Line}, false)
		}
	}
}

// follow adds the edge of a path that has been resolved, and reads the requirements that it names.
func (b *builder) follow(node string, to resolved, r python.Reference, at place, quiet bool) {
	b.edge(node, to, at, mention{what: pathDependency, text: r.Path, quiet: quiet, noScripts: true})
	if isRequirements(r) && to.exists() && to.entry.Mode.IsFile() {
		b.includeRequirements(node, to.entry)
	}
}

func isRequirements(r python.Reference) bool {
	return r.Kind == python.RequirementsFile || r.Kind == python.ConstraintsFile
}

// resolveReference follows the path of a reference. A subdirectory is what counts of a directory; an archive counts
// whole.
func (b *builder) resolveReference(dir string, r python.Reference) resolved {
	to := b.lookups.resolve(dir, r.Path)
	if r.Subdirectory != "" && !to.outside && to.entry.Mode == tree.Dir {
		sub := b.lookups.resolve(to.entry.Path, r.Subdirectory)
		sub.links = append(to.links, sub.links...)
		return sub
	}
	return to
}

// includeRequirements reads a requirements file that a node's manifest names. What lies outside the node has edges of
// its own (requirementsFile); besides, pip takes the local paths of both against its working directory, which is
// where the service is.
func (b *builder) includeRequirements(node string, e tree.Entry) {
	inside := lies(e.Path, node)
	if !inside {
		b.enqueue(expansion{e.Path, formRequirements})
	}
	if !b.firstTime(e.Path, formRequirements) {
		return
	}
	doc := b.documents.get(e, formRequirements)
	b.noteBroken(node, e.Path, doc)
	if doc.Manifest == nil {
		return
	}
	b.noteVariables(node, e.Path, doc.Manifest.Variables)
	for _, r := range doc.Manifest.References {
		at := place{e.Path, r.Line}
		own := b.resolveReference(parentPath(e.Path), r)
		if isRequirements(r) {
			// pip takes these against the file alone.
			if inside {
				b.follow(node, own, r, at, false)
			} else if own.exists() && own.entry.Mode.IsFile() {
				b.includeRequirements(node, own.entry)
			}
			continue
		}
		there := b.resolveReference(node, r)
		if inside {
			b.follow(node, own, r, at, there.exists())
		} else if there.exists() {
			b.now.resolved = append(b.now.resolved, at)
		}
		b.follow(node, there, r, at, true)
	}
}

// installedByScripts adds the edges of the requirements that a service's scripts have pip install, under whatever name. A script
// runs in its own directory, or in the service's.
func (b *builder) installedByScripts(s Service) {
	for _, e := range b.index.in(s.Path) {
		content, readable := b.content(e)
		if !readable || !isScript(baseName(e.Path)) || isTerraform(baseName(e.Path)) || inNodeModules(e.Path, s.Path) || b.services.innermost(e.Path) != s.Path {
			continue
		}
		doc := b.documents.get(content, formScript)
		b.installed(s.Path, doc.Manifest, parentPath(e.Path), place{file: e.Path})
		b.installed(s.Path, doc.Manifest, s.Path, place{file: e.Path})
	}
}

// installed adds the edges of the requirements that commands have pip install, run in a directory. Those that go by pip's usual name
// are read wherever they lie in a service.
func (b *builder) installed(node string, commands *python.Manifest, dir string, at place) {
	if commands == nil {
		return
	}
	line := at.line // of all commands, or 0 for their own
	for _, r := range commands.References {
		to := b.lookups.resolve(dir, r.Path)
		if !b.counts(node, r.Dev) || to.exists() && (!to.entry.Mode.IsFile() || baseName(to.entry.Path) == "requirements.txt" && lies(to.entry.Path, node)) {
			continue
		}
		at.line = cmp.Or(line, r.Line)
		b.edge(node, to, at, mention{what: pathDependency, text: r.Path, scalar: true, noScripts: true})
		if to.exists() {
			b.includeRequirements(node, to.entry)
		}
	}
}

// requirementsFile adds the edges that a requirements file, a target, has of its own.
func (b *builder) requirementsFile(file string) {
	doc := b.documents.get(b.lookups.at(file), formRequirements)
	b.noteBroken(file, file, doc)
	if doc.Manifest == nil {
		return
	}
	b.noteVariables(file, file, doc.Manifest.Variables)
	for _, r := range doc.Manifest.References {
		to := b.resolveReference(parentPath(file), r)
		b.edge(file, to, place{file, r.Line}, mention{what: pathDependency, text: r.Path, noScripts: true})
		if isRequirements(r) && to.exists() && to.entry.Mode.IsFile() {
			b.enqueue(expansion{to.entry.Path, formRequirements})
		}
	}
}

// lock adds the local sources of a lock, which may say more than the manifest beside it, or something else.
func (b *builder) lock(node, file string, l *python.Lock) {
	manifest, manifestFile := b.beside(file)
	locked := l.Local(manifest)
	b.references(node, file, locked)
	for _, d := range l.Disagreements(manifest, parentPath(file)) {
		if !b.countsNamed(node, d.Name, locked, manifest) {
			continue // neither does
		}
		b.warn(place{file, d.LockLine}, fmt.Sprintf("%s is %s here and %s in %s:%d; both count",
			d.Name, orIndex(d.LockPath), orIndex(d.ManifestPath), manifestFile, d.ManifestLine))
	}
}

// countsNamed reports whether a dependency of this name counts, by a lock's references or by what the manifest says.
func (b *builder) countsNamed(node, name string, locked []python.Reference, m *python.Manifest) bool {
	for _, r := range slices.Concat(locked, m.References) {
		if r.Name == name && b.counts(node, r.Dev) {
			return true
		}
	}
	for _, d := range slices.Concat(m.Dependencies, m.PoetryDependencies) {
		if d.Name == name && b.counts(node, d.Dev) {
			return true
		}
	}
	return false
}

func orIndex(path string) string {
	if path == "" {
		return "from an index"
	}
	return "at " + path
}

// beside gives the pyproject.toml in the directory of a lock, empty if there is none that parses.
func (b *builder) beside(lock string) (*python.Manifest, string) {
	file := joinPath(parentPath(lock), "pyproject.toml")
	if doc := b.pyproject(file); doc.Manifest != nil {
		return doc.Manifest, file
	}
	return &python.Manifest{}, file
}
