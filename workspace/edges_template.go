package workspace

import (
	"slices"

	"github.com/monoplan/monoplan/internal/tree"
)

// template adds the edges of a serverless.yml or a template, to a node that it lies in.
func (b *builder) template(node, file string, t *template) {
	b.noteTemplate(file, t)
	for _, c := range t.Scalars {
		if b.staysIn(node, c) {
			continue
		}
		to := b.scalar(node, file, c, parentPath(file), false)
		b.includeTemplates(node, file, to, c)
	}
}

// packagedTemplate is a template by which a node's functions are packaged.
type packagedTemplate struct {
	file string
	*template
}

// moduleRequirements adds the edges of the requirements that each module has under the name that the Python plugin is given for
// them, whichever of the node's templates say so.
func (b *builder) moduleRequirements(node string) {
	for _, named := range b.packaged {
		for _, c := range named.Scalars {
			if c.Form != formOfRequirements {
				continue
			}
			for _, in := range b.packaged {
				for _, m := range in.Modules {
					b.requirementsOfModule(node, c, place{in.file, m.Line}, m.Path)
				}
			}
		}
	}
}

func (b *builder) requirementsOfModule(node string, named candidate, at place, module string) {
	c, ok := pathOf(module+"/"+named.Path, formOfRequirements)
	switch {
	case !ok:
	case c.Cut:
		b.noteProgram(at, runsProgram)
	default:
		c.Line = at.line
		b.includeTemplates(node, at.file, b.scalar(node, at.file, c, node, false), c)
	}
}

// noteTemplate keeps the programs that a template of the node runs, and the template for its modules.
func (b *builder) noteTemplate(file string, t *template) {
	b.packaged = append(b.packaged, packagedTemplate{file, t})
	for _, p := range t.Programs {
		b.noteProgram(place{file, p.Line}, p.Text)
	}
}

func (b *builder) noteProgram(at place, text string) {
	b.now.programs = append(b.now.programs, doubt{at, text})
}

// scalar adds the edge of one candidate, against a directory, and those to the files that its variables may name.
func (b *builder) scalar(node, file string, c candidate, dir string, quiet bool) resolved {
	to := b.lookups.resolve(dir, c.Path)
	at := place{file, c.Line}
	b.edge(node, to, at, mention{
		what: "path", text: c.Path, scalar: !c.isSure(), quiet: quiet, noScripts: c.Form == formOfFile,
	})
	if c.Name != "" {
		files, _ := b.includable(to, c)
		for _, f := range files {
			b.edge(node, f, at, mention{scalar: true, noScripts: true})
		}
	}
	return to
}

// includeTemplates reads what a candidate of a node's template led to, as far as that is read too.
func (b *builder) includeTemplates(node, file string, to resolved, c candidate) {
	if c.Form == formOfRequirements && to.exists() && to.entry.Mode.IsFile() {
		b.includeRequirements(node, to.entry)
		return
	}
	files, all := b.includable(to, c)
	if !all {
		b.noteProgram(place{file, c.Line}, runsProgram)
	}
	for _, f := range files {
		b.includeTemplate(node, f)
	}
}

// includeTemplate reads a YAML or JSON file that a node's template names, in the node or out of it. It is read
// against the service's directory, as the Serverless Framework does, and against its own; what lies outside the node
// has the latter edges of its own (includedFile).
func (b *builder) includeTemplate(node string, to resolved) {
	e := to.entry
	inside := lies(e.Path, node)
	if !inside && !b.markers.has(e.Path) {
		b.enqueue(expansion{e.Path, formIncluded})
	}
	if !b.firstTime(e.Path, formIncluded) {
		return
	}
	doc := b.documents.get(e, includedForm(e.Path))
	b.noteBroken(node, e.Path, doc)
	if doc.Template == nil {
		return
	}
	b.noteTemplate(e.Path, doc.Template)
	dir := parentPath(e.Path)
	for _, c := range doc.Template.Scalars {
		if dir == node {
			b.includeTemplates(node, e.Path, b.scalar(node, e.Path, c, node, false), c)
			continue
		}
		own := b.lookups.resolve(dir, c.Path)
		if !b.staysIn(node, c) {
			there := b.scalar(node, e.Path, c, node, own.exists())
			b.includeTemplates(node, e.Path, there, c)
		}
		if inside {
			own = b.scalar(node, e.Path, c, dir, true)
		}
		b.includeTemplates(node, e.Path, own, c)
	}
}

// staysIn reports whether a candidate, against a node's directory, surely names nothing but a part of the node, and nothing
// that is read. Most of what an included file says is of that kind, as are the sources of functions, and each service would look
// it up.
func (b *builder) staysIn(node string, c candidate) bool {
	if c.Form == formOfFile || c.Form == formOfRequirements || hasUpSegment(c.Path) || c.mayBeIncluded() || b.holdsService[node] {
		return false
	}
	linked, known := b.holdsLink[node]
	if !known {
		linked = slices.ContainsFunc(b.index.in(node), func(e tree.Entry) bool { return e.Mode == tree.Symlink })
		b.holdsLink[node] = linked
	}
	return !linked
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
		files, _ := b.includable(to, c)
		for _, f := range files {
			if !b.markers.has(f.entry.Path) {
				b.enqueue(expansion{f.entry.Path, formIncluded})
			}
		}
	}
}
