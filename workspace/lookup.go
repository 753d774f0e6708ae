package workspace

import (
	"context"

	"github.com/monoplan/monoplan/internal/tree"
)

// lookups answers what is at a path of a tree, and remembers each answer: the answers are what the resolution of
// paths depended on, so a snapshot keeps them to know when it has to be made anew.
//
// An error of the reader sticks, as with bufio.Writer: resolution goes on with nothing found, and who started it asks
// for err in the end and throws the result away.
type lookups struct {
	ctx     context.Context
	reader  tree.Reader
	listing *listing // answers without the reader, where there is one
	known   map[string]tree.Entry
	earlier []tree.Entry      // what was known to begin with, in the order of paths
	learned []string          // the paths of known
	used    func(path string) // called with each path that is asked for, where it is not nil
	links   map[string]string // targets of symbolic links, by path
	err     error
}

func newLookups(ctx context.Context, r tree.Reader, l *listing) *lookups {
	return &lookups{ctx: ctx, reader: r, listing: l, known: make(map[string]tree.Entry), links: make(map[string]string)}
}

// lookupsFrom begins with what is known of the tree, in the order of paths.
func lookupsFrom(ctx context.Context, r tree.Reader, known []tree.Entry) *lookups {
	l := newLookups(ctx, r, nil)
	l.earlier = known
	return l
}

// recall gives what is known of a path, if it was looked up, in this run or an earlier one.
func (l *lookups) recall(p string) (tree.Entry, bool) {
	if e, ok := l.known[p]; ok {
		return e, true
	}
	return probeAt(l.earlier, p)
}

// at gives the entry at a path, symbolic links not followed; its Mode is None where there is nothing.
func (l *lookups) at(p string) tree.Entry {
	if p == root {
		return tree.Entry{Path: root, Mode: tree.Dir}
	}
	if l.used != nil {
		l.used(p)
	}
	if e, ok := l.recall(p); ok {
		return e
	}
	if l.listing != nil {
		l.learn(p, l.listing.lookup(p))
	} else {
		l.fetch([]string{p})
	}
	return l.known[p]
}

// fetch looks up, in one go, the paths that are not known yet.
func (l *lookups) fetch(paths []string) {
	var unknown []string
	for _, p := range paths {
		if _, ok := l.recall(p); !ok && p != root {
			unknown = append(unknown, p)
		}
	}
	if len(unknown) == 0 || l.err != nil {
		return
	}
	entries, err := l.reader.Lookup(l.ctx, unknown)
	if err != nil {
		l.err = err
		return
	}
	for i, e := range entries {
		if e.Mode == tree.Dir {
			e.ID = "" // what a directory holds is looked up for itself
		}
		l.learn(unknown[i], e)
	}
}

func (l *lookups) learn(p string, e tree.Entry) {
	l.known[p] = e
	l.learned = append(l.learned, p)
}

// linkTarget gives what a symbolic link says.
func (l *lookups) linkTarget(e tree.Entry) string {
	if target, ok := l.links[e.Path]; ok || l.err != nil {
		return target
	}
	l.readLinks([]tree.Entry{e})
	return l.links[e.Path]
}

// readLinks reads the targets of symbolic links in one go.
func (l *lookups) readLinks(entries []tree.Entry) {
	err := l.reader.Read(l.ctx, entries, func(i int, data []byte) error {
		l.links[entries[i].Path] = string(data)
		return nil
	})
	if err != nil && l.err == nil {
		l.err = err
	}
}

// answers gives every path that was looked up, now or earlier, and what was there, in the order of paths.
func (l *lookups) answers() []tree.Entry {
	learned := make([]tree.Entry, len(l.learned))
	for i, p := range l.learned {
		learned[i] = l.known[p]
	}
	return addSorted(l.earlier, learned, compareEntries)
}
