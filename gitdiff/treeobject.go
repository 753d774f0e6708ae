package gitdiff

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/monoplan/monoplan/internal/tree"
)

// object is one entry of a tree object: a name within one directory.
type object struct {
	name string
	mode tree.Mode
	id   string
}

// parseTree reads a tree object: for each entry an octal mode, a blank, a name, NUL, and the ID's bytes (20 for sha1, 32
// for sha256). See gitformat-pack(5) and git-ls-tree(1).
func parseTree(data []byte, hashSize int) ([]object, error) {
	objects := make([]object, 0, len(data)/(hashSize+16))
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		if !ok || len(rest) < hashSize {
			return nil, errors.New("a truncated tree")
		}
		octal, name, ok := bytes.Cut(head, []byte(" "))
		mode, valid := parseMode(octal)
		if !ok || !valid || mode == tree.None {
			return nil, errors.New("a tree entry without a mode")
		}
		if len(name) == 0 || bytes.IndexByte(name, '/') >= 0 {
			return nil, errors.New("a tree entry with a malformed name")
		}
		objects = append(objects, object{name: string(name), mode: mode, id: hex.EncodeToString(rest[:hashSize])})
		data = rest[hashSize:]
	}
	return objects, nil
}

// hashBlob gives the ID of a blob, in the hash whose names have so many hex digits: 40 for sha1, and 64 for sha256.
func hashBlob(data []byte, digits int) string {
	h := sha1.New()
	if digits == 2*sha256.Size {
		h = sha256.New()
	}
	return hashObject(h, "blob", data)
}

// hashObject gives the ID of an object: the hash of its type, size, NUL and content.
func hashObject(h hash.Hash, kind string, data []byte) string {
	fmt.Fprintf(h, "%s %d\x00", kind, len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// The IDs of the tree without entries, which every repository has.
const (
	emptyTreeSHA1   = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	emptyTreeSHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
)
