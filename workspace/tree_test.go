package workspace

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// files is a tree of a few files: content by path. A path that ends in "@" is a symbolic link to its content, one that
// ends in "#" a submodule.
type files map[string]string

// Tree gives a reader of the files.
func (f files) Tree() *memoryTree {
	t := &memoryTree{content: make(map[string]string)}
	whole := sha1.New()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		content := f[name]
		e := tree.Entry{Path: strings.TrimRight(name, "@#"), Mode: tree.File}
		switch name[len(name)-1] {
		case '@':
			e.Mode = tree.Symlink
		case '#':
			e.Mode = tree.Submodule
		}
		sum := sha1.Sum([]byte(content))
		e.ID = hex.EncodeToString(sum[:])
		t.entries = append(t.entries, e)
		t.content[e.Path] = content
		whole.Write([]byte(name + "\x00" + e.ID + "\x00"))
	}
	slices.SortFunc(t.entries, func(a, b tree.Entry) int { return strings.Compare(a.Path, b.Path) })
	t.id = hex.EncodeToString(whole.Sum(nil))
	return t
}

// memoryTree is a tree.Reader of files in memory.
type memoryTree struct {
	id      string
	entries []tree.Entry
	content map[string]string
	// reads counts the contents that were read, lists the listings.
	reads, lists int
}

var _ tree.Reader = (*memoryTree)(nil)

func (t *memoryTree) ID() string { return t.id }

func (t *memoryTree) List(_ context.Context, yield func(tree.Entry) error) error {
	t.lists++
	for _, e := range t.entries {
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

func (t *memoryTree) Lookup(_ context.Context, paths []string) ([]tree.Entry, error) {
	entries := make([]tree.Entry, len(paths))
	for i, p := range paths {
		entries[i] = t.lookup(p)
	}
	return entries, nil
}

// lookup goes through all entries.
func (t *memoryTree) lookup(p string) tree.Entry {
	found := tree.Entry{Path: p}
	for _, e := range t.entries {
		switch {
		case e.Path == p:
			return e
		case p == root || strings.HasPrefix(e.Path, p+"/"):
			found.Mode = tree.Dir
		}
	}
	return found
}

func (t *memoryTree) Read(_ context.Context, entries []tree.Entry, yield func(int, []byte) error) error {
	for i, e := range entries {
		t.reads++
		if err := yield(i, []byte(t.content[e.Path])); err != nil {
			return err
		}
	}
	return nil
}

// changes gives how t differs from an older tree.
func (t *memoryTree) changes(old *memoryTree) []tree.Change {
	byPath := make(map[string]tree.Change)
	for _, e := range old.entries {
		byPath[e.Path] = tree.Change{Path: e.Path, OldMode: e.Mode, OldID: e.ID}
	}
	for _, e := range t.entries {
		c := byPath[e.Path]
		c.Path, c.NewMode, c.NewID = e.Path, e.Mode, e.ID
		byPath[e.Path] = c
	}
	var changes []tree.Change
	for _, p := range slices.Sorted(maps.Keys(byPath)) {
		if c := byPath[p]; c.OldMode != c.NewMode || c.OldID != c.NewID {
			changes = append(changes, c)
		}
	}
	return changes
}
