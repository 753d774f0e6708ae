package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/monoplan/monoplan/internal/durable"
)

// Writer is a file in the making. It is for one goroutine, and must be closed.
type Writer struct {
	store *Store
	disk  *disk
	file  *os.File
	hash  hash.Hash
	size  int64
	// partial says that what is written by the time of Close is worth keeping for another try.
	partial bool
}

// Create begins a file. With a sha256 it is the one file that all processes write for that content: while another
// process is at it, Create waits. Where the content is there by then, the writer is nil and path is the content's; where
// a process was killed at it, [Writer.Size] bytes are there already. Without a sha256 the file is new and private.
func (s *Store) Create(ctx context.Context, sha256 string) (w *Writer, path string, err error) {
	if sha256 == "" {
		w, err = s.create("")
		return w, "", err
	}
	if err := checkSum(sha256); err != nil {
		return nil, "", err
	}
	for {
		path, ok, err := s.local(ctx, sha256)
		if ok || err != nil {
			return nil, path, err
		}
		w, err := s.create(sha256)
		if w != nil || err != nil {
			return w, "", err
		}
		if err := pause(ctx); err != nil {
			return nil, "", err
		}
	}
}

// create gives a writer, nil where another process has the named file.
func (s *Store) create(name string) (*Writer, error) {
	d, err := s.writable()
	if err != nil {
		return nil, err
	}
	w := &Writer{store: s, disk: d, hash: sha256.New(), partial: name != ""}
	if name == "" {
		w.file, err = os.CreateTemp(filepath.Join(d.root, making), "new-")
	} else {
		w.file, err = os.OpenFile(filepath.Join(d.root, making, name), os.O_RDWR|os.O_CREATE, 0o666)
	}
	if err != nil {
		return nil, space(d.root, err)
	}
	had, err := durable.TakeLock(w.file, true, false)
	if err == nil && had && name != "" {
		had, err = w.resume()
	}
	if err != nil || !had {
		return nil, errors.Join(err, w.file.Close())
	}
	return w, nil
}

// resume takes up what is in the file, and reports whether the file is still the one of its name: the process that had it
// before may have finished it.
func (w *Writer) resume() (bool, error) {
	info, err := w.file.Stat()
	if err != nil {
		return false, err
	}
	now, err := os.Lstat(w.file.Name())
	if err != nil || !os.SameFile(now, info) {
		return false, ignoreMissing(err)
	}
	w.size, err = io.Copy(w.hash, bufio.NewReaderSize(w.file, 1<<16))
	return err == nil, err
}

// Write appends. A disk that is full is a [SpaceError].
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.hash.Write(p[:n])
	w.size += int64(n)
	if err != nil {
		w.partial = false
		return n, space(w.disk.root, err)
	}
	return n, nil
}

// Size is how many bytes there are so far.
func (w *Writer) Size() int64 { return w.size }

// Sum is the sha256 of what there is so far, in lower-case hexadecimal digits.
func (w *Writer) Sum() string { return hex.EncodeToString(w.hash.Sum(nil)) }

// Reset discards what there is so far.
func (w *Writer) Reset() error {
	if err := w.file.Truncate(0); err != nil {
		return err
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	w.hash.Reset()
	w.size = 0
	return nil
}

// Commit makes the file part of the store, offers it to the remote store, and gives its sha256 and path. With a sha256
// that the content does not have the file is discarded, and the error is a [HashError].
func (w *Writer) Commit(ctx context.Context, sha256 string) (sum, path string, err error) {
	sum, path, err = w.Keep(sha256)
	if err == nil {
		w.store.putRemote(ctx, sum, path)
	}
	return sum, path, err
}

// Keep is [Writer.Commit] without the remote store: for what others can fetch as easily from elsewhere.
func (w *Writer) Keep(sha256 string) (sum, path string, err error) {
	sum = w.Sum()
	if sha256 != "" && sum != sha256 {
		w.partial = false
		return "", "", errors.Join(&HashError{Want: sha256, Got: sum}, w.Close())
	}
	path, err = w.disk.adopt(sum, w.file)
	w.file = nil
	return sum, path, err
}

// Close ends the writing of a file that was not committed; after Commit it does nothing. What is there of a named file is
// kept for another try, unless the disk was full.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	f := w.file
	w.file = nil
	if w.partial && w.size > 0 {
		return f.Close()
	}
	return errors.Join(ignoreMissing(os.Remove(f.Name())), f.Close())
}

// adopt moves a file that is whole to its place among the blobs, and closes it.
func (d *disk) adopt(sum string, f *os.File) (path string, err error) {
	path = d.path(blobs, sum)
	temporary := f.Name()
	defer func() {
		if err != nil {
			_ = f.Close()
			err = errors.Join(space(d.root, err), ignoreMissing(os.Remove(temporary)))
		}
	}()
	if err := errors.Join(f.Chmod(0o444), os.MkdirAll(filepath.Dir(path), 0o777)); err != nil {
		return "", err
	}
	release, err := d.use(seals, sum)
	if err != nil {
		return "", err
	}
	defer release()
	if info, err := os.Lstat(path); err == nil && d.sealed(sum, info) {
		return path, errors.Join(ignoreMissing(os.Remove(temporary)), f.Close())
	}
	if err := move(f, path); err != nil {
		return "", err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	d.seal(sum, info)
	d.markGrown()
	return path, nil
}

// move gives a file its place and closes it, in that order: as long as it is open it is locked, and no other process takes
// it up for one that was left. Windows can only do it the other way round.
func move(f *os.File, path string) error {
	if runtime.GOOS == "windows" {
		if err := f.Close(); err != nil {
			return err
		}
		return os.Rename(f.Name(), path)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if err := f.Close(); err != nil { // what could not be written may come to light only now
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// replace puts a small file in place whole.
func (d *disk) replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Join(d.root, making), "new-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644)) // for whom is for the directories to say, by the user's umask
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o777)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, ignoreMissing(os.Remove(f.Name())))
	}
	return err
}
