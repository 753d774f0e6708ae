package gitdiff

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// errMissing says that no object directory has an object.
var errMissing = errors.New("missing")

// objectStore reads the objects of a repository in process: of its object directory, and of those that it borrows from
// (gitrepository-layout(5), objects/info/alternates, and GIT_ALTERNATE_OBJECT_DIRECTORIES).
type objectStore struct {
	dirs   []string
	stores []*filesystem.ObjectStorage
	// packed has, by the directories, when the packs there changed last before they were looked at.
	packed []time.Time
	// reading is held while an object is read: files may be read while trees are listed, and go-git's storage is made
	// for one reader.
	reading sync.Mutex
}

// raw is an object as it is stored.
type raw struct {
	kind plumbing.ObjectType
	data []byte
}

func openObjects(l *location, env environment) (*objectStore, error) {
	first := filepath.Join(l.commonDir, "objects")
	if explicit := env.get("GIT_OBJECT_DIRECTORY"); explicit != "" {
		first = absolute(l.dir, explicit)
	}
	dirs := []string{first}
	for _, dir := range filepath.SplitList(env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")) {
		if dir != "" {
			dirs = append(dirs, absolute(l.dir, dir))
		}
	}
	for i := 0; i < len(dirs); i++ {
		more, err := alternates(dirs[i])
		if err != nil {
			return nil, err
		}
		for _, dir := range more {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	s := &objectStore{dirs: dirs}
	s.open(packTimes(dirs))
	return s, nil
}

// open opens the directories, of which nothing is read yet.
func (s *objectStore) open(packed []time.Time) {
	shared := cache.NewObjectLRU(64 * cache.MiByte)
	s.stores, s.packed = nil, packed
	for _, dir := range s.dirs {
		d := dotgit.New(&objectsFS{Filesystem: osfs.New(dir)})
		s.stores = append(s.stores, filesystem.NewObjectStorageWithOptions(d, shared, filesystem.Options{KeepDescriptors: true}))
	}
}

// reopen opens the directories again if packs came or went, as when git repacks the repository meanwhile. It reports whether it did.
func (s *objectStore) reopen() bool {
	now := packTimes(s.dirs)
	if slices.EqualFunc(now, s.packed, time.Time.Equal) {
		return false
	}
	_ = s.close() // what it had open may be gone
	s.open(now)
	return true
}

func packTimes(dirs []string) []time.Time {
	times := make([]time.Time, len(dirs))
	for i, dir := range dirs {
		if info, err := os.Stat(filepath.Join(dir, "pack")); err == nil {
			times[i] = info.ModTime()
		}
	}
	return times
}

// alternates reads the object directories that one borrows from; relative ones are relative to it.
func alternates(objects string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(objects, "info", "alternates"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var dirs []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '"' {
			return nil, &UnsupportedError{What: "a quoted path in objects/info/alternates"}
		}
		dirs = append(dirs, absolute(objects, line))
	}
	return dirs, nil
}

func (s *objectStore) close() error {
	var errs []error
	for _, store := range s.stores {
		errs = append(errs, store.Close())
	}
	return errors.Join(errs...)
}

// read gives an object, or errMissing. What it gives has the ID that was asked for. Before it gives up it looks at packs that are
// new, as git does.
func (s *objectStore) read(id string) (raw, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	r, err := s.find(id)
	if err != nil && s.reopen() {
		return s.find(id)
	}
	return r, err
}

func (s *objectStore) find(id string) (raw, error) {
	sum, err := hex.DecodeString(id)
	if err != nil || len(sum) != sha1.Size {
		return raw{}, errMissing
	}
	for _, store := range s.stores {
		object, err := store.EncodedObject(plumbing.AnyObject, plumbing.Hash(sum))
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			continue
		}
		if errors.Is(err, idxfile.ErrMalformedIdxFile) {
			return raw{}, &UnsupportedError{What: "the index of a pack here: it is of version 1, or malformed"}
		}
		if err != nil {
			return raw{}, &ObjectError{ID: id, What: err.Error()}
		}
		r, err := readObject(object)
		if err != nil {
			return raw{}, &ObjectError{ID: id, What: err.Error()}
		}
		if hashObject(sha1.New(), r.kind.String(), r.data) != id {
			return raw{}, &ObjectError{ID: id, What: "corrupt: its content has another hash"}
		}
		return r, nil
	}
	return raw{}, errMissing
}

func readObject(object plumbing.EncodedObject) (raw, error) {
	r, err := object.Reader()
	if err != nil {
		return raw{}, err
	}
	defer r.Close()
	var data bytes.Buffer
	data.Grow(int(object.Size()) + bytes.MinRead)
	if _, err := io.Copy(&data, r); err != nil {
		return raw{}, err
	}
	return raw{kind: object.Type(), data: data.Bytes()}, nil
}

// withPrefix lists the objects whose IDs begin with a prefix of hex digits.
func (s *objectStore) withPrefix(prefix string) ([]string, error) {
	prefix = strings.ToLower(prefix)
	whole, err := hex.DecodeString(prefix[:len(prefix)/2*2])
	if err != nil {
		return nil, err
	}
	var found []string
	for _, store := range s.stores {
		hashes, err := store.HashesWithPrefix(whole)
		if err != nil {
			return nil, err
		}
		for _, hash := range hashes {
			if id := hash.String(); strings.HasPrefix(id, prefix) {
				found = append(found, id)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// objectsFS lets go-git, which looks for "objects" in a git directory, read an object directory by itself: one may be
// anywhere and of any name. Its alternates are hidden, since objectStore follows them.
type objectsFS struct {
	billy.Filesystem
}

// inside maps a path of a git directory to one of its object directory. A pack is opened a second time by the name that
// its file has here already.
func (f *objectsFS) inside(path string) (string, error) {
	path = filepath.ToSlash(filepath.Clean(path))
	if strings.HasPrefix(path, "pack/") {
		return path, nil
	}
	rest, ok := strings.CutPrefix(path, "objects")
	if !ok || rest == "/info/alternates" {
		return "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return "." + rest, nil
}

func (f *objectsFS) Open(path string) (billy.File, error) {
	path, err := f.inside(path)
	if err != nil {
		return nil, err
	}
	return f.Filesystem.Open(path)
}

func (f *objectsFS) Stat(path string) (fs.FileInfo, error) {
	path, err := f.inside(path)
	if err != nil {
		return nil, err
	}
	return f.Filesystem.Stat(path)
}

func (f *objectsFS) Lstat(path string) (fs.FileInfo, error) {
	path, err := f.inside(path)
	if err != nil {
		return nil, err
	}
	return f.Filesystem.Lstat(path)
}

func (f *objectsFS) ReadDir(path string) ([]fs.FileInfo, error) {
	path, err := f.inside(path)
	if err != nil {
		return nil, err
	}
	return f.Filesystem.ReadDir(path)
}
