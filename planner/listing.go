package planner

import (
	"slices"
	"strings"
)

// listing is the packages that changed between a baseline and head, and those that depend on them.
type listing struct {
	packages Packages
	// inner holds the packages but for one at the root, whose index is root; innerOf translates its indices.
	inner   *territory
	innerOf []int
	root    int

	// Of each package: its changed paths, and whether one of them is more than a test.
	files  []files
	source []bool
	// next is of each package the dependency by which it is listed, itself if it changed, or none; and includedBy the one
	// that depends on it, where it is listed because of that one.
	next, includedBy []int

	// asked says that another program listed the packages.
	asked bool

	orphans files
	// seed are those of the orphans that are seed.yml.
	seed files
}

// list reads the changes of a comparison as an algorithm does that knows packages.
func (e *evidence) list(a Algorithm) *listing {
	if l, ok := e.listings[a]; ok {
		return l
	}
	l := newListing(e.in.Packages[a])
	e.listings[a] = l
	comparison := e.in.Comparisons[e.baseline]
	marks := comparison.Listings[a]
	gone := goneWith(comparison.Changes)
	for _, change := range comparison.Changes {
		if !marks.Ignored[change.Path] {
			l.put(change.Path, marks.Tests[change.Path])
		}
		if change.Seed || l.packages.Unknown || l.innermost(change.Path) == none && !e.isOwnFile(l, change, gone) {
			l.orphans.addChange(change)
		}
		if change.Seed {
			l.seed.addChange(change)
		}
	}
	if marks.Asked {
		l.takeOver(marks.Listed)
		return l
	}
	for p, file := range marks.Affected {
		if !l.source[p] {
			l.files[p], l.source[p] = files{first: file, count: 1}, true
		}
	}
	l.spread()
	if l.packages.IncludeDependencies {
		l.include()
	}
	return l
}

// takeOver lists what another program listed. What it does not list did not change, whatever lies in it; and of a package
// without changed files of its own it does not say why.
func (l *listing) takeOver(listed map[int]bool) {
	l.asked = true
	for p := range l.next {
		if listed[p] {
			l.next[p] = p
		} else {
			l.files[p] = files{}
		}
	}
}

func newListing(p Packages) *listing {
	n := len(p.List)
	l := &listing{packages: p, root: none, files: make([]files, n), source: make([]bool, n), next: make([]int, n), includedBy: make([]int, n)}
	var paths []string
	for i, one := range p.List {
		l.next[i], l.includedBy[i] = none, none
		if one.Path == root {
			l.root = i
			continue
		}
		paths = append(paths, one.Path)
		l.innerOf = append(l.innerOf, i)
	}
	l.inner = newTerritory(paths)
	return l
}

// innermost gives the innermost package that holds a path, or is at it; not one at the root.
func (l *listing) innermost(path string) int {
	t := l.inner.at(path)
	if t == none {
		t = l.inner.holding(path)
	}
	if t == none {
		return none
	}
	return l.innerOf[t]
}

// within gives the packages below a directory, in byte order.
func (l *listing) within(dir string) []int {
	first := 0
	if dir != root {
		first, _ = slices.BinarySearchFunc(l.packages.List, dir+"/", func(p Package, prefix string) int { return strings.Compare(p.Path, prefix) })
	}
	var within []int
	for p := first; p < len(l.packages.List) && lies(l.packages.List[p].Path, dir); p++ {
		if p != l.root {
			within = append(within, p)
		}
	}
	return within
}

// around gives the package around another, the one at the root in the end, or none.
func (l *listing) around(p int) int {
	if p == none || p == l.root {
		return none
	}
	if t := l.inner.holding(l.packages.List[p].Path); t != none {
		return l.innerOf[t]
	}
	return l.root
}

// put puts a changed path down at the package that owns it, or at all that do.
func (l *listing) put(path string, test bool) {
	owner := l.innermost(path)
	if owner == none {
		owner = l.root
	}
	for ; owner != none; owner = l.around(owner) {
		l.files[owner].add(path)
		l.source[owner] = l.source[owner] || !test
		if !l.packages.Overlapping {
			return
		}
	}
}

// goneWith has the directories whose manifests are gone: packages that the baseline had, and head has not.
func goneWith(changes []Change) *territory {
	var paths []string
	for _, c := range changes {
		if c.LostManifest {
			paths = append(paths, parentPath(c.Path))
		}
	}
	return newTerritory(paths)
}

// isOwnFile reports whether a path in no package belongs to a service in no package. A service that was removed is one
// unless the files went with a package.
func (e *evidence) isOwnFile(l *listing, c Change, gone *territory) bool {
	owner := e.owner(c)
	switch {
	case owner == none:
		return false
	case owner < len(e.in.Services) && !e.in.Services[owner].Missing:
		return l.innermost(e.in.Services[owner].Path) == none
	}
	return gone.holding(c.Path) == none
}

// spread finds the packages that depend on what changed, each by its shortest chain; of several shortest by the first
// in byte order. Packages are in that order, and each level is worked off in it, so the first to come is the best.
func (l *listing) spread() {
	var level []int
	for p := range l.packages.List {
		if l.source[p] || l.packages.List[p].Forced {
			l.next[p] = p
			level = append(level, p)
		}
	}
	dependents := l.dependents()
	for len(level) > 0 {
		var following []int
		for _, p := range level {
			for _, d := range dependents[p] {
				if l.next[d] == none {
					l.next[d] = p
					following = append(following, d)
				}
			}
		}
		slices.Sort(following)
		level = following
	}
}

// include finds the packages that listed ones depend on, each by the shortest chain, as spread does.
func (l *listing) include() {
	var level []int
	for p := range l.next {
		if l.next[p] != none {
			level = append(level, p)
		}
	}
	for len(level) > 0 {
		var following []int
		for _, p := range level {
			for _, d := range l.packages.List[p].Dependencies {
				if l.next[d] == none && l.includedBy[d] == none {
					l.includedBy[d] = p
					following = append(following, d)
				}
			}
		}
		slices.Sort(following)
		level = following
	}
}

// dependents gives of each package those that depend on it.
func (l *listing) dependents() [][]int {
	dependents := make([][]int, len(l.packages.List))
	for p, one := range l.packages.List {
		for _, d := range one.Dependencies {
			dependents[d] = append(dependents[d], p)
		}
	}
	return dependents
}

// reason gives why a package is listed, if it is: the files and the chain of dependencies that leads to who owns them.
func (l *listing) reason(p int) (Reason, bool) {
	r := Reason{Rule: WorkspacePackage, Package: l.packages.List[p].Name, Asked: l.asked}
	for l.includedBy[p] != none {
		p = l.includedBy[p]
		r.Via = append(r.Via, l.packages.List[p].Name)
		r.Included++
	}
	switch {
	case l.next[p] == none && l.files[p].count == 0:
		return Reason{}, false
	case l.next[p] == none:
		r.File, r.Files = l.files[p].first, l.files[p].count // tests
		return r, true
	}
	for l.next[p] != p {
		p = l.next[p]
		r.Via = append(r.Via, l.packages.List[p].Name)
	}
	r.File, r.Files = l.files[p].first, l.files[p].count
	return r, true
}
