package workspace

import "github.com/monoplan/monoplan/internal/tree"

// template adds the edges of a serverless.yml or a template, to a node that it lies in.
func (b *builder) template(node, file string, t *template) {
	b.notePrograms(node, file, t)
	for _, c := range t.Scalars {
		to := b.scalar(node, file, c, parentPath(file), false)
		b.includeTemplate(node, to, c)
	}
}

// notePrograms keeps the first program that a node's templates run, in the order of files and lines.
func (b *builder) notePrograms(node, file string, t *template) {
	for _, p := range t.Programs {
		at := place{file, p.Line}
		if old, ok := b.programs[node]; !ok || at.compare(old) < 0 {
			b.programs[node] = at
		}
	}
}

// scalar adds the edge of one candidate, against a directory.
func (b *builder) scalar(node, file string, c candidate, dir string, quiet bool) resolved {
	to := b.lookups.resolve(dir, c.Path)
	b.edge(node, to, place{file, c.Line}, mention{
		what: "path", text: c.Path, scalar: c.Form != formOfFile, quiet: quiet,
	})
	return to
}

// includeTemplate reads a YAML or JSON file that a node's template names, in the node or out of it. It is read
// against the service's directory, as the Serverless Framework does, and against its own; what lies outside the node
// has the latter edges of its own (includedFile).
func (b *builder) includeTemplate(node string, to resolved, c candidate) {
	if !includes(to, c) {
		return
	}
	e := to.entry
	inside := lies(e.Path, node)
	if !inside && !b.markers.has(e.Path) {
		b.enqueue(expansion{e.Path, formIncluded})
	}
	if !b.firstTime(node, e.Path, formIncluded) {
		return
	}
	doc := b.documents.get(e, includedForm(e.Path))
	b.noteBroken(node, e.Path, doc)
	if doc.Template == nil {
		return
	}
	b.notePrograms(node, e.Path, doc.Template)
	dir := parentPath(e.Path)
	for _, c := range doc.Template.Scalars {
		if dir == node {
			b.includeTemplate(node, b.scalar(node, e.Path, c, node, false), c)
			continue
		}
		own := b.lookups.resolve(dir, c.Path)
		there := b.scalar(node, e.Path, c, node, own.exists())
		b.includeTemplate(node, there, c)
		if inside {
			own = b.scalar(node, e.Path, c, dir, true)
		}
		b.includeTemplate(node, own, c)
	}
}

// includes reports whether what a candidate led to is read too.
func includes(to resolved, c candidate) bool {
	return !c.Cut && to.exists() && to.entry.Mode.IsFile() && isYAMLOrJSON(baseName(to.entry.Path))
}

// includedFile adds the edges that an included file, a target, has of its own.
func (b *builder) includedFile(file string) {
	e := b.lookups.at(file)
	doc := b.documents.get(e, includedForm(e.Path))
	b.noteBroken(file, file, doc)
	if doc.Template == nil {
		return
	}
	for _, c := range doc.Template.Scalars {
		to := b.scalar(file, file, c, parentPath(file), true)
		if includes(to, c) && to.entry.Mode != tree.None && !b.markers.has(to.entry.Path) {
			b.enqueue(expansion{to.entry.Path, formIncluded})
		}
	}
}
