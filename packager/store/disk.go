package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// version is the directory of the layout that this build knows. Another layout gets another one.
const version = "v1"

// disk is a directory with the layout of a store.
type disk struct {
	root string

	mutex   sync.Mutex
	session *os.File
	// probed says whether it is known if the directory can be written, denied that it cannot.
	probed, denied bool
	// used has the files and results that this session has noted as used.
	used map[string]bool
}

func newDisk(root string) *disk { return &disk{root: root, used: map[string]bool{}} }

// The directories below the root.
const (
	blobs    = "blobs"
	seals    = "seals"
	results  = "results"
	making   = "making"
	sessions = "sessions"
)

// path is that of a file of a kind, under the first byte of its name so that no directory gets very large.
func (d *disk) path(kind, sum string) string { return filepath.Join(d.root, kind, sum[:2], sum) }

// readOnly reports whether nothing can be written, which is found out once.
func (d *disk) readOnly() (bool, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.probed {
		return d.denied, nil
	}
	err := d.begin()
	d.denied = errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
	if err != nil && !d.denied {
		return false, space(d.root, err)
	}
	d.probed = true
	return d.denied, nil
}

// get gives the path of a blob that has the hash of its name.
func (d *disk) get(ctx context.Context, sum string, warn func(error)) (path string, ok bool, err error) {
	path = d.path(blobs, sum)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", false, nil // before anything is written only to find nothing
	}
	release, err := d.use(seals, sum)
	if err != nil {
		return "", false, err
	}
	info, err := os.Lstat(path)
	release()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, err
	case d.sealed(sum, info):
		return path, true, nil
	}
	got, info, err := hashFile(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, err
	case got != sum:
		warn(&DamageError{Name: path, Got: got})
		return "", false, d.discard(sum, info)
	}
	d.seal(sum, info)
	return path, true, nil
}

// hashFile gives the sha256 of a regular file, and what it looked like before it was read.
func hashFile(ctx context.Context, path string) (sum string, info fs.FileInfo, err error) {
	if info, err = os.Lstat(path); err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() {
		return "no regular file", info, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return "", nil, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, &contextReader{ctx, f}); err != nil {
		return "", nil, err
	}
	return hex.EncodeToString(h.Sum(nil)), info, nil
}

// discard removes a blob that is damaged, unless another took its place since it looked like info.
func (d *disk) discard(sum string, info fs.FileInfo) error {
	if readOnly, err := d.readOnly(); readOnly || err != nil {
		return err
	}
	release, err := d.alone()
	if err != nil {
		return err
	}
	defer release()
	now, err := os.Lstat(d.path(blobs, sum))
	if err != nil || !os.SameFile(now, info) {
		return ignoreMissing(err)
	}
	return d.removeBlob(sum)
}

// removeBlob removes a file and, before it, its seal: a file without one is only read again.
func (d *disk) removeBlob(sum string) error {
	if err := ignoreMissing(os.Remove(d.path(seals, sum))); err != nil {
		return err
	}
	path := d.path(blobs, sum)
	err := os.Remove(path)
	if info, statErr := os.Lstat(path); err != nil && statErr == nil && info.IsDir() {
		err = os.RemoveAll(path)
	}
	return ignoreMissing(err)
}

// use notes that this session uses a file, so that no pruning takes it away, and gives what ends the moment in which
// nothing is pruned.
func (d *disk) use(kind, sum string) (release func(), err error) {
	if readOnly, err := d.readOnly(); readOnly || err != nil {
		return func() {}, err // nobody can prune here, as far as this process can know
	}
	release, err = d.together()
	if err != nil {
		return nil, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if path := d.path(kind, sum); !d.used[path] {
		now := time.Now()
		d.used[path] = os.Chtimes(path, now, now) == nil
	}
	return release, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
