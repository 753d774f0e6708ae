package archive

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Methods of compression that an entry may have. Everything reads these two; AWS Lambda reads no other.
const (
	Store   uint16 = 0
	Deflate uint16 = 8
)

// Archive is a zip archive whose directory was found sound.
type Archive struct {
	// Entries has the files, sorted by the bytes of their names. Entries of directories are checked and left out.
	Entries []Entry

	r io.ReaderAt
}

// Entry is a file in an archive, as the archive's directory describes it.
type Entry struct {
	// Name is a relative path with slashes that stays below the directory where it starts.
	Name string
	// Executable says that the entry is a regular file with an executable bit, in the sense of Unix.
	Executable bool
	// Method is Store or Deflate.
	Method uint16
	// CRC32 is the checksum of the content; Size and Packed are the lengths of the content and of its compressed form,
	// in bytes.
	CRC32        uint32
	Size, Packed int64

	// data is where the compressed bytes start.
	data int64
}

// Error is the reason why an archive is refused.
type Error struct {
	// Entry is the name of the entry that it is about, as far as that is known; empty for the whole archive.
	Entry   string
	Problem string
}

func (e *Error) Error() string {
	if e.Entry == "" {
		return e.Problem
	}
	return strconv.Quote(e.Entry) + " " + e.Problem
}

func refuse(format string, args ...any) error { return &Error{Problem: fmt.Sprintf(format, args...)} }

// Read reads the directory of the zip archive that is the first size bytes of r, and all headers of entries.
// What it refuses is an [*Error]; other errors come from r. r is used until the archive is used no more.
func Read(r io.ReaderAt, size int64) (*Archive, error) {
	end, err := findEnd(r, size)
	if err != nil {
		return nil, err
	}
	headers, err := readDirectory(r, end)
	if err != nil {
		return nil, err
	}
	if err := readLocalHeaders(r, headers, end.offset); err != nil {
		return nil, err
	}
	if err := checkSizes(headers, size); err != nil {
		return nil, err
	}
	a := &Archive{r: r, Entries: make([]Entry, 0, len(headers))}
	for _, h := range headers {
		if !h.directory {
			a.Entries = append(a.Entries, h.Entry)
		}
	}
	slices.SortFunc(a.Entries, func(x, y Entry) int { return cmp.Compare(x.Name, y.Name) })
	return a, checkNames(headers)
}

// Lookup gives the entry with a name.
func (a *Archive) Lookup(name string) (Entry, bool) {
	i, ok := sort.Find(len(a.Entries), func(i int) int { return strings.Compare(name, a.Entries[i].Name) })
	if !ok {
		return Entry{}, false
	}
	return a.Entries[i], true
}

// Raw gives the compressed bytes of an entry of this archive.
func (a *Archive) Raw(e Entry) *io.SectionReader { return io.NewSectionReader(a.r, e.data, e.Packed) }
