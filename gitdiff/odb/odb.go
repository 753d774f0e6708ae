// Package odb reads objects out of a repository's object database, in process and a few at a time.
//
// A plan needs a few hundred objects of the hundreds of thousands that a repository has: the directories that differ. So nothing is
// loaded up front: the index of a pack is searched where it lies, an object is inflated where it lies, and the objects that deltas
// build upon are kept for a while, since the versions of a directory build upon each other.
//
// The formats are those of gitformat-pack(5) and gitformat-loose(5). Contents are protected by zlib's checksums, as they are for
// git, which does not hash what it reads either. What is not as it should be is an error that wraps ErrMalformed.
package odb

import (
	"errors"
	"fmt"
	"slices"
)

// ErrMissing says that the database does not have an object.
var ErrMissing = errors.New("missing")

// ErrMalformed says that a file of the database is not as its format has it.
var ErrMalformed = errors.New("malformed")

// ErrIndexVersion says that the index of a pack is of another version than 2, which git has written since 2008.
var ErrIndexVersion = errors.New("an index of a pack that is not of version 2")

// Kind is what an object is.
type Kind uint8

// The kinds of objects, as packs number them.
const (
	Commit Kind = 1 + iota
	Tree
	Blob
	Tag
)

var kindNames = [...]string{Commit: "commit", Tree: "tree", Blob: "blob", Tag: "tag"}

func (k Kind) String() string {
	if k < Commit || k > Tag {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kindNames[k]
}

// ParseKind gives the kind that has this name, and 0 for a name of none.
func ParseKind(name string) Kind { return Kind(slices.Index(kindNames[1:], name) + 1) }

// Object is an object's kind and content. The content is shared with others who read it, and not to be changed.
type Object struct {
	Kind Kind
	Data []byte
}
