package gitdiff

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	gitconfig "github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Author is who made a commit, and when: both its author and its committer.
type Author struct {
	Name, Email string
	When        time.Time
}

// when is the time of a commit as its object has it: seconds, and the offset of the author's zone.
func (a Author) when() string {
	return fmt.Sprintf("%d %s", a.When.Unix(), a.When.Format("-0700"))
}

// Create makes a repository with a working tree in a directory, on the branch main. It needs no git.
func Create(dir string) error {
	s := storageOf(dir)
	if err := s.Init(); err != nil {
		return err
	}
	if err := s.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, plumbing.Main)); err != nil {
		return err
	}
	return s.SetConfig(gitconfig.NewConfig())
}

// storageOf gives go-git's storage of what Create makes. Going through it alone keeps go-git's transports, and the work
// that they do when a program starts, out of the program.
func storageOf(dir string) *filesystem.Storage {
	return filesystem.NewStorage(osfs.New(filepath.Join(dir, ".git")), cache.NewObjectLRUDefault())
}

// CommitAll commits the whole directory, ignored files too but nothing called except, to the repository that Create made there, and gives the
// commit's ID. It reads no configuration and runs no hook: the same files, author and history give the same ID.
func CommitAll(dir, message string, author Author, except ...string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	w := &treeWriter{except: append(except, ".git"), root: root, storage: storageOf(dir), index: &index.Index{Version: 2}}
	id, err := w.directory(".")
	if err != nil {
		return "", err
	}
	slices.SortFunc(w.index.Entries, func(a, b *index.Entry) int { return strings.Compare(a.Name, b.Name) })
	if err := w.storage.SetIndex(w.index); err != nil {
		return "", err
	}
	return writeCommit(w.storage, id, message, author)
}

func writeCommit(s *filesystem.Storage, treeID plumbing.Hash, message string, author Author) (string, error) {
	head, err := s.Reference(plumbing.HEAD)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("tree %s\n", treeID)
	switch tip, err := s.Reference(head.Target()); {
	case err == nil:
		text += fmt.Sprintf("parent %s\n", tip.Hash())
	case !errors.Is(err, plumbing.ErrReferenceNotFound):
		return "", err
	}
	for _, role := range []string{"author", "committer"} {
		text += fmt.Sprintf("%s %s <%s> %s\n", role, author.Name, author.Email, author.when())
	}
	id, err := writeObject(s, plumbing.CommitObject, []byte(text+"\n"+message+"\n"))
	if err != nil {
		return "", err
	}
	return id.String(), s.SetReference(plumbing.NewHashReference(head.Target(), id))
}

func writeObject(s *filesystem.Storage, kind plumbing.ObjectType, data []byte) (plumbing.Hash, error) {
	var encoded plumbing.MemoryObject
	encoded.SetType(kind)
	if _, err := encoded.Write(data); err != nil {
		return plumbing.ZeroHash, err
	}
	return s.SetEncodedObject(&encoded)
}

// treeWriter writes what a directory holds as objects, and lists it in an index.
type treeWriter struct {
	except  []string
	root    *os.Root
	storage *filesystem.Storage
	index   *index.Index
}

func (w *treeWriter) directory(dir string) (plumbing.Hash, error) {
	files, err := readDirectory(w.root, dir)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	var entries []treeEntry
	for _, entry := range files {
		if slices.Contains(w.except, entry.Name()) {
			continue
		}
		path := entry.Name()
		if dir != "." {
			path = dir + "/" + path
		}
		written, err := w.entry(path, entry)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		if !written.id.IsZero() {
			entries = append(entries, written)
		}
	}
	if len(entries) == 0 && dir != "." {
		return plumbing.ZeroHash, nil // git keeps no empty directories
	}
	return writeObject(w.storage, plumbing.TreeObject, encodeTree(entries))
}

// treeEntry is one line of a tree object.
type treeEntry struct {
	name string
	mode filemode.FileMode
	id   plumbing.Hash
}

// encodeTree is what parseTree reads: of each entry its mode in octal, a space, the name, NUL, and the raw ID. Directories are
// sorted as if their names ended in a slash.
func encodeTree(entries []treeEntry) []byte {
	slices.SortFunc(entries, func(a, b treeEntry) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	var data []byte
	for _, e := range entries {
		data = fmt.Appendf(data, "%o %s\x00", uint32(e.mode), e.name)
		data = append(data, e.id[:]...)
	}
	return data
}

func (e treeEntry) sortKey() string {
	if e.mode == filemode.Dir {
		return e.name + "/"
	}
	return e.name
}

func (w *treeWriter) entry(path string, entry fs.DirEntry) (treeEntry, error) {
	written := treeEntry{name: entry.Name()}
	if entry.IsDir() {
		id, err := w.directory(path)
		written.mode, written.id = filemode.Dir, id
		return written, err
	}
	info, err := entry.Info()
	if err != nil {
		return written, err
	}
	var data []byte
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		var target string
		target, err = w.root.Readlink(filepath.FromSlash(path))
		written.mode, data = filemode.Symlink, []byte(target)
	case mode.IsRegular():
		written.mode = filemode.Regular
		if mode&0o100 != 0 {
			written.mode = filemode.Executable
		}
		data, err = w.root.ReadFile(filepath.FromSlash(path))
	default:
		err = fmt.Errorf("%q: neither a file, a directory nor a symbolic link", path)
	}
	if err != nil {
		return written, err
	}
	if written.id, err = writeObject(w.storage, plumbing.BlobObject, data); err != nil {
		return written, err
	}
	w.index.Entries = append(w.index.Entries, &index.Entry{
		Name: path, Mode: written.mode, Hash: written.id, Size: uint32(info.Size()), ModifiedAt: info.ModTime(),
	})
	return written, nil
}
