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
	// baseline is what was compared: who has another is told nothing.
	baseline string

	// services holds S, at the same indices, and after it the services that were removed.
	services *territory

	// Of each service: its own changed paths, those of the services nested in it, and the changed markers of those.
	// Few services are nested.
	own                   []files
	nested, nestedMarkers map[int]files

	// reached has, of each service, the holdings that it reaches by path dependencies.
	reached [][]reachedHolding

	// libraries has the holdings that lie in a library, in the byte order of their first path; libraryFiles is their
	// union.
	libraries    []holding
	libraryFiles files

	orphans files
	// seed are those of the orphans that are seed.yml.
	seed files

	// listings has what algorithms that know packages make of the changes, as far as a service asked.
	listings map[Algorithm]*listing
}

// reachedHolding is what a service reaches of a holding, with the chain that leads to its target, or one around it.
type reachedHolding struct {
	files
	target  int
	library bool
	via     []string
}

// gather reads the changes of the comparison with one baseline, each once.
func gather(in Input, network *network, services *territory, baseline string) *evidence {
	e := &evidence{
		in: in, network: network, baseline: baseline, services: services, own: make([]files, len(services.paths)),
		nested: make(map[int]files), nestedMarkers: make(map[int]files),
		listings: make(map[Algorithm]*listing),
	}
	surroundings := network.among(services)
	held := make(map[int]*holding)
	for _, change := range in.Comparisons[baseline].Changes {
		owner := e.owner(change)
		target := network.innermost(change.Path)
		switch {
		case owner != none:
			e.own[owner].add(change.Path)
			if change.Marker && e.services.at(parentPath(change.Path)) == owner {
				e.markNesting(owner, change.Path)
			}
		case !change.Seed && !surroundings.inLibrary(target):
			e.orphans.addChange(change)
		}
		if change.Seed && (owner == none || services.paths[owner] != root) {
			e.orphans.addChange(change)
			e.seed.addChange(change)
		}
		if target != none {
			if held[target] == nil {
				held[target] = &holding{target: target, library: surroundings.inLibrary(target)}
			}
			held[target].put(change, surroundings.around(target))
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
	for t := h.target; t != none; t = e.network.targets.parent(t) {
		for _, c := range e.network.chainsTo(t) {
			if e.in.Services[c.service].Baseline.SHA != e.baseline {
				continue
			}
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

// territoryOf is where the services are.
func territoryOf(services []Service) *territory {
	paths := make([]string, len(services))
	for i, s := range services {
		paths[i] = s.Path
	}
	return newTerritory(paths)
}

// with adds what was removed between baseline and head: that, too, is what "in a service" means.
func (t *territory) with(removed []Removed) *territory {
	paths := t.paths[:len(t.paths):len(t.paths)]
	for _, r := range removed {
		if t.at(r.Path) == none {
			paths = append(paths, r.Path)
		}
	}
	if len(paths) == len(t.paths) {
		return t
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
	for outer := e.services.parent(service); outer != none; outer = e.services.parent(outer) {
		f := e.nestedMarkers[outer]
		f.add(path)
		e.nestedMarkers[outer] = f
	}
}

// sumNested hands the paths of each service to every service around it.
func (e *evidence) sumNested() {
	for s, own := range e.own {
		if own.count == 0 {
			continue
		}
		for outer := e.services.parent(s); outer != none; outer = e.services.parent(outer) {
			f := e.nested[outer]
			f.merge(own)
			e.nested[outer] = f
		}
	}
}
