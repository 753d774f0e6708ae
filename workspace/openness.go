package workspace

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
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

// decideOpenness sets Open and Why of every service, and what was found of its requirements, once all edges are there.
func (b *builder) decideOpenness() {
	b.doubtScripts()
	b.doubtSources()
	wrong := b.doubtsOnChains(func(d doubt) bool { return !d.isSettled() })
	unknown := b.doubtsOnChains(doubt.isSettled)
	for i := range b.list {
		if s := &b.list[i]; !s.Missing {
			s.Open, s.Why = b.openness(*s, wrong[s.Path], unknown[s.Path])
			s.Requirements = b.findingsOf(s.Path).requirements
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
	found := b.findingsOf(s.Path)
	for _, condition := range []func(Service, *findings) (Why, bool){b.readableType, b.noProgram, b.noSource, b.noScriptLeadingUp} {
		if why, ok := condition(s, found); !ok {
			return true, why
		}
	}
	if found.declared == "" {
		return true, Why{Text: undeclared}
	}
	return false, Why{Text: "its dependencies are declared", File: found.declared}
}

// findOwn finds what openness asks of a service by itself.
func (b *builder) findOwn(s Service) {
	b.now.linked = b.findLinked(s)
	b.now.leadsUp = b.findScriptLeadingUp(s)
	b.now.declared = b.findDeclaring(s)
}

// readableType: serverless with a YAML or JSON marker, sam, or a command. Other types are programs, whatever seed.yml calls a service that
// has the marker of one, and so is a marker that is one: scripts are read for where they lead.
func (b *builder) readableType(s Service, _ *findings) (Why, bool) {
	for _, t := range []string{markerType(baseName(s.Marker)), s.Type} {
		if t == typeSST || t == typeCDK {
			return Why{Text: fmt.Sprintf("a service of type %s is a program", t), File: s.Marker}, false
		}
	}
	switch {
	case s.Type == typeServerless && s.Marker == "":
		return Why{Text: "it has no serverless.yml to read"}, false
	case hasProgramName(s.Marker) && !isScript(baseName(s.Marker)), s.Type == typeServerless && !isYAMLOrJSON(baseName(s.Marker)):
		return Why{Text: "its configuration is a program", File: s.Marker}, false
	}
	return Why{}, true
}

// noProgram: no template has anything of which nobody can say what it reaches.
func (b *builder) noProgram(_ Service, found *findings) (Why, bool) {
	for _, d := range found.programs {
		return d.why(), false
	}
	return Why{}, true
}

// noSource: no source in a language whose reach is not read, at any depth, nested services and node_modules included,
// and what symbolic links lead to.
func (b *builder) noSource(s Service, found *findings) (Why, bool) {
	first := b.index.sourcesIn(s.Path)
	for _, dir := range found.linked {
		if in := b.index.sourcesIn(dir); len(first) == 0 || len(in) > 0 && compareSources(in[0], first[0]) < 0 {
			first = in
		}
	}
	if len(first) == 0 {
		return Why{}, true
	}
	return Why{Text: holdsSource, File: first[0].first()}, false
}

// findLinked finds the directories outside of a service that symbolic links in it lead to, be it through the links in one
// another: what lies in those is in the service, too.
func (b *builder) findLinked(s Service) []string {
	dirs := []string{s.Path}
	for i := 0; i < len(dirs); i++ {
		for _, e := range b.index.in(dirs[i]) {
			if e.Mode != tree.Symlink {
				continue
			}
			to := b.lookups.resolve(parentPath(e.Path), baseName(e.Path)).entry
			if to.Mode == tree.Dir && !lies(to.Path, s.Path) && !slices.Contains(dirs, to.Path) {
				dirs = append(dirs, to.Path)
			}
		}
	}
	return dirs[1:]
}

// holdsSource is why noSource does not hold. The file that is named is the first, by its directory and then its name.
const holdsSource = "it holds source in a language whose imports are not read"

// countsSource reports whether a source file in the service's directory that came or went may change what was decided
// about it: not if something else decided before sources were looked at, nor if there is another source file before it.
func (s Service) countsSource(p string) bool {
	switch {
	case s.Open && s.Why.Text != holdsSource:
		return s.Why.Text == undeclared || s.Why.Text == leadsUp
	case s.Open:
		first := s.Why.File
		return cmp.Or(strings.Compare(prefixOf(parentPath(p)), prefixOf(parentPath(first))), strings.Compare(baseName(p), baseName(first))) <= 0
	}
	return s.Why.Text != declaredBySeed
}

// noScriptLeadingUp: no script with a ".." path segment in it.
func (b *builder) noScriptLeadingUp(_ Service, found *findings) (Why, bool) {
	return Why{Text: leadsUp, File: found.leadsUp.file, Line: found.leadsUp.line}, found.leadsUp.file == ""
}

// scriptsAtOnce is how many scripts are read at once where the first that leads up decides.
const scriptsAtOnce = 64

func (b *builder) findScriptLeadingUp(s Service) place {
	for _, dir := range append([]string{s.Path}, b.now.linked...) {
		for some := range slices.Chunk(b.appendScripts(nil, dir, dir), scriptsAtOnce) {
			for script, line := range b.upLines(some) {
				if line > 0 {
					return place{script.entry.Path, line}
				}
			}
		}
	}
	return place{}
}

// doubtSources keeps the source in a language whose reach is not read that is reached outside of what noSource looks at: a file, or
// one in a directory. What is installed or only read runs none of it.
func (b *builder) doubtSources() {
	for _, a := range b.edges {
		if a.noScripts || slices.Contains(b.linked[a.from], a.to) {
			continue
		}
		b.sourced[a.to] = true
		switch in := b.index.sourcesIn(a.to); {
		case isSource(baseName(a.to)):
			b.doubt(a.from, doubt{place{file: a.to}, bySource})
		case len(in) > 0:
			b.doubt(a.from, doubt{place{file: in[0].first()}, bySource})
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
	seen := make(map[string]bool) // targets that are only installed
	for _, a := range b.edges {
		switch {
		case slices.Contains(b.linked[a.from], a.to):
		case !a.noScripts:
			scripts = b.appendScripts(scripts, a.from, a.to)
		case !seen[a.to]:
			seen[a.to] = true
			if b.hasSetupScript(a.to) {
				scripts = b.appendScripts(scripts, a.to, a.to)
			}
		}
	}
	for script, line := range b.upLines(scripts) {
		if line > 0 {
			b.doubt(script.node, doubt{place{script.entry.Path, line}, byScript})
		}
	}
}

// upLines reads scripts in one go, and gives each with the first line of it that leads up, 0 if none does.
func (b *builder) upLines(scripts []reachedScript) iter.Seq2[reachedScript, int] {
	requests := make([]request, len(scripts))
	for i, s := range scripts {
		requests[i] = request{s.content, formScript}
	}
	b.documents.fetch(requests)
	return func(yield func(reachedScript, int) bool) {
		for _, s := range scripts {
			if !yield(s, b.documents.get(s.content, formScript).UpLine) {
				return
			}
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

// findDeclaring finds a Python manifest that declares dependencies, nested services and node_modules not counted.
func (b *builder) findDeclaring(s Service) string {
	for _, e := range b.index.in(s.Path) {
		_, readable := b.content(e)
		if readable && declaresDependencies(baseName(e.Path)) &&
			!inNodeModules(e.Path, s.Path) && b.services.innermost(e.Path) == s.Path {
			return e.Path
		}
	}
	return ""
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
	for _, a := range b.edges {
		callers[a.to] = append(callers[a.to], a.from)
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

// upLine gives the first line of a script that leads up, 0 if none does.
func upLine(script []byte) int {
	first := firstUp(script)
	for _, words := range aboveWords {
		if i := bytes.Index(script, []byte(words)); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	if first < 0 {
		return 0
	}
	return 1 + bytes.Count(script[:first], []byte("\n"))
}

// rootWords are those by which git is asked for the repository's root ("git rev-parse" in its manual).
var rootWords = []string{"--show-toplevel", "--show-cdup"}

// aboveWords are those by which a script asks for a directory above it: the repository's root, one that Terragrunt finds
// ("Functions" in its documentation), or the one around its own, in Python and in a shell.
var aboveWords = append([]string{
	"find_in_parent_folders", "get_repo_root", "get_path_to_repo_root",
	"os.pardir", ".parent.parent", ".parents[", "dirname(os.path.dirname(", "dirname(dirname(", "dirname $(dirname ", `dirname "$(dirname `,
}, rootWords...)

// firstUp gives where a script holds its first ".." path segment, -1 if it has none: ".." before a "/", or Windows' own, unless a
// dot precedes it, or ".." that no letter, digit, "_", "-" or "." touches.
func firstUp(script []byte) int {
	for i := 0; ; {
		j := bytes.Index(script[i:], []byte(".."))
		if j < 0 {
			return -1
		}
		i += j
		before, after := byteAt(script, i-1), byteAt(script, i+2)
		if (after == '/' || after == '\\') && before != '.' || !isWordByte(before) && !isWordByte(after) {
			return i
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
