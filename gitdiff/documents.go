package gitdiff

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monoplan/monoplan/gitdiff/odb"
)

// Documents keeps small files in the repository beside its history: as the trees of commits that a reference of their own
// leads to. A write is a commit on top of the one before it, so what was is kept, and it moves the reference only from where
// its writer saw it.
//
// It has processes of its own, apart from the repository's engine, and may be used by several goroutines at once.
type Documents struct {
	repository *Repository
	mutex      sync.Mutex
	objects    *documentObjects
}

// Documents opens the repository for documents. It reads nothing yet.
func (r *Repository) Documents() *Documents { return &Documents{repository: r} }

// Close ends its processes. It is safe to call twice.
func (d *Documents) Close() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.objects == nil {
		return nil
	}
	objects := d.objects
	d.objects = nil
	return objects.close()
}

// read asks for objects. For one that is not there the kind is 0.
func (d *Documents) read(ctx context.Context, ids []string, receive func(i int, o odb.Object) error) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.objects == nil {
		var err error
		if d.objects, err = d.repository.openDocumentObjects(); err != nil {
			return err
		}
	}
	return d.objects.read(ctx, ids, receive)
}

// Document is a commit of documents.
type Document struct {
	ID, Tree string
	Parents  []string
	// Time is when it was committed, by the clock of who did.
	Time    time.Time
	Message string
}

// Commit reads a commit by its full ID. Its error is an *ObjectError where the repository does not have it.
func (d *Documents) Commit(ctx context.Context, id string) (Document, error) {
	c := Document{ID: id}
	err := d.read(ctx, []string{id}, func(_ int, o odb.Object) error {
		if o.Kind != odb.Commit {
			return &ObjectError{ID: id, What: "not a commit that the repository has"}
		}
		header, message, _ := strings.Cut(string(o.Data), "\n\n")
		parsed, err := parseCommit(id, header)
		if err != nil {
			return err
		}
		c.Tree, c.Parents, c.Time, c.Message = parsed.Tree, parsed.parents, time.Unix(parsed.date, 0), message
		return nil
	})
	return c, err
}

// Has reports of each commit whether the repository has it.
func (d *Documents) Has(ctx context.Context, ids []string) ([]bool, error) {
	has := make([]bool, len(ids))
	err := d.read(ctx, ids, func(i int, o odb.Object) error {
		has[i] = o.Kind == odb.Commit
		return nil
	})
	return has, err
}

// Files calls yield with each file below a tree, in the byte order of their paths within each directory, a directory's
// own files first. The bytes are valid until yield returns.
func (d *Documents) Files(ctx context.Context, treeID string, yield func(path string, data []byte) error) error {
	return d.files(ctx, "", treeID, yield)
}

func (d *Documents) files(ctx context.Context, prefix, treeID string, yield func(string, []byte) error) error {
	entries, err := d.tree(ctx, treeID)
	if err != nil {
		return err
	}
	var blobs []string
	var names []string
	for _, e := range entries {
		if e.mode.IsFile() {
			blobs, names = append(blobs, e.id), append(names, prefix+e.name)
		}
	}
	err = d.blobs(ctx, blobs, func(i int, data []byte) error { return yield(names[i], data) })
	for _, e := range entries {
		if err == nil && e.mode == modeOfDirectories {
			err = d.files(ctx, prefix+e.name+"/", e.id, yield)
		}
	}
	return err
}

// blobs calls receive with the content of each blob, in order. The bytes are valid until receive returns.
func (d *Documents) blobs(ctx context.Context, ids []string, receive func(i int, data []byte) error) error {
	return d.read(ctx, ids, func(i int, o odb.Object) error {
		if o.Kind != odb.Blob {
			return d.lacks(ids[i], "blob")
		}
		return receive(i, o.Data)
	})
}

// lacks is the error for an object that is not there, or is of another type.
func (d *Documents) lacks(id, kind string) error {
	return d.repository.location.lacks(id, kind, PartialError{Asked: d.repository.options.AllowNetwork})
}

// tree reads the entries of a tree, in its own order; an empty ID is the empty tree.
func (d *Documents) tree(ctx context.Context, id string) (entries []object, err error) {
	if id == "" || id == d.repository.location.emptyTree() {
		return nil, nil
	}
	err = d.read(ctx, []string{id}, func(_ int, o odb.Object) (err error) {
		if o.Kind != odb.Tree {
			return d.lacks(id, "tree")
		}
		if entries, err = parseTree(o.Data, len(id)/2); err != nil {
			return &ObjectError{ID: id, What: err.Error()}
		}
		return nil
	})
	return entries, err
}

// NewDocument is a commit that is to be written.
type NewDocument struct {
	// Base is a tree whose files the commit has too, but for those in Files; empty for none.
	Base string
	// Files has contents by their paths; nil removes one.
	Files map[string][]byte
	// Parents are full IDs of commits that the repository has.
	Parents []string
	Message string
	Author  Author
}

// Write writes a commit, and gives its ID and that of its tree. No reference leads to it yet.
func (d *Documents) Write(ctx context.Context, n NewDocument) (id, treeID string, err error) {
	w := &objectsToWrite{location: d.repository.location}
	treeID, err = d.writeTree(ctx, w, n.Base, n.Files)
	if err != nil {
		return "", "", err
	}
	if treeID == "" {
		treeID = w.add(odb.Tree, nil)
	}
	id = w.add(odb.Commit, n.text(treeID))
	return id, treeID, d.store(ctx, w)
}

// text is the commit's object (git-commit-tree(1)).
func (n NewDocument) text(treeID string) []byte {
	var b strings.Builder
	b.WriteString("tree " + treeID + "\n")
	for _, p := range n.Parents {
		b.WriteString("parent " + p + "\n")
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == '<' || r == '>' {
			return -1
		}
		return r
	}, n.Author.Name)
	for _, role := range []string{"author", "committer"} {
		b.WriteString(role + " " + name + " <" + n.Author.Email + "> " + n.Author.when() + "\n")
	}
	return []byte(b.String() + "\n" + n.Message + "\n")
}

// writeTree adds the trees and blobs of the files to what is to be written, and gives the tree's ID, empty for one
// without entries.
func (d *Documents) writeTree(ctx context.Context, w *objectsToWrite, base string, files map[string][]byte) (string, error) {
	entries, err := d.tree(ctx, base)
	if err != nil {
		return "", err
	}
	below := map[string]map[string][]byte{}
	for path, content := range files {
		name, rest, isBelow := strings.Cut(path, "/")
		switch {
		case isBelow && below[name] == nil:
			below[name] = map[string][]byte{rest: content}
		case isBelow:
			below[name][rest] = content
		default:
			o := object{name: name, mode: modeOfFiles}
			if content != nil {
				o.id = w.add(odb.Blob, content)
			}
			entries = withEntry(entries, o)
		}
	}
	for name, inside := range below {
		o := object{name: name, mode: modeOfDirectories}
		old := ""
		if i := slices.IndexFunc(entries, func(e object) bool { return e.name == name && e.mode == modeOfDirectories }); i >= 0 {
			old = entries[i].id
		}
		if o.id, err = d.writeTree(ctx, w, old, inside); err != nil {
			return "", err
		}
		entries = withEntry(entries, o)
	}
	if len(entries) == 0 {
		return "", nil
	}
	return w.add(odb.Tree, encodeObjects(entries)), nil
}

// withEntry gives a tree's entries with one set; one without an ID is removed.
func withEntry(entries []object, o object) []object {
	entries = slices.DeleteFunc(entries, func(e object) bool { return e.name == o.name })
	if o.id == "" {
		return entries
	}
	i, _ := slices.BinarySearchFunc(entries, o, compareObjects)
	return slices.Insert(entries, i, o)
}

// traced tells how long something took.
func (d *Documents) traced(step string, began time.Time) {
	if trace := d.repository.options.Trace; trace != nil {
		trace(step, time.Since(began))
	}
}

// IsShallow reports whether history may end early.
func (d *Documents) IsShallow() bool { return d.repository.location.shallow() }
