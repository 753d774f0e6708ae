package gitdiff

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/monoplan/monoplan/internal/tree"
)

// What git update-index --assume-unchanged and --skip-worktree mark, git diff-index takes for unchanged without a look.
// What was edited all the same is what the working tree has.

// hiddenFile is a path of the index at which git does not look.
type hiddenFile struct {
	path string
	// mayMiss says that the file may be missing without having been deleted, as in a sparse checkout.
	mayMiss bool
	// commit is that of a submodule.
	commit string
}

// hidden lists these files.
func (e *gitEngine) hidden(ctx context.Context) ([]hiddenFile, error) {
	entries, err := e.indexed(ctx, func(entry *indexEntry) bool { return entry.assumed || entry.skipped })
	files := make([]hiddenFile, len(entries))
	for i, entry := range entries {
		files[i] = hiddenFile{path: string(entry.path), mayMiss: entry.skipped}
		if entry.mode == tree.Submodule {
			files[i].commit = hex.EncodeToString(entry.id)
		}
	}
	return files, err
}

// addHidden adds to changes what the disk has at these paths; what may be missing and is stays as git says.
func (e *gitEngine) addHidden(ctx context.Context, root *os.Root, under tree.Reader, changes map[string]tree.Change, hidden []hiddenFile) error {
	if len(hidden) == 0 {
		return nil
	}
	settings, err := e.location.settings(e.env)
	if err != nil {
		return err
	}
	disk := make(map[string]tree.Mode)
	commits := make(map[string]string)
	var paths []string
	links, last := linkedDirs{}, missingDirectory{}
	for _, f := range hidden {
		mode := tree.None
		if !last.holds(root, f.path) {
			if mode, err = diskMode(root, f.path, links); err != nil {
				return err
			}
		}
		if mode == tree.None && f.mayMiss {
			continue
		}
		if f.commit != "" && mode == tree.Dir {
			mode = tree.Submodule
			commits[f.path], err = e.location.checkedOut(ctx, e.env, f.path, f.commit, func(l *location, env environment) (Engine, error) {
				return openGit(ctx, l, env, Options{})
			})
			if err != nil {
				return err
			}
		}
		disk[f.path] = mode
		paths = append(paths, f.path)
	}
	before, err := under.Lookup(ctx, paths)
	if err != nil {
		return err
	}
	for i, path := range paths {
		c := tree.Change{Path: path, NewMode: settings.recordedMode(disk[path], before[i].Mode)}
		if before[i].Mode != tree.Dir {
			c.OldMode, c.OldID = before[i].Mode, before[i].ID
		}
		if c.NewMode == tree.Dir {
			c.NewMode = tree.None
		}
		c.NewID = commits[path]
		switch {
		case c.OldMode == tree.None && c.NewMode == tree.None, c.OldMode == tree.Submodule && c.NewMode == tree.Submodule && c.OldID == c.NewID:
			delete(changes, path)
		default:
			changes[path] = c
		}
	}
	return nil
}

// missingDirectory remembers the last directory that was looked for, for paths in their order: in a sparse checkout
// whole directories are missing.
type missingDirectory struct {
	dir     string
	missing bool
}

// holds reports whether the path's directory is not there.
func (m *missingDirectory) holds(root *os.Root, path string) bool {
	if dir := parent(path); dir != m.dir {
		_, err := root.Lstat(filepath.FromSlash(dir))
		m.dir, m.missing = dir, errors.Is(err, fs.ErrNotExist)
	}
	return m.missing
}
