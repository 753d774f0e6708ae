package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/tree"
)

// Edge is one path dependency, with the place that declares it.
type Edge struct {
	From string // a service's directory or a target
	To   string // a target
	File string
	Line int // 1-based; 0 for a symbolic link, which has no lines
	// Packaged says that nothing declares it but Python's manifests and locks in From itself, and the lock of a workspace above: an
	// artifact that is made of From has what it takes of To.
	Packaged bool
}

// place is a line that declares something.
type place struct {
	file string
	line int
}

// compare orders places by what to name of several that declare the same: a lock last, since nobody edits one.
func (p place) compare(q place) int {
	if lock := isLock(baseName(p.file)); lock != isLock(baseName(q.file)) {
		if lock {
			return 1
		}
		return -1
	}
	return cmp.Or(strings.Compare(p.file, q.file), cmp.Compare(p.line, q.line))
}

// declaration is what there is to say of an edge besides its ends, see Edge.
type declaration struct {
	place
	packaged bool
	// noScripts says that scripts and source where it leads are no doubt, whoever declares it: what Python's manifests name is installed,
	// where a setup.py comes first of all that runs; what file(…) names is read; and from the root, where hooks run, no script needs ".."
	// to lead anywhere.
	noScripts bool
}

// builder follows the path dependencies of every service, node by node.
type builder struct {
	config    *Config
	index     *index
	lookups   *lookups
	documents *documents
	markers   pathSet // the files that are markers
	services  *directories
	list      []Service // all services, in the order of their paths
	// holdsService has the directories around services, and holdsLink says of a node whether a symbolic link is in it.
	holdsService, holdsLink map[string]bool

	// now is what is found of the node that is being read, and included has the files that were read for it besides its own.
	now      *findings
	included map[inclusion]bool
	// packaged are the templates that were read for it.
	packaged []packagedTemplate
	// uvMembers has the members of each uv workspace, by the root's pyproject.toml.
	uvMembers map[string]remembered[*uvMembers]
	// named has the files that each name with variables may be of.
	named map[variableName]remembered[[]resolved]

	// findings are those of every node that a service reaches, in the order of the nodes, and edges all of theirs.
	findings []*findings
	edges    []arc
	warnings map[Warning]bool
	// doubts has, by node, what keeps anybody from saying what it reaches.
	doubts map[string]map[doubt]bool
	// linked has the directories outside a service that symbolic links in it lead to.
	linked map[string][]string
	// sourced has the paths outside services where source opens a service.
	sourced map[string]bool
}

// absence is a path that a value leads to and that the tree does not have.
type absence struct {
	path string
	place
}

func (a absence) compare(b absence) int {
	return cmp.Or(strings.Compare(a.path, b.path), a.place.compare(b.place))
}

// expansion is a node whose edges are to be found: a directory by its manifests, a file by being read in a form.
type expansion struct {
	node string
	form form // "" for a directory
}

func (e expansion) compare(f expansion) int {
	return cmp.Or(strings.Compare(e.node, f.node), strings.Compare(string(e.form), string(f.form)))
}

func newBuilder(c *Config, services []Service, found discovery, x *index, l *lookups, d *documents) *builder {
	b := &builder{
		config: c, index: x, lookups: l, documents: d,
		markers:      found.files,
		services:     &directories{set: make(map[string]bool, len(services))},
		list:         services,
		holdsService: make(map[string]bool), holdsLink: make(map[string]bool),
		now: &findings{}, included: make(map[inclusion]bool),
		uvMembers: make(map[string]remembered[*uvMembers]), named: make(map[variableName]remembered[[]resolved]),
		warnings: make(map[Warning]bool), doubts: make(map[string]map[doubt]bool),
		linked: make(map[string][]string), sourced: make(map[string]bool),
	}
	l.used = b.use
	for _, s := range services {
		if !s.Missing {
			b.services.set[s.Path] = true
			ancestors(s.Path, func(dir string) bool {
				seen := b.holdsService[dir]
				b.holdsService[dir] = true
				return !seen
			})
		}
	}
	return b
}

// use notes that a path was looked at for the node that is being read.
func (b *builder) use(p string) { b.now.uses = append(b.now.uses, p) }

// inclusion is a file that a manifest of a node names to be read with it.
type inclusion struct {
	file string
	form form
}

// firstTime reports whether a file is read for the node for the first time.
func (b *builder) firstTime(file string, f form) bool {
	k := inclusion{file, f}
	seen := b.included[k]
	b.included[k] = true
	return !seen
}

// build follows everything that services reach. What holds of an earlier tree's nodes is taken from there.
func (b *builder) build(earlier *update) {
	if earlier == nil {
		b.prefetch(b.list, b.index.entries)
	} else {
		b.prefetch(nil, earlier.entries(b.index))
	}
	queue := make([]expansion, 0, 2*len(b.list))
	for _, s := range b.list {
		if !s.Missing {
			queue = append(queue, expansion{node: s.Path})
		}
	}
	old := earlier.findings()
	known := make(map[expansion]*findings, max(len(old), 2*len(b.list)))
	for _, f := range old {
		known[f.of] = f
	}
	var fresh []*findings
	for ; len(queue) > 0; queue = queue[1:] {
		f := known[queue[0]]
		if f != nil && f.reached {
			continue
		}
		if f == nil || earlier.touches(f) {
			f = b.find(queue[0])
			known[f.of] = f
			fresh = append(fresh, f)
		}
		f.reached = true
		queue = append(queue, f.next...)
	}
	b.now = &findings{} // what is looked up from here on is for no node
	old = slices.DeleteFunc(old, func(f *findings) bool { return !f.reached })
	b.findings = addSorted(old, fresh, func(f, g *findings) int { return f.of.compare(g.of) })
	b.join()
}

// findingsOf gives what was found of a directory that a service reaches.
func (b *builder) findingsOf(dir string) *findings {
	i, _ := slices.BinarySearchFunc(b.findings, expansion{node: dir}, (*findings).compareTo)
	return b.findings[i]
}

// join puts together what was found of all nodes.
func (b *builder) join() {
	resolved := make(map[place]bool)
	edges := 0
	for _, f := range b.findings {
		edges += len(f.edges)
	}
	b.edges = make([]arc, 0, edges)
	for _, f := range b.findings {
		b.edges = append(b.edges, f.edges...)
		for _, d := range f.doubts {
			b.doubt(f.of.node, d)
		}
		if len(f.linked) > 0 {
			b.linked[f.of.node] = f.linked
		}
		for _, dir := range f.linked {
			b.sourced[dir] = true
		}
		for _, p := range f.resolved {
			resolved[p] = true
		}
	}
	b.edges = mergeArcs(b.edges) // a file may be a node in two forms
	for _, f := range b.findings {
		for _, w := range f.warnings {
			if !resolved[place{w.File, w.Line}] || !strings.HasPrefix(w.Message, pathDependency) {
				b.warnings[w] = true
			}
		}
	}
}

// prefetch reads in one go what almost every plan needs of entries: all of Python's manifests, since any may be on a
// chain, and the templates, markers and scripts of services. Of Terraform's the first that leads up decides, which may be soon.
func (b *builder) prefetch(services []Service, entries []tree.Entry) {
	requests := make([]request, 0, len(entries))
	for _, e := range entries {
		f := formOf(baseName(e.Path))
		if !e.Mode.IsFile() || f == "" || f == formScript && (isTerraform(baseName(e.Path)) || b.services.innermost(e.Path) == "") {
			continue
		}
		requests = append(requests, request{e, f})
	}
	for _, s := range services {
		if e, readable := b.customMarkerOf(s); readable {
			requests = append(requests, request{e, templateForm(s.Marker)})
		}
	}
	b.documents.fetch(requests)
	b.prefetchIncluded(requests)
}

// prefetchIncluded reads in one go what the files that were just read include themselves. What is known from an earlier
// run had its own read then.
func (b *builder) prefetchIncluded(read []request) {
	var requests []request
	for _, r := range read {
		dir := parentPath(r.entry.Path)
		if b.documents.isKnown(r) || b.services.innermost(r.entry.Path) == "" {
			continue
		}
		switch doc := b.documents.get(r.entry, r.form); {
		case doc.Template != nil:
			for _, c := range doc.Template.Scalars {
				files, _ := b.includable(b.lookups.resolve(dir, c.Path), c)
				for _, f := range files {
					requests = append(requests, request{f.entry, includedForm(f.entry.Path)})
				}
			}
		case doc.Manifest != nil:
			for _, reference := range doc.Manifest.References {
				if to := b.resolveReference(dir, reference); isRequirements(reference) && to.entry.Mode.IsFile() {
					requests = append(requests, request{to.entry, formRequirements})
				}
			}
		}
	}
	b.documents.fetch(requests)
}

func (b *builder) enqueue(e expansion) { b.now.next = append(b.now.next, e) }

// find reads a node.
func (b *builder) find(e expansion) *findings {
	b.now = &findings{of: e}
	clear(b.included)
	b.packaged = b.packaged[:0]
	switch e.form {
	case "":
		b.directory(e.node)
		if s := serviceAt(b.list, e.node); s != nil {
			b.customMarker(*s)
			b.declared(*s)
			b.commands(*s)
			b.installedByScripts(*s)
			b.findOwn(*s)
			b.now.requirements = b.findRequirements(*s)
		}
		b.moduleRequirements(e.node)
	case formRequirements:
		b.requirementsFile(e.node)
	case formIncluded:
		b.includedFile(e.node)
	}
	b.now.tidy()
	return b.now
}

// directory finds the edges of a service or a target that is a directory: those of the manifests in it, at any depth,
// but not under a node_modules or in a service nested inside.
func (b *builder) directory(node string) {
	within := b.services.innermostOrSame(node)
	for _, e := range b.index.in(node) {
		if inNodeModules(e.Path, node) || b.services.innermost(e.Path) != within {
			continue
		}
		if e.Mode == tree.Symlink {
			b.link(node, e)
		}
		b.manifest(node, e)
	}
}

// content gives what there is to read of an entry: itself, or the file that it links to.
func (b *builder) content(e tree.Entry) (tree.Entry, bool) {
	if e.Mode == tree.Symlink {
		e = b.lookups.resolve(parentPath(e.Path), baseName(e.Path)).entry
	}
	return e, e.Mode.IsFile()
}

func (b *builder) manifest(node string, e tree.Entry) {
	f := formOf(baseName(e.Path))
	content, readable := b.content(e)
	if f == "" || f == formScript || !readable {
		return
	}
	doc := b.documents.get(content, f)
	b.noteBroken(node, e.Path, doc)
	switch {
	case doc.Template != nil:
		b.template(node, e.Path, doc.Template)
	case doc.Lock != nil:
		b.lock(node, e.Path, doc.Lock)
	case doc.Manifest != nil:
		b.pythonManifest(node, e.Path, doc.Manifest)
	case f == "pyproject.toml":
		b.uvWorkspace(node, e.Path, &python.Manifest{}) // broken as it is, it may be a member
	}
}

// link: a symbolic link that leads out of a service or a library.
func (b *builder) link(node string, e tree.Entry) {
	b.edge(node, b.lookups.resolve(parentPath(e.Path), baseName(e.Path)), place{file: e.Path}, mention{
		what: "the symbolic link", text: b.lookups.linkTarget(e),
	})
}

// pathDependency is what a manifest's path is called in a mention.
const pathDependency = "path dependency"

// mention is how a path came up, for warnings.
type mention struct {
	what string // pathDependency, …
	text string // as it is written
	// scalar says that the path may be no path at all: naming nothing, it is neither an edge nor worth a warning.
	scalar bool
	// quiet says that somebody else warns.
	quiet bool
	// packaged is Edge.Packaged, where the place does not show it.
	packaged bool
	// noScripts is that of a declaration.
	noScripts bool
}

// edge adds an edge from a node to what a path led to, and to each symbolic link on the way. It gives the target, or
// "" where there is none: the path is within the node's own directory (and in no service nested there, which has edges
// of its own), out of the repository, or names nothing.
func (b *builder) edge(node string, r resolved, at place, m mention) string {
	if m.scalar && !r.exists() {
		if p := r.entry.Path; p != "" && !lies(p, node) {
			b.now.absent = append(b.now.absent, absence{p, at})
		}
		return ""
	}
	for _, l := range r.links {
		if !lies(l, node) {
			b.addEdge(node, l, at, m)
		}
	}
	switch {
	case r.outside:
		b.warnAt(at, m, fmt.Sprintf("%s %q leads out of the repository", m.what, m.text))
		return ""
	case r.nowhere:
		b.warnAt(at, m, fmt.Sprintf("%s %q names nothing", m.what, m.text))
		return ""
	}
	target := r.entry.Path
	if b.markers.has(target) {
		target = parentPath(target)
	}
	next := expansion{node: target}
	isNode := true
	switch {
	case target != r.entry.Path, r.entry.Mode == tree.Dir:
	case r.entry.Mode.IsFile() && baseName(target) == "requirements.txt":
		next.form = formRequirements
	default:
		isNode = false
	}
	if lies(target, node) && !(isNode && b.isNested(target, node)) {
		return ""
	}
	if !r.entry.Exists() {
		b.warnAt(at, m, fmt.Sprintf("%s %q names nothing in the repository (%s)", m.what, m.text, target))
	}
	b.addEdge(node, target, at, m)
	if isNode {
		b.enqueue(next)
	}
	return target
}

// isNested reports whether a path in a node's directory is, or lies in, a service nested there. The node's edges are
// found without those of the service (directory), so that one to it says something.
func (b *builder) isNested(p, node string) bool {
	return p != node && b.services.innermostOrSame(p) != b.services.innermostOrSame(node)
}

func (b *builder) addEdge(from, to string, at place, m mention) {
	packaged := m.packaged || isManifestName(baseName(at.file)) && parentPath(at.file) == from
	b.now.edges = append(b.now.edges, arc{from, to, declaration{at, packaged, m.noScripts}})
}

func (b *builder) warn(at place, message string) {
	b.now.warnings = append(b.now.warnings, Warning{at.file, at.line, message})
}

func (b *builder) warnAt(at place, m mention, message string) {
	if !m.quiet {
		b.warn(at, message)
	}
}

// customMarkerOf gives the marker of a service that is a template under an unusual name.
func (b *builder) customMarkerOf(s Service) (e tree.Entry, readable bool) {
	if name := baseName(s.Marker); s.Missing || isTemplateName(name) || !isYAMLOrJSON(name) {
		return e, false
	}
	return b.content(b.lookups.at(s.Marker))
}

// customMarker adds the edges of such a marker.
func (b *builder) customMarker(s Service) {
	e, readable := b.customMarkerOf(s)
	if !readable {
		return
	}
	doc := b.documents.get(e, templateForm(s.Marker))
	b.noteBroken(s.Path, s.Marker, doc)
	if doc.Template != nil {
		b.template(s.Path, s.Marker, doc.Template)
	}
}

// declared adds the edges that seed.yml gives a service.
func (b *builder) declared(s Service) {
	for _, d := range s.dependsOn {
		at := place{b.config.File, d.Line}
		for _, p := range b.globbed(d) {
			b.edge(s.Path, b.lookups.resolve(root, p), at, mention{what: "depends_on", text: d.Path})
		}
	}
}

// globbed gives what a depends_on names: itself, or every directory and file of the tree that its glob matches.
func (b *builder) globbed(d DependsOn) []string {
	if !d.IsGlob {
		return []string{d.Path}
	}
	g := newGlob(d.Path)
	var paths []string
	seen := make(map[string]bool)
	see := func(p string) bool {
		if seen[p] {
			return false
		}
		seen[p] = true
		if g.match(p) {
			paths = append(paths, p)
		}
		return p != root
	}
	for e := range b.lookups.listing.in(literalDirectory(d.Path)) {
		see(e.Path)
		ancestors(e.Path, see)
	}
	if len(paths) == 0 {
		b.warn(place{b.config.File, d.Line}, fmt.Sprintf("depends_on %q matches nothing", d.Path))
	}
	return paths
}

// literalDirectory gives the deepest directory that a glob names before its first special character.
func literalDirectory(pattern string) string {
	literal := pattern
	for hasGlob(literal) {
		literal = parentPath(literal)
	}
	return literal
}

// noteBroken keeps a file that does not parse: it opens every service that reaches the node.
func (b *builder) noteBroken(node, file string, doc *document) {
	if doc.Broken == "" {
		return
	}
	b.doubtNow(place{file: file}, unparsed)
	b.warn(place{file, doc.Line}, "does not parse, so every service that reaches it may use anything: "+doc.Broken)
}

// doubtNow keeps what opens every service that reaches the node that is being read.
func (b *builder) doubtNow(at place, text string) {
	b.now.doubts = append(b.now.doubts, doubt{at, text})
}

// doubt keeps what opens every service that reaches a node.
func (b *builder) doubt(node string, d doubt) {
	if b.doubts[node] == nil {
		b.doubts[node] = make(map[doubt]bool)
	}
	b.doubts[node][d] = true
}

// result gives the edges and the warnings in order.
func (b *builder) result() ([]Edge, []Warning) {
	edges := slices.Grow([]Edge(nil), len(b.edges))
	for _, a := range b.edges {
		edges = append(edges, Edge{a.from, a.to, a.file, a.line, a.packaged})
	}
	return edges, inOrder(b.warnings)
}

// absences gives what would be edges if the tree had what the values of templates lead to, in the order of their targets.
func (b *builder) absences() []Edge {
	var edges []Edge
	for _, f := range b.findings {
		for _, a := range f.absent {
			edges = append(edges, Edge{From: f.of.node, To: a.path, File: a.file, Line: a.line})
		}
	}
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(strings.Compare(a.To, b.To), strings.Compare(a.From, b.From), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return edges
}
