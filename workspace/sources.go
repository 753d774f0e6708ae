package workspace

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// sourceCount says how many files in one directory are source in a language whose reach is not read.
type sourceCount struct {
	prefix string // of the directory, see prefixOf
	// names are the first in byte order, at least one of them: the first is named as the reason why a service is open,
	// and the next few are at hand when that goes.
	names []string
	count int
}

// first gives the path of the first of the files.
func (s sourceCount) first() string { return s.prefix + s.names[0] }

// namesKept is how many names of a directory are kept.
const namesKept = 3

// mayBeSource reports whether an entry is source, be it through a symbolic link.
func mayBeSource(p string, m tree.Mode) bool {
	return (m.IsFile() || m == tree.Symlink) && isSource(baseName(p))
}

// countSource adds a source file to counts in the order of a listing, which mergeSources brings into their own.
func countSource(counts []sourceCount, p string) []sourceCount {
	name := baseName(p)
	prefix := p[:len(p)-len(name)]
	if n := len(counts); n == 0 || counts[n-1].prefix != prefix {
		counts = append(counts, sourceCount{prefix: strings.Clone(prefix)})
	}
	last := &counts[len(counts)-1]
	last.count++
	if len(last.names) < namesKept {
		last.names = append(last.names, strings.Clone(name))
	}
	return counts
}

// mergeSources sorts counts by their prefixes, and joins those of directories whose files were listed before and after
// those of a subdirectory.
func mergeSources(counts []sourceCount) []sourceCount {
	slices.SortFunc(counts, compareSources)
	merged := counts[:0]
	for _, s := range counts {
		if n := len(merged); n > 0 && merged[n-1].prefix == s.prefix {
			same := &merged[n-1]
			same.count += s.count
			same.names = firstNames(append(same.names, s.names...))
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func compareSources(a, b sourceCount) int { return strings.Compare(a.prefix, b.prefix) }

// firstNames sorts names, and keeps the first of them.
func firstNames(names []string) []string {
	slices.Sort(names)
	return names[:min(namesKept, len(names))]
}

// applySources changes counts as the changes of a tree do. It reports false where all the names that are known of a
// directory went and others stay: which is the first now, only a listing tells.
func applySources(counts []sourceCount, changes []tree.Change) ([]sourceCount, bool) {
	var added []sourceCount
	for prefix, m := range sourceMovesOf(changes) {
		i, found := searchSources(counts, prefix)
		if !found {
			added = append(added, m.apply(sourceCount{prefix: prefix}))
			continue
		}
		counts[i] = m.apply(counts[i])
		if counts[i].count > 0 && len(counts[i].names) == 0 {
			return nil, false
		}
	}
	counts = addSorted(counts, added, compareSources)
	return slices.DeleteFunc(counts, func(s sourceCount) bool { return s.count <= 0 }), true
}

// sourceMoves are the names of the source files that came to a directory, and of those that went.
type sourceMoves struct {
	in, out []string
}

// sourceMovesOf gives the moves of each directory, by its prefix.
func sourceMovesOf(changes []tree.Change) map[string]*sourceMoves {
	moves := make(map[string]*sourceMoves)
	for _, c := range changes {
		was, is := mayBeSource(c.Path, c.OldMode), mayBeSource(c.Path, c.NewMode)
		if was == is {
			continue
		}
		name := baseName(c.Path)
		prefix := c.Path[:len(c.Path)-len(name)]
		m := moves[prefix]
		if m == nil {
			m = &sourceMoves{}
			moves[prefix] = m
		}
		if is {
			m.in = append(m.in, name)
		} else {
			m.out = append(m.out, name)
		}
	}
	return moves
}

// apply gives the count of the directory after the moves, and of its first names those that are certain.
func (m *sourceMoves) apply(old sourceCount) sourceCount {
	next := sourceCount{prefix: old.prefix, count: old.count + len(m.in) - len(m.out)}
	unseen := old.count > len(old.names) // they come after the last name that is known
	for _, name := range old.names {
		if !slices.Contains(m.out, name) {
			next.names = append(next.names, name)
		}
	}
	for _, name := range m.in {
		if !unseen || name < old.names[len(old.names)-1] {
			next.names = append(next.names, name)
		}
	}
	next.names = firstNames(next.names)
	return next
}

func searchSources(counts []sourceCount, prefix string) (int, bool) {
	return slices.BinarySearchFunc(counts, prefix, func(s sourceCount, p string) int { return strings.Compare(s.prefix, p) })
}

// sourcesIn gives the counts of a directory and of those below it.
func (x *index) sourcesIn(dir string) []sourceCount {
	return below(x.sources, dir, func(s sourceCount) string { return s.prefix })
}
