package gitdiff

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// packedRefs is the file of the references that are not files of their own, one a line, "<id> <name>"; other lines are comments, and
// what tags peel to. Git says in the first line whether it has sorted them by name, as it has since 2018 (git-pack-refs(1)), and then
// they are searched for where they are: a large repository has megabytes of them, of which a plan wants one line or two.
type packedRefs struct {
	file io.ReaderAt
	size int64
}

// sortedHeader is how the first line of a sorted file begins; a word "sorted" is among the rest.
const sortedHeader = "# pack-refs with:"

// scanSize is how much is read without looking for a shorter way.
const scanSize = 4 << 10

// firstPacked gives the first packed reference whose name is not before the given one, and its ID; nothing where there is none.
func (r *refStore) firstPacked(from string) (id, name string) {
	file, err := os.Open(filepath.Join(r.commonDir, "packed-refs"))
	if err != nil {
		return "", ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", ""
	}
	return packedRefs{file, info.Size()}.first(from)
}

func (p packedRefs) first(from string) (id, name string) {
	header, end := p.line(p.reader(0), 0)
	if !strings.HasPrefix(header, sortedHeader) || !strings.Contains(header+" ", " sorted ") {
		return p.scan(0, from, false)
	}
	// What is before low is before the name that is looked for, and what begins behind high is not.
	low, high := end, p.size
	for high-low > scanSize {
		middle := low + (high-low)/2
		in := p.reader(middle)
		_, start := p.line(in, middle) // the rest of a line
		var found string
		for found == "" && start < high {
			var line string
			at := start
			line, start = p.line(in, at)
			if _, found = parsePackedRef(line); found != "" && found < from {
				low = at
			}
		}
		if found == "" || found >= from {
			high = middle
		}
	}
	return p.scan(low, from, true)
}

// scan reads lines from the beginning of one on, to the first name that is not before the given one; of lines in no order, the least such
// name.
func (p packedRefs) scan(start int64, from string, sorted bool) (id, name string) {
	in := p.reader(start)
	for start < p.size {
		var line string
		line, start = p.line(in, start)
		foundID, found := parsePackedRef(line)
		if found == "" || found < from || name != "" && found > name {
			continue
		}
		if id, name = foundID, found; sorted {
			return id, name
		}
	}
	return id, name
}

func (p packedRefs) reader(from int64) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(p.file, from, p.size-from), scanSize/2)
}

// line reads a line that begins at an offset, and gives it without its end, and where the next one begins.
func (p packedRefs) line(in *bufio.Reader, at int64) (line string, next int64) {
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", p.size
	}
	return strings.TrimSuffix(line, "\n"), at + max(1, int64(len(line)))
}

// parsePackedRef reads a line; it gives nothing for one that is none of a reference.
func parsePackedRef(line string) (id, name string) {
	id, name, ok := strings.Cut(line, " ")
	if !ok || !isFullHex(id) {
		return "", ""
	}
	return id, name
}
