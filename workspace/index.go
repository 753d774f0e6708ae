package workspace

import (
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
	includable []string
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

// in gives the entries below a directory.
func (x *index) in(dir string) []tree.Entry {
	prefix := prefixOf(dir)
	return sortedRange(x.entries, prefix, func(e tree.Entry) string { return e.Path })
}

// sortedRange gives the part of a sorted slice whose keys begin with a prefix. Most are short: the end is near.
func sortedRange[T any](sorted []T, prefix string, key func(T) string) []T {
	if prefix == "" {
		return sorted
	}
	from, _ := slices.BinarySearchFunc(sorted, prefix, func(t T, p string) int { return strings.Compare(key(t), p) })
	to := from
	for to < len(sorted) && strings.HasPrefix(key(sorted[to]), prefix) {
		to++
	}
	return sorted[from:to]
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
