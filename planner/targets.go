package planner

import (
	"slices"
	"strings"
)

// network is the graph of path dependencies, made ready for questions from the target's end: which services reach it.
type network struct {
	graph Graph
	// services are those of S; present says which of them head has.
	services *territory
	present  []Service
	// callers are the edges the other way round.
	callers [][]int
	// targets holds every node that an edge leads to; nodeOf translates its indices to those of nodes.
	targets *territory
	nodeOf  []int
	// chains remembers what chainsTo found.
	chains map[int][]chain
}

func newNetwork(in Input, services *territory) *network {
	n := &network{services: services, present: in.Services, chains: make(map[int][]chain)}
	if !in.Options.NoPathDependencies {
		n.graph = in.Graph
	}
	n.callers = reversed(n.graph)
	var paths []string
	for i, callers := range n.callers {
		if len(callers) > 0 {
			paths = append(paths, n.graph.Nodes[i].Path)
			n.nodeOf = append(n.nodeOf, i)
		}
	}
	n.targets = newTerritory(paths)
	return n
}

// reversed gives of each node those with an edge to it, in their order.
func reversed(g Graph) [][]int {
	callers := make([][]int, len(g.Nodes))
	counts := make([]int, len(g.Nodes))
	total := 0
	for _, node := range g.Nodes {
		total += len(node.Edges)
		for _, to := range node.Edges {
			counts[to]++
		}
	}
	room := make([]int, total)
	for i, count := range counts {
		callers[i], room = room[:0:count], room[count:]
	}
	for from, node := range g.Nodes {
		for _, to := range node.Edges {
			callers[to] = append(callers[to], from)
		}
	}
	return callers
}

// serviceAt gives the service of S at a node that head has, or none.
func (n *network) serviceAt(node int) int {
	if s := n.services.at(n.graph.Nodes[node].Path); s != none && !n.present[s].Missing {
		return s
	}
	return none
}

// innermost gives the innermost target that a path lies in or is, or none.
func (n *network) innermost(path string) int {
	if t := n.targets.at(path); t != none {
		return t
	}
	return n.targets.holding(path)
}

// surroundings says where targets are among the services of one comparison. Few targets hold a changed path, so each
// is looked at when it is asked for.
type surroundings struct {
	*network
	services *territory
	// sorted has the paths of services in byte order.
	sorted  []string
	library map[int]bool
}

func (n *network) among(services *territory) *surroundings {
	s := &surroundings{network: n, services: services, sorted: services.paths, library: make(map[int]bool)}
	if !slices.IsSorted(s.sorted) {
		s.sorted = slices.Sorted(slices.Values(s.sorted))
	}
	return s
}

// around reports whether a service lies in the target, or is it.
func (s *surroundings) around(target int) bool {
	path := s.targets.paths[target]
	if path == root {
		return len(s.sorted) > 0
	}
	if s.services.at(path) != none {
		return true
	}
	prefix := path + "/"
	i, _ := slices.BinarySearch(s.sorted, prefix)
	return i < len(s.sorted) && strings.HasPrefix(s.sorted[i], prefix)
}

// inLibrary reports whether the target, or one that holds it, is a library.
func (s *surroundings) inLibrary(target int) bool {
	for ; target != none; target = s.targets.parent(target) {
		is, known := s.library[target]
		if !known {
			is = s.isLibrary(target)
			s.library[target] = is
		}
		if is {
			return true
		}
	}
	return false
}

// isLibrary: a target outside every service, holding none, and reached by some.
func (s *surroundings) isLibrary(target int) bool {
	return !s.around(target) && s.services.holding(s.targets.paths[target]) == none && len(s.chainsTo(target)) > 0
}

// chain is how a service reaches a changed path: targets, each reached from the one before, the last holding the path.
type chain struct {
	service int
	via     []string
}

// chainsTo lists the services that reach a target, each with its shortest chain; of several shortest the first in byte
// order.
func (n *network) chainsTo(target int) []chain {
	if chains, ok := n.chains[target]; ok {
		return chains
	}
	goal := n.nodeOf[target]
	var chains []chain
	n.walkBack(goal, func(caller int, via []string) {
		if s := n.serviceAt(caller); s != none {
			chains = append(chains, chain{s, via})
		}
	})
	n.chains[target] = chains
	return chains
}

// walkBack visits every node from which the goal is reached, with the best chain from it to the goal, itself left out.
// Nodes are in byte order, and each level is worked off in that order, so the first to come to a node is the best.
func (n *network) walkBack(goal int, visit func(caller int, via []string)) {
	from := map[int][]string{goal: {n.graph.Nodes[goal].Path}} // chains, the node itself included
	for level := []int{goal}; len(level) > 0; {
		var next []int
		for _, node := range level {
			for _, caller := range n.callers[node] {
				if _, seen := from[caller]; seen {
					continue
				}
				from[caller] = nil
				if len(n.callers[caller]) > 0 {
					from[caller] = append([]string{n.graph.Nodes[caller].Path}, from[node]...)
				}
				next = append(next, caller)
				visit(caller, from[node])
			}
		}
		slices.Sort(next)
		level = next
	}
}

// shorter reports whether a is the better chain: the shorter, or of equal length the first in byte order.
func shorter(a, b []string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return slices.Compare(a, b) < 0
}

func chainKey(via []string) string { return strings.Join(via, "\x00") }
