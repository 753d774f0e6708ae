package gitdiff

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/gitdiff/odb"
	"github.com/monoplan/monoplan/internal/tree"
)

// Worktree is git diff-index against the tree, for what git tracks, and git ls-files for the rest.
func (e *gitEngine) Worktree(ctx context.Context, treeID string) (tree.Reader, []tree.Change, error) {
	if e.location.workTree == "" {
		return nil, nil, ErrNoWorktree
	}
	if treeID == "" {
		treeID = e.location.emptyTree()
	}
	if err := e.ensureTrees(ctx, []string{treeID}); err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(e.location.workTree)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	under := e.Tree(treeID)
	var hidden []hiddenFile
	looking, within := errgroup.WithContext(ctx)
	looking.Go(func() (err error) {
		hidden, err = e.hidden(within)
		return err
	})
	changes, conflicts, err := e.trackedChanges(ctx, treeID)
	if err = errors.Join(err, looking.Wait()); err != nil {
		return nil, nil, err
	}
	if err := e.addHidden(ctx, root, under, changes, hidden); err != nil {
		return nil, nil, err
	}
	if err := overlay(ctx, root, under, changes, conflicts); err != nil {
		return nil, nil, err
	}
	untracked, err := e.untracked(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := overlay(ctx, root, under, changes, untracked); err != nil {
		return nil, nil, err
	}
	if err := e.dropTouched(ctx, root, changes); err != nil {
		return nil, nil, err
	}
	sorted := sortedChanges(changes)
	return newWorktree(e.location.workTree, under, sorted), sorted, nil
}

// trackedChanges lists how index and working tree together differ from a tree, and the paths in conflict. A submodule
// differs by the commit that is checked out in it, and by what differs from that there.
func (e *gitEngine) trackedChanges(ctx context.Context, treeID string) (map[string]tree.Change, []string, error) {
	changes := map[string]tree.Change{}
	var conflicts []string
	args := append([]string{
		// No daemon is believed, or started, to say what was touched.
		"-c", "core.fsmonitor=false", "diff-index", "--ignore-submodules=none",
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

// dropTouched takes out of changes the files that were only touched, or taken out of the index and left as they were. Git's own way to tell, git diff, writes to the
// index what it found, and this must only read. So what has its old mode, and is not in the index as it is, is hashed.
func (e *gitEngine) dropTouched(ctx context.Context, root *os.Root, changes map[string]tree.Change) error {
	var files []string
	for path, c := range changes {
		if c.NewID != "" || c.OldMode != c.NewMode || c.OldMode == tree.Submodule {
			continue
		}
		data, err := readDisk(root, tree.Entry{Path: path, Mode: c.NewMode})
		switch {
		case errors.Is(err, fs.ErrNotExist), isNotDirectory(err):
			continue // gone since git looked: it differs all the more
		case err != nil:
			return err
		case odb.ID(odb.Blob, data, len(c.OldID)/2) == c.OldID:
			delete(changes, path)
		case c.NewMode.IsFile():
			files = append(files, path)
		}
	}
	return e.dropConverted(ctx, changes, files)
}

// dropConverted takes out of changes the files that git's conversions (gitattributes(5): line ends, filters) make what
// they were.
func (e *gitEngine) dropConverted(ctx context.Context, changes map[string]tree.Change, files []string) error {
	if len(files) == 0 {
		return nil
	}
	top := "" // hash-object goes to the top by itself
	if rel, err := filepath.Rel(e.location.workTree, e.location.dir); err != nil || !filepath.IsLocal(rel) {
		top = e.location.workTree + "/"
	}
	var input strings.Builder
	for _, path := range files {
		input.WriteString(quoteC(top+path) + "\n")
	}
	out, err := e.command.output(ctx, []byte(input.String()), "hash-object", "--stdin-paths")
	if err != nil {
		return err
	}
	ids := strings.Fields(string(out))
	if len(ids) != len(files) {
		return &ProcessError{Command: "hash-object", Err: io.ErrUnexpectedEOF}
	}
	for i, path := range files {
		if changes[path].OldID == ids[i] {
			delete(changes, path)
		}
	}
	return nil
}

// quoteC writes a path as git reads it where a line must hold it: in quotes, as C has them.
func quoteC(path string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			quoted.WriteByte('\\')
			quoted.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&quoted, "\\%03o", c)
		default:
			quoted.WriteByte(c)
		}
	}
	return quoted.String() + `"`
}

// untracked lists the files that git does not know and does not ignore, in the whole working tree. A repository
// within the working tree, that is no submodule, is one path with a slash at its end. A directory that cannot be read is an error:
// git warns, and takes it for empty.
func (e *gitEngine) untracked(ctx context.Context) ([]string, error) {
	var paths []string
	words, err := e.command.said(ctx, nil, eachField(func(path []byte) error {
		paths = append(paths, string(path))
		return nil
	}), "-c", "core.fsmonitor=false", "ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", ":/")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(words) {
		isGone := strings.Contains(line, ": No such file or directory") // since git saw it
		if strings.Contains(line, "could not open directory") && !isGone {
			return nil, &ProcessError{Command: "ls-files", Err: errors.New("not all of the working tree could be read"), Stderr: strings.TrimSpace(line)}
		}
	}
	return paths, nil
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
