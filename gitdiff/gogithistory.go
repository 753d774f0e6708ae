package gitdiff

import (
	"container/heap"
	"context"
	"slices"
)

// ancestors gives the commit and all that can be reached from it.
func (e *goGitEngine) ancestors(ctx context.Context, id string) (map[string]bool, error) {
	seen := map[string]bool{id: true}
	for queue := []string{id}; len(queue) > 0; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c, err := e.commit(queue[len(queue)-1])
		if err != nil {
			return nil, err
		}
		queue = queue[:len(queue)-1]
		for _, parent := range c.parents {
			if !seen[parent] {
				seen[parent] = true
				queue = append(queue, parent)
			}
		}
	}
	return seen, nil
}

// between lists the commits that can be reached from head and not from base. It looks at all of base's history: dates
// tell no commit's place for sure.
func (e *goGitEngine) between(ctx context.Context, base, head string) ([]logCommit, error) {
	seen, err := e.ancestors(ctx, base)
	if err != nil {
		return nil, err
	}
	var commits []logCommit
	push := func(queue []string, id string) []string {
		if seen[id] {
			return queue
		}
		seen[id] = true
		return append(queue, id)
	}
	for queue := push(nil, head); len(queue) > 0; {
		c, err := e.commit(queue[len(queue)-1])
		if err != nil {
			return nil, err
		}
		queue = queue[:len(queue)-1]
		commits = append(commits, logCommit{c.Commit, c.parents})
		for _, parent := range c.parents {
			queue = push(queue, parent)
		}
	}
	return commits, nil
}

// The marks of a merge base's search: what can be reached from the one commit, from the other, and from a common
// ancestor already found.
const (
	fromOne = 1 << iota
	fromOther
	stale
	common = fromOne | fromOther
)

// MergeBase paints both histories from the newest commit backwards, as git does, so that of several best common
// ancestors it gives the same one.
func (e *goGitEngine) MergeBase(ctx context.Context, a, b string) (Commit, error) {
	one, err := e.commit(a)
	if err != nil {
		return Commit{}, err
	}
	other, err := e.commit(b)
	if err != nil || a == b {
		return one.Commit, err
	}
	bases, err := e.paint(ctx, one, other)
	if err == nil && len(bases) > 1 {
		bases, err = e.independent(ctx, bases)
	}
	if err != nil {
		return Commit{}, err
	}
	if len(bases) == 0 {
		return Commit{}, e.location.noMergeBase(a, b)
	}
	slices.SortStableFunc(bases, func(a, b *commit) int { return compareDates(b.date, a.date) })
	return bases[0].Commit, nil
}

func (e *goGitEngine) paint(ctx context.Context, one, other *commit) ([]*commit, error) {
	marks := map[string]int{one.ID: fromOne, other.ID: fromOther}
	queue := &byDate{}
	queue.add(one)
	queue.add(other)
	var found []*commit
	for queue.interesting(marks) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c := queue.take()
		mark := marks[c.ID] & (common | stale)
		if mark == common {
			if !slices.Contains(found, c) {
				found = append(found, c)
			}
			mark |= stale
		}
		for _, id := range c.parents {
			if marks[id]&mark == mark {
				continue
			}
			parent, err := e.commit(id)
			if err != nil {
				return nil, err
			}
			marks[id] |= mark
			queue.add(parent)
		}
	}
	return slices.DeleteFunc(found, func(c *commit) bool { return marks[c.ID]&stale != 0 }), nil
}

// independent leaves out the commits that can be reached from another of them.
func (e *goGitEngine) independent(ctx context.Context, commits []*commit) ([]*commit, error) {
	redundant := map[string]bool{}
	for _, c := range commits {
		reached, err := e.ancestors(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range commits {
			if d != c && reached[d.ID] {
				redundant[d.ID] = true
			}
		}
	}
	return slices.DeleteFunc(commits, func(c *commit) bool { return redundant[c.ID] }), nil
}

func compareDates(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// byDate is a queue of commits, the newest first, and of the same date the one that was added first.
type byDate struct {
	items []queued
	added int
}

type queued struct {
	*commit
	turn int
}

func (q *byDate) Len() int      { return len(q.items) }
func (q *byDate) Swap(i, j int) { q.items[i], q.items[j] = q.items[j], q.items[i] }
func (q *byDate) Push(x any)    { q.items = append(q.items, x.(queued)) }

func (q *byDate) Less(i, j int) bool {
	if order := compareDates(q.items[i].date, q.items[j].date); order != 0 {
		return order > 0
	}
	return q.items[i].turn < q.items[j].turn
}

func (q *byDate) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}

func (q *byDate) add(c *commit) {
	q.added++
	heap.Push(q, queued{c, q.added})
}

func (q *byDate) take() *commit { return heap.Pop(q).(queued).commit }

// interesting reports whether any commit in the queue may still lead to a common ancestor that is not known.
func (q *byDate) interesting(marks map[string]int) bool {
	return slices.ContainsFunc(q.items, func(c queued) bool { return marks[c.ID]&stale == 0 })
}
