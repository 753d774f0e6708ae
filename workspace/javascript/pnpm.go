package javascript

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/internal/javascript/glob"
	"github.com/monoplan/monoplan/internal/javascript/semver"
)

// Pnpm gives the projects that pnpm has.
func Pnpm(f Files) Workspace {
	p := pnpm{builder: builder{files: f}}
	if p.readRoot() {
		p.take(p.candidates())
		for i := range p.Packages {
			p.check(i)
			p.dependencies(i)
		}
		p.warnOfCycles()
	}
	return p.Workspace
}

type pnpm struct {
	builder
	config PnpmConfig
}

// readRoot reads the configuration. It reports false where there is none, or it cannot be read.
func (p *pnpm) readRoot() bool {
	if broken := p.files.Broken[PnpmFile]; broken != nil {
		p.fail(PnpmFile, broken.Line, "does not parse: %s", broken.Message)
		return false
	}
	if p.files.Pnpm == nil {
		p.fail(PnpmFile, 0, "is not there")
		return false
	}
	for _, s := range p.files.Pnpm.Refused {
		p.fail(PnpmFile, s.Line, "pnpm does not take %s", s.Key)
	}
	p.config = *p.files.Pnpm
	if p.files.Npmrc != nil && p.readsNpmrc() {
		p.takeNpmrc(p.files.Npmrc)
	}
	p.Ignore, p.Tests = p.config.IgnorePatterns, p.config.TestPatterns
	return true
}

// takeNpmrc takes what pnpm-workspace.yaml does not say.
func (p *pnpm) takeNpmrc(from *PnpmConfig) {
	p.config.LinkWorkspacePackages = p.config.LinkWorkspacePackages || from.LinkWorkspacePackages
	if !p.config.HasIgnorePatterns {
		p.config.IgnorePatterns = from.IgnorePatterns
	}
	if !p.config.HasTestPatterns {
		p.config.TestPatterns = from.TestPatterns
	}
	for _, s := range from.Refused {
		isIgnore := strings.HasPrefix(s.Key, ignorePatternKey)
		if isIgnore && !p.config.HasIgnorePatterns || !isIgnore && !p.config.HasTestPatterns {
			p.fail(NpmrcFile, s.Line, "pnpm does not take %s", s.Key)
		}
	}
}

// lastWithNpmrc is the last major version of pnpm that reads these settings from .npmrc.
const lastWithNpmrc = 10

// readsNpmrc reports whether packageManager names a pnpm that reads its settings from .npmrc.
func (p *pnpm) readsNpmrc() bool {
	if !slices.Contains(p.files.Manifests, RootFile) {
		return false
	}
	m, broken := p.files.Manifest(RootFile)
	if broken != nil {
		return false
	}
	version, ok := strings.CutPrefix(m.PackageManager, "pnpm@")
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	return ok && err == nil && n <= lastWithNpmrc
}

// candidates gives the manifests of projects: those in directories that match a glob, and the root's. Of several in a
// directory the first in byte order counts.
func (p *pnpm) candidates() []string {
	globs := p.config.Packages
	if !p.config.HasPackages {
		globs = []string{"."}
	}
	var in, out []*glob.Pattern
	for _, g := range globs {
		body, negated := strings.CutPrefix(g, "!")
		switch of := projectGlob(path.Clean(body)); {
		case strings.HasPrefix(body, "/"):
		case negated:
			out = append(out, glob.Picomatch(of, glob.Options{Dot: true}))
		default:
			in = append(in, glob.Picomatch(of, glob.Options{Posix: true}))
		}
	}
	matches := func(globs []*glob.Pattern, file string) bool {
		return slices.ContainsFunc(globs, func(g *glob.Pattern) bool { return g.Match(file) })
	}
	var paths []string
	taken := make(map[string]bool)
	for _, m := range p.files.Manifests {
		dir := directory(m)
		inWorkspace := dir == "." || matches(in, m) && !matches(out, m)
		if inWorkspace && !taken[dir] && !isInstalled(m) {
			taken[dir] = true
			paths = append(paths, m)
		}
	}
	p.failAtSubmodules(func(m string) bool { return matches(in, m) && !matches(out, m) && !isInstalled(m) })
	onlyRoot := slices.Equal(globs, []string{"."})
	if inside := slices.DeleteFunc(slices.Clone(paths), func(m string) bool { return directory(m) == "." }); len(inside) == 0 && !onlyRoot {
		p.fail(PnpmFile, p.config.PackagesLine, "the globs of packages match no package.json")
	}
	return paths
}

// projectGlob makes a glob of directories one of their manifests.
func projectGlob(pattern string) string {
	return strings.TrimSuffix(pattern, "/") + "/package.{json,yaml,json5}"
}

// isInstalled reports whether a path lies below what package managers write.
func isInstalled(p string) bool {
	for segment := range strings.SplitSeq(directory(p), "/") {
		if segment == "node_modules" || segment == "bower_components" {
			return true
		}
	}
	return false
}

// check warns of what a user may not mean.
func (p *pnpm) check(i int) {
	m := p.manifests[i]
	if same := p.byName[m.Name]; m.Name != "" && same[0] != i {
		p.warn(p.Packages[i].Manifest, m.NameLine, "%s is called %q too; who depends on that name depends on the one that has the version", p.Packages[same[0]].Path, m.Name)
	}
	p.checkVersion(i)
	p.checkSpecs(i)
	p.findUses(i)
}

// checkSpecs finds what pnpm fails on: of a name the spec that counts is no text.
func (p *pnpm) checkSpecs(i int) {
	m := p.manifests[i]
	for _, odd := range m.OddSpecs {
		at := slices.Index(pnpmSections, odd.Section)
		if !slices.ContainsFunc(m.Dependencies, func(d Dependency) bool {
			return d.Name == odd.Name && slices.Index(pnpmSections, d.Section) < at
		}) {
			p.fail(p.Packages[i].Manifest, odd.Line, "pnpm does not take a spec that is no text, such as that of %q", odd.Name)
			return
		}
	}
}

// findUses notes the entries of catalogs that a project names, in any section.
func (p *pnpm) findUses(i int) {
	for _, d := range p.manifests[i].Dependencies {
		catalog, name, ok := catalogUse(d)
		if !ok {
			continue
		}
		if p.Uses == nil {
			p.Uses = make(map[int][]CatalogUse)
		}
		p.Uses[i] = append(p.Uses[i], CatalogUse{catalog, name})
		if _, defined := p.config.entry(catalog, name); !defined {
			p.warn(p.Packages[i].Manifest, d.Line, "no catalog called %q has an entry for %q, so what %q stands for is not known", catalog, name, d.Spec)
		}
	}
}

// catalogUse gives the entry that a spec names: "catalog:", "catalog:name" or "npm:other@catalog:".
func catalogUse(d Dependency) (catalog, name string, ok bool) {
	if catalog, ok = catalogName(d.Spec); ok {
		return catalog, d.Name, true
	}
	alias, isAlias := strings.CutPrefix(d.Spec, "npm:")
	at := strings.LastIndexByte(alias, '@')
	if !isAlias || at <= 0 {
		return "", "", false
	}
	catalog, ok = catalogName(alias[at+1:])
	return catalog, alias[:at], ok
}

func catalogName(spec string) (string, bool) {
	name, ok := strings.CutPrefix(spec, "catalog:")
	return cmp.Or(strings.TrimSpace(name), defaultCatalog), ok
}

// pnpmSections is the order of sections in which pnpm takes the first spec of a name.
var pnpmSections = []Section{Dependencies, OptionalDependencies, DevDependencies, PeerDependencies}

// dependencies finds a project's dependencies: of each name one spec.
func (p *pnpm) dependencies(from int) {
	for _, d := range p.manifests[from].first(pnpmSections...) {
		if to, ok := p.resolve(from, d); ok {
			p.edge(from, to, d.Line)
		}
	}
}

// resolve finds the project that a dependency means.
func (p *pnpm) resolve(from int, d Dependency) (to int, ok bool) {
	spec := d.Spec
	if catalog, isCatalog := catalogName(spec); isCatalog {
		e, defined := p.config.entry(catalog, d.Name)
		if !defined || strings.HasPrefix(e.Spec, "catalog:") {
			return 0, false
		}
		spec = e.Spec
		// pnpm 12 takes a path of a catalog from the workspace's root; pnpm 11 takes one without a protocol from the project.
		if directory, isPath := localPath(spec); isPath {
			if to, ok = p.byPath[join(".", directory)]; ok || directory != spec {
				return to, ok
			}
		}
	}
	if spec == "" {
		return 0, false // the tag latest
	}
	if version, isWorkspace := strings.CutPrefix(spec, "workspace:"); isWorkspace {
		return p.inWorkspace(from, d.Name, version)
	}
	if directory, isPath := localPath(spec); isPath {
		to, ok = p.byPath[join(p.Packages[from].Path, directory)]
		return to, ok
	}
	name := d.Name
	if alias, isAlias := strings.CutPrefix(spec, "npm:"); isAlias {
		if _, isRange := semver.ParseRange(alias, semver.Options{}); isRange {
			spec = alias
		} else {
			name, spec = splitAlias(alias, "latest")
		}
		spec = normal(spec)
	}
	if !p.config.LinkWorkspacePackages {
		return 0, false
	}
	return p.byVersion(name, spec, false)
}

// inWorkspace resolves what stands behind "workspace:": a path, or a range, be it with another name before it.
func (p *pnpm) inWorkspace(from int, name, version string) (to int, ok bool) {
	if strings.IndexByte("._/", firstByte(version)) < 0 && strings.Contains(version[1:], "@") {
		name, version = splitAlias(version, "")
	}
	if version == "." || version == ".." || strings.HasPrefix(version, "./") || strings.HasPrefix(version, "../") {
		to, ok = p.byPath[join(p.Packages[from].Path, version)]
		return to, ok
	}
	switch version {
	case "", "^", "~":
		version = "*"
	}
	return p.byVersion(name, normal(version), true)
}

// normal writes "*" for every range that is all versions. pnpm reads the specs of the workspace protocol and of aliases with
// the parser for registries, which does so, and "*" alone has the prereleases too.
func normal(spec string) string {
	if r, ok := semver.ParseRange(spec, semver.Options{Loose: true}); ok && r.IsAll() {
		return "*"
	}
	return spec
}

func firstByte(s string) byte {
	if s == "" {
		return '.'
	}
	return s[0]
}

// splitAlias cuts "name@range" and "@scope/name@range".
func splitAlias(alias, otherwise string) (name, spec string) {
	if at := strings.LastIndexByte(alias, '@'); at > 0 {
		return alias[:at], alias[at+1:]
	}
	return alias, otherwise
}

// localPath gives the directory that a spec names.
func localPath(spec string) (string, bool) {
	if directory, ok := strings.CutPrefix(spec, "link:"); ok {
		return directory, true
	}
	if directory, ok := strings.CutPrefix(spec, "file:"); ok {
		return directory, !isTarball(directory)
	}
	isPath := spec == "." || spec == ".." || strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../")
	return spec, isPath && !isTarball(spec)
}

func isTarball(p string) bool {
	return strings.HasSuffix(p, ".tgz") || strings.HasSuffix(p, ".tar.gz") || strings.HasSuffix(p, ".tar")
}

// byVersion finds the project of a name whose version a range has; of several the latest.
func (p *pnpm) byVersion(name, spec string, isWorkspace bool) (to int, ok bool) {
	var versioned []int
	for _, c := range p.byName[name] {
		if p.manifests[c].Version != "" {
			versioned = append(versioned, c)
		}
	}
	switch {
	case len(p.byName[name]) == 0:
		return 0, false
	case isWorkspace && len(versioned) == 0:
		return p.byName[name][0], true
	}
	for _, c := range versioned {
		if p.manifests[c].Version == spec {
			return c, true
		}
	}
	if spec == "*" || spec == "" {
		return p.latest(versioned, "*", semver.Options{Prereleases: true}, true)
	}
	return p.latest(versioned, spec, semver.Options{Loose: true}, false)
}

// latest gives the project of the latest version that a range has; where none is, and any will do, that of the last
// version as text.
func (p *pnpm) latest(projects []int, in string, o semver.Options, any bool) (to int, ok bool) {
	r, isRange := semver.ParseRange(in, o)
	var best semver.Version
	for _, c := range projects {
		v, isVersion := semver.Parse(p.manifests[c].Version, o)
		if isRange && isVersion && r.Has(v) && (!ok || v.Compare(best) > 0) {
			to, ok, best = c, true, v
		}
	}
	if ok || !any || len(projects) == 0 {
		return to, ok
	}
	return slices.MaxFunc(projects, func(a, b int) int { return cmp.Compare(p.manifests[a].Version, p.manifests[b].Version) }), true
}
