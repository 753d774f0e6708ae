package planner

import (
	"maps"
	"slices"
	"strings"
)

// evidence is what one comparison says: every changed path, put down where it lies.
type evidence struct {
	in      Input
	network *network

	// services holds S, at the same indices, and after it the services that were removed.
	services *territory

	// Of each service: its own changed paths, those of the services nested in it, and the changed markers of those.
	own, nested, nestedMarkers []files

	// reached has, of each service, the holdings that it reaches by path dependencies.
	reached [][]reachedHolding

	// libraries has the holdings that lie in a library, in the byte order of their first path; libraryFiles is their
	// union.
	libraries    []holding
	libraryFiles files

	orphans files
	// seedFile says that seed.yml is one of the orphans.
	seedFile bool
}

// reachedHolding is what a service reaches of a holding, with the chain that leads to its target, or one around it.
type reachedHolding struct {
	files
	target  int
	library bool
	via     []string
}

// gather reads the changes of one comparison, each once.
func gather(in Input, network *network, c Comparison) *evidence {
	e := &evidence{in: in, network: network, services: servicesAndRemoved(in.Services, c.Removed)}
	n := len(e.services.paths)
	e.own, e.nested, e.nestedMarkers = make([]files, n), make([]files, n), make([]files, n)
	around := network.around(e.services)
	libraries := network.libraries(e.services, around)
	held := make(map[int]*holding)
	for _, change := range c.Changes {
		owner := e.owner(change)
		target := network.innermost(change.Path)
		switch {
		case owner != none:
			e.own[owner].add(change.Path)
			if change.Marker && e.services.at(parentPath(change.Path)) == owner {
				e.markNesting(owner, change.Path)
			}
		case !network.anyHolds(target, libraries):
			e.orphans.add(change.Path)
			e.seedFile = e.seedFile || change.Path == seedFile
		}
		if target != none {
			if held[target] == nil {
				held[target] = &holding{target: target, library: network.anyHolds(target, libraries)}
			}
			held[target].put(change, around[target])
		}
	}
	e.sumNested()
	e.putDown(held)
	return e
}

// putDown sorts the holdings, and hands each to the services that reach it.
func (e *evidence) putDown(held map[int]*holding) {
	e.reached = make([][]reachedHolding, len(e.in.Services))
	for _, h := range slices.SortedFunc(maps.Values(held), func(a, b *holding) int { return strings.Compare(a.first, b.first) }) {
		slices.Sort(h.keys)
		e.handOut(h)
		if h.library {
			e.libraries = append(e.libraries, *h)
			e.libraryFiles.merge(h.files)
		}
	}
}

// handOut gives a holding to every service that reaches its target or one around it, each by its best chain.
func (e *evidence) handOut(h *holding) {
	best := make(map[int][]string)
	for t := h.target; t != none; t = e.network.targets.parent[t] {
		for _, c := range e.network.chainsTo(t) {
			if via, ok := best[c.service]; !ok || shorter(c.via, via) {
				best[c.service] = c.via
			}
		}
	}
	target := e.network.targets.paths[h.target]
	for service, via := range best {
		if f := h.outside(e.in.Services[service].Path, target); f.count > 0 {
			e.reached[service] = append(e.reached[service], reachedHolding{f, h.target, h.library, via})
		}
	}
}

// servicesAndRemoved is what "in a service" means: S, and what was removed between baseline and head.
func servicesAndRemoved(services []Service, removed []Removed) *territory {
	paths := make([]string, 0, len(services)+len(removed))
	known := make(map[string]bool, len(services))
	for _, s := range services {
		paths = append(paths, s.Path)
		known[s.Path] = true
	}
	for _, r := range removed {
		if !known[r.Path] {
			paths = append(paths, r.Path)
		}
	}
	return newTerritory(paths)
}

// owner gives the innermost service that a changed path lies in, or none. What is at the path of a service's own
// directory is in the service if it is a submodule; a plain file that was there before or after the directory is not.
func (e *evidence) owner(c Change) int {
	if c.Submodule {
		if s := e.services.at(c.Path); s != none {
			return s
		}
	}
	return e.services.holding(c.Path)
}

// markNesting puts a marker that came or went down for every service around the one whose marker it is.
func (e *evidence) markNesting(service int, path string) {
	for outer := e.services.parent[service]; outer != none; outer = e.services.parent[outer] {
		e.nestedMarkers[outer].add(path)
	}
}

// sumNested hands the paths of each service to the service around it, innermost first.
func (e *evidence) sumNested() {
	for _, s := range slices.Backward(e.services.outermostFirst) {
		if outer := e.services.parent[s]; outer != none {
			e.nested[outer].merge(e.own[s])
			e.nested[outer].merge(e.nested[s])
		}
	}
}
