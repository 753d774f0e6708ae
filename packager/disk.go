package packager

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/monoplan/monoplan/packager/store"
)

// sumOf gives the sha256 of what a reader has, in hex.
func sumOf(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openSame opens a file that must still have a content that was seen before: where it has not, reading ends in an error.
func openSame(file, name, sum string) (io.ReadCloser, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	return &sameReader{file: f, name: name, want: sum, hash: sha256.New()}, nil
}

// sameReader has no other of a file's methods: with WriteTo, what is copied would pass its Read by.
type sameReader struct {
	file       *os.File
	name, want string
	hash       hash.Hash
}

func (r *sameReader) Read(b []byte) (int, error) {
	n, err := r.file.Read(b)
	r.hash.Write(b[:n])
	if err == io.EOF && hex.EncodeToString(r.hash.Sum(nil)) != r.want {
		err = &StageError{Path: r.name, Problem: "the file changed while it was packaged"}
	}
	return n, err
}

func (r *sameReader) Close() error { return r.file.Close() }

// diskFS has the files below a root. The file system of os.Root itself takes no name that is not UTF-8 (fs.ValidPath).
type diskFS struct{ root *os.Root }

func (d diskFS) Open(name string) (fs.File, error) { return d.root.Open(filepath.FromSlash(name)) }

// SpaceError is a disk, other than the store's, that has no room for a file.
type SpaceError struct {
	Dir string
	Err error
}

func (e *SpaceError) Error() string { return "no space left in " + e.Dir }
func (e *SpaceError) Unwrap() error { return e.Err }

// full makes a SpaceError of what a full disk says of a file, whose name is one that nobody knows; other errors stay as they are.
func full(err error) error {
	var file *fs.PathError
	if errors.Is(err, syscall.ENOSPC) && errors.As(err, &file) && !errors.As(err, new(*store.SpaceError)) {
		return &SpaceError{filepath.Dir(file.Path), err}
	}
	return err
}

// writeFile puts a file in place whole, or not at all.
func writeFile(file string, data []byte) error {
	return placeFile(file, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// temporary is what the name of a file begins with until it is whole.
const temporary = ".new-"

// placeFile writes a file under another name in the same directory, and renames it when it is whole.
func placeFile(file string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(file), temporary)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		err = errors.Join(err, ignoreAbsent(os.Remove(f.Name())))
	}
	return err
}

func ignoreAbsent(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
