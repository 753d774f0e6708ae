package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
)

// Options are what a workspace is loaded from.
type Options struct {
	// Tree is the tree that is planned: head's, or the working tree.
	Tree tree.Reader
	// Diff gives how Tree differs from another tree of the repository, by that one's ID. An error means that this
	// cannot be had, for one because the other tree is gone: the tree is then read whole. Needed with a cache only.
	Diff func(ctx context.Context, old string) ([]tree.Change, error)
	// Config is seed.yml, or the default.
	Config *Config
	// Repository names a service at the root that has no other name.
	Repository string
	// Cache keeps snapshots; nil does without.
	Cache *Cache
	// Step is called with its name when a step of the work ends; it may be nil.
	Step func(name string)
	// PackagesAsked says that a program is asked for the packages of JavaScript workspaces: what is doubtful in their files is
	// that program's to say, and no warning.
	PackagesAsked bool

	// ahead waits for what is read ahead, and config names the configuration in the cache.
	ahead  func() cached
	config func() string
}

// Ahead begins to read what the cache has for the tree under a seed.yml of this text, with the algorithm that overrides
// its own or none, and gives options with which Load waits for it: in between the caller can parse the text, and wait
// for git. Tree, Repository and Cache must be set.
func (o Options) Ahead(source string, override planner.Algorithm) Options {
	if o.Cache == nil {
		return o
	}
	configKey := o.configKey
	o.config = sync.OnceValue(func() string { return configKey(source, override) })
	found := make(chan cached, 1)
	go func(o Options) { found <- o.fromCache() }(o)
	o.ahead = sync.OnceValue(func() cached { return <-found })
	return o
}

// cached is what the cache has: the snapshot of the tree itself, or the latest of another.
type cached struct {
	own   *snapshot
	other *snapshot
	tree  string // of other
}

func (o Options) fromCache() cached {
	config := o.config()
	if o.Tree.ID() != "" {
		if s := o.Cache.loadPlan(config, o.Tree.ID()); s != nil {
			return cached{own: s}
		}
	}
	for _, id := range o.Cache.latest(planFile + config + "-") {
		if s := o.Cache.loadPlan(config, id); s != nil {
			s.probes()
			return cached{other: s, tree: id}
		}
	}
	return cached{}
}

// Workspace is the services of a tree, and what they reach.
type Workspace struct {
	// Services are S, in the order of their paths.
	Services []Service
	// Warnings are in the order of files and lines.
	Warnings []Warning

	options  Options
	snapshot *snapshot
	// here and marked are made for the first comparison that needs them.
	here, marked func() map[string]bool
	vanished     []Edge
	baselines    baselines
}

// Load finds the services of a tree and their path dependencies. With a cache it takes them from a snapshot of the
// tree, or brings that of another tree up to date, and keeps the result; the answer is the same in any case. Its errors
// are those of reading the tree; what is wrong with a file of the tree is a warning.
func Load(ctx context.Context, o Options) (*Workspace, error) {
	if o.Step == nil {
		o.Step = func(string) {}
	}
	s, err := o.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the workspace: %w", err)
	}
	return &Workspace{
		Services: s.services, Warnings: s.allWarnings(o.PackagesAsked), options: o, snapshot: s,
		here: sync.OnceValue(s.here), marked: sync.OnceValue(s.marked),
		baselines: baselines{options: o},
	}, nil
}

// load takes the cheapest way there is: the snapshot of this tree; that of another tree, if nothing that it depends on
// differs; the index of another tree, brought up to date; the whole tree.
func (o Options) load(ctx context.Context) (*snapshot, error) {
	if o.Cache == nil {
		return o.fromListing(ctx)
	}
	if o.ahead == nil {
		o = o.Ahead(o.Config.Source, o.Config.override)
	}
	found := o.ahead()
	if found.own != nil {
		o.Step("snapshot")
		return found.own, nil
	}
	var earlier *update
	if found.other != nil {
		s, u, err := o.fromPlan(ctx, found.other, found.tree)
		if s != nil || err != nil {
			return s, err
		}
		earlier = u
	}
	if old := first(o.Cache.latest(o.Cache.indexPrefix(o.Config.scope()))); old != "" {
		if s, err := o.fromIndex(ctx, old, earlier); s != nil || err != nil {
			return s, err
		}
	}
	return o.fromListing(ctx)
}

// fromPlan gives the snapshot of another tree, if this tree has the same. If not, it tells how this tree differs.
func (o Options) fromPlan(ctx context.Context, s *snapshot, old string) (*snapshot, *update, error) {
	changes, err := o.Diff(ctx, old)
	if err != nil {
		return nil, nil, ctx.Err()
	}
	u, err := s.updateTo(ctx, o.Tree, o.Config, changes)
	if err != nil || !u.same() {
		return nil, u, err
	}
	o.Step("snapshot of an older tree")
	o.keepSnapshot(s)
	return s, nil, nil
}

// fromIndex brings the index of another tree up to date, and with it what was found of the nodes of a tree. It gives
// nothing where that takes a listing.
func (o Options) fromIndex(ctx context.Context, old string, earlier *update) (*snapshot, error) {
	if o.Config.hasGlobDependency() {
		return nil, nil
	}
	look := lookupsFrom(ctx, o.Tree, earlier.lookups())
	var x *index
	var known func(documentKey) *document
	var reading sync.WaitGroup
	reading.Go(func() { x, known = o.Cache.loadIndex(o.Config.scope(), old) })
	nodes := o.findingsOf(earlier)
	reading.Wait()
	if x == nil {
		return nil, nil
	}
	changes, err := o.Diff(ctx, old)
	if err != nil {
		return nil, ctx.Err()
	}
	if !x.apply(changes) {
		return nil, nil
	}
	o.Step("index of an older tree")
	docs := newDocuments(ctx, o.Tree, known)
	if earlier != nil {
		earlier.dropEqual(docs)
		if earlier.same() && docs.err == nil {
			o.keepSnapshot(earlier.snapshot)
			return earlier.snapshot, nil
		}
	}
	if nodes == nil {
		earlier = nil
	} else {
		earlier.keep(nodes)
	}
	if len(changes) <= stale {
		return o.fromFiles(ctx, x, look, docs, earlier)
	}
	docs.fetch(x.requests()) // all that a newer index is to have
	s, err := o.fromFiles(ctx, x, look, docs, earlier)
	if err == nil {
		o.keepIndex(x, docs)
	}
	return s, err
}

// findingsOf gives what was found of the nodes of an earlier tree, nil where that cannot be kept.
func (o Options) findingsOf(earlier *update) []*findings {
	if earlier == nil || !earlier.mayKeep() {
		return nil
	}
	return o.Cache.loadFindings(o.config(), earlier.snapshot.madeFor)
}

// fromListing reads the whole tree.
func (o Options) fromListing(ctx context.Context) (*snapshot, error) {
	docs := newDocuments(ctx, o.Tree, nil)
	want, finish := docs.fetchAhead()
	x, listing, err := scan(ctx, o.Tree, o.Config.scope(), func(e tree.Entry) {
		if r, ok := requestOf(e); ok {
			want(r)
		}
	})
	o.Step("list")
	finish()
	if err != nil {
		return nil, err
	}
	s, err := o.fromFiles(ctx, x, newLookups(ctx, o.Tree, listing), docs, nil)
	if err == nil {
		o.keepIndex(x, docs)
	}
	return s, err
}

// fromFiles makes the snapshot, and keeps it. What holds of an earlier tree is taken from there.
func (o Options) fromFiles(ctx context.Context, x *index, look *lookups, docs *documents, earlier *update) (*snapshot, error) {
	s := &snapshot{seed: look.at(ConfigFile), linkMarkers: x.linkMarkers(), probes: sync.OnceValue(look.answers)}
	if earlier == nil {
		look.readLinks(x.links())
		s.found = discover(x.markerCandidates(), o.Config.customMarkers(), look, docs)
	} else {
		s.found = earlier.discover(x, look, docs)
	}
	s.services = register(o.Config, s.found, o.Repository, look.at)
	b := newBuilder(o.Config, s.services, s.found, x, look, docs)
	b.build(earlier)
	o.keepFindings(look, docs, b.findings)
	for _, w := range o.Config.doubts(s.services) {
		b.warnings[w] = true
	}
	for _, w := range o.Config.doubtsOfPaths(s.services, s.found, look) {
		b.warnings[w] = true
	}
	names := b.variableNames()
	s.names = func() []variableName { return names }
	s.packages = b.packages()
	b.warnOfDependsOn(s.services, s.packages)
	edges, warnings := b.result()
	s.edges, s.warnings, s.graph = func() []Edge { return edges }, warnings, graphOf(edges)
	absent := b.absences()
	s.absent = func() []Edge { return absent }
	b.decideOpenness()
	s.sourced = slices.Sorted(maps.Keys(b.sourced))
	if err := errors.Join(look.err, docs.err); err != nil {
		return nil, err
	}
	o.Step("read")
	o.keepSnapshot(s)
	return s, nil
}

// stale is how many paths may differ from those of an index, before a newer one is worth its writing.
const stale = 256

func (o Options) keepIndex(x *index, docs *documents) {
	o.keep(func(id string) { o.Cache.storeIndex(id, x, docs.parsed) })
}

func (o Options) keepSnapshot(s *snapshot) {
	o.keep(func(id string) { o.Cache.storePlan(o.config(), id, s) })
}

// keepFindings stores what was found of the nodes, unless something could not be read, or no other tree has use of it.
func (o Options) keepFindings(look *lookups, docs *documents, all []*findings) {
	if o.Config.keepsNodes() && errors.Join(look.err, docs.err) == nil {
		o.keep(func(id string) { o.Cache.storeFindings(o.config(), id, all) })
	}
}

// keep stores something of a tree that has an ID, while the caller goes on; the working tree has none.
func (o Options) keep(store func(id string)) {
	if o.Cache != nil && o.Tree.ID() != "" {
		o.Cache.writing.Go(func() { store(o.Tree.ID()) })
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// Edges are the path dependencies, in the order of their ends.
func (w *Workspace) Edges() []Edge { return w.snapshot.edges() }

// Graph gives the path dependencies as the planner takes them, those to what only the compared baselines had included.
func (w *Workspace) Graph() planner.Graph {
	if len(w.vanished) == 0 {
		return w.snapshot.graph
	}
	edges := slices.Concat(w.Edges(), w.vanished)
	slices.SortFunc(edges, compareEnds)
	return graphOf(slices.CompactFunc(edges, func(a, b Edge) bool { return compareEnds(a, b) == 0 }))
}

func compareEnds(a, b Edge) int {
	return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
}

func graphOf(edges []Edge) planner.Graph {
	at := make(map[string]int, len(edges))
	for _, e := range edges {
		at[e.From], at[e.To] = 0, 0
	}
	paths := slices.Sorted(maps.Keys(at))
	g := planner.Graph{Nodes: make([]planner.Node, len(paths))}
	for i, p := range paths {
		g.Nodes[i].Path = p
		at[p] = i
	}
	for _, e := range edges {
		from := &g.Nodes[at[e.From]]
		from.Edges = append(from.Edges, at[e.To])
	}
	return g
}
