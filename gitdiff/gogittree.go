package gitdiff

import (
	"context"
	"errors"

	"github.com/monoplan/monoplan/gitdiff/odb"

	"github.com/monoplan/monoplan/internal/tree"
)

// Diff walks each pair of trees together, and goes down only where they differ.
func (e *goGitEngine) Diff(ctx context.Context, pairs []TreePair, yield func(int, tree.Change) error) error {
	for i, pair := range pairs {
		err := e.walk(ctx, pair.Old, pair.New, func(c tree.Change) error { return yield(i, c) })
		if err != nil {
			return err
		}
	}
	return ctx.Err()
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
	return t.engine.walk(ctx, "", t.id, func(c tree.Change) error {
		return yield(tree.Entry{Path: c.Path, Mode: c.NewMode, ID: c.NewID})
	})
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
	ids, err := contentIDs(entries)
	if err != nil {
		return err
	}
	return t.engine.objects.Each(ctx, ids, func(i int, r odb.Result) error {
		o, err := t.engine.checked(ids[i], odb.Blob, r)
		if err != nil {
			return err
		}
		return yield(i, o)
	})
}
