package planner

import (
	"slices"
	"strings"
)

// network is the graph of path dependencies, made ready for questions from the target's end: which services reach it.
type network struct {
	graph Graph
	// callers are the edges the other way round.
	callers [][]int
	// targets holds every node that an edge leads to; nodeOf and targetOf translate between the two kinds of index.
	targets *territory
	nodeOf  []int
	// serviceAt is the service of S at a node that head has, or none.
	serviceAt []int
	// reachedBySome says of a target that some service reaches it.
	reachedBySome []bool
	// chains remembers what chainsTo found.
	chains map[int][]chain
}

func newNetwork(in Input) *network {
	n := &network{chains: make(map[int][]chain)}
	if !in.Options.NoPathDependencies {
		n.graph = in.Graph
	}
	nodes := n.graph.Nodes
	n.callers = make([][]int, len(nodes))
	for from, node := range nodes {
		for _, to := range node.Edges {
			n.callers[to] = append(n.callers[to], from)
		}
	}
	var paths []string
	for i, callers := range n.callers {
		if len(callers) > 0 {
			paths = append(paths, nodes[i].Path)
			n.nodeOf = append(n.nodeOf, i)
		}
	}
	n.targets = newTerritory(paths)
	n.serviceAt = servicesAtNodes(in.Services, nodes)
	reached := n.reachedFromServices()
	n.reachedBySome = make([]bool, len(paths))
	for t, node := range n.nodeOf {
		n.reachedBySome[t] = reached[node]
	}
	return n
}

func servicesAtNodes(services []Service, nodes []Node) []int {
	byPath := make(map[string]int, len(services))
	for i, s := range services {
		if !s.Missing {
			byPath[s.Path] = i
		}
	}
	at := make([]int, len(nodes))
	for i, node := range nodes {
		at[i] = none
		if s, ok := byPath[node.Path]; ok {
			at[i] = s
		}
	}
	return at
}

// reachedFromServices follows the edges from every service, and says of each node whether it was come to.
func (n *network) reachedFromServices() []bool {
	reached := make([]bool, len(n.graph.Nodes))
	left := make([]bool, len(n.graph.Nodes))
	var queue []int
	leave := func(node int) {
		if !left[node] {
			left[node] = true
			queue = append(queue, node)
		}
	}
	for node, service := range n.serviceAt {
		if service != none {
			leave(node)
		}
	}
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		for _, to := range n.graph.Nodes[node].Edges {
			reached[to] = true
			leave(to)
		}
	}
	return reached
}

// innermost gives the innermost target that a path lies in or is, or none.
func (n *network) innermost(path string) int {
	if t := n.targets.at(path); t != none {
		return t
	}
	return n.targets.holding(path)
}

// around says of each target whether a service lies in it, or is it.
func (n *network) around(services *territory) []bool {
	around := make([]bool, len(n.targets.paths))
	for _, path := range services.paths {
		for t := n.innermost(path); t != none; t = n.targets.parent[t] {
			around[t] = true
		}
	}
	return around
}

// libraries says of each target whether it is a library: outside every service, holding none, and reached by some.
func (n *network) libraries(services *territory, around []bool) []bool {
	library := make([]bool, len(n.targets.paths))
	for t, path := range n.targets.paths {
		library[t] = n.reachedBySome[t] && !around[t] && services.holding(path) == none
	}
	return library
}

// anyHolds reports whether the target, or one that holds it, is among the marked ones.
func (n *network) anyHolds(target int, marked []bool) bool {
	for ; target != none; target = n.targets.parent[target] {
		if marked[target] {
			return true
		}
	}
	return false
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
		if s := n.serviceAt[caller]; s != none {
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
