package workspace

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// update is how a tree differs from another one of which there is a snapshot.
type update struct {
	snapshot *snapshot
	// files are the changes of the index.
	files []tree.Change
	// now has the lookups of the snapshot as they are in the new tree, in the order of paths.
	now []tree.Entry
	// differing are the paths of the index and of the lookups at which the trees differ.
	differing pathSet
	// sources says that a source file came or went by which a service may be opened or closed.
	sources bool
	// everywhere says that what a name with variables or a glob stands for differs, which may count for any node.
	everywhere bool
	// kept are the findings of the snapshot, in the order of nodes.
	kept []*findings
	// around has the paths that differ and the directories around them, and aroundProjects the latter of each pyproject.toml.
	around, aroundProjects map[string]bool
}

// updateTo tells how a snapshot fares where changes lead to another tree. What it depends on are the files of the index,
// the source files by which services were opened or closed, the files that names with variables are of, and what was
// looked up.
func (s *snapshot) updateTo(ctx context.Context, r tree.Reader, c *Config, changes []tree.Change) (*update, error) {
	u := &update{snapshot: s}
	in := c.scope()
	probes := s.probes()
	var doubtful []string
	for _, change := range changes {
		if in.isIndexed(change.Path, change.OldMode) || in.isIndexed(change.Path, change.NewMode) {
			u.files, u.differing = append(u.files, change), append(u.differing, change.Path)
		}
		u.sources = u.sources || s.countsSource(change)
		u.everywhere = u.everywhere || c.globsMatch(change) || s.mayName(change)
		doubtful = append(doubtful, touched(probes, change)...)
	}
	doubtful = sortedOnce(doubtful, strings.Compare)
	now, err := r.Lookup(ctx, doubtful)
	if err != nil {
		return nil, err
	}
	for i := range now {
		now[i] = withoutDirectoryID(now[i])
		if before, _ := probeAt(probes, doubtful[i]); now[i] != before {
			u.differing = append(u.differing, doubtful[i])
		}
	}
	if u.same() {
		return u, nil
	}
	u.differing = sortedOnce(u.differing, strings.Compare)
	u.now = slices.Clone(probes)
	for _, e := range now {
		probe, _ := searchEntries(u.now, e.Path)
		u.now[probe] = e
	}
	return u, nil
}

// same reports whether the snapshot is that of the new tree, too.
func (u *update) same() bool { return len(u.differing) == 0 && !u.sources && !u.everywhere }

// dropEqual takes out the files that say the same in both trees, as a manifest does with a new version in it. What was
// looked up besides may be read in another form, and stays.
func (u *update) dropEqual(docs *documents) {
	probes := u.snapshot.probes()
	old := make(map[string]*document)
	var requests []request
	for _, c := range u.files {
		f := formOf(baseName(c.Path))
		if _, probed := probeAt(probes, c.Path); probed || f == "" || !c.OldMode.IsFile() || !c.NewMode.IsFile() {
			continue
		}
		if doc := docs.known(documentKey{f, c.OldID}); doc != nil {
			old[c.Path] = doc
			requests = append(requests, request{tree.Entry{Path: c.Path, Mode: c.NewMode, ID: c.NewID}, f})
		}
	}
	docs.fetch(requests)
	equal := make(map[string]bool)
	for _, r := range requests {
		equal[r.entry.Path] = reflect.DeepEqual(old[r.entry.Path], docs.get(r.entry, r.form))
	}
	u.differing = slices.DeleteFunc(u.differing, func(p string) bool { return equal[p] })
}

// touched gives the lookups that a change may have made untrue: those of the path, of a directory that it may have
// emptied, and of one that it may have made.
func touched(probes []tree.Entry, c tree.Change) []string {
	var paths []string
	if _, ok := probeAt(probes, c.Path); ok {
		paths = append(paths, c.Path)
	}
	ancestors(c.Path, func(dir string) bool {
		if e, ok := probeAt(probes, dir); ok && (e.Mode == tree.Dir) == c.Deleted() {
			paths = append(paths, dir)
		}
		return true
	})
	return paths
}

// keepsNodes reports whether what was found of nodes may hold for another tree. Where seed.yml names markers, which files are
// markers is found out anew, and so is all that follows; what a glob matches only a listing tells.
func (c *Config) keepsNodes() bool { return len(c.customMarkers()) == 0 && !c.hasGlobDependency() }

// mayKeep reports whether nodes may be as they were, which takes that no symbolic link is a marker either.
func (u *update) mayKeep() bool { return !u.everywhere && len(u.snapshot.linkMarkers) == 0 }

// discover gives the directories with a marker: of those in which a candidate differs anew, of the others as they were.
func (u *update) discover(x *index, l *lookups, d *documents) discovery {
	again := make(map[string]bool)
	for _, p := range u.differing {
		if isMarkerCandidate(p) {
			again[parentPath(p)] = true
		}
	}
	var candidates []tree.Entry
	for dir := range again {
		for name := range markerRank {
			if e, ok := x.at(joinPath(dir, name)); ok {
				candidates = append(candidates, e)
			}
		}
	}
	fresh, old := discover(candidates, nil, l, d), u.snapshot.found
	return discovery{
		markers: addSorted(without(old.markers, func(m marker) bool { return again[m.Dir] }), fresh.markers, compareMarkers),
		files:   addSorted(without(old.files, func(p string) bool { return again[parentPath(p)] }), fresh.files, strings.Compare),
	}
}

// without gives a list less what is dropped, and leaves the list itself as it is.
func without[L ~[]T, T any](list L, drop func(T) bool) L {
	return slices.DeleteFunc(slices.Clone(list), drop)
}

// lookups gives those of the snapshot as they are in the new tree, in the order of paths; none where there is no snapshot.
func (u *update) lookups() []tree.Entry {
	if u == nil {
		return nil
	}
	return u.now
}

// findings gives those of the snapshot, in the order of nodes; none where there is no snapshot.
func (u *update) findings() []*findings {
	if u == nil {
		return nil
	}
	return u.kept
}

// touches reports whether something differs of which findings are a function. Of a service that came or went the marker
// differs, or the directory.
func (u *update) touches(f *findings) bool {
	return u.around[f.of.node] || slices.ContainsFunc(f.uses, u.differing.has) ||
		slices.ContainsFunc(f.linked, func(dir string) bool { return u.around[dir] }) ||
		slices.ContainsFunc(f.members, func(dir string) bool { return u.aroundProjects[dir] })
}

// keep takes what was found of the nodes of the snapshot, to tell by what differs of which it holds.
func (u *update) keep(all []*findings) {
	u.kept, u.around, u.aroundProjects = all, make(map[string]bool), make(map[string]bool)
	for _, p := range u.differing {
		u.around[p] = true
		ancestors(p, func(dir string) bool {
			u.around[dir] = true
			if baseName(p) == "pyproject.toml" {
				u.aroundProjects[dir] = true
			}
			return true
		})
	}
}

// entries gives the entries of the new tree's index that differ.
func (u *update) entries(x *index) []tree.Entry {
	var entries []tree.Entry
	for _, p := range u.differing {
		if e, ok := x.at(p); ok {
			entries = append(entries, e)
		}
	}
	return entries
}
