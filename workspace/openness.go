package workspace

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// What opens a service after its sources were looked at, and what closes it before.
const (
	leadsUp        = "a script of it may lead out of its directory"
	undeclared     = "no Python manifest in it declares dependencies"
	declaredBySeed = "seed.yml gives it a depends_on"
)

// doubt is something on a service's chains for which nobody can say what the service reaches.
type doubt struct {
	place
	text string // one of those below
}

// What there is to doubt. What a depends_on says settles the last three alone: in the others the file itself is wrong.
const (
	unparsed   = "it reaches a manifest that does not parse"
	noMember   = "it reaches a uv source that names no member of a workspace"
	byVariable = "it reaches a path that a variable names"
	byScript   = "it reaches a script that may lead elsewhere"
	bySource   = "it reaches source in a language whose imports are not read"
)

func (d doubt) isSettled() bool {
	return d.text == byVariable || d.text == byScript || d.text == bySource
}

func (d doubt) why() Why { return Why{Text: d.text, File: d.file, Line: d.line} }

func (d doubt) compare(e doubt) int {
	return cmp.Or(strings.Compare(d.file, e.file), cmp.Compare(d.line, e.line), strings.Compare(d.text, e.text))
}

// decideOpenness sets Open and Why of every service, once all edges are there.
func (b *builder) decideOpenness(services []Service) {
	b.findLinked(services)
	b.doubtScripts()
	b.doubtSources()
	wrong := b.doubtsOnChains(func(d doubt) bool { return !d.isSettled() })
	unknown := b.doubtsOnChains(doubt.isSettled)
	for i := range services {
		if s := &services[i]; !s.Missing {
			s.Open, s.Why = b.openness(*s, wrong[s.Path], unknown[s.Path])
		}
	}
}

// openness decides for a service whether all that it can reach outside its directory is readable. Nothing is proven
// by default: a service is closed only if every condition holds.
func (b *builder) openness(s Service, wrong, unknown doubt) (open bool, why Why) {
	switch {
	case wrong.text != "":
		return true, wrong.why()
	case s.hasDependsOn:
		return false, Why{Text: declaredBySeed, File: b.config.File, Line: s.dependsOnLine}
	case unknown.text != "":
		return true, unknown.why()
	}
	for _, condition := range []func(Service) (Why, bool){b.readableType, b.noProgram, b.noSource, b.noScriptLeadingUp} {
		if why, ok := condition(s); !ok {
			return true, why
		}
	}
	why, ok := b.declares(s)
	return !ok, why
}

// readableType: serverless with a YAML or JSON marker, sam, or a command. Other types are programs.
func (b *builder) readableType(s Service) (Why, bool) {
	switch s.Type {
	case typeSAM, typeCommand:
		return Why{}, true
	case typeServerless:
		switch {
		case isYAMLOrJSON(baseName(s.Marker)):
			return Why{}, true
		case s.Marker == "":
			return Why{Text: "it has no serverless.yml to read"}, false
		}
		return Why{Text: "its configuration is a program", File: s.Marker}, false
	}
	return Why{Text: fmt.Sprintf("a service of type %s is a program", s.Type), File: s.Marker}, false
}

// noProgram: no template has anything of which nobody can say what it reaches.
func (b *builder) noProgram(s Service) (Why, bool) {
	d, ok := b.programs[s.Path]
	return d.why(), !ok
}

// noSource: no source in a language whose reach is not read, at any depth, nested services and node_modules included,
// and what symbolic links lead to.
func (b *builder) noSource(s Service) (Why, bool) {
	var found []sourceCount
	for _, dir := range append(b.linked[s.Path], s.Path) {
		if in := b.index.sourcesIn(dir); len(in) > 0 {
			found = append(found, in[0])
		}
	}
	if len(found) == 0 {
		return Why{}, true
	}
	return Why{Text: holdsSource, File: slices.MinFunc(found, compareSources).first()}, false
}

// findLinked finds, of each service, the directories outside of it that symbolic links in it lead to, be it through the
// links in one another: what lies in those is in the service, too.
func (b *builder) findLinked(services []Service) {
	for _, s := range services {
		if s.Missing {
			continue
		}
		todo := []string{s.Path}
		for len(todo) > 0 {
			for _, e := range b.index.in(todo[0]) {
				if e.Mode != tree.Symlink {
					continue
				}
				to := b.lookups.resolve(parentPath(e.Path), baseName(e.Path)).entry
				if to.Mode == tree.Dir && !lies(to.Path, s.Path) && !slices.Contains(b.linked[s.Path], to.Path) {
					b.linked[s.Path] = append(b.linked[s.Path], to.Path)
					b.sourced[to.Path] = true
					todo = append(todo, to.Path)
				}
			}
			todo = todo[1:]
		}
	}
}

// holdsSource is why noSource does not hold. The file that is named is the first, by its directory and then its name.
const holdsSource = "it holds source in a language whose imports are not read"

// countsSource reports whether a source file in the service's directory that came or went may change what was decided
// about it: not if something else decided before sources were looked at, nor if there is another source file before it.
func (s Service) countsSource(p string) bool {
	switch {
	case s.Missing:
		return false
	case s.Open && s.Why.Text != holdsSource:
		return s.Why.Text == undeclared || s.Why.Text == leadsUp
	case s.Open:
		first := s.Why.File
		return cmp.Or(strings.Compare(prefixOf(parentPath(p)), prefixOf(parentPath(first))), strings.Compare(baseName(p), baseName(first))) <= 0
	}
	return s.Why.Text != declaredBySeed
}

// noScriptLeadingUp: no script with a ".." path segment in it.
func (b *builder) noScriptLeadingUp(s Service) (Why, bool) {
	for _, dir := range append([]string{s.Path}, b.linked[s.Path]...) {
		for _, e := range b.index.in(dir) {
			content, ok := b.content(e)
			if !ok || !isScript(baseName(e.Path)) {
				continue
			}
			if doc := b.documents.get(content, formScript); doc.UpLine > 0 {
				return Why{Text: leadsUp, File: e.Path, Line: doc.UpLine}, false
			}
		}
	}
	return Why{}, true
}

// doubtSources keeps the source in a language whose reach is not read that is reached outside of what noSource looks at: a file, or
// one in a directory. What is installed or only read runs none of it.
func (b *builder) doubtSources() {
	for k, d := range b.edges {
		if d.noScripts || slices.Contains(b.linked[k.from], k.to) {
			continue
		}
		b.sourced[k.to] = true
		switch in := b.index.sourcesIn(k.to); {
		case isSource(baseName(k.to)):
			b.doubt(k.from, place{file: k.to}, bySource)
		case len(in) > 0:
			b.doubt(k.from, place{file: in[0].first()}, bySource)
		}
	}
}

// reachedScript is a script of a directory or a file that a node reaches.
type reachedScript struct {
	node    string
	entry   tree.Entry
	content tree.Entry
}

// doubtScripts keeps the scripts with a ".." path segment that are reached outside of what noScriptLeadingUp looks at.
func (b *builder) doubtScripts() {
	var scripts []reachedScript
	for k, d := range b.edges {
		switch {
		case slices.Contains(b.linked[k.from], k.to):
		case !d.noScripts:
			scripts = b.appendScripts(scripts, k.from, k.to)
		case b.hasSetupScript(k.to):
			scripts = b.appendScripts(scripts, k.to, k.to)
		}
	}
	requests := make([]request, len(scripts))
	for i, s := range scripts {
		requests[i] = request{s.content, formScript}
	}
	b.documents.fetch(requests)
	for _, s := range scripts {
		if doc := b.documents.get(s.content, formScript); doc.UpLine > 0 {
			b.doubt(s.node, place{s.entry.Path, doc.UpLine}, byScript)
		}
	}
}

// appendScripts adds the scripts at and below a path, for a node that reaches them.
func (b *builder) appendScripts(scripts []reachedScript, node, p string) []reachedScript {
	entries := b.index.in(p)
	if e, ok := b.index.at(p); ok {
		entries = append(slices.Clone(entries), e)
	}
	for _, e := range entries {
		if content, readable := b.content(e); readable && isScript(baseName(e.Path)) {
			scripts = append(scripts, reachedScript{node, e, content})
		}
	}
	return scripts
}

// hasSetupScript reports whether a directory is a Python project that a program of its own builds: that may run its scripts.
func (b *builder) hasSetupScript(dir string) bool {
	e, ok := b.index.at(joinPath(dir, setupScript))
	if ok {
		_, ok = b.content(e)
	}
	return ok
}

// declares: there is a Python manifest that declares dependencies, nested services and node_modules not counted.
func (b *builder) declares(s Service) (Why, bool) {
	for _, e := range b.index.in(s.Path) {
		_, readable := b.content(e)
		if readable && declaresDependencies(baseName(e.Path)) &&
			!inNodeModules(e.Path, s.Path) && b.services.innermost(e.Path) == s.Path {
			return Why{Text: "its dependencies are declared", File: e.Path}, true
		}
	}
	return Why{Text: undeclared}, false
}

// doubtsOnChains gives, for every node that reaches something doubtful of a kind, the first of it by file and line.
func (b *builder) doubtsOnChains(kind func(doubt) bool) map[string]doubt {
	first := make(map[string]doubt)
	nodesOf := make(map[doubt][]string)
	for node, doubts := range b.doubts {
		for d := range doubts {
			if kind(d) {
				nodesOf[d] = append(nodesOf[d], node)
			}
		}
	}
	if len(nodesOf) == 0 {
		return first
	}
	callers := make(map[string][]string)
	for k := range b.edges {
		callers[k.to] = append(callers[k.to], k.from)
	}
	for _, d := range slices.SortedFunc(maps.Keys(nodesOf), doubt.compare) {
		queue := nodesOf[d]
		for len(queue) > 0 {
			node := queue[0]
			queue = queue[1:]
			if _, ok := first[node]; ok {
				continue
			}
			first[node] = d
			queue = append(queue, callers[node]...)
		}
	}
	return first
}

// upLine gives the first line of a script that holds a ".." path segment, 0 if none does: ".." before a "/" unless a
// dot precedes it, or ".." that no letter, digit, "_", "-" or "." touches.
func upLine(script []byte) int {
	for i := 0; ; {
		j := bytes.Index(script[i:], []byte(".."))
		if j < 0 {
			return 0
		}
		i += j
		before, after := byteAt(script, i-1), byteAt(script, i+2)
		if after == '/' && before != '.' || !isWordByte(before) && !isWordByte(after) {
			return 1 + bytes.Count(script[:i], []byte("\n"))
		}
		i++
	}
}

// byteAt gives a space for what is before the start or after the end.
func byteAt(b []byte, i int) byte {
	if i < 0 || i >= len(b) {
		return ' '
	}
	return b[i]
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}
