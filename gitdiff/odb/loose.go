package odb

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// NewHash gives the hash that has so many bytes: sha1 has 20, and sha256 32.
func NewHash(size int) hash.Hash {
	if size == sha256.Size {
		return sha256.New()
	}
	return sha1.New()
}

// ID gives the name of an object, in hex: the hash, of so many bytes, of its kind, size, NUL and content.
func ID(kind Kind, data []byte, hashSize int) string {
	h := NewHash(hashSize)
	fmt.Fprintf(h, "%s %d\x00", kind, len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// loosePath is where an object that is a file of its own is (gitformat-loose(5)).
func loosePath(dir, id string) string { return filepath.Join(dir, id[:2], id[2:]) }

// loose reads an object that is a file of its own. Unlike one in a pack it has no index that knows where it begins: it is held against
// the ID that it was found by.
func (r *reader) loose(path, id string) (Object, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return Object{}, err
	}
	r.in.Reset(file)
	o, err := r.looseObject()
	if err == nil && ID(o.Kind, o.Data, len(id)/2) != id {
		err = fmt.Errorf("%w: its content has another hash", ErrMalformed)
	}
	if err != nil {
		return Object{}, fmt.Errorf("%s: %w", path, err)
	}
	return o, nil
}

// looseObject reads what a loose object's file has: its kind, its size, NUL, and its content.
func (r *reader) looseObject() (Object, error) {
	if err := r.begin(); err != nil {
		return Object{}, err
	}
	data, err := io.ReadAll(r.inflater)
	if err != nil {
		return Object{}, damaged(err)
	}
	head, content, _ := bytes.Cut(data, []byte{0})
	kind, size, _ := bytes.Cut(head, []byte(" "))
	o := Object{Kind: ParseKind(string(kind)), Data: content}
	if o.Kind == 0 || string(size) != strconv.Itoa(len(content)) {
		return Object{}, fmt.Errorf("%w: a header that is none of an object", ErrMalformed)
	}
	return o, nil
}
