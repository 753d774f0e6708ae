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

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage"
)

// Author is who made a commit, and when: both its author and its committer.
type Author struct {
	Name, Email string
	When        time.Time
}

// Create makes a repository with a working tree in a directory, on the branch main. It needs no git.
func Create(dir string) error {
	_, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{
		InitOptions: git.InitOptions{DefaultBranch: plumbing.Main},
	})
	return err
}

// CommitAll commits the whole directory, ignored files too, to the repository that Create made there, and gives the
// commit's ID. It reads no configuration and runs no hook: the same files, author and history give the same ID.
func CommitAll(dir, message string, author Author) (string, error) {
	repository, err := git.PlainOpen(dir)
	if err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	w := &treeWriter{root: root, storer: repository.Storer, index: &index.Index{Version: 2}}
	id, err := w.directory(".")
	if err != nil {
		return "", err
	}
	slices.SortFunc(w.index.Entries, func(a, b *index.Entry) int { return strings.Compare(a.Name, b.Name) })
	if err := w.storer.SetIndex(w.index); err != nil {
		return "", err
	}
	return writeCommit(repository, id, message, author)
}

func writeCommit(repository *git.Repository, treeID plumbing.Hash, message string, author Author) (string, error) {
	signature := gitobject.Signature{Name: author.Name, Email: author.Email, When: author.When}
	commit := &gitobject.Commit{Author: signature, Committer: signature, Message: message + "\n", TreeHash: treeID}
	head, err := repository.Storer.Reference(plumbing.HEAD)
	if err != nil {
		return "", err
	}
	branch := head.Target()
	switch tip, err := repository.Storer.Reference(branch); {
	case err == nil:
		commit.ParentHashes = []plumbing.Hash{tip.Hash()}
	case !errors.Is(err, plumbing.ErrReferenceNotFound):
		return "", err
	}
	encoded := repository.Storer.NewEncodedObject()
	if err := commit.Encode(encoded); err != nil {
		return "", err
	}
	id, err := repository.Storer.SetEncodedObject(encoded)
	if err != nil {
		return "", err
	}
	return id.String(), repository.Storer.SetReference(plumbing.NewHashReference(branch, id))
}

// treeWriter writes what a directory holds as objects, and lists it in an index.
type treeWriter struct {
	root   *os.Root
	storer storage.Storer
	index  *index.Index
}

func (w *treeWriter) directory(dir string) (plumbing.Hash, error) {
	entries, err := readDirectory(w.root, dir)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	var t gitobject.Tree
	for _, entry := range entries {
		if entry.Name() == ".git" {
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
		if !written.Hash.IsZero() {
			t.Entries = append(t.Entries, written)
		}
	}
	if len(t.Entries) == 0 && dir != "." {
		return plumbing.ZeroHash, nil // git keeps no empty directories
	}
	slices.SortFunc(t.Entries, func(a, b gitobject.TreeEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	encoded := w.storer.NewEncodedObject()
	if err := t.Encode(encoded); err != nil {
		return plumbing.ZeroHash, err
	}
	return w.storer.SetEncodedObject(encoded)
}

func (w *treeWriter) entry(path string, entry fs.DirEntry) (gitobject.TreeEntry, error) {
	written := gitobject.TreeEntry{Name: entry.Name()}
	if entry.IsDir() {
		id, err := w.directory(path)
		written.Mode, written.Hash = filemode.Dir, id
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
		written.Mode, data = filemode.Symlink, []byte(target)
	case mode.IsRegular():
		written.Mode = filemode.Regular
		if mode&0o100 != 0 {
			written.Mode = filemode.Executable
		}
		data, err = w.root.ReadFile(filepath.FromSlash(path))
	default:
		err = fmt.Errorf("%q: neither a file, a directory nor a symbolic link", path)
	}
	if err != nil {
		return written, err
	}
	if written.Hash, err = w.blob(data); err != nil {
		return written, err
	}
	w.index.Entries = append(w.index.Entries, &index.Entry{
		Name: path, Mode: written.Mode, Hash: written.Hash, Size: uint32(info.Size()), ModifiedAt: info.ModTime(),
	})
	return written, nil
}

func (w *treeWriter) blob(data []byte) (plumbing.Hash, error) {
	encoded := w.storer.NewEncodedObject()
	encoded.SetType(plumbing.BlobObject)
	writer, err := encoded.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if _, err := writer.Write(data); err != nil {
		return plumbing.ZeroHash, err
	}
	if err := writer.Close(); err != nil {
		return plumbing.ZeroHash, err
	}
	return w.storer.SetEncodedObject(encoded)
}

// sortKey is what the entries of a tree object are sorted by.
func sortKey(e gitobject.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}
