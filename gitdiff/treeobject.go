package gitdiff

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// object is one entry of a tree object: a name within one directory.
type object struct {
	name string
	mode tree.Mode
	id   string
}

// rawEntries reads a tree object, entry after entry: of each an octal mode, a blank, a name, NUL, and the ID's bytes (20 for sha1,
// 32 for sha256). See gitformat-pack(5) and git-ls-tree(1).
type rawEntries struct {
	rest     []byte
	hashSize int
	rawEntry
}

// rawEntry is one entry of a tree object, whose name and ID are bytes of it.
type rawEntry struct {
	mode     tree.Mode
	name, id []byte
}

// next goes on to the next entry, of which there must be one.
func (e *rawEntries) next() error {
	end := bytes.IndexByte(e.rest, 0)
	if end < 0 || len(e.rest)-end <= e.hashSize {
		return errors.New("a truncated tree")
	}
	octal, name, ok := bytes.Cut(e.rest[:end], []byte(" "))
	mode, valid := parseMode(octal)
	if !ok || !valid || mode == tree.None {
		return errors.New("a tree entry without a mode")
	}
	if len(name) == 0 || bytes.IndexByte(name, '/') >= 0 {
		return errors.New("a tree entry with a malformed name")
	}
	e.mode, e.name, e.id = mode, name, e.rest[end+1:end+1+e.hashSize]
	e.rest = e.rest[end+1+e.hashSize:]
	return nil
}

// parseTree reads the entries of a tree object, in its own order.
func parseTree(data []byte, hashSize int) ([]object, error) {
	objects := make([]object, 0, len(data)/(hashSize+16))
	for entries := (rawEntries{rest: data, hashSize: hashSize}); len(entries.rest) > 0; {
		if err := entries.next(); err != nil {
			return nil, err
		}
		objects = append(objects, entries.object())
	}
	return objects, nil
}

// object is the entry as it is without the tree's bytes.
func (e rawEntry) object() object {
	return object{name: string(e.name), mode: e.mode, id: hex.EncodeToString(e.id)}
}

// compareObjects is the order of a tree object: a directory is where its name with a slash would be. It is what makes a walk come to
// paths in the order of their bytes.
func compareObjects(a, b object) int {
	n := min(len(a.name), len(b.name))
	if order := strings.Compare(a.name[:n], b.name[:n]); order != 0 {
		return order
	}
	return cmp.Compare(a.byteAt(n), b.byteAt(n))
}

// byteAt is the byte at an offset of the name, or at its end: a slash for a directory, and NUL.
func (o object) byteAt(i int) byte {
	switch {
	case i < len(o.name):
		return o.name[i]
	case o.mode == tree.Dir:
		return '/'
	}
	return 0
}

// compare is compareObjects.
func (e rawEntry) compare(other rawEntry) int {
	return compareObjects(object{name: stringOf(e.name), mode: e.mode}, object{name: stringOf(other.name), mode: other.mode})
}

// The IDs of the tree without entries, which every repository has.
const (
	emptyTreeSHA1   = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	emptyTreeSHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
)
