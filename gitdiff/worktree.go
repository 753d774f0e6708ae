package gitdiff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// worktree reads the working tree as a tree of git: the tree it was compared with, under its differences. What does
// not differ is read from git's objects, as it was committed, and what does from the disk.
type worktree struct {
	root    string
	under   tree.Reader
	changes map[string]tree.Change
	sorted  []string        // the changed paths that are there, in byte order
	dirs    map[string]bool // the directories that hold those

}

var _ tree.Reader = (*worktree)(nil)

// newWorktree takes changes with one for each path, in byte order.
func newWorktree(root string, under tree.Reader, changes []tree.Change) *worktree {
	w := &worktree{root: root, under: under, changes: make(map[string]tree.Change, len(changes)), dirs: map[string]bool{}}
	for _, c := range changes {
		w.changes[c.Path] = c
		if c.Deleted() {
			continue
		}
		w.sorted = append(w.sorted, c.Path)
		for dir := parent(c.Path); dir != "." && !w.dirs[dir]; dir = parent(dir) {
			w.dirs[dir] = true
		}
	}
	return w
}

// parent is the directory of a slash-separated path, "." at the top.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

func (w *worktree) ID() string { return "" }

func (w *worktree) List(ctx context.Context, yield func(tree.Entry) error) error {
	added := w.sorted
	flush := func(before string, all bool) error {
		for len(added) > 0 && (all || added[0] < before) {
			if err := yield(w.entry(added[0])); err != nil {
				return err
			}
			added = added[1:]
		}
		return nil
	}
	err := w.under.List(ctx, func(e tree.Entry) error {
		if err := flush(e.Path, false); err != nil {
			return err
		}
		if _, changed := w.changes[e.Path]; changed {
			return nil
		}
		return yield(e)
	})
	if err != nil {
		return err
	}
	return flush("", true)
}

// entry is a changed path as the working tree has it.
func (w *worktree) entry(path string) tree.Entry {
	c := w.changes[path]
	return tree.Entry{Path: path, Mode: c.NewMode, ID: c.NewID}
}

func (w *worktree) Lookup(ctx context.Context, paths []string) ([]tree.Entry, error) {
	found, err := w.under.Lookup(ctx, paths)
	if err != nil {
		return nil, err
	}
	var emptied []string
	for i, path := range paths {
		if _, ok := w.changes[path]; ok {
			found[i] = w.entry(path)
		}
		switch {
		case w.dirs[path]:
			found[i] = tree.Entry{Path: path, Mode: tree.Dir}
		case found[i].Mode == tree.Dir && path != ".":
			emptied = append(emptied, path)
		}
	}
	if len(emptied) > 0 && len(w.changes) > 0 {
		return found, w.settleDirectories(ctx, paths, found, emptied)
	}
	return found, nil
}

// settleDirectories takes away the directories of which every file was deleted, and the IDs of those that differ: a
// directory of git is there as long as a file is in it.
func (w *worktree) settleDirectories(ctx context.Context, paths []string, found []tree.Entry, dirs []string) error {
	touched := map[string]bool{}
	for path := range w.changes {
		for dir := parent(path); dir != "." && !touched[dir]; dir = parent(dir) {
			touched[dir] = true
		}
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return !touched[dir] })
	if len(dirs) == 0 {
		return nil
	}
	kept := map[string]bool{}
	err := w.List(ctx, func(e tree.Entry) error {
		for dir := parent(e.Path); dir != "." && !kept[dir]; dir = parent(dir) {
			kept[dir] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, path := range paths {
		if found[i].Mode == tree.Dir && touched[path] {
			found[i].ID = ""
			if !kept[path] {
				found[i] = tree.Entry{Path: path}
			}
		}
	}
	return nil
}

func (w *worktree) Read(ctx context.Context, entries []tree.Entry, yield func(int, []byte) error) error {
	root, err := os.OpenRoot(w.root)
	if err != nil {
		return err
	}
	defer root.Close()
	for start := 0; start < len(entries); {
		end := start
		for end < len(entries) && entries[end].ID != "" {
			end++
		}
		if end > start {
			err := w.under.Read(ctx, entries[start:end], func(i int, data []byte) error { return yield(start+i, data) })
			if err != nil {
				return err
			}
			start = end
			continue
		}
		data, err := readDisk(root, entries[start])
		if err != nil {
			return err
		}
		if err := yield(start, data); err != nil {
			return err
		}
		start++
	}
	return ctx.Err()
}

// readDisk reads a file, or where a symbolic link points, which is the content of one that is checked out as a file (git-config(1),
// core.symlinks). Neither may lie behind a link that leads out of the root.
func readDisk(root *os.Root, e tree.Entry) ([]byte, error) {
	path := filepath.FromSlash(e.Path)
	if !e.Mode.IsFile() && e.Mode != tree.Symlink {
		return nil, fmt.Errorf("%q: neither a file nor a symbolic link", e.Path)
	}
	info, err := root.Lstat(path)
	if err != nil {
		return nil, err
	}
	if e.Mode == tree.Symlink && info.Mode()&fs.ModeSymlink != 0 {
		target, err := root.Readlink(path)
		return []byte(target), err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q: not a file any more", e.Path)
	}
	file, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// diskMode is the mode that git would give to what the disk has at a path: None for nothing, and for what git does
// not keep. What lies behind a symbolic link is not there: to git a link is no directory.
func diskMode(root *os.Root, path string, links linkedDirs) (tree.Mode, error) {
	if linked, err := links.lead(root, parent(path)); linked || err != nil {
		return tree.None, err
	}
	info, err := root.Lstat(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) || isNotDirectory(err) {
		return tree.None, nil
	}
	if err != nil {
		return tree.None, err
	}
	switch mode := info.Mode(); {
	case mode.IsRegular() && mode&0o100 != 0:
		return tree.Exec, nil
	case mode.IsRegular():
		return tree.File, nil
	case mode&fs.ModeSymlink != 0:
		return tree.Symlink, nil
	case mode.IsDir():
		return tree.Dir, nil
	}
	return tree.None, nil
}

// linkedDirs remembers of directories whether they are, or lie behind, a symbolic link.
type linkedDirs map[string]bool

func (l linkedDirs) lead(root *os.Root, dir string) (bool, error) {
	if dir == "." {
		return false, nil
	}
	if linked, ok := l[dir]; ok {
		return linked, nil
	}
	linked, err := l.lead(root, parent(dir))
	if err != nil {
		return false, err
	}
	if !linked {
		info, err := root.Lstat(filepath.FromSlash(dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotDirectory(err) {
			return false, err
		}
		linked = err == nil && info.Mode()&fs.ModeSymlink != 0
	}
	l[dir] = linked
	return linked, nil
}

// sortedChanges are those of a map, in the byte order of their paths.
func sortedChanges(changes map[string]tree.Change) []tree.Change {
	return slices.SortedFunc(maps.Values(changes), func(a, b tree.Change) int { return cmp.Compare(a.Path, b.Path) })
}
