package packager

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/tree"
)

// source is the tree that is packaged, for any number of goroutines: a tree's reader is for one.
type source struct {
	mu      sync.Mutex
	tree    tree.Reader
	subtree func(id string) tree.Reader
	// worktree is the top of the working tree, where files are of which the tree has a pointer only; empty where there is none.
	worktree string
	// all has every entry of a tree whose directories have no IDs, once it was listed.
	all []tree.Entry
}

// lookup gives what is at each path.
func (s *source) lookup(ctx context.Context, paths ...string) ([]tree.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree.Lookup(ctx, paths)
}

// list gives the files, symbolic links and submodules below a directory, with their whole paths, in byte order. A path that is no
// directory has none.
func (s *source) list(ctx context.Context, dir string) ([]tree.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.tree.Lookup(ctx, []string{dir})
	if err != nil || found[0].Mode != tree.Dir {
		return nil, err
	}
	if found[0].ID == "" || s.subtree == nil {
		return s.listBelow(ctx, dir)
	}
	var entries []tree.Entry
	err = s.subtree(found[0].ID).List(ctx, func(e tree.Entry) error {
		e.Path = path.Join(dir, e.Path)
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

// listBelow takes the entries below a directory from a list of all, which is made once.
func (s *source) listBelow(ctx context.Context, dir string) ([]tree.Entry, error) {
	if s.all == nil {
		all := []tree.Entry{}
		err := s.tree.List(ctx, func(e tree.Entry) error {
			all = append(all, e)
			return nil
		})
		if err != nil {
			return nil, err
		}
		s.all = all
	}
	if dir == "." {
		return s.all, nil
	}
	prefix := dir + "/"
	first, _ := slices.BinarySearchFunc(s.all, prefix, func(e tree.Entry, p string) int { return strings.Compare(e.Path, p) })
	last := first
	for last < len(s.all) && strings.HasPrefix(s.all[last].Path, prefix) {
		last++
	}
	return s.all[first:last], nil
}

// read gives the content of a file, or the target of a symbolic link.
func (s *source) read(ctx context.Context, e tree.Entry) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var data []byte
	err := s.tree.Read(ctx, []tree.Entry{e}, func(_ int, b []byte) error {
		data = bytes.Clone(b)
		return nil
	})
	return data, err
}

// open gives the content of a file as a stream.
func (s *source) open(ctx context.Context, e tree.Entry) (io.ReadCloser, error) {
	data, err := s.read(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Path, err)
	}
	if sum, ok := pointedAt(data); ok {
		return s.openLarge(e, sum)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// openLarge opens a file that Git LFS keeps elsewhere, if the working tree has it.
func (s *source) openLarge(e tree.Entry, sum string) (io.ReadCloser, error) {
	file := filepath.Join(s.worktree, filepath.FromSlash(e.Path))
	if s.worktree == "" || !hasSum(file, sum) {
		return nil, &StageError{Path: e.Path, Problem: "a pointer of Git LFS, and the working tree does not have the file (git lfs pull gets it)", Optional: true}
	}
	return openSame(file, e.Path, sum)
}

// pointedAt gives the sha256 of the file for which a pointer of Git LFS stands ("Git LFS Specification").
func pointedAt(data []byte) (sum string, ok bool) {
	const largest = 1024
	if len(data) > largest || !bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")) {
		return "", false
	}
	for line := range strings.Lines(string(data)) {
		if sum, ok := strings.CutPrefix(line, "oid sha256:"); ok {
			return strings.TrimSpace(sum), true
		}
	}
	return "", false
}

// identities names what is at each path: equal names are equal content. What is not there has a name, too.
func (s *source) identities(ctx context.Context, paths []string) ([]string, error) {
	entries, err := s.lookup(ctx, paths...)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		if names[i], err = s.identity(ctx, e); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// identity is the ID that git gives, or for what differs from every commit one made of its content.
func (s *source) identity(ctx context.Context, e tree.Entry) (string, error) {
	switch {
	case !e.Exists():
		return "absent", nil
	case e.ID != "":
		return fmt.Sprintf("%o %s", e.Mode, e.ID), nil
	case e.Mode == tree.Dir:
		return s.directoryIdentity(ctx, e.Path)
	case e.Mode == tree.Submodule:
		return "submodule", nil
	}
	data, err := s.read(ctx, e)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%o sha256:%s", e.Mode, hex.EncodeToString(sum[:])), nil
}

func (s *source) directoryIdentity(ctx context.Context, dir string) (string, error) {
	entries, err := s.list(ctx, dir)
	if err != nil {
		return "", err
	}
	d := newDigest("directory")
	for _, e := range entries {
		name, err := s.identity(ctx, e)
		if err != nil {
			return "", err
		}
		d.add(e.Path, name)
	}
	return "listing " + d.sum(), nil
}
