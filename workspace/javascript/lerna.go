package javascript

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/javascript/glob"
	"github.com/monoplan/monoplan/internal/javascript/semver"
)

// Lerna gives the packages that Lerna has. It takes them from Nx's graph of projects, so what Nx finds counts before
// Lerna's own globs do.
func Lerna(f Files) Workspace {
	f.Manifest = withoutBOM(f.Manifest)
	l := lerna{builder: builder{files: f}}
	if l.readRoot() {
		l.take(l.candidates())
		l.force()
		for i := range l.Packages {
			l.checkVersion(i)
			l.dependencies(i)
		}
		l.warnOfCycles()
	}
	return l.Workspace
}

// withoutBOM has a manifest that begins with a byte order mark not parse, as Nx has it.
func withoutBOM(read func(string) (*Manifest, *Broken)) func(string) (*Manifest, *Broken) {
	return func(p string) (*Manifest, *Broken) {
		m, broken := read(p)
		if broken == nil && m.BOM {
			return m, &Broken{Message: BOMMessage, Line: 1}
		}
		return m, broken
	}
}

// BOMMessage is why Lerna does not parse a file that is well-formed but for its first three bytes.
const BOMMessage = "it begins with a byte order mark, which Lerna does not take"

type lerna struct {
	builder
	config LernaConfig
	// file is where the configuration stands, and root the root's manifest.
	file string
	root *Manifest
	// globs say which of the projects are packages, and where they stand.
	globs     []string
	globsFile string
	globsLine int
	// nx has what is said in project.json, by directories.
	nx map[string]*Manifest
}

// readRoot finds the globs. It reports false where there are none, or none can be read.
func (l *lerna) readRoot() bool {
	if !slices.Contains(l.files.Manifests, RootFile) {
		l.fail(RootFile, 0, "is not there")
		return false
	}
	m, broken := l.files.Manifest(RootFile)
	if broken != nil {
		l.fail(RootFile, broken.Line, "does not parse: %s", broken.Message)
		return false
	}
	l.root = m
	for _, file := range []string{LernaFile, PnpmFile} {
		if broken := l.files.Broken[file]; broken != nil {
			l.fail(file, broken.Line, "does not parse: %s", broken.Message)
			return false
		}
	}
	switch {
	case l.files.Lerna != nil:
		l.config, l.file = *l.files.Lerna, LernaFile
	case l.root.Lerna != nil:
		l.config, l.file = *l.root.Lerna, RootFile
	}
	l.warnOfConfig()
	l.Ignore, l.IncludeDependencies = l.config.IgnoreChanges, l.config.IncludeDependencies
	return l.findGlobs()
}

// findGlobs takes those of lerna.json, else those of package.json, else those of pnpm-workspace.yaml, which come first
// where npmClient is pnpm.
func (l *lerna) findGlobs() bool {
	pnpm := l.files.Pnpm
	if pnpm == nil {
		pnpm = &PnpmConfig{}
	}
	switch {
	case l.config.HasPackages && l.config.NPMClient != "pnpm":
		l.globs, l.globsFile, l.globsLine = l.config.Packages, l.file, l.config.PackagesLine
	case pnpm.HasPackages && (l.config.NPMClient == "pnpm" || !l.root.HasWorkspaces):
		l.globs, l.globsFile, l.globsLine = pnpm.Packages, PnpmFile, pnpm.PackagesLine
	case l.root.HasWorkspaces:
		l.globs, l.globsFile, l.globsLine = l.root.Workspaces, RootFile, l.root.WorkspacesLine
	default:
		l.fail(cmp.Or(l.file, RootFile), 0, "names no packages: there is neither packages in lerna.json, nor workspaces in package.json, nor pnpm-workspace.yaml")
		return false
	}
	if l.config.UseWorkspaces > 0 && l.config.HasPackages && l.root.HasWorkspaces {
		l.globs = slices.Concat(l.globs, l.root.Workspaces) // which of the two it is depends on Lerna's version
	}
	return true
}

func (l *lerna) warnOfConfig() {
	if l.config.HasPackages && l.config.NPMClient == "pnpm" {
		l.fail(l.file, l.config.PackagesLine, "Lerna takes no packages where npmClient is pnpm: those of pnpm-workspace.yaml count")
	}
	for _, s := range l.config.Refused {
		l.fail(l.file, s.Line, "Lerna does not take %s", s.Key)
	}
	if l.root.OddWorkspaces {
		l.fail(RootFile, l.root.WorkspacesLine, "Lerna does not take workspaces that are not all text")
	}
	for _, s := range l.config.Unheeded {
		l.warn(l.file, s.Line, "%s would leave changed packages out of the list, and is not heeded", s.Key)
	}
	if line := l.config.Since; line > 0 {
		l.Unaskable = &Warning{l.file, line, "with since Lerna never lists all packages"}
	}
	if line := l.config.UseWorkspaces; line > 0 {
		l.warn(l.file, line, "useWorkspaces is a setting that Lerna does not have any more: packages and workspaces say which packages there are")
	}
	if line := l.config.Extends; line > 0 {
		l.warn(l.file, line, "extends is not followed, so the settings of that file do not count")
	}
}

// candidates gives the manifests of packages.
func (l *lerna) candidates() []string {
	l.readProjects()
	isProject := l.projects()
	var own []*glob.Pattern
	for _, g := range l.globs {
		own = append(own, glob.Minimatch(strings.TrimPrefix(g, "./"), glob.Options{}))
	}
	isPackage := func(p string) bool {
		return slices.ContainsFunc(own, func(g *glob.Pattern) bool { return g.Match(directory(p)) })
	}
	var projects, paths []string
	for _, p := range l.files.Manifests {
		if baseName(p) != RootFile || !isProject(p) || l.isSkipped(p) {
			continue
		}
		projects = append(projects, p)
		if isPackage(p) {
			paths = append(paths, p)
		}
	}
	l.failAtSubmodules(func(p string) bool { return isProject(p) && !l.isSkipped(p) && isPackage(p) })
	l.checkProjects(projects)
	if len(paths) == 0 {
		l.fail(l.globsFile, l.globsLine, "the globs of packages match no package.json")
	}
	return paths
}

// readProjects reads what Nx is told beside the packages.
func (l *lerna) readProjects() {
	l.nx = make(map[string]*Manifest)
	l.files.Fetch(l.files.Projects)
	for _, p := range l.files.Projects {
		if l.isSkipped(p) {
			continue
		}
		m, broken := l.files.Manifest(p)
		if broken != nil {
			l.fail(p, broken.Line, "does not parse: %s", broken.Message)
		}
		l.nx[directory(p)] = m
	}
}

// checkProjects finds what Nx fails on, be it in a project that is no package: manifests that do not parse, a root without a
// name, and two of one name. In a project without a package.json the project.json is the manifest.
func (l *lerna) checkProjects(projects []string) {
	l.files.Fetch(projects)
	for _, dir := range slices.Sorted(maps.Keys(l.nx)) {
		if !slices.Contains(projects, join(dir, RootFile)) {
			projects = append(projects, join(dir, ProjectFile))
		}
	}
	called := make(map[string]string)
	for _, p := range projects {
		m, broken := l.files.Manifest(p)
		if broken != nil {
			l.fail(p, broken.Line, "does not parse: %s", broken.Message)
			continue
		}
		if m.OddName {
			l.fail(p, m.NameLine, "Lerna does not take a name that is empty or no text")
		}
		if p == RootFile && m.Name == "" && m.NxName == "" {
			l.fail(p, 0, "Lerna does not take a root without a name that has settings for Nx")
		}
		name := cmp.Or(m.NxName, m.Name, strings.ToLower(baseName(directory(p))))
		if of := l.nx[directory(p)]; of != nil {
			name = cmp.Or(of.Name, name)
		}
		if other, ok := called[name]; ok {
			l.fail(p, m.NameLine, "%s is called %q too, which Lerna does not take", other, name)
		}
		called[name] = directory(p)
	}
}

// projects says which manifests are projects of Nx: those that match any glob of any of the files that name packages,
// and all that begin with "!", and those beside a project.json.
func (l *lerna) projects() func(string) bool {
	patterns := slices.Clone(l.root.Workspaces)
	if l.files.Pnpm != nil {
		patterns = append(patterns, l.files.Pnpm.Packages...)
	}
	switch {
	case l.file == LernaFile && len(l.config.Packages) > 0:
		patterns = append(patterns, l.config.Packages...)
	case l.file == LernaFile:
		patterns = append(patterns, "packages/*")
	case l.config.HasPackages:
		patterns = append(patterns, l.config.Packages...)
	}
	for i, p := range patterns {
		patterns[i] = manifestGlob(p)
	}
	if l.root.Nx {
		patterns = append(patterns, RootFile)
	}
	var in, out []*glob.Pattern
	for _, p := range patterns {
		compiled := glob.Minimatch(p, glob.Options{})
		if compiled.Negated {
			out = append(out, compiled)
		} else {
			in = append(in, compiled)
		}
	}
	if len(in) == 0 || len(in) == 1 && l.root.Nx {
		in = append(in, glob.Minimatch("**/"+RootFile, glob.Options{}))
	}
	// A pattern is a path as well, be there brackets in it.
	return func(p string) bool {
		if l.nx[directory(p)] != nil {
			return true
		}
		isIn := slices.Contains(patterns, p) || slices.ContainsFunc(in, func(g *glob.Pattern) bool { return g.Match(p) })
		isOut := slices.Contains(patterns, "!"+p) || slices.ContainsFunc(out, func(g *glob.Pattern) bool { return !g.Match(p) })
		return isIn && !isOut
	}
}

// manifestGlob makes a glob of directories one of their manifests, as Nx does: "!." is a name to it.
func manifestGlob(pattern string) string {
	if !strings.HasSuffix(pattern, "/"+RootFile) {
		pattern = path.Join(pattern, RootFile)
	}
	return strings.TrimPrefix(pattern, "./")
}

// isSkipped reports whether Nx does not see a file: it is ignored, or below what package managers write.
func (l *lerna) isSkipped(p string) bool {
	return slices.Contains(strings.Split(p, "/"), "node_modules") || l.files.Ignored(p)
}

// force marks the packages of forcePublish.
func (l *lerna) force() {
	for i := range l.Packages {
		p := &l.Packages[i]
		p.Forced = l.config.ForceAll || slices.Contains(l.config.Force, l.manifests[i].Name)
	}
}

// dependencies finds a package's dependencies. There are two readings of a manifest, Nx's and Lerna's own, and both
// have to take what they read for a dependency on the sibling.
func (l *lerna) dependencies(from int) {
	m := l.manifests[from]
	own := make(map[string]Dependency)
	for _, d := range m.first(Dependencies, DevDependencies, OptionalDependencies, PeerDependencies) {
		own[d.Name] = d
	}
	for _, d := range m.first(Dependencies, DevDependencies, PeerDependencies, OptionalDependencies) {
		for _, to := range l.byName[d.Name] {
			if !l.nxTakes(from, to, d.Spec) {
				continue
			}
			spec := l.truthy(m, own[d.Name])
			l.checkSpec(from, spec)
			if l.lernaTakes(from, to, spec) {
				l.edge(from, to, d.Line)
			}
		}
	}
}

// truthy gives the dependency that Lerna reads: an empty spec is none to it, and it looks on in the next section.
func (l *lerna) truthy(m *Manifest, d Dependency) Dependency {
	if d.Spec != "" {
		return d
	}
	for _, section := range []Section{Dependencies, DevDependencies, OptionalDependencies, PeerDependencies} {
		for _, other := range m.Dependencies {
			if other.Section == section && other.Name == d.Name && other.Spec != "" {
				return other
			}
		}
	}
	return d
}

// checkSpec finds what Lerna fails on: a spec that is neither a range nor a path nor an address, and no tag either.
func (l *lerna) checkSpec(from int, d Dependency) {
	spec := strings.TrimSpace(strings.TrimPrefix(d.Spec, "workspace:"))
	if protocol, _, ok := strings.Cut(spec, ":"); ok && slices.Contains([]string{"catalog", "portal", "patch", "exec", "jsr"}, protocol) {
		l.fail(l.Packages[from].Manifest, d.Line, "Lerna does not know the protocol of the spec %q of %q", d.Spec, d.Name)
		return
	}
	if alias, isAlias := strings.CutPrefix(spec, "npm:"); isAlias {
		_, spec = splitAlias(alias, "")
	}
	if strings.ContainsAny(spec, "/:") || strings.HasPrefix(spec, ".") || spec == "^" || spec == "~" {
		return
	}
	if _, isRange := semver.ParseRange(spec, semver.Options{Loose: true}); isRange {
		return
	}
	if strings.ContainsFunc(spec, func(r rune) bool { return r >= 0x80 || strings.ContainsRune(` "#$%&+,;<=>?@[\]^`+"`{|}", r) }) {
		l.fail(l.Packages[from].Manifest, d.Line, "Lerna does not take the spec %q of %q", d.Spec, d.Name)
	}
}

// isTold reports whether Nx is told of dependencies of a package that it does not find.
func (l *lerna) isTold(i int) bool {
	of := l.nx[l.Packages[i].Path]
	return l.manifests[i].Implicit || of != nil && of.Implicit
}

// nxTakes: anything where it is told of dependencies besides, as one of them may be this; else any spec of the workspace protocol, "*",
// file: with exactly the directory, or a range that has the version, prereleases included.
func (l *lerna) nxTakes(from, to int, spec string) bool {
	if l.isTold(from) || strings.HasPrefix(spec, "workspace:") || spec == "*" {
		return true
	}
	if path, ok := strings.CutPrefix(spec, "file:"); ok && !strings.HasSuffix(path, "/") && join(l.Packages[from].Path, path) == l.Packages[to].Path {
		return true
	}
	return semver.Satisfies(l.manifests[to].Version, spec, semver.Options{Prereleases: true})
}

// lernaTakes: the workspace protocol; but for peers also the directory, or a range that has the version. A link counts as its
// directory here: Nx does not take one, but may have read another section.
func (l *lerna) lernaTakes(from, to int, d Dependency) bool {
	switch path, isPath := localPath(d.Spec); {
	case strings.HasPrefix(d.Spec, "workspace:"):
		return true
	case d.Section == PeerDependencies, d.Spec == "":
		return false
	case isPath:
		return join(l.Packages[from].Path, path) == l.Packages[to].Path
	}
	return semver.Satisfies(l.manifests[to].Version, d.Spec, semver.Options{})
}
