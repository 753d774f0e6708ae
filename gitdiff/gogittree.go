package gitdiff

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/monoplan/monoplan/internal/tree"
)

// Diff walks each pair of trees together, and goes down only where they differ.
func (e *goGitEngine) Diff(ctx context.Context, pairs []TreePair, yield func(int, tree.Change) error) error {
	for i, pair := range pairs {
		w := &walk{ctx: ctx, engine: e, yield: func(c tree.Change) error { return yield(i, c) }}
		old := object{mode: tree.Dir, id: cmp.Or(pair.Old, emptyTreeSHA1)}
		new := object{mode: tree.Dir, id: cmp.Or(pair.New, emptyTreeSHA1)}
		if err := w.compare("", old, new); err != nil {
			return err
		}
	}
	return ctx.Err()
}

type walk struct {
	ctx    context.Context
	engine *goGitEngine
	yield  func(tree.Change) error
}

// compare compares two directories, either of which may be nothing.
func (w *walk) compare(prefix string, old, new object) error {
	if old.id == new.id {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return context.Cause(w.ctx)
	}
	before, err := w.entries(old)
	if err != nil {
		return err
	}
	after, err := w.entries(new)
	if err != nil {
		return err
	}
	for len(before) > 0 || len(after) > 0 {
		var a, b object
		switch order := compareFirst(before, after); {
		case order < 0:
			a, before = before[0], before[1:]
		case order > 0:
			b, after = after[0], after[1:]
		default:
			a, before = before[0], before[1:]
			b, after = after[0], after[1:]
		}
		if err := w.entry(prefix, a, b); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entries(dir object) ([]object, error) {
	if dir.id == "" {
		return nil, nil
	}
	return w.engine.tree(dir.id)
}

// entry compares two entries of one name and both directories or neither; one may be nothing.
func (w *walk) entry(prefix string, a, b object) error {
	path := prefix + cmp.Or(a.name, b.name)
	if a.mode == tree.Dir || b.mode == tree.Dir {
		return w.compare(path+"/", a, b)
	}
	if a.mode == b.mode && a.id == b.id {
		return nil
	}
	return w.yield(tree.Change{Path: path, OldMode: a.mode, NewMode: b.mode, OldID: a.id, NewID: b.id})
}

// compareFirst orders the first entries of two trees; the end of a tree comes after everything.
func compareFirst(a, b []object) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return compareObjects(a[0], b[0])
}

// compareObjects is the order of a tree object: a directory is where its name with a slash would be. It is what makes
// a walk come to paths in the order of their bytes.
func compareObjects(a, b object) int {
	n := min(len(a.name), len(b.name))
	if order := cmp.Compare(a.name[:n], b.name[:n]); order != 0 {
		return order
	}
	return cmp.Compare(a.byteAt(n), b.byteAt(n))
}

// byteAt is the byte at an offset of the name, or at its end: a slash for a directory, and NUL.
func (o object) byteAt(i int) byte {
	switch {
	case i < len(o.name):
		return o.name[i]
	case o.mode == tree.Dir:
		return '/'
	}
	return 0
}

// checkOrder refuses a tree that a walk would misread.
func checkOrder(objects []object) error {
	for i := 1; i < len(objects); i++ {
		if compareObjects(objects[i-1], objects[i]) >= 0 {
			return errors.New("a tree whose entries are out of order")
		}
	}
	return nil
}

// goGitTree reads one tree through the go-git engine.
type goGitTree struct {
	engine *goGitEngine
	id     string
}

var _ tree.Reader = (*goGitTree)(nil)

func (t *goGitTree) ID() string { return t.id }

func (t *goGitTree) List(ctx context.Context, yield func(tree.Entry) error) error {
	if err := t.engine.location.listIndex(ctx, t.id, yield); !errors.Is(err, errNotListed) {
		return err
	}
	w := &walk{ctx: ctx, engine: t.engine, yield: func(c tree.Change) error {
		return yield(tree.Entry{Path: c.Path, Mode: c.NewMode, ID: c.NewID})
	}}
	return w.compare("", object{}, object{mode: tree.Dir, id: t.id})
}

func (t *goGitTree) Lookup(ctx context.Context, paths []string) ([]tree.Entry, error) {
	return lookup(ctx, t.id, paths, t.engine.readTrees)
}

func (e *goGitEngine) readTrees(_ context.Context, ids []string) (map[string][]object, error) {
	for _, id := range ids {
		if _, ok := e.memo[id]; ok {
			continue
		}
		objects, err := e.tree(id)
		if err != nil {
			return nil, err
		}
		e.memo[id] = byName(objects)
	}
	return e.memo, nil
}

func (t *goGitTree) Read(ctx context.Context, entries []tree.Entry, yield func(int, []byte) error) error {
	for i, entry := range entries {
		if !entry.Mode.IsFile() && entry.Mode != tree.Symlink || entry.ID == "" {
			return fmt.Errorf("%q: neither a file nor a symbolic link of a commit", entry.Path)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		data, err := t.engine.object(entry.ID, plumbing.BlobObject)
		if err != nil {
			return err
		}
		if err := yield(i, data); err != nil {
			return err
		}
	}
	return nil
}
