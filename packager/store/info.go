package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Info describes a store.
type Info struct {
	Dir string
	// Limit is in bytes, 0 for none.
	Limit int64
	// ReadOnly says that nothing new can be kept in Dir.
	ReadOnly bool
	// Remote is the shared store, empty for none.
	Remote string
	// Files and Bytes are the whole files; Results the records.
	Files   int
	Bytes   int64
	Results int
	// Partial is how many bytes of files are there that are not whole.
	Partial int64
	// Oldest is the last use of what was used longest ago; zero for an empty store.
	Oldest time.Time
}

// Info describes the store. A store that does not exist yet is empty.
func (s *Store) Info(ctx context.Context) (Info, error) {
	i := Info{Dir: filepath.Dir(s.home.root), Limit: s.config.Limit}
	if s.config.Remote != nil {
		i.Remote = s.config.Remote.String()
	}
	if _, err := os.Stat(s.home.root); errors.Is(err, fs.ErrNotExist) {
		return i, nil
	}
	var err error
	if i.ReadOnly, err = s.home.readOnly(); err != nil {
		return i, err
	}
	entries, err := s.home.entries(ctx)
	if err != nil {
		return i, err
	}
	for _, e := range entries {
		if e.kind == results {
			i.Results++
			continue
		}
		i.Files++
		i.Bytes += e.size
		if i.Oldest.IsZero() || e.used.Before(i.Oldest) {
			i.Oldest = e.used
		}
	}
	unfinished, err := os.ReadDir(filepath.Join(s.home.root, making))
	for _, e := range unfinished {
		if info, err := e.Info(); err == nil {
			i.Partial += info.Size()
		}
	}
	return i, ignoreMissing(err)
}

// Verified says what a verification found.
type Verified struct {
	Files int
	Bytes int64
	// Damaged has the sha256 of each file that did not have it, sorted. They were removed, unless the store is read-only.
	Damaged []string
}

// Verify reads every file and compares it with its name. What is damaged is removed.
func (s *Store) Verify(ctx context.Context) (Verified, error) {
	var v Verified
	entries, err := s.home.entries(ctx)
	if err != nil {
		return v, err
	}
	for _, e := range entries {
		if e.kind != blobs {
			continue
		}
		got, info, err := hashFile(ctx, s.home.path(blobs, e.sum))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return v, err
		}
		v.Files++
		v.Bytes += info.Size()
		if got == e.sum {
			if !s.home.sealed(e.sum, info) {
				s.home.seal(e.sum, info)
			}
			continue
		}
		v.Damaged = append(v.Damaged, e.sum)
		if err := s.home.discard(e.sum, info); err != nil {
			return v, err
		}
	}
	return v, nil
}
