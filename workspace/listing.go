package workspace

import (
	"encoding/binary"
	"encoding/hex"
	"iter"
	"sort"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// listing is every path of a tree with mode and ID, to look paths up in. Of a million files it takes some forty
// megabytes: what a path shares with the one before is not written again, and IDs are not in hex.
type listing struct {
	// runs are rows of a few entries each, the first path of a run written whole.
	runs [][]byte
	// free is memory for the next rows.
	free []byte
	n    int
	last string
}

const (
	// runLength is how many entries are read at the most to find the one that is looked for.
	runLength = 16
	// listingPiece is how much memory is asked for at once.
	listingPiece = 256 << 10
)

// add adds an entry; entries come in the byte order of their paths.
func (l *listing) add(e tree.Entry) {
	if most := len(e.Path) + len(e.ID) + 32; len(l.free)+most > cap(l.free) {
		l.begin(most)
	}
	row, shared := l.free, 0
	if l.n%runLength == 0 {
		l.runs = append(l.runs, nil)
	} else {
		shared = commonPrefix(l.last, e.Path)
	}
	row = binary.AppendUvarint(row, uint64(shared))
	row = binary.AppendUvarint(row, uint64(len(e.Path)-shared))
	row = append(row, e.Path[shared:]...)
	row = binary.AppendUvarint(row, uint64(e.Mode))
	row = append(row, byte(len(e.ID)/2))
	row = appendID(row, e.ID)
	run := &l.runs[len(l.runs)-1]
	*run = row[len(l.free)-len(*run):]
	l.free, l.last = row, e.Path
	l.n++
}

// begin takes a new piece of memory, with room for so many bytes, and a new run in it.
func (l *listing) begin(most int) {
	l.free = make([]byte, 0, max(most, listingPiece))
	l.n = 0
}

// appendID appends an ID's bytes. What is no hex is nobody's ID.
func appendID(row []byte, id string) []byte {
	for i := 0; i+1 < len(id); i += 2 {
		row = append(row, digit(id[i])<<4|digit(id[i+1]))
	}
	return row
}

func digit(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// lookup answers as tree.Reader's Lookup does.
func (l *listing) lookup(p string) tree.Entry {
	if p == root {
		return tree.Entry{Path: root, Mode: tree.Dir}
	}
	for e := range l.from(p) {
		if e.Path == p {
			return e
		}
		break
	}
	prefix := prefixOf(p)
	for e := range l.from(prefix) {
		if strings.HasPrefix(e.Path, prefix) {
			return tree.Entry{Path: p, Mode: tree.Dir}
		}
		break
	}
	return tree.Entry{Path: p}
}

// in gives the entries below a directory.
func (l *listing) in(dir string) iter.Seq[tree.Entry] {
	prefix := prefixOf(dir)
	return func(yield func(tree.Entry) bool) {
		for e := range l.from(prefix) {
			if !strings.HasPrefix(e.Path, prefix) || !yield(e) {
				return
			}
		}
	}
}

// from gives the entries whose paths are not before p.
func (l *listing) from(p string) iter.Seq[tree.Entry] {
	return func(yield func(tree.Entry) bool) {
		after := sort.Search(len(l.runs), func(i int) bool { return string(firstOf(l.runs[i])) > p })
		for _, run := range l.runs[max(0, after-1):] {
			for c := (cursor{row: run}); c.next(); {
				if string(c.path) >= p && !yield(c.entry()) {
					return
				}
			}
		}
	}
}

// firstOf gives the first path of a run, which shares nothing.
func firstOf(run []byte) []byte {
	length, n := binary.Uvarint(run[1:])
	return run[1+n:][:length]
}

// cursor reads a row, entry by entry.
type cursor struct {
	row  []byte
	path []byte
	mode tree.Mode
	id   []byte
}

func (c *cursor) next() bool {
	if len(c.row) == 0 {
		return false
	}
	shared := c.number()
	suffix := c.take(int(c.number()))
	c.path = append(c.path[:shared], suffix...)
	c.mode = tree.Mode(c.number())
	c.id = c.take(int(c.take(1)[0]))
	return true
}

func (c *cursor) number() uint64 {
	v, n := binary.Uvarint(c.row)
	c.row = c.row[n:]
	return v
}

func (c *cursor) take(n int) []byte {
	taken := c.row[:n]
	c.row = c.row[n:]
	return taken
}

func (c *cursor) entry() tree.Entry {
	return tree.Entry{Path: string(c.path), Mode: c.mode, ID: hex.EncodeToString(c.id)}
}
