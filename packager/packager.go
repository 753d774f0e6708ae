// Package packager turns services into what AWS Lambda takes: zip archives of a service's own code and of what it
// depends on, made from wheels.
//
// # The wheel is the unit
//
// A lock says which packages a service has. Each of them becomes a wheel in a store that is addressed by content:
// fetched where the lock names one that fits the target, built where none does. An artifact is then a copy: the
// compressed entries of wheels as they stand in them, and the service's own files. So a changed line of code costs a
// copy, any machine packages for any other, and what is fetched or built is fetched or built once for all services.
//
// # What makes "unchanged" true, and what makes it fast
//
// An artifact has a key: the hash of everything that decides its bytes. That is the locked closure for the target, the
// content of every staged directory, the options, the builder where something is built, and the version of this format;
// nothing by date, nothing absolute. With the same key nothing has to be done.
//
// To know the key, locks have to be read, and a hundred services have a hundred. So a run also remembers what it looked
// at on its way to the key (the trace: directories by the ID of their trees, files by that of their blobs, and paths
// that were not there) and under which options. If all of that is as it was, the key is, and the next run knows after one
// batch of look-ups in the tree, without having read a single file of it. The trace is no second key that could be wrong
// by itself: it is written down by the code that reads, at the moment it does.
//
// What is remembered lies beside the artifact, and is believed only as far as the artifact's file agrees.
//
// # One service's trouble is its own
//
// Services are packaged side by side, and each has its own result. A file appears under its name when it is whole. What
// failed leaves nothing that a later run could take for a success.
package packager

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/store"
	"github.com/monoplan/monoplan/packager/wheel"
)

// Config is what packaging needs of the world outside.
type Config struct {
	// Tree is the tree that is packaged, and Subtree reads one of its directories, by its ID; nil where directories have none.
	Tree    tree.Reader
	Subtree func(id string) tree.Reader
	// Worktree is the top of the working tree, where generated files are; empty where there is none.
	Worktree string
	// Output is the directory of artifacts, and Private one that holds it and is to be kept out of git; empty for none.
	Output, Private string
	// Temp is a directory for what is removed at the end.
	Temp string
	// Store has the wheels. Index says how they are fetched; its Store and Sources are set here. Builders build them, by their names.
	Store    *store.Store
	Index    index.Config
	Builders map[string]builder.Builder
	// Poetry makes locks anew and installs for services that ask for it.
	Poetry builder.Poetry
	// Env is the environment of the programs that packaging starts, git for one.
	Env []string
	// Concurrency is how many services are packaged, and how many wheels built, at once.
	Concurrency int
	// Timeout is how long a build may take; 0 for as long as it likes.
	Timeout time.Duration
	// DryRun finds out what would be done, and does nothing.
	DryRun bool
	// Log gives what takes the output of a build, of a package's name and version as a file can be named; it may be nil.
	Log func(name string) (io.WriteCloser, error)
	// Progress is told what happens, by several goroutines at once; it may be nil.
	Progress func(Event)
}

// Run packages services, and gives a result for each, in their order. What goes wrong with one of them is in its result.
func Run(ctx context.Context, c Config, services []Service) []Result {
	r := &run{Config: c, source: &source{tree: c.Tree, subtree: c.Subtree, worktree: c.Worktree}, output: output{c.Output}}
	r.building = make(chan struct{}, max(1, c.Concurrency))
	if r.Progress == nil {
		r.Progress = func(Event) {}
	}
	defer r.close()
	r.Index.Store = r.Store
	results := r.left(ctx, services)
	clashes(services, results)
	r.unchanged(ctx, services, results)
	var rest []int
	for i, s := range services {
		if results[i].Outcome == "" {
			rest = append(rest, i)
			continue
		}
		r.Progress(Event{Kind: ServiceDone, Service: s.Name, Outcome: results[i].Outcome})
	}
	g := new(errgroup.Group)
	g.SetLimit(max(1, c.Concurrency))
	for _, i := range rest {
		g.Go(func() error {
			results[i] = r.timed(ctx, services[i])
			return nil
		})
	}
	_ = g.Wait() // each result has its own error
	if slices.ContainsFunc(results, func(r Result) bool { return r.Outcome == Packaged && r.Layer != nil }) {
		if err := r.output.sweepLayers(); err != nil {
			r.warn("removing layers that nobody uses: " + err.Error())
		}
	}
	return results
}

func (r *run) warn(note string) { r.Progress(Event{Kind: Warned, Note: note}) }

// run is one call of Run.
type run struct {
	Config
	source *source
	output output

	fetches, builds memo[storedWheel]
	versions        memo[string]
	opened          memo[*wheel.Wheel]
	stripped        memo[*archive.Archive]
	layers          memo[layer]
	clients         memo[*index.Client]
	compilers       memo[*builder.Compiler]
	private         memo[struct{}]
	// building has a place for each build that may run at once.
	building chan struct{}

	mu  sync.Mutex
	end []func() error
}

// atEnd has something done when all services are.
func (r *run) atEnd(f func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end = append(r.end, f)
}

// close does what was left for the end. Only files that were read are closed: their errors tell nothing.
func (r *run) close() {
	for _, f := range slices.Backward(r.end) {
		_ = f()
	}
}

// timed packages one service, and says how long that took.
func (r *run) timed(ctx context.Context, s Service) Result {
	start := time.Now()
	r.Progress(Event{Kind: ServiceBegins, Service: s.Name})
	result := r.one(ctx, s)
	result.Service, result.Took = s, time.Since(start)
	if result.Err != nil {
		result.Outcome = Failed
	}
	r.Progress(Event{Kind: ServiceDone, Service: s.Name, Outcome: result.Outcome})
	return result
}

// unchanged fills in the results of those services of which all is as it was when they were packaged last. What cannot be
// read is no error here: the service is then packaged, and that says what is wrong.
func (r *run) unchanged(ctx context.Context, services []Service, results []Result) {
	states := make([]state, len(services))
	var paths []string
	for i, s := range services {
		if results[i].Outcome != "" {
			continue
		}
		states[i] = readState(r.output.path(serviceFile(s.Name, stateFile)))
		if states[i].Options != s.digest() {
			states[i] = state{}
		}
		for _, p := range states[i].Seen.Paths {
			paths = append(paths, p.Path)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	identities, err := r.source.identities(ctx, paths)
	if err != nil {
		return
	}
	now := make(map[string]string, len(paths))
	for i, p := range paths {
		now[p] = identities[i]
	}
	included := includes{r.Worktree, make(map[includesKey]included)}
	for i, s := range services {
		if states[i].Format == "" {
			continue
		}
		if unmatched, ok := r.stillHolds(ctx, s, states[i], now, included); ok {
			results[i] = r.asMade(s, states[i].Made)
			results[i].Unmatched = unmatched
		}
	}
}

// stillHolds reports whether a service's artifact is there, made of what is there now, and which patterns of its include: name nothing.
func (r *run) stillHolds(ctx context.Context, s Service, st state, now map[string]string, known includes) (unmatched []string, ok bool) {
	sel, err := newSelection(s.Options.Include, s.Options.Exclude)
	if err != nil || !st.Made.isThere(r.Output) || !r.isPublished(s, st.Made) {
		return nil, false
	}
	var all []included
	ok = st.Seen.holds(now, func(dir string) (string, error) {
		own := sel
		if dir == s.Path {
			own = s.ownSelection(sel)
		}
		found, err := known.find(ctx, dir, own)
		all = append(all, found)
		return found.identity(), err
	})
	return sel.unmatched(all), ok
}

// isPublished reports whether a service's stable names are there.
func (r *run) isPublished(s Service, m made) bool {
	if !r.hasStableFiles(s) || r.lacksRequirements(s) {
		return false
	}
	if !isPublished(r.output.path(m.Code.File), r.output.path(stableFile(s.Name))) {
		return false
	}
	return m.Layer == nil || isPublished(r.output.path(m.Layer.File), r.output.path(stableLayerFile(s.Name)))
}

// hasStableFiles reports whether what lies beside an artifact is there.
func (r *run) hasStableFiles(s Service) bool {
	for _, name := range []string{manifestFile, sbomFile} {
		if _, err := os.Lstat(r.output.path(serviceFile(s.Name, name))); err != nil {
			return false
		}
	}
	return true
}

// asMade is the result of a service whose artifact is there.
func (r *run) asMade(s Service, m made) Result {
	result := Result{
		Service: s, Outcome: Unchanged, Key: m.Key, Code: m.Code.inOutput(),
		Artifact: r.output.path(stableFile(s.Name)), Manifest: r.output.path(serviceFile(s.Name, manifestFile)),
	}
	if m.Layer != nil {
		layer := m.Layer.inOutput()
		result.Layer = &layer
		result.LayerArtifact = r.output.path(stableLayerFile(s.Name))
	}
	result.Upload = r.checkUpload(s, m)
	return result
}

// checkUpload looks for archives that are too large to be uploaded to Lambda itself. The manifest says whose fault it is.
func (r *run) checkUpload(s Service, m made) []*assemble.LimitError {
	archives := []assemble.ManifestArchive{m.Code.ManifestArchive}
	if m.Layer != nil {
		archives = append(archives, m.Layer.ManifestArchive)
	}
	var large []*assemble.LimitError
	for i, a := range archives {
		if a.Size <= assemble.MaxDirectUpload {
			continue
		}
		var manifest assemble.Manifest
		if i == len(archives)-1 { // where there is a layer, the packages are in that
			data, err := os.ReadFile(r.output.path(serviceFile(s.Name, manifestFile)))
			if err == nil {
				err = json.Unmarshal(data, &manifest)
			}
			if err != nil {
				manifest.Packages = nil // the size alone is worth saying
			}
		}
		large = append(large, assemble.CheckUpload(a, manifest.Packages))
	}
	return large
}

// keepOut keeps the artifacts out of git, once.
func (r *run) keepOut(ctx context.Context) error {
	if r.Private == "" {
		return nil
	}
	_, err := r.private.do(ctx, r.Private, func() (struct{}, error) { return struct{}{}, durable.KeepOut(r.Private) })
	return err
}
