package javascript

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/javascript/semver"
)

// checkVersion warns of a version that no range has.
func (b *builder) checkVersion(i int) {
	m := b.manifests[i]
	if _, ok := semver.Parse(m.Version, semver.Options{}); m.Version != "" && !ok {
		b.warn(b.Packages[i].Manifest, m.VersionLine, "%q is no version of semver, so no range is a dependency on %s", m.Version, b.Packages[i].Name)
	}
}

// warnOfCycles warns once of each set of packages that depend on each other in a circle: a change of one is a change of
// all.
func (b *builder) warnOfCycles() {
	for _, cycle := range b.cycles() {
		slices.Sort(cycle)
		var names []string
		for _, p := range cycle {
			names = append(names, b.Packages[p].Name)
		}
		const most = 5
		if len(names) > most {
			names = append(names[:most], "…")
		}
		first := b.Packages[cycle[0]]
		line := 0
		for _, e := range first.Edges {
			if slices.Contains(cycle, e.To) {
				line = e.Line
				break
			}
		}
		b.warn(first.Manifest, line, "these packages depend on each other in a circle, so a change of one is a change of all: %s", strings.Join(names, ", "))
	}
}

// cycles gives the sets of two and more packages that all reach each other (Tarjan's strongly connected components).
func (b *builder) cycles() [][]int {
	s := components{packages: b.Packages, order: make([]int, len(b.Packages)), low: make([]int, len(b.Packages)), on: make([]bool, len(b.Packages))}
	for p := range b.Packages {
		if s.order[p] == 0 {
			s.visit(p)
		}
	}
	return s.found
}

type components struct {
	packages   []Package
	order, low []int // order 0 is not visited
	on         []bool
	stack      []int
	count      int
	found      [][]int
}

func (s *components) visit(p int) {
	s.count++
	s.order[p], s.low[p] = s.count, s.count
	s.stack, s.on[p] = append(s.stack, p), true
	for _, e := range s.packages[p].Edges {
		switch {
		case s.order[e.To] == 0:
			s.visit(e.To)
			s.low[p] = min(s.low[p], s.low[e.To])
		case s.on[e.To]:
			s.low[p] = min(s.low[p], s.order[e.To])
		}
	}
	if s.low[p] != s.order[p] {
		return
	}
	from := slices.Index(s.stack, p)
	set := slices.Clone(s.stack[from:])
	s.stack = s.stack[:from]
	for _, q := range set {
		s.on[q] = false
	}
	if len(set) > 1 {
		s.found = append(s.found, set)
	}
}
