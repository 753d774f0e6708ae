package main

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/history"
)

// The oracle is a second statement of the planning rules, slow and obvious: two maps from path to content, nested loops,
// a rule a function. It knows nothing of the packages it is compared with. Of the manifests it reads the forms that the
// histories write (oracle_manifests_test.go), with parsers of its own.

// oracle has what the rules speak of: S, C, and the trees at base and head.
type oracle struct {
	base, head history.Tree
	changed    []string // C
	seed       oracleSeed
	services   []oracleService // S
	removed    []oracleService
	reach      map[string]map[string][]string // by service, by target: the chain
	broken     map[string]bool                // the services that reach a broken manifest
	// reachesScript are the services that reach a script that leads up, or source that nobody reads, elsewhere.
	reachesScript map[string]bool
	read          map[string]string // the files that some manifest includes, and so have edges: what they are
}

type oracleService struct {
	oracleEntry
	path, name, kind string
	missing          bool
}

// newOracle looks at two trees; changed are the paths that differ, and repository the name of the root.
func newOracle(base, head history.Tree, changed []string, repository string) *oracle {
	o := &oracle{
		base: base, head: head,
		reach: map[string]map[string][]string{}, broken: map[string]bool{}, reachesScript: map[string]bool{}, read: map[string]string{},
	}
	o.seed, _ = readOracleSeed(head)
	for _, f := range changed {
		submodule := base[f].Mode == "160000" || head[f].Mode == "160000"
		if !o.seed.ignores(f, submodule) || o.isSeed(f) && !o.seed.named().ignores(f, submodule) {
			o.changed = append(o.changed, f)
		}
	}
	o.services = servicesOf(head, o.seed, repository)
	o.removed = o.findRemoved(repository)
	for known := -1; known < len(o.read); { // one service includes what another one reaches as a plain file
		known = len(o.read)
		for _, s := range o.present() {
			o.follow(s)
		}
	}
	return o
}

func (o *oracle) present() []oracleService {
	return slices.DeleteFunc(slices.Clone(o.services), func(s oracleService) bool { return s.missing })
}

// Finding services.

var oracleMarkers = []struct{ name, kind string }{
	{"serverless.yml", "serverless"}, {"serverless.yaml", "serverless"}, {"serverless.json", "serverless"},
	{"serverless.ts", "serverless"}, {"serverless.js", "serverless"}, {"serverless.mjs", "serverless"}, {"serverless.cjs", "serverless"},
	{"sst.config.ts", "sst"}, {"sst.json", "sst"}, {"cdk.json", "cdk"},
	{"template.yaml", "sam"}, {"template.yml", "sam"},
}

var writtenByTools = []string{
	"node_modules", ".serverless", ".aws-sam", ".aws-composer", "cdk.out", ".sst", ".venv", ".monoplan",
}

// isMarker says whether the file at p makes its directory a service.
func isMarker(t history.Tree, p string) bool {
	file, ok := t[p]
	if !ok || file.Mode == "160000" {
		return false
	}
	if file.Mode == "120000" {
		at := walk(t, path.Dir(p), path.Base(p))
		if at.outside || !at.exists || t[at.path].Mode == "" {
			return false
		}
		file = t[at.path]
	}
	for _, segment := range strings.Split(path.Dir(p), "/") {
		if slices.Contains(writtenByTools, segment) {
			return false
		}
	}
	for _, m := range oracleMarkers {
		if path.Base(p) == m.name {
			return m.kind != "sam" || isSAM(file.Content)
		}
	}
	return false
}

func markedDirectories(t history.Tree) []string {
	dirs := map[string]bool{}
	for p := range t {
		if isMarker(t, p) {
			dirs[path.Dir(p)] = true
		}
	}
	return slices.Sorted(maps.Keys(dirs))
}

// kindOf is the type of the first marker, in their order of precedence; a directory without one is a command's.
func kindOf(t history.Tree, dir string) string {
	for _, m := range oracleMarkers {
		if isMarker(t, path.Join(dir, m.name)) {
			return m.kind
		}
	}
	return "command"
}

func servicesOf(t history.Tree, seed oracleSeed, repository string) []oracleService {
	found := map[string]oracleService{}
	if !seed.hasRegister {
		for _, dir := range markedDirectories(t) {
			found[dir] = oracleService{path: dir, kind: kindOf(t, dir)}
		}
	}
	for _, entry := range seed.register {
		if !entry.isGlob() {
			found[entry.pattern] = oracleService{
				oracleEntry: entry, path: entry.pattern, kind: kindOf(t, entry.pattern),
				missing: !isDirectory(t, entry.pattern),
			}
			continue
		}
		for _, dir := range markedDirectories(t) {
			if _, already := found[dir]; !already && entry.picks(dir) {
				found[dir] = oracleService{oracleEntry: entry, path: dir, kind: kindOf(t, dir)}
			}
		}
	}
	services := make([]oracleService, 0, len(found))
	for _, p := range slices.Sorted(maps.Keys(found)) {
		s := found[p]
		s.name = nameOf(t, s, repository)
		if s.wantKind != "" {
			s.kind = s.wantKind
		}
		services = append(services, s)
	}
	count := map[string]int{}
	for _, s := range services {
		count[s.name]++
	}
	for i, s := range services {
		if count[s.name] > 1 {
			services[i].name = s.path
		}
	}
	return services
}

func nameOf(t history.Tree, s oracleService, repository string) string {
	if s.wantName != "" {
		return s.wantName
	}
	for _, marker := range []string{"serverless.yml", "serverless.yaml", "serverless.json"} {
		if p := path.Join(s.path, marker); isMarker(t, p) {
			if name := serverlessName(contentOf(t, p)); name != "" {
				return name
			}
			break
		}
	}
	if s.path == "." {
		return repository
	}
	return path.Base(s.path)
}

// findRemoved lists what was a service in base, and is none at head.
func (o *oracle) findRemoved(repository string) []oracleService {
	baseSeed, parses := readOracleSeed(o.base)
	var inBase []oracleService
	if parses {
		inBase = servicesOf(o.base, baseSeed, repository)
	}
	known := func(list []oracleService, p string) bool {
		return slices.ContainsFunc(list, func(s oracleService) bool { return s.path == p })
	}
	// What head's register would have picked of base's tree.
	for _, s := range servicesOf(o.base, o.seed, repository) {
		if !known(inBase, s.path) {
			inBase = append(inBase, s)
		}
	}
	var removed []oracleService
	for _, s := range inBase {
		if s.missing {
			continue // base did not have it either
		}
		explicit := baseSeed.registers(s.path) || o.seed.registers(s.path)
		gone := !isDirectory(o.head, s.path)
		markerGone := !slices.Contains(markedDirectories(o.head), s.path)
		wasMarked := slices.Contains(markedDirectories(o.base), s.path)
		if gone || !explicit && wasMarked && markerGone {
			removed = append(removed, s)
		}
	}
	return removed
}

// "In a service": one of S, or one that was removed.

func (o *oracle) allServices() []oracleService { return append(slices.Clone(o.services), o.removed...) }

// inService says whether f lies in the service's directory. A plain file at the directory's own path does not.
func (o *oracle) inService(f string, s oracleService) bool {
	if f == s.path {
		return o.base[f].Mode == "160000" || o.head[f].Mode == "160000"
	}
	return below(f, s.path)
}

// innermost is the service that f belongs to, or empty.
func (o *oracle) innermost(f string) string {
	best, found := "", false
	for _, s := range o.allServices() {
		if o.inService(f, s) && (!found || below(s.path, best)) {
			best, found = s.path, true
		}
	}
	return best
}

// The rules.

func (o *oracle) ownFile(s oracleService, f string) bool {
	if o.innermost(f) == s.path {
		return true
	}
	for _, n := range o.allServices() {
		if below(n.path, s.path) && path.Dir(f) == n.path && isMarker(o.base, f) != isMarker(o.head, f) {
			return true
		}
	}
	return false
}

func (o *oracle) nestedFile(s oracleService, f string) bool {
	if s.isolated {
		return false
	}
	for _, n := range o.allServices() {
		if below(n.path, s.path) && o.inService(f, n) {
			return true
		}
	}
	return false
}

func (o *oracle) parentFile(s oracleService, f string) bool {
	if o.inService(f, s) {
		return false
	}
	owner := o.innermost(f)
	return owner != "" && below(s.path, owner)
}

// pathDependency gives the shortest chain to a target that holds f.
func (o *oracle) pathDependency(s oracleService, f string) []string {
	if !o.seed.pathDependencies || o.inService(f, s) {
		return nil
	}
	var best []string
	for target, chain := range o.reach[s.path] {
		if f != target && !below(f, target) {
			continue
		}
		if best == nil || len(chain) < len(best) || len(chain) == len(best) && slices.Compare(chain, best) < 0 {
			best = chain
		}
	}
	return best
}

// inLibrary says whether f lies in a target that some service reaches, outside every service and containing none.
func (o *oracle) inLibrary(f string) bool {
	if !o.seed.pathDependencies {
		return false
	}
	for _, s := range o.present() {
		for target := range o.reach[s.path] {
			if (f == target || below(f, target)) && o.isLibrary(target) {
				return true
			}
		}
	}
	return false
}

func (o *oracle) isLibrary(target string) bool {
	for _, s := range o.allServices() {
		if target == s.path || below(target, s.path) || below(s.path, target) {
			return false
		}
	}
	return true
}

func (o *oracle) libraryFile(s oracleService, f string) bool {
	return o.isOpen(s) && o.innermost(f) == "" && o.inLibrary(f) && o.pathDependency(s, f) == nil
}

func (o *oracle) orphanFile(s oracleService, f string) bool {
	if o.isSeed(f) {
		return o.innermost(f) != "."
	}
	if o.innermost(f) != "" || o.inLibrary(f) {
		return false
	}
	narrowed := o.seed.orphansOpen && o.seed.pathDependencies
	return !narrowed || o.isOpen(s)
}

// isSeed says whether f is seed.yml, or what that links to.
func (o *oracle) isSeed(f string) bool {
	at := walk(o.head, ".", "seed.yml")
	return f == "seed.yml" || f == at.path || slices.Contains(at.links, f)
}

// isOpen is the definition of closed, turned round.
func (o *oracle) isOpen(s oracleService) bool {
	return o.broken[s.path] || s.dependsOn == nil && (o.reachesScript[s.path] || !o.closedByFiles(s))
}

var oracleSources = []string{
	".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".go", ".rs", ".java", ".kt", ".cs", ".rb", ".php",
}

func (o *oracle) closedByFiles(s oracleService) bool {
	if s.kind == "cdk" || s.kind == "sst" {
		return false
	}
	declares := false
	directories := o.linkedFrom(s.path)
	for p, file := range o.head {
		if !slices.ContainsFunc(directories, func(dir string) bool { return below(p, dir) }) {
			continue
		}
		if slices.Contains(oracleSources, path.Ext(p)) {
			return false
		}
		if isScript(path.Base(p)) && leadsUp(file.Content) {
			return false
		}
		if !below(p, s.path) {
			continue
		}
		switch path.Base(p) {
		case "pyproject.toml", "requirements.txt", "Pipfile", "setup.cfg":
			declares = declares || o.ownManifest(s.path, p)
		}
	}
	return declares && !o.hasProgram(s)
}

// leadingUp says whether there is a script that leads up at a path or below it.
func (o *oracle) leadingUp(p string) bool {
	for f := range o.head {
		if (f == p || below(f, p)) && isScript(path.Base(f)) && leadsUp(contentOf(o.head, f)) {
			return true
		}
	}
	return false
}

// holdsSource says whether there is source that nobody reads at a path or below it.
func (o *oracle) holdsSource(p string) bool {
	for f := range o.head {
		if (f == p || below(f, p)) && o.head[f].Mode != "160000" && slices.Contains(oracleSources, path.Ext(f)) {
			return true
		}
	}
	return false
}

// linkedFrom lists a directory and those that symbolic links in it lead to, and so on.
func (o *oracle) linkedFrom(dir string) []string {
	list := []string{dir}
	for i := 0; i < len(list); i++ {
		for p, file := range o.head {
			if file.Mode != "120000" || !below(p, list[i]) {
				continue
			}
			at := walk(o.head, path.Dir(p), path.Base(p))
			if at.exists && !at.outside && isDirectory(o.head, at.path) && !slices.Contains(list, at.path) {
				list = append(list, at.path)
			}
		}
	}
	return list
}

var scriptName = regexp.MustCompile(`^(Makefile|makefile|GNUmakefile|setup\.py|(?i:(Dockerfile|\.?justfile|Taskfile(\.dist)?\.ya?ml|Containerfile|Dockerfile\..*|.*\.(dockerfile|mk|just|sh|bash|zsh|ksh|fish|ps1|psm1|bat|cmd|tf|tf\.json|tofu|hcl))))$`)

func isScript(name string) bool { return scriptName.MatchString(name) }

var upBeforeSlash, upAlone = regexp.MustCompile(`(^|[^.])\.\.[/\\]`), regexp.MustCompile(`(^|[^\w.-])\.\.($|[^\w.-])`)

var asksForAbove = regexp.MustCompile(`--show-(toplevel|cdup)|find_in_parent_folders|get_(path_to_)?repo_root|os\.pardir|\.parent\.parent|\.parents\[|dirname\((os\.path\.)?dirname\(|dirname "?\$\(dirname `)

func leadsUp(script string) bool {
	for line := range strings.Lines(script) {
		if line = strings.TrimRight(line, "\n"); upBeforeSlash.MatchString(line) || upAlone.MatchString(line) || asksForAbove.MatchString(line) {
			return true
		}
	}
	return false
}

// ownManifest says whether the manifest at p, below dir, is read for dir.
func (o *oracle) ownManifest(dir, p string) bool {
	for _, s := range o.services {
		if !s.missing && below(s.path, dir) && below(p, s.path) {
			return false
		}
	}
	rest := p
	if dir != "." {
		rest = strings.TrimPrefix(p, dir+"/")
	}
	return !slices.Contains(strings.Split(path.Dir(rest), "/"), "node_modules")
}

// plan decides every service. Where there is no base, hasBase is false.
func (o *oracle) plan(hasBase, force bool) []history.Decision {
	var plan []history.Decision
	for _, s := range o.services {
		if slices.ContainsFunc(o.removed, func(r oracleService) bool { return hasBase && r.path == s.path }) {
			continue
		}
		d := history.Decision{Action: "deploy", Path: s.path, Name: s.name, Type: s.kind, Reasons: o.reasons(s, hasBase, force)}
		if rule := d.Reasons[0].Rule; rule == "unchanged" || rule == "not-in-commit" {
			d.Action = "skip"
		}
		plan = append(plan, d)
	}
	for _, r := range o.removed {
		if hasBase {
			plan = append(plan, history.Decision{
				Action: "remove", Path: r.path, Name: r.name, Type: r.kind, Reasons: []history.Reason{{Rule: "not-in-commit"}},
			})
		}
	}
	slices.SortFunc(plan, func(a, b history.Decision) int { return strings.Compare(a.Path, b.Path) })
	return plan
}

func (o *oracle) reasons(s oracleService, hasBase, force bool) []history.Reason {
	switch {
	case s.missing:
		return []history.Reason{{Rule: "not-in-commit"}}
	case force:
		return []history.Reason{{Rule: "forced"}}
	case o.seed.checkDisabled(s):
		return []history.Reason{{Rule: "check-disabled"}}
	case len(o.present()) == 1:
		return []history.Reason{{Rule: "single-service"}}
	case !hasBase:
		return []history.Reason{{Rule: "first-deploy"}}
	}
	var reasons []history.Reason
	for _, rule := range []struct {
		name  string
		holds func(oracleService, string) bool
	}{
		{"own-file", o.ownFile}, {"nested-file", o.nestedFile}, {"parent-file", o.parentFile},
		{"path-dependency", nil}, {"library-file", o.libraryFile}, {"orphan-file", o.orphanFile},
	} {
		if rule.holds == nil {
			reasons = append(reasons, o.chains(s)...)
			continue
		}
		reason := history.Reason{Rule: rule.name}
		for _, f := range o.changed {
			if rule.holds(s, f) {
				count(&reason, f)
			}
		}
		if reason.Files > 0 {
			reasons = append(reasons, reason)
		}
	}
	if reasons == nil {
		reasons = []history.Reason{{Rule: "unchanged"}}
	}
	return reasons
}

// chains gives one reason a chain, shorter ones first.
func (o *oracle) chains(s oracleService) []history.Reason {
	var reasons []history.Reason
	for _, f := range o.changed {
		chain := o.pathDependency(s, f)
		if chain == nil {
			continue
		}
		i := slices.IndexFunc(reasons, func(r history.Reason) bool { return slices.Equal(r.Via, chain) })
		if i < 0 {
			i, reasons = len(reasons), append(reasons, history.Reason{Rule: "path-dependency", Via: chain})
		}
		count(&reasons[i], f)
	}
	slices.SortFunc(reasons, func(a, b history.Reason) int {
		if len(a.Via) != len(b.Via) {
			return len(a.Via) - len(b.Via)
		}
		return slices.Compare(a.Via, b.Via)
	})
	return reasons
}

func count(r *history.Reason, f string) {
	if r.Files == 0 || f < r.File {
		r.File = f
	}
	r.Files++
}

// below says whether p lies in the directory dir, by path segment, and is not dir itself.
func below(p, dir string) bool {
	if dir == "." {
		return p != "."
	}
	return strings.HasPrefix(p, dir+"/")
}

// isDirectory says whether the tree has something below the path, or a submodule at it.
func isDirectory(t history.Tree, dir string) bool {
	for p, file := range t {
		if below(p, dir) || p == dir && file.Mode == "160000" {
			return true
		}
	}
	return dir == "."
}
