package workspace

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// index is what a tree holds that planning is interested in: a function of the tree alone, small beside the tree, and
// brought up to date by the changes between two trees.
type index struct {
	scope scope
	// entries are the files that are read, and all symbolic links and submodules, in the byte order of their paths.
	entries []tree.Entry
	// sources counts the source files directly in each directory that has any, in the byte order of prefixes.
	sources []sourceCount
	// includable are the YAML and JSON files and the links of such names, in byte order: what a variable may name.
	includable pathSet
}

// scope is what of a tree is indexed besides what every plan needs.
type scope struct {
	// packages says that the files of JavaScript workspaces are.
	packages bool
}

func (c *Config) scope() scope { return scope{packages: len(c.packageAlgorithms()) > 0} }

// isIndexed reports whether an entry is kept in the index.
func (s scope) isIndexed(p string, m tree.Mode) bool {
	switch m {
	case tree.None:
		return false
	case tree.Symlink, tree.Submodule:
		return true
	}
	name := baseName(p)
	return isManifestName(name) || isScript(name) || isSAMConfig(name) || markerType(name) != "" || s.packages && isPackageFile(p)
}

// scan makes the index of a tree by listing all of it, and calls yield with each of its entries at once. It also gives
// the listing, from which lookups are answered.
func scan(ctx context.Context, r tree.Reader, s scope, yield func(tree.Entry)) (*index, *listing, error) {
	x, l := &index{scope: s}, &listing{}
	err := r.List(ctx, func(e tree.Entry) error {
		l.add(e)
		if s.isIndexed(e.Path, e.Mode) {
			e.Path, e.ID = strings.Clone(e.Path), strings.Clone(e.ID) // of thousands of entries one is kept
			x.entries = append(x.entries, e)
			yield(e)
		}
		if mayBeSource(e.Path, e.Mode) {
			x.sources = countSource(x.sources, e.Path)
		}
		if mayBeIncluded(e.Path, e.Mode) {
			x.includable = append(x.includable, strings.Clone(e.Path))
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	x.sources = mergeSources(x.sources)
	return x, l, nil
}

// apply brings the index from its tree to the one that the changes lead to. It reports false where the changes do not
// tell enough, and the new tree has to be listed.
func (x *index) apply(changes []tree.Change) bool {
	var added []tree.Entry
	for _, c := range changes {
		is := x.scope.isIndexed(c.Path, c.NewMode)
		if !is && !x.scope.isIndexed(c.Path, c.OldMode) {
			continue
		}
		e := tree.Entry{Path: c.Path, Mode: c.NewMode, ID: c.NewID}
		switch i, found := searchEntries(x.entries, c.Path); {
		case found && is:
			x.entries[i] = e
		case found:
			x.entries[i].Mode = tree.None
		case is:
			added = append(added, e)
		}
	}
	x.entries = slices.DeleteFunc(x.entries, func(e tree.Entry) bool { return e.Mode == tree.None })
	x.entries = addSorted(x.entries, added, compareEntries)
	x.includable = applyIncludable(x.includable, changes)
	sources, ok := applySources(x.sources, changes)
	x.sources = sources
	return ok
}

// addSorted sorts a list into one that is sorted.
func addSorted[T any](sorted, added []T, compare func(a, b T) int) []T {
	if len(added) == 0 {
		return sorted
	}
	slices.SortFunc(added, compare)
	all := make([]T, 0, len(sorted)+len(added))
	for len(sorted) > 0 && len(added) > 0 {
		if compare(sorted[0], added[0]) <= 0 {
			all, sorted = append(all, sorted[0]), sorted[1:]
		} else {
			all, added = append(all, added[0]), added[1:]
		}
	}
	return append(append(all, sorted...), added...)
}

// size is about how many bytes the index takes in the cache, rather more than less.
func (x *index) size() int { return 128 * (len(x.entries) + len(x.sources) + len(x.includable)) }

// links gives all symbolic links.
func (x *index) links() []tree.Entry {
	return x.which(func(e tree.Entry) bool { return e.Mode == tree.Symlink })
}

// markerCandidates gives what is a marker by its name and place.
func (x *index) markerCandidates() []tree.Entry {
	return x.which(func(e tree.Entry) bool { return isMarkerCandidate(e.Path) })
}

// linkMarkers gives the candidates that are symbolic links.
func (x *index) linkMarkers() []tree.Entry {
	return x.which(func(e tree.Entry) bool { return e.Mode == tree.Symlink && isMarkerCandidate(e.Path) })
}

func (x *index) which(is func(tree.Entry) bool) []tree.Entry {
	var entries []tree.Entry
	for _, e := range x.entries {
		if is(e) {
			entries = append(entries, e)
		}
	}
	return entries
}

// requests gives what almost every plan needs of the entries.
func (x *index) requests() []request {
	var requests []request
	for _, e := range x.entries {
		if r, ok := requestOf(e); ok {
			requests = append(requests, r)
		}
	}
	return requests
}

// in gives the entries below a directory.
func (x *index) in(dir string) []tree.Entry {
	return below(x.entries, dir, func(e tree.Entry) string { return e.Path })
}

// below gives the part of a sorted slice whose keys lie in a directory. Most are short: the end is near.
func below[T any](sorted []T, dir string, key func(T) string) []T {
	if dir == root {
		return sorted
	}
	from, _ := slices.BinarySearchFunc(sorted, dir, func(t T, dir string) int { return compareInside(key(t), dir) })
	to := from
	for to < len(sorted) && compareInside(key(sorted[to]), dir) == 0 {
		to++
	}
	return sorted[from:to]
}

// compareInside tells whether a path comes before what lies in a directory, is of that, or comes after it.
func compareInside(p, dir string) int {
	n := min(len(p), len(dir))
	if c := strings.Compare(p[:n], dir[:n]); c != 0 || n == len(p) {
		return cmp.Or(c, -1)
	}
	return cmp.Compare(p[n], '/')
}

// at gives the entry of the index at a path.
func (x *index) at(p string) (tree.Entry, bool) {
	i, found := searchEntries(x.entries, p)
	if !found {
		return tree.Entry{}, false
	}
	return x.entries[i], true
}

// searchEntries finds a path among entries in the order of their paths.
func searchEntries(entries []tree.Entry, p string) (int, bool) {
	return slices.BinarySearchFunc(entries, p, func(e tree.Entry, p string) int { return strings.Compare(e.Path, p) })
}

func compareEntries(a, b tree.Entry) int { return strings.Compare(a.Path, b.Path) }
