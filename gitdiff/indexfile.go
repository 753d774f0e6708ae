package gitdiff

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// The index lists every path of the working tree with mode and ID. After a checkout or a commit that is head's tree,
// and reading one file takes a fraction of the time that walking the tree's objects does. Whether it is, the index says
// itself: its extension TREE has the ID of the tree that its entries make, and is marked invalid by whoever changes an
// entry. Git trusts it to write commits from (gitformat-index(5), "Cache tree").

// errNotListed says that an index does not tell what is in a tree; the tree itself does.
var errNotListed = errors.New("the index is not this tree")

// listIndex calls yield for every entry of the index, if the index is the tree with this ID. If it is not, or is not
// of a form that can be read here (split, sparse, of an unknown version), the error is errNotListed, and nothing was
// yielded.
func (l *location) listIndex(ctx context.Context, treeID string, yield func(tree.Entry) error) error {
	if l.replacesObjects() {
		return errNotListed
	}
	file, err := os.Open(filepath.Join(l.gitDir, "index"))
	if err != nil {
		return errNotListed
	}
	defer file.Close()
	x := &indexReader{file: file, hashSize: len(treeID) / 2}
	if !x.isTree(treeID) {
		return errNotListed
	}
	return x.each(func(e tree.Entry) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return yield(e)
	})
}

// replacesObjects reports whether objects may stand for others (git-replace(1)), or that cannot be told: what a tree's ID
// then names is for git to say.
func (l *location) replacesObjects() bool {
	if l.replaced != nil {
		return l.replaced()
	}
	return !l.refsAreFiles() || l.hasReplaceRefs()
}

// findReplaced finds out what replacesObjects reports. Git is asked where references are no files.
func (l *location) findReplaced(ctx context.Context, env environment, opts Options) bool {
	if env.get("GIT_REPLACE_REF_BASE") != "" {
		return true
	}
	if l.refsAreFiles() {
		return l.hasReplaceRefs()
	}
	path, err := env.findGit()
	if err != nil {
		return true
	}
	out, err := newCommand(path, l, env, opts).output(ctx, nil, "for-each-ref", "--count=1", "refs/replace/")
	return err != nil || len(out) > 0
}

// hasReplaceRefs reports whether there is a reference by which an object is replaced, where references are files.
func (l *location) hasReplaceRefs() bool {
	if entries, err := os.ReadDir(filepath.Join(l.commonDir, "refs", "replace")); err == nil && len(entries) > 0 {
		return true
	}
	const prefix = "refs/replace/"
	_, first := (&refStore{commonDir: l.commonDir}).firstPacked(prefix)
	return strings.HasPrefix(first, prefix)
}

// ReplacesObjects reports whether a tree's ID may name other content today than it did (git-replace(1)), or that cannot be told.
func (r *Repository) ReplacesObjects() bool { return r.location.replacesObjects() }

// The versions of an index that can be read.
const (
	firstVersion = 2
	lastVersion  = 4
)

// indexReader reads an index from its beginning to its end, as often as it is told to.
type indexReader struct {
	file     io.ReadSeeker
	hashSize int

	in      *bufio.Reader
	version uint32
	left    uint32
	entry   indexEntry
}

// indexEntry is one entry; its bytes are valid until the next is read.
type indexEntry struct {
	path []byte
	id   []byte
	mode tree.Mode
	// assumed says that git takes the file for unchanged, skipped that it may be missing (git-update-index(1)).
	assumed, skipped bool
}

// readIndex gives use a reader that is behind the header of the index. One that is of a form that cannot be read here is errNotListed.
func (l *location) readIndex(use func(*indexReader) error) error {
	file, err := os.Open(filepath.Join(l.gitDir, "index"))
	if err != nil {
		return err
	}
	defer file.Close()
	x := &indexReader{file: file, hashSize: l.hashSize()}
	if x.begin() != nil {
		return errNotListed
	}
	return use(x)
}

// entries calls yield with each entry, until it gives false. Entries that cannot be read here, or mean something else than they say, are
// errNotListed.
func (x *indexReader) entries(yield func(*indexEntry) bool) error {
	for x.left > 0 {
		if x.next() != nil {
			return errNotListed
		}
		if !yield(&x.entry) {
			return nil
		}
	}
	if !x.isWhole() {
		return errNotListed
	}
	return nil
}

// begin reads the header.
func (x *indexReader) begin() error {
	if _, err := x.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var header [12]byte
	if _, err := io.ReadFull(x.file, header[:]); err != nil {
		return err
	}
	if x.in == nil {
		x.in = bufio.NewReaderSize(x.file, 256<<10)
	} else {
		x.in.Reset(x.file)
	}
	x.version, x.left = binary.BigEndian.Uint32(header[4:]), binary.BigEndian.Uint32(header[8:])
	x.entry = indexEntry{path: x.entry.path[:0]}
	if string(header[:4]) != "DIRC" || x.version < firstVersion || x.version > lastVersion {
		return errNotListed
	}
	return nil
}

// isTree reports whether the entries are those of a tree. It reads all of the index, for what tells comes last.
func (x *indexReader) isTree(treeID string) bool {
	if x.begin() != nil {
		return false
	}
	count := x.left
	for x.left > 0 {
		if x.next() != nil {
			return false
		}
	}
	for {
		// What is left are extensions, and the checksum.
		head, err := x.in.Peek(x.hashSize + 1)
		if err != nil {
			return false
		}
		name, size := string(head[:4]), binary.BigEndian.Uint32(head[4:8])
		x.in.Discard(8)
		switch {
		case name == "TREE":
			return isWholeTree(io.LimitReader(x.in, int64(size)), count, treeID)
		case name[0] < 'A' || name[0] > 'Z':
			return false // not optional: it changes what the entries mean
		}
		if _, err := io.CopyN(io.Discard, x.in, int64(size)); err != nil {
			return false
		}
	}
}

// isWhole reads what comes after the entries, and reports whether none of it changes what they mean, as that of a split
// or of a sparse index does.
func (x *indexReader) isWhole() bool {
	for {
		head, err := x.in.Peek(x.hashSize + 1)
		if err != nil {
			return errors.Is(err, io.EOF) // nothing but the checksum is left
		}
		name, size := head[0], binary.BigEndian.Uint32(head[4:8])
		if name < 'A' || name > 'Z' {
			return false
		}
		if _, err := io.CopyN(io.Discard, x.in, 8+int64(size)); err != nil {
			return false
		}
	}
}

// isWholeTree reads the first record of the extension TREE, the root's: an empty name, NUL, how many entries the tree
// covers, a blank, how many subtrees it has, a newline, and the tree's ID. A tree that is not valid covers -1.
func isWholeTree(r io.Reader, count uint32, treeID string) bool {
	in := bufio.NewReader(r)
	if b, err := in.ReadByte(); err != nil || b != 0 {
		return false
	}
	covered, err := in.ReadString(' ')
	if err != nil || covered != strconv.FormatUint(uint64(count), 10)+" " {
		return false
	}
	if _, err := in.ReadString('\n'); err != nil {
		return false
	}
	id := make([]byte, len(treeID)/2)
	_, err = io.ReadFull(in, id)
	return err == nil && hex.EncodeToString(id) == treeID
}

// statSize is what an entry has of a file's status; its mode is in the middle.
const (
	statSize   = 40
	modeOffset = 24
)

// The flags of an entry.
const (
	flagAssumed     = 0x8000
	flagExtended    = 0x4000
	flagStage       = 0x3000
	flagNameLength  = 0x0fff
	flagSkipped     = 0x4000 // of the extended flags, as the next
	flagIntentToAdd = 0x2000
)

// next reads an entry. One that no tree has (of a merge in conflict, or only intended to be added, or a directory of a
// sparse index) is errNotListed.
func (x *indexReader) next() error {
	fixed := statSize + x.hashSize + 2
	head, err := x.in.Peek(fixed + 2)
	if err != nil {
		return err
	}
	mode, ok := canonicalMode(binary.BigEndian.Uint32(head[modeOffset:]))
	flags := binary.BigEndian.Uint16(head[fixed-2:])
	if !ok || mode == tree.None || mode == tree.Dir || flags&flagStage != 0 {
		return errNotListed
	}
	x.entry.assumed, x.entry.skipped = flags&flagAssumed != 0, false
	if flags&flagExtended != 0 {
		x.entry.skipped = binary.BigEndian.Uint16(head[fixed:])&flagSkipped != 0
		if x.version < 3 || binary.BigEndian.Uint16(head[fixed:])&flagIntentToAdd != 0 {
			return errNotListed
		}
		fixed += 2
	}
	x.entry.mode = mode
	x.entry.id = append(x.entry.id[:0], head[statSize:statSize+x.hashSize]...)
	if _, err := x.in.Discard(fixed); err != nil {
		return err
	}
	x.left--
	if x.version == 4 {
		return x.compressedPath()
	}
	return x.paddedPath(fixed, int(flags&flagNameLength))
}

// paddedPath reads a path and the one to eight NULs after it that make the entry's length a multiple of eight. Its
// length, where that is too long for the flags, is where the first NUL is.
func (x *indexReader) paddedPath(fixed, length int) error {
	if length < flagNameLength {
		padded := (fixed+length)/8*8 + 8 - fixed
		path, err := x.in.Peek(padded)
		if err != nil {
			return err
		}
		if length == 0 || path[length] != 0 || bytes.IndexByte(path[:length], 0) >= 0 {
			return errNotListed
		}
		return x.setPath(0, path[:length], padded)
	}
	path, err := readField(x.in)
	if err != nil {
		return err
	}
	padding := 7 - (fixed+len(path))%8 // readField took the first
	return x.setPath(0, path, padding)
}

// compressedPath reads what a path of version 4 has of its own: how many bytes to drop from the end of the path before,
// and what to add, to a NUL.
func (x *indexReader) compressedPath() error {
	drop, err := readOffset(x.in)
	if err != nil {
		return err
	}
	suffix, err := readField(x.in)
	if err != nil {
		return err
	}
	if drop > len(x.entry.path) {
		return errNotListed
	}
	return x.setPath(len(x.entry.path)-drop, suffix, 0)
}

// setPath keeps so many bytes of the path before and adds others; and what to pass over in the file then. Paths must
// come in order.
func (x *indexReader) setPath(keep int, suffix []byte, pass int) error {
	if bytes.Compare(x.entry.path[keep:], suffix) >= 0 {
		return errNotListed
	}
	x.entry.path = append(x.entry.path[:keep], suffix...)
	_, err := x.in.Discard(pass)
	return err
}

// readOffset reads a number of seven bits a byte, highest first, each but the last with the eighth bit set, and one
// added for each that follows (gitformat-pack(5), "offset encoding").
func readOffset(in *bufio.Reader) (int, error) {
	b, err := in.ReadByte()
	if err != nil {
		return 0, err
	}
	n := int(b & 0x7f)
	for b&0x80 != 0 {
		if b, err = in.ReadByte(); err != nil {
			return 0, err
		}
		if n >= 1<<40 {
			return 0, errNotListed
		}
		n = (n+1)<<7 | int(b&0x7f)
	}
	return n, nil
}

// each calls yield for every entry.
func (x *indexReader) each(yield func(tree.Entry) error) error {
	if err := x.begin(); err != nil {
		return err
	}
	var text arena
	for x.left > 0 {
		if err := x.next(); err != nil {
			return err
		}
		if err := yield(tree.Entry{Path: text.keep(x.entry.path), Mode: x.entry.mode, ID: text.hex(x.entry.id)}); err != nil {
			return err
		}
	}
	return nil
}
