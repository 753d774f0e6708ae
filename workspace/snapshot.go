package workspace

import (
	"slices"
	"sync"

	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// snapshot is all that a plan needs of a tree: a function of the tree and of seed.yml. It is kept in the cache.
type snapshot struct {
	services []Service
	graph    planner.Graph
	// warnings are all but those of packages, which have their own.
	warnings []Warning
	// packages are those of the algorithms in use that know any.
	packages map[planner.Algorithm]javascript.Workspace
	found    discovery
	// linkMarkers are the symbolic links with a marker's name, be they dangling: what they link to may come and go.
	linkMarkers []tree.Entry
	// sourced are the paths, out of services, where source that comes or goes may open or close one.
	sourced []string
	// seed is what the tree has at seed.yml's path, which is not always what was read as seed.yml.
	seed tree.Entry

	// madeFor is the tree, another with the same snapshot, under which the cache has it; empty if it has not.
	madeFor string

	// A plan needs neither where an edge comes from, nor the paths that were looked up and what was there, in the order
	// of paths: they are read out of a cached snapshot when they are asked for.
	// So are the names with variables whose files were looked for.
	edges  func() []Edge
	absent func() []Edge // in the order of their targets, see builder.absences
	probes func() []tree.Entry
	names  func() []variableName
}

// countsSource reports whether a change is a source file's that came or went, by which a service may have been opened or
// closed.
func (s *snapshot) countsSource(c tree.Change) bool {
	if mayBeSource(c.Path, c.OldMode) == mayBeSource(c.Path, c.NewMode) {
		return false
	}
	if slices.ContainsFunc(s.sourced, func(dir string) bool { return lies(c.Path, dir) }) {
		return true
	}
	counts := false
	ancestors(c.Path, func(dir string) bool {
		service := serviceAt(s.services, dir)
		counts = service != nil && service.countsSource(c.Path)
		return !counts
	})
	return counts
}

// probeAt gives what was found when a path was looked up, if it was.
func probeAt(probes []tree.Entry, p string) (tree.Entry, bool) {
	i, found := searchEntries(probes, p)
	if !found {
		return tree.Entry{}, false
	}
	return probes[i], true
}

// withoutDirectoryID drops what a directory holds: that is looked up for itself.
func withoutDirectoryID(e tree.Entry) tree.Entry {
	if e.Mode == tree.Dir {
		e.ID = ""
	}
	return e
}

// size is about how many bytes encode writes, rather more than less.
func (s *snapshot) size() int {
	return 256*len(s.services) + 128*(len(s.edges())+len(s.absent())+len(s.probes())+len(s.names()))
}

func (s *snapshot) encode(e *encoder) {
	encodeList(e, s.services, encodeService)
	encodeGraph(e, s.graph)
	encodeList(e, s.warnings, encodeWarning)
	encodePackages(e, s.packages)
	encodeList(e, s.found.markers, func(e *encoder, m marker) {
		e.string(m.Dir)
		e.string(m.File)
		e.string(m.Type)
		e.string(m.Name)
		e.bool(m.Renamed)
		encodeRuntime(e, m.Runtime)
	})
	encodeList(e, s.found.files, (*encoder).string)
	encodeList(e, s.linkMarkers, encodeEntry)
	encodeList(e, s.sourced, (*encoder).string)
	encodeEntry(e, s.seed)
	e.part(func(e *encoder) {
		encodeList(e, s.edges(), encodeEdge)
	})
	e.part(func(e *encoder) {
		encodeList(e, s.absent(), encodeEdge)
	})
	e.part(func(e *encoder) {
		encodeList(e, s.probes(), encodeEntry)
	})
	e.part(func(e *encoder) {
		encodeList(e, s.names(), encodeVariableName)
	})
}

func decodeSnapshot(d *decoder) *snapshot {
	s := &snapshot{
		services: decodeList(d, decodeService),
		graph:    decodeGraph(d),
		warnings: decodeList(d, decodeWarning),
		packages: decodePackages(d),
		found: discovery{
			markers: decodeList(d, func(d *decoder) marker {
				return marker{
					Dir: d.string(), File: d.string(), Type: d.string(), Name: d.string(), Renamed: d.bool(),
					Runtime: decodeRuntime(d),
				}
			}),
			files: decodeList(d, (*decoder).string),
		},
		linkMarkers: decodeList(d, decodeEntry),
		sourced:     decodeList(d, (*decoder).string),
		seed:        decodeEntry(d),
	}
	edges, absent, probes, names := d.part(), d.part(), d.part(), d.part()
	s.edges = sync.OnceValue(func() []Edge { return decodeList(edges, decodeEdge) })
	s.absent = sync.OnceValue(func() []Edge { return decodeList(absent, decodeEdge) })
	s.probes = sync.OnceValue(func() []tree.Entry { return decodeList(probes, decodeEntry) })
	s.names = sync.OnceValue(func() []variableName {
		return decodeList(names, decodeVariableName)
	})
	return s
}

func encodeEdge(e *encoder, d Edge) {
	e.string(d.From)
	e.string(d.To)
	e.string(d.File)
	e.int(d.Line)
	e.bool(d.Packaged)
}

func decodeEdge(d *decoder) Edge {
	return Edge{From: d.string(), To: d.string(), File: d.string(), Line: d.int(), Packaged: d.bool()}
}

// encodeGraph writes all edges in one list, and of each node how many of them are its own.
func encodeGraph(e *encoder, g planner.Graph) {
	var edges []int
	encodeList(e, g.Nodes, func(e *encoder, n planner.Node) {
		e.string(n.Path)
		e.int(len(n.Edges))
		edges = append(edges, n.Edges...)
	})
	encodeList(e, edges, (*encoder).int)
}

func decodeGraph(d *decoder) planner.Graph {
	var lengths []int
	g := planner.Graph{Nodes: decodeList(d, func(d *decoder) planner.Node {
		n := planner.Node{Path: d.string()}
		lengths = append(lengths, d.int())
		return n
	})}
	edges := decodeList(d, (*decoder).int)
	for i, length := range lengths {
		if length > len(edges) || slices.ContainsFunc(edges[:length], func(to int) bool { return to >= len(g.Nodes) }) {
			d.err = errCorrupt
			break
		}
		g.Nodes[i].Edges, edges = edges[:length:length], edges[length:]
	}
	return g
}

func encodeEntry(e *encoder, t tree.Entry) {
	e.string(t.Path)
	e.int(int(t.Mode))
	e.string(t.ID)
}

func decodeEntry(d *decoder) tree.Entry {
	return tree.Entry{Path: d.string(), Mode: tree.Mode(d.int()), ID: d.string()}
}

func encodeIndex(e *encoder, x *index) {
	encodeList(e, x.entries, encodeEntry)
	names := 0
	for _, s := range x.sources {
		names += len(s.names)
	}
	e.int(names)
	encodeList(e, x.sources, func(e *encoder, s sourceCount) {
		e.string(s.prefix)
		encodeList(e, s.names, (*encoder).string)
		e.int(s.count)
	})
	encodeList(e, x.includable, (*encoder).string)
}

func decodeIndex(d *decoder) *index {
	x := &index{entries: decodeList(d, decodeEntry)}
	names := make([]string, 0, d.count()) // of all directories in one piece
	x.sources = decodeList(d, func(d *decoder) sourceCount {
		s := sourceCount{prefix: d.string()}
		first := len(names)
		for range d.count() {
			names = append(names, d.string())
		}
		s.names = names[first:len(names):len(names)]
		s.count = d.int()
		return s
	})
	x.includable = decodeList(d, (*decoder).string)
	return x
}

func encodeService(e *encoder, s Service) {
	for _, field := range []string{s.Path, s.Name, s.OwnName, s.MarkerName, s.Type, s.Marker, s.Runtime.Name, s.Runtime.Architecture, string(s.Algorithm), s.Why.Text, s.Why.File} {
		e.string(field)
	}
	encodeRequirements(e, s.Requirements)
	e.int(s.Phase)
	e.int(s.Why.Line)
	for _, flag := range []bool{s.Missing, s.AlwaysDeploy, s.Isolated, s.Open} {
		e.bool(flag)
	}
}

func decodeService(d *decoder) Service {
	s := Service{
		Path: d.string(), Name: d.string(), OwnName: d.string(), MarkerName: d.string(), Type: d.string(), Marker: d.string(),
		Runtime: decodeRuntime(d), Algorithm: planner.Algorithm(d.string()),
		Why:          Why{Text: d.string(), File: d.string()},
		Requirements: decodeRequirements(d),
		Phase:        d.int(),
	}
	s.Why.Line = d.int()
	for _, flag := range []*bool{&s.Missing, &s.AlwaysDeploy, &s.Isolated, &s.Open} {
		*flag = d.bool()
	}
	return s
}
