// Package durable has what files need that several processes change, any of which may be killed at any moment: locks that
// end with their holder, replacing a file in one step, so that a reader finds the old content or the new one, temporary
// directories that are removed after their process, be it by the next, and directories that git does not look into.
package durable

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Lock opens a file, which is made where it is not there, and waits for its lock. Closing the file gives the lock up, and
// so does the end of the process.
func Lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if _, err := TakeLock(f, true, true); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// TryExisting opens a file that is there and takes its lock, if nobody has it. Where somebody has, held is true and there is no file.
func TryExisting(path string) (f *os.File, held bool, err error) {
	f, err = os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, false, err
	}
	had, err := TakeLock(f, true, false)
	if err != nil || !had {
		_ = f.Close()
		return nil, err == nil, err
	}
	return f, false, nil
}

// Follow follows a symbolic link, be there something where it leads or not.
func Follow(path string) string {
	const most = 40 // as in Linux (path_resolution(7))
	for range most {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}

// Write gives what a person named a new content. A file is replaced, that to which a symbolic link leads; a device or a pipe stays
// what it is, and has the content written to it.
func Write(path string, content []byte) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Mode().IsRegular():
		return Replace(Follow(path), content)
	case err != nil:
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// Replace gives a file a new content, in one step and on the disk. What it replaces keeps its permissions; a new file has
// those that the process gives its files (umask(2)).
func Replace(path string, content []byte) error {
	return replace(path, func(f *os.File) (int, error) { return f.Write(content) })
}

// ReplaceText is Replace for a content that is a string.
func ReplaceText(path, content string) error {
	return replace(path, func(f *os.File) (int, error) { return f.WriteString(content) })
}

func replace(path string, write func(*os.File) (int, error)) error {
	f, err := os.OpenFile(path+"."+rand.Text()+".tmp", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = write(f)
	if old, statErr := os.Stat(path); err == nil && statErr == nil {
		err = f.Chmod(old.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// KeepOut makes a directory that is kept out of git: where nothing else does that, it ignores itself.
func KeepOut(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	file := filepath.Join(dir, ".gitignore")
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return ReplaceText(file, "*\n")
}
