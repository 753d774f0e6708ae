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
	row []byte
	// runs has where each run of entries begins; the first path of a run is written whole.
	runs []int
	n    int
	last string
}

// runLength is how many entries are read to find the one that is looked for.
const runLength = 16

// add adds an entry; entries come in the byte order of their paths.
func (l *listing) add(e tree.Entry) {
	shared := 0
	if l.n%runLength == 0 {
		l.runs = append(l.runs, len(l.row))
	} else {
		shared = commonPrefix(l.last, e.Path)
	}
	l.n++
	l.last = e.Path
	l.row = binary.AppendUvarint(l.row, uint64(shared))
	l.row = binary.AppendUvarint(l.row, uint64(len(e.Path)-shared))
	l.row = append(l.row, e.Path[shared:]...)
	l.row = binary.AppendUvarint(l.row, uint64(e.Mode))
	l.row = append(l.row, byte(len(e.ID)/2))
	l.row, _ = hex.AppendDecode(l.row, []byte(e.ID)) // what is no hex is nobody's ID
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
		run := sort.Search(len(l.runs), func(i int) bool { return string(l.firstOf(i)) > p })
		c := cursor{row: l.row}
		if run > 0 {
			c.row = l.row[l.runs[run-1]:]
		}
		for c.next() {
			if string(c.path) >= p && !yield(c.entry()) {
				return
			}
		}
	}
}

// firstOf gives the first path of a run.
func (l *listing) firstOf(run int) []byte {
	row := l.row[l.runs[run]+1:] // it shares nothing
	length, n := binary.Uvarint(row)
	return row[n:][:length]
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
