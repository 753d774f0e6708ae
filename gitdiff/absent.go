package gitdiff

import (
	"cmp"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"

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
		if disk == tree.None && c.skipped || disk == tree.Dir && c.Mode == tree.Submodule && !l.isPopulated(c.Path) {
			absent = append(absent, c.Entry)
		}
	}
	slices.SortFunc(absent, func(a, b tree.Entry) int { return cmp.Compare(a.Path, b.Path) })
	return slices.CompactFunc(absent, func(a, b tree.Entry) bool { return a.Path == b.Path }), nil
}

// isPopulated reports whether a submodule is checked out.
func (l *location) isPopulated(path string) bool {
	_, ok := gitDirectory(filepath.Join(l.workTree, filepath.FromSlash(path), ".git"), nil)
	return ok
}
