// Package tree has the vocabulary that reading git and reading a workspace share: what an entry of a tree is, and
// how two trees differ. It knows no git: an ID is an opaque name for content.
package tree

import "context"

// Mode is the kind of an entry, with the values of git's tree objects.
type Mode uint32

// The modes of git's tree objects. Git knows a few historic ones besides (100664); readers map those to File.
const (
	None      Mode = 0
	Dir       Mode = 0o040000
	File      Mode = 0o100644
	Exec      Mode = 0o100755
	Symlink   Mode = 0o120000
	Submodule Mode = 0o160000
)

// IsFile reports whether m is a regular file, executable or not.
func (m Mode) IsFile() bool { return m == File || m == Exec }

// Entry is one entry of a tree. Its path is relative to the tree's root, slash-separated, any bytes but NUL.
type Entry struct {
	Path string
	Mode Mode
	// ID names the content, in lower-case hex; equal IDs are equal content. It is empty for an entry of the working
	// tree that differs from the commit it was compared with.
	ID string
}

// Exists reports whether the entry is there: a lookup of a path that is not gives an Entry whose Mode is None.
func (e Entry) Exists() bool { return e.Mode != None }

// Change is one path at which two trees differ. A rename is two changes. A side that does not have the path has
// Mode None and no ID. The sides are never directories.
type Change struct {
	Path         string
	OldMode      Mode
	NewMode      Mode
	OldID, NewID string
}

// Added reports whether only the new side has the path.
func (c Change) Added() bool { return c.OldMode == None }

// Deleted reports whether only the old side has the path.
func (c Change) Deleted() bool { return c.NewMode == None }

// Reverse gives the change in the other direction.
func (c Change) Reverse() Change {
	return Change{Path: c.Path, OldMode: c.NewMode, NewMode: c.OldMode, OldID: c.NewID, NewID: c.OldID}
}

// Reader reads one tree: that of a commit, or the working tree. Its methods take many requests in one go, since a
// request costs a round trip through a pipe and a batch costs hardly more.
type Reader interface {
	// ID names the tree's content, or is empty where nothing does (the working tree): such a tree is not cached.
	ID() string
	// List calls yield for every entry but directories, in the byte order of their whole paths, until yield
	// gives an error, which List returns. The strings of many entries share memory, so who keeps few of them clones
	// those. Read may be called while a listing is going on, List and Lookup may not.
	List(ctx context.Context, yield func(Entry) error) error
	// Lookup gives one entry a path, in the order of the paths; directories are found too (the root is "."), and
	// an entry for what is not there has Mode None. Symbolic links are not followed.
	Lookup(ctx context.Context, paths []string) ([]Entry, error)
	// Read calls yield with the content of each entry (for a symbolic link its target), by its index in entries,
	// in their order. The bytes are valid until yield returns. Entries must be files or symbolic links.
	Read(ctx context.Context, entries []Entry, yield func(i int, data []byte) error) error
}
