package gitdiff

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// logCommit is a commit of a log, with the IDs of its parents.
type logCommit struct {
	Commit
	parents []string
}

func (e *gitEngine) Log(ctx context.Context, base, head string, yield func(tree.Change) error) error {
	var commits []logCommit
	err := e.command.run(ctx, nil, func(r *bufio.Reader) (err error) {
		commits, err = readLog(r)
		return err
	}, "rev-list", "--format=%H %T %P", head, "^"+base)
	if err != nil {
		return err
	}
	pairs, err := logPairs(ctx, commits, e.commits)
	if err != nil {
		return err
	}
	return e.Diff(ctx, pairs, func(_ int, c tree.Change) error { return yield(c) })
}

// readLog reads what rev-list prints: for each commit a line "commit <id>", and then its ID, tree and parents.
func readLog(r *bufio.Reader) ([]logCommit, error) {
	var commits []logCommit
	for {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return commits, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(line), "commit ") {
			continue
		}
		fields := strings.Fields(string(line))
		if len(fields) < 2 {
			return nil, fmt.Errorf("a malformed log %q", line)
		}
		commits = append(commits, logCommit{Commit{ID: fields[0], Tree: fields[1]}, fields[2:]})
	}
}

// logPairs pairs the tree of each commit with those of its parents, or with the empty tree.
func logPairs(
	ctx context.Context, commits []logCommit, read func(context.Context, []string) ([]Commit, error),
) ([]TreePair, error) {
	trees := make(map[string]string, len(commits))
	for _, c := range commits {
		trees[c.ID] = c.Tree
	}
	var outside []string
	for _, c := range commits {
		for _, parent := range c.parents {
			if _, ok := trees[parent]; !ok {
				trees[parent] = ""
				outside = append(outside, parent)
			}
		}
	}
	parents, err := read(ctx, outside)
	if err != nil {
		return nil, err
	}
	for _, c := range parents {
		trees[c.ID] = c.Tree
	}
	var pairs []TreePair
	for _, c := range commits {
		for _, parent := range c.parents {
			pairs = append(pairs, TreePair{Old: trees[parent], New: c.Tree})
		}
		if len(c.parents) == 0 {
			pairs = append(pairs, TreePair{New: c.Tree})
		}
	}
	return pairs, nil
}
