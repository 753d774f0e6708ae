package workspace

import (
	"cmp"
	"slices"
	"strings"
)

// findings are what a node of the graph says by itself: a function of seed.yml, of the files that lie in it, of which
// services do, and of the paths that it uses. So they hold for another tree in which all of those are the same.
type findings struct {
	of expansion
	// edges are those from the node, one to each target, in the order of the targets.
	edges []arc
	// next are the nodes that it reaches, to be read too.
	next     []expansion
	warnings []Warning
	// doubts are what keeps anybody from saying what the node reaches.
	doubts []doubt
	// programs has the first program that its templates name, if any does.
	programs []doubt
	// names are the names with variables whose files were looked for.
	names []variableName
	// absent are the paths out of the node that values lead to in vain.
	absent []absence
	// resolved are the lines of requirements files whose paths lead somewhere from here.
	resolved []place
	// uses are the paths out of the node that were looked at, in order.
	uses []string
	// members are the directories whose pyproject.toml, at any depth, may be members of a uv workspace.
	members []string
	// linked are the directories out of a service that symbolic links in it lead to.
	linked []string
	// leadsUp is the first line of a script of a service that may lead out of it, and declared a manifest of its that declares
	// dependencies; empty where there is none.
	leadsUp  place
	declared string
	// requirements are what a service's templates say of them.
	requirements Requirements
	// reached says that a service reaches the node, once that is known.
	reached bool
}

// arc is an edge with what declares it.
type arc struct {
	from, to string
	declaration
}

func compareArcs(a, b arc) int {
	return cmp.Or(strings.Compare(a.from, b.from), strings.Compare(a.to, b.to))
}

// mergeArcs sorts edges, and makes one of those that have both ends in common: it is as doubtful as the most doubtful,
// and declared where people would edit it.
func mergeArcs(arcs []arc) []arc {
	slices.SortFunc(arcs, compareArcs)
	merged := arcs[:0]
	for _, a := range arcs {
		n := len(merged)
		if n == 0 || compareArcs(merged[n-1], a) != 0 {
			merged = append(merged, a)
			continue
		}
		same := &merged[n-1]
		same.packaged = same.packaged && a.packaged
		same.noScripts = same.noScripts && a.noScripts
		if a.place.compare(same.place) < 0 {
			same.place = a.place
		}
	}
	return merged
}

func (f *findings) compareTo(e expansion) int { return f.of.compare(e) }

// tidy puts everything in order, once.
func (f *findings) tidy() {
	f.edges = mergeArcs(f.edges)
	f.next = sortedOnce(f.next, expansion.compare)
	f.warnings = sortedOnce(f.warnings, Warning.compare)
	f.doubts = sortedOnce(f.doubts, doubt.compare)
	f.programs = sortedOnce(f.programs, doubt.compare)
	f.programs = f.programs[:min(1, len(f.programs))]
	f.names = sortedOnce(f.names, variableName.compare)
	f.absent = sortedOnce(f.absent, absence.compare)
	f.resolved = sortedOnce(f.resolved, place.compare)
	f.uses = slices.DeleteFunc(f.uses, func(p string) bool { return lies(p, f.of.node) })
	f.uses = sortedOnce(f.uses, strings.Compare)
	f.members = sortedOnce(f.members, strings.Compare)
}

func sortedOnce[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// remembered is what was found for several nodes at once, with the paths that it took.
type remembered[T any] struct {
	value T
	uses  []string
}

// remember gives what is in a map under a key, or has it found. Each node that asks uses the paths that it took.
func remember[K comparable, T any](b *builder, in map[K]remembered[T], k K, find func() T) T {
	r, ok := in[k]
	if ok {
		b.now.uses = append(b.now.uses, r.uses...)
		return r.value
	}
	before := len(b.now.uses)
	r.value = find()
	r.uses = slices.Clone(b.now.uses[before:])
	in[k] = r
	return r.value
}
