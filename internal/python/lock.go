package python

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// Lock is what a poetry.lock or uv.lock says about the packages that come from local paths.
type Lock struct {
	// Packages has every package of the lock, in its order. Where none comes from a local path, they have a name and a
	// line and nothing else.
	Packages []LockPackage
	// Roots and DevRoots are packages that the lock itself says are needed first: for what is deployed, and for development.
	Roots, DevRoots []int
}

// LockPackage is one package of a lock.
type LockPackage struct {
	Name string // normalized
	Line int    // of the path, or of the name where there is no path
	// Path is where the package comes from, as in Reference; empty for one that comes from elsewhere.
	Path         string
	Subdirectory string
	Kind         Kind
	// Needs and DevNeeds are the packages that this one needs, as indices; DevNeeds for its development alone.
	Needs, DevNeeds []int
	Use             Use
}

// Use is what a lock says about who needs a package.
type Use uint8

// The uses of a package.
const (
	UseUnknown Use = iota // to be found out from what needs what
	UseMain               // some group that counts needs it
	UseDev                // dev groups alone need it
)

// Disagreement is a dependency that a manifest and its lock take from different places. An empty path is one that is not local.
type Disagreement struct {
	Name                   string
	ManifestPath, LockPath string
	ManifestLine, LockLine int
}

// Local gives the lock's local sources, those that dev groups alone reach with Dev set. m is the manifest beside the lock, or nil;
// what no group of either is seen to reach counts as needed.
func (l *Lock) Local(m *Manifest) []Reference {
	elsewhere := func(p LockPackage) bool { return p.Path != "" && !isHere(p.Path) }
	if !slices.ContainsFunc(l.Packages, elsewhere) {
		return nil
	}
	return l.references(l.needed(m), func(i int) bool { return elsewhere(l.Packages[i]) })
}

// LocalOf gives those of the local sources that one member of a uv workspace needs, with Dev set where its development alone
// does. The member is in the directory dir, relative to the lock's, and m is its manifest: a lock may be older than what that names.
func (l *Lock) LocalOf(dir string, m *Manifest) []Reference {
	main, dev := l.named(m.Dependencies, false), l.named(m.Dependencies, true)
	for i, p := range l.Packages {
		if p.Path != "" && p.Kind == PathDependency && path.Clean(p.Path) == dir {
			main, dev = append(main, i), append(dev, p.DevNeeds...)
		}
	}
	needed := make([]bool, len(l.Packages))
	l.reach(needed, main)
	all := slices.Clone(needed)
	l.reach(all, dev)
	return l.references(needed, func(i int) bool { return all[i] && l.Packages[i].Path != "" })
}

// references gives the packages that count as what a manifest would say of them; needed are those that more than development needs.
func (l *Lock) references(needed []bool, counts func(i int) bool) []Reference {
	var references []Reference
	for i, p := range l.Packages {
		if !counts(i) {
			continue
		}
		r := Reference{Path: p.Path, Subdirectory: p.Subdirectory, Kind: p.Kind, Line: p.Line, Dev: !needed[i], Name: p.Name}
		if !slices.Contains(references, r) {
			references = append(references, r)
		}
	}
	return references
}

// needed tells for each package whether more than dev groups need it.
func (l *Lock) needed(m *Manifest) []bool {
	main, dev := slices.Clone(l.Roots), slices.Clone(l.DevRoots)
	if m != nil {
		main = append(main, l.named(m.Dependencies, false)...)
		main = append(main, l.named(m.PoetryDependencies, false)...)
		dev = append(dev, l.named(m.Dependencies, true)...)
		dev = append(dev, l.named(m.PoetryDependencies, true)...)
	}
	for i, p := range l.Packages {
		if p.Use == UseMain || isHere(p.Path) {
			main = append(main, i)
		}
		if p.Use == UseDev {
			dev = append(dev, i)
		}
	}
	needed := make([]bool, len(l.Packages))
	l.reach(needed, main)
	// Neither the manifest nor the lock names everything that is a root: a workspace's members are, and so is what an
	// out-of-date manifest does not know of. First those that nothing else needs, then whatever cycles are left.
	l.reach(needed, l.unneeded(l.reached(needed, dev)))
	l.reach(needed, l.missing(l.reached(needed, dev)))
	return needed
}

// named gives the packages that have the name of a dependency.
func (l *Lock) named(dependencies []Dependency, dev bool) []int {
	names := map[string]bool{}
	for _, d := range dependencies {
		if d.Dev == dev {
			names[d.Name] = true
		}
	}
	var packages []int
	for i, p := range l.Packages {
		if names[p.Name] {
			packages = append(packages, i)
		}
	}
	return packages
}

// reach marks the packages that these need, and these.
func (l *Lock) reach(reached []bool, from []int) {
	queue := slices.Clone(from)
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if !reached[i] {
			reached[i] = true
			queue = append(queue, l.Packages[i].Needs...)
		}
	}
}

// reached gives what is needed, or reached from development: from dev groups, and from the development of what is needed.
func (l *Lock) reached(needed []bool, dev []int) []bool {
	all := slices.Clone(needed)
	l.reach(all, dev)
	for i, p := range l.Packages {
		if needed[i] {
			l.reach(all, p.DevNeeds)
		}
	}
	return all
}

// unneeded gives the packages that are not reached, and that no package needs.
func (l *Lock) unneeded(reached []bool) []int {
	needed := slices.Clone(reached)
	for i, p := range l.Packages {
		for _, other := range slices.Concat(p.Needs, p.DevNeeds) {
			needed[other] = needed[other] || other != i
		}
	}
	return l.missing(needed)
}

func (l *Lock) missing(reached []bool) []int {
	var packages []int
	for i := range l.Packages {
		if !reached[i] {
			packages = append(packages, i)
		}
	}
	return packages
}

// Disagreements gives the dependencies that the manifest takes from a local path and the lock from another place, and those that the
// manifest names without a path and the lock takes from a local one. A package that the lock does not have is none. Both lie in dir.
func (l *Lock) Disagreements(m *Manifest, dir string) []Disagreement {
	locked := map[string][]LockPackage{}
	for _, p := range l.Packages {
		locked[p.Name] = append(locked[p.Name], p)
	}
	var found []Disagreement
	for _, d := range m.direct() {
		packages := locked[d.name]
		if len(packages) == 0 || d.workspace || agrees(dir, d.paths, packages) {
			continue
		}
		disagreement := Disagreement{Name: d.name, ManifestLine: d.line, LockPath: packages[0].place(), LockLine: packages[0].Line}
		if len(d.paths) > 0 {
			disagreement.ManifestPath = d.paths[0]
		}
		found = append(found, disagreement)
	}
	return found
}

// agrees reports whether a lock's packages of one name come from where the manifest says: one of its paths, or, without any, an index.
func agrees(dir string, paths []string, packages []LockPackage) bool {
	for _, p := range packages {
		switch {
		case len(paths) == 0 && p.place() == "":
			return true
		case len(paths) == 0 || p.place() == "":
		case slices.ContainsFunc(paths, func(given string) bool { return samePlace(dir, given, p.place()) }):
			return true
		}
	}
	return false
}

// samePlace compares paths by their text, seen from a directory: Poetry locks ../../libs/x as ../x in a sibling of it. One that is absolute may
// be any relative one.
func samePlace(dir, a, b string) bool {
	if path.IsAbs(a) || path.IsAbs(b) {
		return path.IsAbs(a) != path.IsAbs(b) || path.Clean(a) == path.Clean(b)
	}
	return path.Join(dir, a) == path.Join(dir, b)
}

// place is the path of a package that is itself local, and not merely found in a local directory of archives.
func (p LockPackage) place() string {
	if p.Path == "" || p.Kind != PathDependency {
		return ""
	}
	return path.Join(p.Path, p.Subdirectory)
}

// directDependency is what a manifest says about one dependency that it names.
type directDependency struct {
	name      string
	paths     []string
	workspace bool
	line      int
}

// direct gathers the manifest's dependencies by name, in the order of the manifest.
func (m *Manifest) direct() []directDependency {
	var all []directDependency
	index := map[string]int{}
	at := func(name string, line int) *directDependency {
		i, ok := index[name]
		if !ok {
			i = len(all)
			index[name] = i
			all = append(all, directDependency{name: name, line: line})
		}
		return &all[i]
	}
	for _, d := range slices.Concat(m.Dependencies, m.PoetryDependencies) {
		at(d.Name, d.Line)
	}
	for _, r := range m.References {
		if r.Name != "" && r.Kind == PathDependency {
			at(r.Name, r.Line).addPath(r.Path, r.Subdirectory, r.Line)
		}
	}
	for _, s := range m.Sources {
		i, named := index[s.Name]
		switch {
		case !named:
		case s.Workspace:
			all[i].workspace = true
		default:
			all[i].addPath(s.Path, s.Subdirectory, s.Line)
		}
	}
	return all
}

func (d *directDependency) addPath(given, subdirectory string, line int) {
	if len(d.paths) == 0 {
		d.line = line
	}
	d.paths = append(d.paths, path.Join(given, subdirectory))
}

// isHere reports whether a path is the directory of the file that names it.
func isHere(given string) bool { return given != "" && path.Clean(given) == "." }

// packagesByName gives for each name the indices of its packages: a lock has several where markers choose among them.
func packagesByName(packages []LockPackage) map[string][]int {
	byName := make(map[string][]int, len(packages))
	for i, p := range packages {
		byName[p.Name] = append(byName[p.Name], i)
	}
	return byName
}

// namesOnly reads the names of a lock that the scan has found to hold no local path, as the tools write them.
func namesOnly(data []byte) *Lock {
	const header = "[[package]]"
	l := &Lock{}
	line := 1
	for {
		i := bytes.Index(data, []byte(header))
		if i < 0 {
			return l
		}
		line += bytes.Count(data[:i], []byte("\n"))
		data = data[i+len(header):]
		after, found := bytes.CutPrefix(bytes.TrimLeft(data, "\r\n"), []byte(`name = "`))
		if !found {
			continue
		}
		if name, _, closed := bytes.Cut(after, []byte(`"`)); closed {
			l.Packages = append(l.Packages, LockPackage{Name: NormalizeName(string(name)), Line: line + 1})
		}
	}
}

// hasConflict reports whether a merge left its marks. A lock that the scan would rule out is parsed then, to say where it is broken.
func hasConflict(data []byte) bool { return bytes.Contains(data, []byte("<<<<<<<")) }

// hasRareEscape reports whether a TOML text may hold an escape that could hide a word from a scan: one that is not one of those
// which tools write, \" \\ \b \f \n \r \t.
func hasRareEscape(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 {
			return false
		}
		if i+1 == len(data) || strings.IndexByte(`"\bfnrt`, data[i+1]) < 0 {
			return true
		}
		data = data[i+2:]
	}
}
