package gitdiff

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

func (e *gitEngine) Absent(ctx context.Context) ([]tree.Entry, error) {
	if e.location.workTree == "" {
		return nil, ErrNoWorktree
	}
	entries, err := e.indexed(ctx, func(entry *indexEntry) bool { return mayBeAbsent(entry.mode, entry.skipped) })
	if err != nil {
		return nil, err
	}
	candidates := make([]candidate, len(entries))
	for i, entry := range entries {
		candidates[i] = candidate{tree.Entry{Path: string(entry.path), Mode: entry.mode, ID: hex.EncodeToString(entry.id)}, entry.skipped}
	}
	return e.location.absent(candidates)
}

func (e *goGitEngine) Absent(context.Context) ([]tree.Entry, error) {
	if e.location.workTree == "" {
		return nil, ErrNoWorktree
	}
	entries, _, err := e.readIndex()
	if err != nil {
		return nil, err
	}
	var candidates []candidate
	for _, entry := range entries {
		if mode, _ := canonicalMode(uint32(entry.Mode)); mayBeAbsent(mode, entry.SkipWorktree) {
			candidates = append(candidates, candidate{tree.Entry{Path: entry.Name, Mode: mode, ID: entry.Hash.String()}, entry.SkipWorktree})
		}
	}
	return e.location.absent(candidates)
}

// candidate is an entry of the index that the working tree may lack; skipped says that git was told so.
type candidate struct {
	tree.Entry
	skipped bool
}

func mayBeAbsent(mode tree.Mode, skipped bool) bool { return skipped || mode == tree.Submodule }

// absent gives those that the working tree does lack: a submodule without a .git is one, whatever lies in its directory.
func (l *location) absent(candidates []candidate) ([]tree.Entry, error) {
	root, err := os.OpenRoot(l.workTree)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var absent []tree.Entry
	links, last := linkedDirs{}, missingDirectory{}
	for _, c := range candidates {
		disk := tree.None
		if !last.holds(root, c.Path) {
			if disk, err = diskMode(root, c.Path, links); err != nil {
				return nil, err
			}
		}
		if disk == tree.None && c.skipped || disk == tree.Dir && c.Mode == tree.Submodule && !l.isRepository(c.Path) {
			absent = append(absent, c.Entry)
		}
	}
	slices.SortFunc(absent, func(a, b tree.Entry) int { return cmp.Compare(a.Path, b.Path) })
	return slices.CompactFunc(absent, func(a, b tree.Entry) bool { return a.Path == b.Path }), nil
}

// MayLack reports whether a file that the working tree does not have may be one that nobody deleted: the index skips it, as in a
// sparse checkout, or nothing was checked out yet, or GIT_DIR names a repository of which the current directory need not be the
// top. It costs little where it is false.
func (r *Repository) MayLack(ctx context.Context, path string) (bool, error) {
	l := r.location
	named := r.env.get("GIT_INDEX_FILE")
	if r.env.get("GIT_DIR") != "" || named == "" && !exists(filepath.Join(l.gitDir, "index")) {
		return true, nil
	}
	if named == "" {
		if skipped, sure := l.skips(path); sure {
			return skipped, nil
		}
	}
	entries, err := r.Absent(ctx)
	if errors.As(err, new(*UnsupportedError)) {
		return true, nil
	}
	return slices.ContainsFunc(entries, func(e tree.Entry) bool { return e.Path == path }), err
}

// skips reports whether the index says of a path that it may be missing. An index that cannot be read here is not sure.
func (l *location) skips(path string) (skipped, sure bool) {
	err := l.readIndex(func(x *indexReader) error {
		if x.version == firstVersion && !l.splitsIndex() {
			return nil // it has no place for what says so
		}
		return x.entries(func(entry *indexEntry) bool {
			is := string(entry.path) == path
			skipped = is && entry.skipped
			return !is
		})
	})
	return skipped, err == nil
}

// splitsIndex reports whether the index may have entries in a file beside it (git-update-index(1), "Split index").
func (l *location) splitsIndex() bool {
	files, err := os.ReadDir(l.gitDir)
	return err != nil || slices.ContainsFunc(files, func(f os.DirEntry) bool { return strings.HasPrefix(f.Name(), "sharedindex.") })
}
