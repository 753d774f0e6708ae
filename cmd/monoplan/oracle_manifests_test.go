package main

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v4"

	"github.com/monoplan/monoplan/internal/history"
)

// oracleSeed is what the oracle takes from seed.yml.
type oracleSeed struct {
	hasRegister                              bool
	register                                 []oracleEntry
	ignored                                  []string
	orphansOpen, pathDependencies, devGroups bool
	groups                                   []string // that packages get besides
	check                                    any
}

type oracleEntry struct {
	pattern, wantName, wantKind string
	isolated                    bool
	dependsOn                   []string // nil where there is none
	groups                      []string // nil where the entry says nothing of them
	check                       any
}

// readOracleSeed says false where seed.yml does not parse.
func readOracleSeed(t history.Tree) (oracleSeed, bool) {
	seed := oracleSeed{pathDependencies: true}
	var parsed any
	if yaml.Unmarshal([]byte(contentOf(t, "seed.yml")), &parsed) != nil {
		return seed, false
	}
	doc, ok := parsed.(map[string]any)
	if !ok && parsed != nil {
		return seed, false
	}
	seed.check = doc["check_code_change"]
	seed.ignored = stringsIn(doc["ignore"])
	seed.orphansOpen = doc["orphans"] == "open"
	seed.pathDependencies = doc["path_dependencies"] != false
	seed.devGroups = doc["dev_edges"] == true
	seed.groups = stringsIn(table(doc, "package")["groups"])
	services, ok := doc["services"].([]any)
	seed.hasRegister = ok
	for _, service := range services {
		entry := oracleEntry{}
		switch service := service.(type) {
		case string:
			entry.pattern = service
		case map[string]any:
			entry.pattern, _ = service["path"].(string)
			entry.wantName, _ = service["name"].(string)
			entry.wantKind, _ = service["type"].(string)
			entry.isolated = service["nested"] == "isolate"
			entry.check = service["check_code_change"]
			entry.groups = stringsIn(table(service, "package")["groups"])
			if list, ok := service["depends_on"]; ok {
				entry.dependsOn = append([]string{}, stringsIn(list)...)
			}
		}
		seed.register = append(seed.register, entry)
	}
	return seed, true
}

func stringsIn(list any) []string {
	var texts []string
	values, _ := list.([]any)
	for _, value := range values {
		if text, ok := value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func (e oracleEntry) isGlob() bool { return strings.ContainsAny(e.pattern, "*?[") }

func (e oracleEntry) picks(dir string) bool { return globMatches(e.pattern, dir) }

// globMatches knows "*" within a segment and "**" across segments.
func globMatches(glob, p string) bool {
	expression := regexp.QuoteMeta(glob)
	expression = strings.ReplaceAll(expression, `\*\*`, "\x00")
	expression = strings.ReplaceAll(expression, `\*`, "[^/]*")
	expression = strings.ReplaceAll(expression, "\x00", ".*")
	return regexp.MustCompile("(?s)^" + expression + "$").MatchString(p)
}

func (s oracleSeed) registers(dir string) bool {
	return slices.ContainsFunc(s.register, func(e oracleEntry) bool { return e.pattern == dir })
}

func (s oracleSeed) checkDisabled(service oracleService) bool {
	if service.check != nil {
		return service.check == false
	}
	return s.check == false
}

// named is what only says what it ignores without wildcards.
func (s oracleSeed) named() oracleSeed {
	s.ignored = slices.DeleteFunc(slices.Clone(s.ignored), func(p string) bool { return strings.ContainsAny(p, "!*?[") })
	return s
}

// ignores knows gitignore's patterns as far as the histories use them: a name or "*.x" at any depth, a leading "/" or one
// inside for a path from the root, a trailing "/" for directories, "!" to take a path out again, unless a directory above
// it stays ignored. A submodule is a directory.
func (s oracleSeed) ignores(f string, submodule bool) bool {
	segments := strings.Split(f, "/")
	for n := range segments {
		p, ignored := strings.Join(segments[:n+1], "/"), false
		for _, pattern := range s.ignored {
			pattern, negated := strings.CutPrefix(pattern, "!")
			pattern, onlyDirectory := strings.CutSuffix(pattern, "/")
			if onlyDirectory && n == len(segments)-1 && !submodule {
				continue
			}
			if strings.Contains(pattern, "/") {
				if globMatches(strings.TrimPrefix(pattern, "/"), p) {
					ignored = !negated
				}
			} else if globMatches(pattern, segments[n]) {
				ignored = !negated
			}
		}
		if ignored {
			return true
		}
	}
	return false
}

func isSAM(template string) bool {
	doc := map[string]any{}
	if yaml.Unmarshal([]byte(template), &doc) != nil {
		return strings.Contains(template, "AWS::Serverless-")
	}
	transforms := stringsIn(doc["Transform"])
	if one, ok := doc["Transform"].(string); ok {
		transforms = append(transforms, one)
	}
	return slices.ContainsFunc(transforms, func(s string) bool { return strings.HasPrefix(s, "AWS::Serverless-") })
}

func serverlessName(content string) string {
	doc := map[string]any{}
	if yaml.Unmarshal([]byte(content), &doc) != nil {
		return ""
	}
	name := doc["service"]
	if table, ok := name.(map[string]any); ok {
		name = table["name"]
	}
	text, _ := name.(string)
	if strings.Contains(text, "${") {
		return ""
	}
	return text
}

// place is where a path leads in a tree.
type place struct {
	path            string
	exists, outside bool
	links           []string // the symbolic links on the way
}

// walk follows a path from a directory as the file system would: "..", symbolic links, and not into submodules.
func walk(t history.Tree, from, p string) place {
	at := place{path: from}
	missing := "" // what is not there, and the path leads through
	todo := strings.Split(p, "/")
	for len(todo) > 0 && len(at.links) < 40 {
		segment := todo[0]
		todo = todo[1:]
		switch segment {
		case "", ".":
			continue
		case "..":
			if at.path == "." {
				at.outside = true
				return at
			}
			at.path = path.Dir(at.path)
			if at.path == path.Dir(missing) {
				missing = ""
			}
			continue
		}
		at.path = path.Join(at.path, segment)
		if _, isFile := t[at.path]; !isFile && !isDirectory(t, at.path) && missing == "" {
			missing = at.path
		}
		switch file := t[at.path]; file.Mode {
		case "160000":
			at.exists = true
			return at
		case "120000":
			at.links = append(at.links, at.path)
			at.path = path.Dir(at.path)
			todo = append(strings.Split(file.Content, "/"), todo...)
			if strings.HasPrefix(file.Content, "/") {
				at.outside = true
				return at
			}
		}
	}
	_, isFile := t[at.path]
	at.exists = missing == "" && (isFile || isDirectory(t, at.path))
	return at
}

// contentOf reads a file through the links it may be.
func contentOf(t history.Tree, p string) string {
	at := walk(t, path.Dir(p), path.Base(p))
	return t[at.path].Content
}

// oracleNode is what has edges: a directory (a service's or a target), or a file that is read for a directory.
type oracleNode struct {
	path string
	kind string // empty for a directory; "requirements" or "yaml" for a file that is read; "file" for any other
}

// follow finds the targets that a service reaches, each with its shortest chain, first in byte order.
func (o *oracle) follow(s oracleService) {
	type step struct {
		node  oracleNode
		chain []string
	}
	chains := map[string][]string{}
	seen := map[oracleNode]bool{}
	level := []step{{node: oracleNode{path: s.path}}}
	for len(level) > 0 {
		slices.SortFunc(level, func(a, b step) int { return slices.Compare(a.chain, b.chain) })
		var next []step
		for _, at := range level {
			if seen[at.node] {
				continue
			}
			seen[at.node] = true
			if p := at.node.path; len(at.chain) > 0 && chains[p] == nil && p != s.path && !below(p, s.path) {
				chains[p] = at.chain
			}
			r := o.edges(at.node)
			o.broken[s.path] = o.broken[s.path] || r.broken
			o.reachesScript[s.path] = o.reachesScript[s.path] || r.scripts
			for _, to := range r.edges {
				next = append(next, step{to, append(slices.Clone(at.chain), to.path)})
			}
		}
		level = next
	}
	o.reach[s.path] = chains
}

// dependsOn adds what seed.yml says of the service at a node. A glob names what base had and head has not, too: that is
// a missing target.
func (r *reading) dependsOn(s oracleService) {
	o := r.o
	r.dirs = []string{"."}
	defer r.whatRuns(true)()
	for _, p := range s.dependsOn {
		if !strings.ContainsAny(p, "*?[") {
			r.target(p, "file", true)
			continue
		}
		paths := map[string]bool{}
		for _, t := range []history.Tree{o.base, o.head} {
			for f := range t {
				for ; f != "."; f = path.Dir(f) {
					paths[f] = true
				}
			}
		}
		for candidate := range paths {
			if globMatches(p, candidate) {
				r.target(candidate, "file", true)
			}
		}
	}
}

// edges reads what a node leads to.
func (o *oracle) edges(n oracleNode) *reading {
	r := &reading{o: o, node: n}
	switch {
	case n.kind == "requirements", n.kind == "yaml":
		r.dirs = []string{path.Dir(n.path)}
		r.file(n.path, n.kind)
		return r
	case n.kind != "":
		return r
	}
	for p, file := range o.head {
		if !below(p, n.path) || !o.ownManifest(n.path, p) {
			continue
		}
		r.dirs, r.reading = []string{path.Dir(p)}, path.Dir(p)
		if path.Base(p) == "requirements.txt" && slices.ContainsFunc(o.present(), func(s oracleService) bool { return s.path == n.path }) {
			r.dirs = slices.Compact(append(r.dirs, n.path)) // pip may run in the service
		}
		if file.Mode == "120000" {
			restore := r.whatRuns(true)
			r.target(file.Content, "file", true)
			restore()
		}
		if file.Mode != "160000" {
			r.manifest(p, contentOf(o.head, p))
		}
	}
	r.dirs = []string{n.path}
	for _, name := range r.names {
		for _, module := range r.modules {
			r.target(module+"/"+name, "requirements", false)
		}
	}
	for _, s := range o.present() {
		if s.path == n.path {
			r.dependsOn(s)
		}
	}
	return r
}

// reading collects the edges of one node.
type reading struct {
	o       *oracle
	node    oracleNode
	reading string   // the directory of the file that is read now
	dirs    []string // against which its paths resolve
	edges   []oracleNode
	broken  bool
	names   []string        // what the requirements of functions are called
	modules []string        // where functions are packaged from
	foreign bool            // what is read now lies elsewhere, and has edges of its own
	own     bool            // what is read now is a manifest of the node's own, and not a file that one includes
	runs    bool            // what is read now may have a path's scripts run
	scripts bool            // a path leads to a script that leads up, or to source that nobody reads
	done    map[string]bool // the files read for the node, beside its manifests
}

// file reads a requirements file or a YAML file.
func (r *reading) file(p, kind string) {
	outer, own := r.reading, r.own
	r.reading, r.own = path.Dir(p), false
	if kind == "requirements" {
		r.requirements(contentOf(r.o.head, p))
	} else {
		r.yaml(p, contentOf(r.o.head, p))
	}
	r.reading, r.own = outer, own
}

// include reads a file that a manifest of a directory names, for that directory: the paths in it resolve against the
// directory, and where the file lies in the directory, so that it is no target with edges of its own, against its own.
func (r *reading) include(p, kind string) {
	if file, ok := r.o.head[p]; r.node.kind != "" || !ok || file.Mode == "160000" || r.done[p] {
		return
	}
	if r.done == nil {
		r.done = map[string]bool{}
	}
	r.done[p] = true
	outer, foreign := r.dirs, r.foreign
	r.dirs, r.foreign = []string{r.node.path}, !below(p, r.node.path)
	if below(p, r.node.path) && path.Dir(p) != r.node.path {
		r.dirs = append(r.dirs, path.Dir(p))
	}
	r.file(p, kind)
	r.dirs, r.foreign = outer, foreign
}

// whatRuns says of what is read from now on whether it may have a path's scripts run, until what it gives is called.
func (r *reading) whatRuns(runs bool) (restore func()) {
	outer := r.runs
	r.runs = runs
	return func() { r.runs = outer }
}

// owner is the directory whose edges are being read: an edge within it is none.
func (r *reading) owner() string { return r.node.path }

// target adds what a path names. A missing target counts where the form says so.
func (r *reading) target(p, kind string, missingCounts bool) bool {
	found := false
	for _, dir := range r.dirs {
		at := walk(r.o.head, dir, p)
		if at.outside {
			continue
		}
		found = found || at.exists
	}
	for _, dir := range r.dirs {
		at := walk(r.o.head, dir, p)
		if !at.exists && !missingCounts && !at.outside && r.o.hadBefore(at.path) {
			r.edge(at.path, "file")
		}
		if !at.exists && (found || !missingCounts) {
			continue
		}
		for _, link := range at.links {
			r.edge(link, "file")
		}
		if at.outside {
			continue
		}
		r.edge(at.path, kind)
		if kind != "file" || path.Base(at.path) == "requirements.txt" {
			r.include(at.path, kindOfFile(at.path, kind))
		}
	}
	return found
}

// hadBefore says whether the baseline had something at a path that head has not.
func (o *oracle) hadBefore(p string) bool {
	if p == "" {
		return false
	}
	for f := range o.base {
		if f == p || below(f, p) {
			return true
		}
	}
	return false
}

func (r *reading) edge(p, kind string) {
	if isMarker(r.o.head, p) {
		p = path.Dir(p)
	}
	if p == r.owner() || r.node.kind == "" && below(p, r.owner()) && !r.inNested(p) {
		return
	}
	_, built := r.o.head[path.Join(p, "setup.py")]
	isLinked := slices.ContainsFunc(r.o.present(), func(s oracleService) bool {
		return s.path == r.owner() && slices.Contains(r.o.linkedFrom(s.path), p)
	})
	if !isLinked && ((r.runs || built) && r.o.leadingUp(p) || r.runs && r.o.holdsSource(p)) {
		r.scripts = true
	}
	if isDirectory(r.o.head, p) {
		r.edges = append(r.edges, oracleNode{path: p})
		return
	}
	if kind = kindOfFile(p, kind); kind != "file" {
		r.o.read[p] = kind
	} else if r.o.read[p] != "" {
		kind = r.o.read[p]
	}
	r.edges = append(r.edges, oracleNode{path: p, kind: kind})
}

// inNested says whether p is, or is in, a service that is nested in the directory whose edges are being read.
func (r *reading) inNested(p string) bool {
	return slices.ContainsFunc(r.o.present(), func(s oracleService) bool {
		return below(s.path, r.owner()) && (p == s.path || below(p, s.path))
	})
}

func kindOfFile(p, kind string) string {
	if kind == "file" && path.Base(p) == "requirements.txt" {
		return "requirements"
	}
	return kind
}

func (r *reading) manifest(p, content string) {
	switch path.Base(p) {
	case "pyproject.toml":
		r.pyproject(content)
		r.above(path.Dir(p))
	case "Pipfile":
		r.pipfile(content)
	case "requirements.txt":
		r.requirements(content)
	case "setup.cfg":
		r.setupCfg(content)
	case "serverless.yml", "serverless.yaml", "serverless.json", "template.yml", "template.yaml":
		r.own = true
		r.yaml(p, content)
		r.own = false
	}
}

// Python.

var devGroupNames = []string{"dev", "test", "tests", "lint", "docs"}

func (r *reading) groupCounts(name string) bool {
	return r.devCounts() || !slices.Contains(devGroupNames, name)
}

// devCounts says whether dependencies of development count for the directory that is read: everywhere, or for a service
// whose package gets some.
func (r *reading) devCounts() bool {
	isDev := func(group string) bool { return slices.Contains(devGroupNames, strings.ToLower(group)) }
	return r.o.seed.devGroups || slices.ContainsFunc(r.o.services, func(s oracleService) bool {
		groups := s.groups
		if groups == nil {
			groups = r.o.seed.groups
		}
		return s.path == r.owner() && slices.ContainsFunc(groups, isDev)
	})
}

func (r *reading) pyproject(content string) {
	doc := map[string]any{}
	if toml.Unmarshal([]byte(content), &doc) != nil {
		r.broken = true
		return
	}
	poetry := table(doc, "tool", "poetry")
	r.pathTables(table(poetry, "dependencies"))
	for name := range table(poetry, "group") {
		if r.groupCounts(name) {
			r.pathTables(table(poetry, "group", name, "dependencies"))
		}
	}
	if r.devCounts() {
		r.pathTables(table(poetry, "dev-dependencies"))
	}
	packages, _ := poetry["packages"].([]any)
	for _, item := range packages {
		entry, _ := item.(map[string]any)
		from, _ := entry["from"].(string)
		include, _ := entry["include"].(string)
		r.target(beforeGlob(path.Join(from, include)), "file", true)
	}
	r.project(doc)
}

// above looks for broken pyproject.toml above a manifest, nearer than any workspace root: each is reached.
func (r *reading) above(dir string) {
	for dir != "." {
		dir = path.Dir(dir)
		p := path.Join(dir, "pyproject.toml")
		if file, ok := r.o.head[p]; !ok || file.Mode == "160000" {
			continue
		}
		doc := map[string]any{}
		if toml.Unmarshal([]byte(contentOf(r.o.head, p)), &doc) != nil {
			r.broken = true
			r.edge(p, "file")
			continue
		}
		if table(doc, "tool", "uv", "workspace") != nil {
			return
		}
	}
}

// project reads PEP 508 references, and the sources of uv that they name.
func (r *reading) project(doc map[string]any) {
	requirements := stringsIn(table(doc, "project")["dependencies"])
	for _, extra := range table(doc, "project", "optional-dependencies") {
		requirements = append(requirements, stringsIn(extra)...)
	}
	for name, group := range table(doc, "dependency-groups") {
		if r.groupCounts(name) {
			requirements = append(requirements, stringsIn(group)...)
		}
	}
	sources := table(doc, "tool", "uv", "sources")
	for _, requirement := range requirements {
		if _, url, direct := strings.Cut(requirement, " @ "); direct {
			r.target(strings.TrimPrefix(url, "file:"), "file", true)
			continue
		}
		name := regexp.MustCompile(`^[\w.-]+`).FindString(requirement)
		for key, source := range sources {
			if key != name {
				continue
			}
			list, ok := source.([]any)
			if !ok {
				list = []any{source}
			}
			for _, one := range list {
				r.pathTables(map[string]any{key: one})
			}
		}
	}
}

// pathTables reads name = {path = …} or {file = …}.
func (r *reading) pathTables(tables map[string]any) {
	for _, value := range tables {
		entry, _ := value.(map[string]any)
		for _, key := range []string{"path", "file"} {
			if p, ok := entry[key].(string); ok {
				r.target(p, "file", true)
			}
		}
	}
}

func (r *reading) pipfile(content string) {
	doc := map[string]any{}
	if toml.Unmarshal([]byte(content), &doc) != nil {
		r.broken = true
		return
	}
	r.pathTables(table(doc, "packages"))
	if r.devCounts() {
		r.pathTables(table(doc, "dev-packages"))
	}
}

func (r *reading) requirements(content string) {
	defer r.whatRuns(false)()
	for line := range strings.Lines(content) {
		words := strings.Fields(strings.SplitN(line, "#", 2)[0])
		if len(words) == 0 {
			continue
		}
		last := words[len(words)-1]
		switch {
		case words[0] == "-r" || words[0] == "-c":
			if r.foreign {
				r.include(walk(r.o.head, r.reading, last).path, "requirements")
				continue
			}
			outer := r.dirs
			r.dirs = []string{r.reading}
			r.target(last, "requirements", true)
			r.dirs = outer
		case words[0] == "-e", strings.HasPrefix(last, "../"), strings.HasPrefix(last, "./"):
			r.target(last, "file", true)
		}
	}
}

func (r *reading) setupCfg(content string) {
	for line := range strings.Lines(content) {
		if _, url, ok := strings.Cut(strings.TrimSpace(line), " @ file:"); ok {
			r.target(url, "file", true)
		}
	}
}

func table(doc map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		doc, _ = doc[key].(map[string]any)
	}
	return doc
}

func beforeGlob(p string) string {
	i := strings.IndexAny(p, "*?[")
	if i < 0 {
		return p
	}
	return path.Dir(p[:i] + "x")
}

// Templates.

var fileCall, tokenEnd = regexp.MustCompile(`\$\{file\(([^)]*)\)`), regexp.MustCompile("[\\s\"'`()<>,;:=|&]+")

// behindPrefix finds a path behind an option or a scheme: -C../x, file://../x.
var behindPrefix = regexp.MustCompile(`^(?:[^/]*?[^./]|/+)((?:\./)*\.\./.*)$`)

func (r *reading) yaml(p, content string) {
	defer r.whatRuns(true)()
	var doc any
	if yaml.Unmarshal([]byte(content), &doc) != nil || path.Ext(p) == ".json" && !json.Valid([]byte(content)) {
		r.broken = true
		return
	}
	for _, plugin := range pluginsIn(doc) {
		for _, extension := range []string{".js", ".cjs", ".mjs", ".ts"} {
			r.target(plugin+extension, "file", false)
		}
	}
	for _, requirements := range requirementsIn(doc) {
		r.target(requirements, "requirements", false)
		r.names = append(r.names, requirements)
	}
	for _, module := range valuesOf(doc, "module") {
		if module, ok := module.(string); ok {
			r.modules = append(r.modules, module)
		}
	}
	for _, handler := range handlersIn(doc) {
		if uncut(handler) == handler {
			for _, extension := range []string{".py", ".rb", ".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx"} {
				r.target(strings.TrimSuffix(handler, path.Ext(handler))+extension, "file", false)
			}
		}
	}
	for _, template := range templatesIn(doc) {
		r.target(template, "yaml", slices.Contains(strings.Split(template, "/"), ".."))
	}
	for _, sources := range sourcesIn(doc) {
		r.target(sources, "file", false)
	}
	for _, scalar := range scalarsIn(doc) {
		r.candidate(scalar, false, true)
		if before, _, found := strings.Cut(scalar, "#"); found {
			r.candidate(before, false, true)
		}
		onlyRead := map[string]bool{}
		for _, call := range fileCall.FindAllStringSubmatch(scalar, -1) {
			restore := r.whatRuns(false)
			onlyRead[uncut(call[1])] = true
			r.candidate(call[1], true, true)
			outer := r.dirs
			for _, p := range namedIn(r.o.head, call[1], outer) {
				r.dirs = []string{"."}
				r.target(p, "yaml", false)
			}
			r.dirs = outer
			restore()
		}
		for _, token := range tokenEnd.Split(scalar, -1) {
			if slices.Contains(strings.Split(token, "/"), "..") && !onlyRead[uncut(token)] {
				r.candidate(token, false, false)
			}
			if behind := behindPrefix.FindStringSubmatch(token); behind != nil && !onlyRead[uncut(behind[1])] {
				r.candidate(behind[1], false, false)
			}
		}
	}
}

// templateCut finds the variable or the glob that ends a path.
var templateCut = regexp.MustCompile(`[${*?\[]|[!@+]\(`)

// uncut is a path of a template as far as it is certain.
func uncut(text string) string {
	text = strings.TrimPrefix(strings.TrimSpace(text), "!")
	if at := templateCut.FindStringIndex(text); at != nil {
		text = text[:strings.LastIndex("/"+text[:at[0]], "/")]
	}
	return text
}

// candidate adds an edge to what a text of a template names, and reads it where it is YAML.
func (r *reading) candidate(text string, missingCounts, whole bool) {
	text = uncut(text)
	if text == "" || text == ".." && !whole || strings.HasPrefix(text, "/") {
		return
	}
	leadsUp := slices.Contains(strings.Split(text, "/"), "..")
	if ext := path.Ext(text); ext != ".yml" && ext != ".yaml" && ext != ".json" {
		if r.own && !leadsUp && !missingCounts {
			return // it leads nowhere out of the directory, be it to a service nested there
		}
		r.target(text, "file", missingCounts)
		return
	}
	r.target(text, "yaml", missingCounts)
}

var templateVariable = regexp.MustCompile(`\$\{(?:[^{}]|\$\{[^}]*\})*\}`)

// namedIn lists the YAML that a path may name from some directories, if each variable in it stands for any text.
func namedIn(t history.Tree, text string, dirs []string) []string {
	i := strings.IndexAny(text, "${*?[")
	if ext := path.Ext(text); i <= 0 || ext != ".yml" && ext != ".yaml" && ext != ".json" {
		return nil
	}
	dir := text[:strings.LastIndex("/"+text[:i], "/")]
	rest := strings.TrimPrefix(text[len(dir):], "/")
	var expression strings.Builder
	for n, literal := range templateVariable.Split(rest, -1) {
		if n > 0 {
			expression.WriteString(".*")
		}
		expression.WriteString(regexp.QuoteMeta(literal))
	}
	matcher := regexp.MustCompile("(?s)^" + expression.String() + "$")
	var named []string
	for _, from := range dirs {
		at := walk(t, from, dir)
		prefix := ""
		if at.path != "." {
			prefix = at.path + "/"
		}
		for p, file := range t {
			below, ok := strings.CutPrefix(p, prefix)
			if ok && !at.outside && file.Mode != "160000" && matcher.MatchString(below) && !strings.Contains(below, "node_modules/") {
				named = append(named, p)
			}
		}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// pluginsIn lists the plugins that are named by their paths.
func pluginsIn(doc any) []string {
	return slices.DeleteFunc(pluginValues(doc), func(p string) bool { return !strings.HasPrefix(p, ".") })
}

// pluginValues lists all that a serverless.yml has for its plugins, the directory of the local ones too.
func pluginValues(doc any) []string {
	top, _ := doc.(map[string]any)
	values := scalarsIn(top["plugins"])
	if modules, ok := table(top, "plugins")["modules"]; ok {
		values = append(scalarsIn(modules), scalarsIn(table(top, "plugins")["localPath"])...)
	}
	return values
}

var includedPlugins = regexp.MustCompile(`^\$\{file\([^)]*\.(yml|yaml|json)\):plugins(\.[^${},]*)?\}$`)

// runsPlugin says whether a plugin is in a file, or by a variable may be.
func runsPlugin(doc any) bool {
	return len(pluginsIn(doc)) > 0 || slices.ContainsFunc(pluginValues(doc), func(p string) bool {
		if strings.Contains(p, "${") {
			return !includedPlugins.MatchString(p)
		}
		return slices.Contains(strings.Split(p, "/"), "..")
	})
}

// requirementsIn lists what the Python plugin of the Serverless Framework installs by another name than it does by default.
func requirementsIn(doc any) []string {
	top, _ := doc.(map[string]any)
	name, _ := table(top, "custom", "pythonRequirements")["fileName"].(string)
	names := []string{name}
	for _, value := range valuesOf(doc, "fileName") {
		if name, ok := value.(string); ok && path.Ext(name) == ".txt" {
			names = append(names, name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// handlersIn lists what names the code of functions out of the service.
func handlersIn(doc any) []string {
	var handlers []string
	for _, value := range valuesOf(doc, "handler") {
		text, _ := value.(string)
		handler := scalarsIn(text)[0]
		if first, _, _ := strings.Cut(path.Clean(uncut(handler)), "/"); first == ".." {
			handlers = append(handlers, handler)
		}
	}
	return handlers
}

// templatesIn lists what the resources of a template name as theirs.
func templatesIn(doc any) []string {
	var templates []string
	resources, _ := doc.(map[string]any)
	for _, resource := range table(resources, "Resources") {
		resource, _ := resource.(map[string]any)
		for kind, property := range map[string]string{"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"} {
			if named, ok := table(resource, "Properties")[property].(string); ok && resource["Type"] == kind {
				templates = append(templates, named)
			}
		}
	}
	return templates
}

// sourcesIn lists what the resources and functions of a template are made of, as far as it leads nowhere up.
func sourcesIn(doc any) []string {
	var sources []string
	for _, key := range []string{"CodeUri", "ContentUri", "Code", "Content", "DockerContext", "module"} {
		for _, value := range valuesOf(doc, key) {
			if text, ok := value.(string); ok && text != "" && !strings.HasPrefix(text, "/") {
				sources = append(sources, text)
			}
		}
	}
	top, _ := doc.(map[string]any)
	all := table(top, "Globals", "Function")
	for _, resource := range table(top, "Resources") {
		resource, _ := resource.(map[string]any)
		says := resource["Type"] != "AWS::Serverless::Function"
		for _, properties := range []map[string]any{all, table(resource, "Properties")} {
			for _, key := range []string{"CodeUri", "InlineCode", "ImageUri", "PackageType"} {
				value, ok := properties[key]
				says = says || ok && value != "Zip"
			}
		}
		if !says {
			sources = append(sources, ".")
		}
	}
	return sources
}

// valuesOf lists what stands behind a key, at any depth.
func valuesOf(doc any, key string) []any {
	var values []any
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			values = append(values, valuesOf(item, key)...)
		}
	case map[string]any:
		for name, value := range doc {
			if name == key {
				values = append(values, value)
			}
			values = append(values, valuesOf(value, key)...)
		}
	}
	return values
}

func scalarsIn(doc any) []string {
	var scalars []string
	switch doc := doc.(type) {
	case string:
		scalars = append(scalars, strings.NewReplacer("${env:PWD}/", "./", "${PWD}/", "./", "$PWD/", "./", "$(pwd)/", "./").Replace(doc))
	case []any:
		for _, item := range doc {
			scalars = append(scalars, scalarsIn(item)...)
		}
	case map[string]any:
		for _, value := range doc {
			scalars = append(scalars, scalarsIn(value)...)
		}
	}
	return scalars
}

// hasProgram says whether a file(…) of the service, or of what it includes, names a program or ends in a variable.
func (o *oracle) hasProgram(s oracleService) bool {
	todo := []string{}
	for p := range o.head {
		if below(p, s.path) && o.ownManifest(s.path, p) && slices.Contains([]string{"serverless.yml", "serverless.yaml", "serverless.json"}, path.Base(p)) {
			todo = append(todo, p)
		}
	}
	seen := map[string]bool{}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		var doc any
		if yaml.Unmarshal([]byte(contentOf(o.head, p)), &doc) != nil {
			continue
		}
		if runsPlugin(doc) || len(handlersIn(doc)) > 0 || slices.ContainsFunc(requirementsIn(doc), func(p string) bool { return uncut(p) != p }) {
			return true
		}
		for _, scalar := range scalarsIn(doc) {
			calls := fileCall.FindAllStringSubmatch(scalar, -1)
			for _, call := range calls {
				name := strings.TrimSpace(call[1])
				_, behind, _ := strings.Cut(templateVariable.ReplaceAllString(name, "*"), "*")
				if slices.Contains(strings.Split(behind, "/"), "..") || strings.HasSuffix(name, "}") || strings.HasPrefix(name, "$") || slices.Contains(append([]string{".py", ".sh", ".bash"}, oracleSources...), path.Ext(name)) {
					return true
				}
			}
			for _, call := range calls {
				todo = append(todo, namedIn(o.head, call[1], []string{path.Dir(p), s.path})...)
			}
			before, _, _ := strings.Cut(scalar, "#")
			for _, named := range append(tokenEnd.Split(scalar, -1), scalar, before) {
				for _, dir := range []string{path.Dir(p), s.path} {
					at := walk(o.head, dir, named)
					_, isFile := o.head[at.path]
					if ext := path.Ext(at.path); !at.outside && isFile && (ext == ".yml" || ext == ".yaml" || ext == ".json") {
						todo = append(todo, at.path)
					}
				}
			}
		}
	}
	return false
}
