package gitdiff

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/monoplan/monoplan/internal/tree"
)

// Worktree is git diff against the tree, for what git tracks, and git ls-files for the rest.
func (e *gitEngine) Worktree(ctx context.Context, treeID string) (tree.Reader, []tree.Change, error) {
	if e.location.workTree == "" {
		return nil, nil, ErrNoWorktree
	}
	if treeID == "" {
		treeID = e.location.emptyTree()
	}
	root, err := os.OpenRoot(e.location.workTree)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	changes, conflicts, err := e.trackedChanges(ctx, treeID)
	if err != nil {
		return nil, nil, err
	}
	untracked, err := e.untracked(ctx)
	if err != nil {
		return nil, nil, err
	}
	under := e.Tree(treeID)
	if err := overlay(ctx, root, under, changes, append(untracked, conflicts...)); err != nil {
		return nil, nil, err
	}
	sorted := sortedChanges(changes)
	return newWorktree(e.location.workTree, under, sorted), sorted, nil
}

// trackedChanges lists how index and working tree together differ from a tree, and the paths in conflict. A submodule
// differs by the commit that is checked out in it, and not by what else goes on there.
func (e *gitEngine) trackedChanges(ctx context.Context, treeID string) (map[string]tree.Change, []string, error) {
	changes := map[string]tree.Change{}
	var conflicts []string
	args := append([]string{
		// A file that was only touched differs not; and no daemon is believed, or started, to say what was touched.
		"-c", "diff.autoRefreshIndex=true", "-c", "core.fsmonitor=false",
		"diff", "--ignore-submodules=dirty", "-O" + os.DevNull,
	}, diffOptions...)
	err := e.command.run(ctx, nil, func(r *bufio.Reader) error {
		return readRawChanges(r, func(c tree.Change, status byte) error {
			if status == unmerged {
				conflicts = append(conflicts, c.Path)
			} else {
				changes[c.Path] = c
			}
			return nil
		})
	}, append(args, treeID, "--")...)
	return changes, conflicts, err
}

// untracked lists the files that git does not know and does not ignore, in the whole working tree. A repository
// within the working tree, that is no submodule, is one path with a slash at its end.
func (e *gitEngine) untracked(ctx context.Context) ([]string, error) {
	var paths []string
	err := e.command.run(ctx, nil, func(r *bufio.Reader) error {
		for {
			path, err := readField(r)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			paths = append(paths, string(path))
		}
	}, "-c", "core.fsmonitor=false", "ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", ":/")
	return paths, err
}

// overlay adds to changes what the disk has at paths that the index does not know, or knows in conflict: compared
// with the tree they are added, modified (a file taken out of the index and left where it was) or, where the disk has
// nothing any more, deleted.
func overlay(ctx context.Context, root *os.Root, under tree.Reader, changes map[string]tree.Change, paths []string) error {
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(path, "/")
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	before, err := under.Lookup(ctx, paths)
	if err != nil {
		return err
	}
	links := linkedDirs{}
	for i, path := range paths {
		mode, err := diskMode(root, path, links)
		if err != nil {
			return err
		}
		if mode == tree.Dir {
			mode = tree.Submodule
		}
		c := tree.Change{Path: path, NewMode: mode}
		if before[i].Mode != tree.Dir {
			c.OldMode, c.OldID = before[i].Mode, before[i].ID
		}
		if c.OldMode == tree.None && c.NewMode == tree.None {
			delete(changes, path)
			continue
		}
		changes[path] = c
	}
	return nil
}

func isNotDirectory(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
