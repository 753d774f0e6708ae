package gitdiff

import (
	"context"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// Changes gives how each of several trees differs from one, in the order of their paths. Trees of one history, given
// oldest first, cost hardly more than the oldest alone: each is compared with the next, and what lies between it and
// the last is put together from there.
func (r *Repository) Changes(ctx context.Context, olds []string, new string) ([][]tree.Change, error) {
	pairs := make([]TreePair, len(olds))
	for i, old := range olds {
		pairs[i] = TreePair{Old: old, New: new}
		if i > 0 {
			pairs[i-1].New = old
		}
	}
	steps := make([][]tree.Change, len(olds))
	err := r.Diff(ctx, pairs, func(i int, c tree.Change) error {
		steps[i] = append(steps[i], c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := len(steps) - 2; i >= 0; i-- {
		steps[i] = compose(steps[i], steps[i+1])
	}
	return steps, nil
}

// compose gives the difference of the first tree and the last, from those of both to one in between.
func compose(first, then []tree.Change) []tree.Change {
	if len(first) == 0 {
		return slices.Clone(then)
	}
	all := make([]tree.Change, 0, len(first)+len(then))
	for len(first) > 0 && len(then) > 0 {
		switch order := strings.Compare(first[0].Path, then[0].Path); {
		case order < 0:
			all, first = append(all, first[0]), first[1:]
		case order > 0:
			all, then = append(all, then[0]), then[1:]
		default:
			c := first[0]
			c.NewMode, c.NewID = then[0].NewMode, then[0].NewID
			if c.OldMode != c.NewMode || c.OldID != c.NewID {
				all = append(all, c)
			}
			first, then = first[1:], then[1:]
		}
	}
	return append(append(all, first...), then...)
}
