package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
)

// Base is what a workspace is compared with.
type Base struct {
	// Tree is the baseline's tree.
	Tree tree.Reader
	// Changes is how the workspace's tree differs from it.
	Changes []tree.Change
	// Touched, where it is not nil, has the changed paths that count instead of Changes: those that any commit touched.
	Touched []tree.Change
}

// Compare gives what the planner needs to know of the difference to a baseline: the changed paths, less those that
// seed.yml ignores, and the services that the baseline had and the workspace has not. Its errors are those of reading
// the baseline's tree.
func (w *Workspace) Compare(ctx context.Context, base Base) (planner.Comparison, error) {
	before, err := w.readBefore(ctx, base)
	if err != nil {
		return planner.Comparison{}, fmt.Errorf("reading the services of the baseline: %w", err)
	}
	touched := base.Touched
	if touched == nil {
		touched = base.Changes
	}
	c := planner.Comparison{Removed: w.removed(before), Changes: make([]planner.Change, 0, len(touched))}
	knowsPackages := w.options.Config.scope().packages
	isGone := base.isGone()
	seeds, err := w.seedPaths(ctx)
	if err != nil {
		return planner.Comparison{}, fmt.Errorf("following %s: %w", ConfigFile, err)
	}
	for _, change := range touched {
		submodule := change.OldMode == tree.Submodule || change.NewMode == tree.Submodule
		isSeed := slices.Contains(seeds, change.Path)
		if _, ignored := w.options.Config.ignored(change.Path, submodule, isSeed); ignored {
			continue
		}
		c.Changes = append(c.Changes, planner.Change{
			Path: change.Path, Submodule: submodule, Marker: before.differs(change.Path), Gone: isGone(change),
			Seed:         isSeed,
			LostManifest: knowsPackages && change.Deleted() && isPackageManifest(change.Path),
		})
	}
	if c.Listings, err = w.listings(ctx, base, c.Changes); err != nil {
		return planner.Comparison{}, fmt.Errorf("reading the catalogs of the baseline: %w", err)
	}
	w.addVanished(base.Changes)
	return c, nil
}

// isGone says of a changed path whether the workspace's tree does not have it. One that commits touched, and that is as it was,
// is gone where the latest commit of those deleted it.
func (b Base) isGone() func(tree.Change) bool {
	if b.Touched == nil {
		return tree.Change.Deleted
	}
	net := make(map[string]tree.Change, len(b.Changes))
	for _, c := range b.Changes {
		net[c.Path] = c
	}
	return func(c tree.Change) bool {
		if differs, ok := net[c.Path]; ok {
			c = differs
		}
		return c.Deleted()
	}
}

// seedPaths gives the paths whose change is one of seed.yml: its own and, where it is a symbolic link, those on the way
// to the file that it links to.
func (w *Workspace) seedPaths(ctx context.Context) ([]string, error) {
	if w.snapshot.seed.Mode != tree.Symlink {
		return []string{ConfigFile}, nil
	}
	look := newLookups(ctx, w.options.Tree, nil)
	to := look.resolve(root, ConfigFile)
	return append(to.links, to.entry.Path), look.err
}

// addVanished adds the edges to what the baseline had and is gone: what names it still reaches it.
func (w *Workspace) addVanished(changes []tree.Change) {
	w.addAbsent(changes)
	w.addGlobbed(changes)
}

// addAbsent adds those of the values that lead to a deleted path, or to a directory that it was in.
func (w *Workspace) addAbsent(changes []tree.Change) {
	seen := make(map[string]bool)
	add := func(p string) bool {
		if seen[p] {
			return false
		}
		seen[p] = true
		w.vanished = append(w.vanished, absentAt(w.snapshot.absent(), p)...)
		return true
	}
	for _, c := range changes {
		if !c.Deleted() {
			continue
		}
		add(c.Path)
		ancestors(c.Path, add)
	}
}

// absentAt gives the edges that would lead to a path.
func absentAt(absent []Edge, p string) []Edge {
	first, _ := slices.BinarySearchFunc(absent, p, func(e Edge, p string) int { return strings.Compare(e.To, p) })
	end := first
	for end < len(absent) && absent[end].To == p {
		end++
	}
	return absent[first:end]
}

// addGlobbed adds those of a depends_on glob to what matched it.
func (w *Workspace) addGlobbed(changes []tree.Change) {
	if !w.options.Config.hasGlobDependency() {
		return
	}
	for _, s := range w.Services {
		for _, d := range w.options.Config.dependsOn(s.Path) {
			if !d.IsGlob || s.Missing {
				continue
			}
			g := newGlob(d.Path)
			for _, c := range changes {
				if c.Deleted() {
					w.addMatches(s, d, g, c.Path)
				}
			}
		}
	}
}

// addMatches adds the edges of a glob to a deleted path and to the directories above it, as far as they match.
func (w *Workspace) addMatches(s Service, d DependsOn, g glob, deleted string) {
	add := func(p string) bool {
		if !lies(p, s.Path) && g.match(p) {
			w.vanished = append(w.vanished, Edge{From: s.Path, To: p, File: w.options.Config.File, Line: d.Line})
		}
		return true
	}
	add(deleted)
	ancestors(deleted, add)
}

// before is what the baseline's tree had.
type before struct {
	// markers says of the files that may have been markers in the one and not in the other which were; of any other
	// head's files tell.
	markers map[string]bool
	head    pathSet
	// services are those that the baseline's own seed.yml registers and, after them, those that the workspace's would
	// have; a path may come twice.
	services []Service
	// byPathAlone are the paths that the baseline's seed.yml alone registers, be there a marker or not.
	byPathAlone map[string]bool
	// present are the directories of byPathAlone that the workspace's tree has.
	present map[string]bool
}

// readBefore finds the services of the baseline, as far as they may not be those of the workspace. Most often no marker
// came or went, and no service.
func (w *Workspace) readBefore(ctx context.Context, base Base) (*before, error) {
	b := &before{head: w.snapshot.found.files}
	changes := candidateChanges(base.Changes)
	if !slices.ContainsFunc(base.Changes, mayRemoveDirectory) && len(w.doubtfulMarkers(changes, nil)) == 0 {
		return b, nil
	}
	look := w.lookupsBefore(ctx, base, changes)
	docs := newDocuments(ctx, base.Tree, w.baselines.known())
	defer w.baselines.keep(docs)
	config := readConfigBefore(look, docs)
	gone := slices.Concat(config.registered(), w.options.Config.registered())
	here := w.here()
	gone = slices.DeleteFunc(gone, func(p string) bool { return here[p] })
	doubtful := w.doubtfulMarkers(changes, config.customMarkers())
	if len(gone) == 0 && len(doubtful) == 0 {
		return b, errors.Join(look.err, docs.err)
	}
	markers, someGone := w.markersBefore(doubtful, config, look, docs)
	b.markers = markers
	if len(gone) == 0 && !someGone {
		return b, errors.Join(look.err, docs.err) // a marker came, and none went
	}
	found := w.discoverBefore(doubtful, config, look, docs)
	look.fetch(gone)
	at := func(p string) tree.Entry {
		if here[p] {
			return tree.Entry{Path: p, Mode: tree.Dir} // it was not removed, whatever the baseline had there
		}
		return look.at(p)
	}
	b.services = register(config, found, w.options.Repository, at)
	if config.Source != w.options.Config.Source { // else they are the same
		b.services = append(b.services, register(w.options.Config, found, w.options.Repository, at)...)
	}
	if err := w.findByPathAlone(ctx, b, config); err != nil {
		return nil, err
	}
	return b, errors.Join(look.err, docs.err)
}

// mayRemoveDirectory reports whether a change may have been the end of a directory: its last file's, or a submodule's.
func mayRemoveDirectory(c tree.Change) bool {
	return c.Deleted() || c.OldMode == tree.Submodule && c.NewMode != tree.Submodule
}

// candidateChanges picks the changes of seed.yml and of files with a marker's name and place.
func candidateChanges(changes []tree.Change) []tree.Change {
	var picked []tree.Change
	for _, c := range changes {
		if c.Path == ConfigFile || isMarkerCandidate(c.Path) {
			picked = append(picked, c)
		}
	}
	return picked
}

// lookupsBefore looks paths up in the baseline's tree. What changed of what is looked up most says so itself, and
// seed.yml, unless it changed, is what it is in the workspace.
func (w *Workspace) lookupsBefore(ctx context.Context, base Base, changes []tree.Change) *lookups {
	look := newLookups(ctx, base.Tree, nil)
	look.known[ConfigFile] = w.snapshot.seed
	for _, c := range changes {
		look.known[c.Path] = tree.Entry{Path: c.Path, Mode: c.OldMode, ID: c.OldID}
	}
	return look
}

// differs reports whether a file is a marker and was none, or was one and is none.
func (b *before) differs(p string) bool {
	was, doubtful := b.markers[p]
	return doubtful && was != b.head.has(p)
}

// markersBefore says of the paths that may have been markers in the baseline which were, and whether a directory had
// one that has none now. Of the others neither type nor name is read.
func (w *Workspace) markersBefore(paths []string, config *Config, look *lookups, docs *documents) (files map[string]bool, someGone bool) {
	marked := w.marked()
	look.fetch(paths)
	services := directories{set: w.here()}
	// Whether a template was SAM's is of interest to a service around it alone.
	nested := func(p string) bool { return services.innermost(parentPath(p)) != "" }
	files = make(map[string]bool, len(paths))
	var candidates []tree.Entry
	for _, p := range paths {
		files[p] = false
		switch e := look.at(p); {
		case !e.Exists() || !isMarkerCandidate(p):
		case marked[parentPath(p)] && e.Mode.IsFile() && (markerType(baseName(p)) != typeSAM || !nested(p)):
			files[p] = true
		default:
			candidates = append(candidates, e)
		}
	}
	found := discover(candidates, config.customMarkers(), look, docs)
	for _, p := range found.files {
		files[p] = true
	}
	return files, slices.ContainsFunc(found.markers, func(m marker) bool { return !marked[m.Dir] })
}

// discoverBefore gives the markers of the baseline, as far as it takes to name those that are gone: a service's name is
// its own only if no other has it. Those of the workspace are taken where none of the directory's is among the paths
// that may have been others.
func (w *Workspace) discoverBefore(doubtful []string, config *Config, look *lookups, docs *documents) discovery {
	custom := config.customMarkers()
	marked := w.marked()
	dirs := w.candidatesBefore(doubtful, look)
	var candidates []tree.Entry
	for dir, in := range dirs {
		if !marked[dir] {
			candidates = append(candidates, in...)
		}
	}
	names := namesOf(config, discover(candidates, custom, look, docs))
	for dir, in := range dirs {
		// A SAM service is named after its directory: its template need not be read to know that nobody shares that.
		if marked[dir] && (names[baseName(dir)] || slices.ContainsFunc(in, func(e tree.Entry) bool { return markerType(baseName(e.Path)) != typeSAM })) {
			candidates = append(candidates, in...)
		}
	}
	found := discover(candidates, custom, look, docs)
	kept := without(w.snapshot.found.markers, func(m marker) bool {
		_, read := dirs[m.Dir]
		return read
	})
	found.markers = addSorted(kept, found.markers, compareMarkers)
	return found
}

// candidatesBefore gives what may have been markers in the baseline, by directory, of the directories of these paths:
// the paths, and what is a marker now.
func (w *Workspace) candidatesBefore(doubtful []string, look *lookups) map[string][]tree.Entry {
	dirs := make(map[string][]tree.Entry)
	add := func(dir, p string) {
		if e := look.at(p); e.Exists() && isMarkerCandidate(p) {
			dirs[dir] = append(dirs[dir], e)
		}
	}
	for _, p := range doubtful {
		dir := parentPath(p)
		if _, ok := dirs[dir]; !ok {
			dirs[dir] = nil
		}
		add(dir, p)
	}
	var others []string
	for _, p := range w.snapshot.found.files {
		if _, ok := dirs[parentPath(p)]; ok && !pathSet(doubtful).has(p) {
			others = append(others, p)
		}
	}
	look.fetch(others)
	for _, p := range others {
		add(parentPath(p), p)
	}
	return dirs
}

// namesOf gives every name that a service of these may have.
func namesOf(config *Config, found discovery) map[string]bool {
	names := make(map[string]bool)
	for _, m := range found.markers {
		names[m.Name], names[baseName(m.Dir)] = true, true
	}
	for _, e := range config.Services {
		names[e.Name], names[baseName(e.Path)] = true, true
	}
	return names
}

// doubtfulMarkers gives the paths that may have been markers in the baseline and be none now, or the other way round:
// the candidates that changed, and symbolic links, which change with what they link to.
func (w *Workspace) doubtfulMarkers(changes []tree.Change, custom []string) []string {
	var paths []string
	for _, c := range changes {
		if c.Path != ConfigFile {
			paths = append(paths, c.Path)
		}
	}
	for _, e := range w.snapshot.linkMarkers {
		paths = append(paths, e.Path)
	}
	paths = slices.Concat(paths, custom, w.options.Config.customMarkers())
	slices.Sort(paths)
	return slices.Compact(paths)
}

// readConfigBefore reads the baseline's seed.yml. One that does not parse registers nothing.
func readConfigBefore(look *lookups, docs *documents) *Config {
	e := look.resolve(root, ConfigFile).entry
	if !e.Mode.IsFile() {
		return DefaultConfig()
	}
	config := &Config{HasRegister: true}
	docs.read(e, func(data []byte) {
		if c, err := ParseConfig(ConfigFile, data); err == nil {
			config = c
		} else {
			config.Source = string(data) // it is not head's, which parses
		}
	})
	return config
}

// findByPathAlone notes the services that the baseline's seed.yml registers by their path and the workspace's does
// not, and which of their directories are still there.
func (w *Workspace) findByPathAlone(ctx context.Context, b *before, config *Config) error {
	b.byPathAlone, b.present = make(map[string]bool), make(map[string]bool)
	registered := w.options.Config.registered()
	for _, p := range config.registered() {
		if !slices.Contains(registered, p) {
			b.byPathAlone[p] = true
		}
	}
	look := newLookups(ctx, w.options.Tree, nil)
	for p := range b.byPathAlone {
		mode := look.at(p).Mode
		b.present[p] = mode == tree.Dir || mode == tree.Submodule
	}
	return look.err
}

// removed lists the services of the baseline of which the workspace has nothing left: no marker in the directory, or
// for a path that is registered as such no directory.
func (w *Workspace) removed(b *before) []planner.Removed {
	if len(b.services) == 0 {
		return nil
	}
	here, marked := w.here(), w.marked()
	var removed []planner.Removed
	seen := make(map[string]bool)
	for _, s := range b.services {
		left := here[s.Path] || marked[s.Path]
		if b.byPathAlone[s.Path] {
			left = left || b.present[s.Path]
		}
		if s.Missing || left || seen[s.Path] {
			continue
		}
		seen[s.Path] = true // the first of the two that name it counts
		removed = append(removed, planner.Removed{Path: s.Path, Name: s.Name, Type: s.Type, Phase: s.Phase})
	}
	return removed
}

// marked has the directories with a marker.
func (s *snapshot) marked() map[string]bool {
	marked := make(map[string]bool, len(s.found.markers))
	for _, m := range s.found.markers {
		marked[m.Dir] = true
	}
	return marked
}

// here has the paths of the services that the tree has.
func (s *snapshot) here() map[string]bool {
	here := make(map[string]bool, len(s.services))
	for _, service := range s.services {
		if !service.Missing {
			here[service.Path] = true
		}
	}
	return here
}

// Ignored reports whether seed.yml takes a path out, and by which line of ignore:; by none where it is one of the ledger's.
func (w *Workspace) Ignored(path string, isDir bool) (line int, ignored bool) {
	return w.options.Config.ignored(path, isDir, path == ConfigFile)
}
