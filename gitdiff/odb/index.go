package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// index is the index of a pack, version 2 (gitformat-pack(5)): after a header a table of 256 counts, of the IDs whose first byte
// is not above the table's, then all IDs in order, a checksum of each, the place of each in the pack, and last the places that
// do not fit into 31 bits. A large repository's is hundreds of megabytes, of which a plan most often needs a few lines, and reads no more:
// to touch a line of a file that is mapped brings in 64 kB of it. Who asks for many has it mapped.
type index struct {
	tables   atomic.Pointer[io.ReaderAt]
	file     *os.File
	unmap    func() error // nil while it is not mapped
	asked    atomic.Int32
	counts   [256]int
	hashSize int
	// ids, places and far are where these tables begin, the last with two checksums behind it, and end is where the file ends.
	ids, places, far, end int64
}

const (
	countSize    = 4
	checksumSize = 4
	placeSize    = 4
	farSize      = 8
	farPlace     = 1 << 31 // says that the other bits are a row of the table of far places
)

var indexMagic = []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}

func openIndex(path string, hashSize int) (*index, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	x := &index{file: file}
	info, err := file.Stat()
	if err == nil {
		err = x.divide(file, info.Size(), hashSize)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return x, nil
}

func (x *index) close() error {
	if x.unmap != nil {
		return errors.Join(x.unmap(), x.file.Close())
	}
	return x.file.Close()
}

// divide finds the tables of an index of this many bytes.
func (x *index) divide(file io.ReaderAt, size int64, hashSize int) error {
	x.tables.Store(&file)
	x.hashSize = hashSize
	var head [8 + 256*countSize]byte
	n, err := file.ReadAt(head[:], 0)
	counts, ok := bytes.CutPrefix(head[:n], indexMagic)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case !ok:
		return ErrIndexVersion
	case n < len(head):
		return fmt.Errorf("%w: an index without an end", ErrMalformed)
	}
	for i := range x.counts {
		x.counts[i] = int(binary.BigEndian.Uint32(counts[i*countSize:]))
		if i > 0 && x.counts[i] < x.counts[i-1] {
			return fmt.Errorf("%w: an index whose counts go down", ErrMalformed)
		}
	}
	all := int64(x.counts[255])
	x.ids = int64(len(head))
	x.places = x.ids + all*int64(x.hashSize+checksumSize)
	x.far = x.places + all*placeSize
	if x.end = size; x.far > size {
		return fmt.Errorf("%w: an index without an end", ErrMalformed)
	}
	return nil
}

// read reads a piece of the file.
func (x *index) read(piece []byte, at int64) error {
	if _, err := (*x.tables.Load()).ReadAt(piece, at); err != nil {
		return fmt.Errorf("reading the index of a pack: %w", err)
	}
	return nil
}

// readIDs reads the IDs from one number to another, as far as they fit into a buffer, and gives how many.
func (x *index) readIDs(buffer []byte, from, to int) (ids []byte, n int, err error) {
	n = min(to-from, len(buffer)/x.hashSize)
	ids = buffer[:n*x.hashSize]
	return ids, n, x.read(ids, x.ids+int64(from)*int64(x.hashSize))
}

// bucket gives the numbers of the objects whose IDs begin with a byte: the first, and the one after the last.
func (x *index) bucket(first byte) (low, high int) {
	if first > 0 {
		low = x.counts[first-1]
	}
	return low, x.counts[first]
}

// window is how many bytes of IDs are read at once, and windows are what they are read into.
const window = 4096

var windows = sync.Pool{New: func() any { return new([window]byte) }}

// manyAsked is how many objects are looked for before the file is mapped: from then on that is cheaper than to read.
const manyAsked = 1024

// mapTables has the tables read from memory, where the system can map files.
func (x *index) mapTables() {
	data, unmap, err := mapFile(x.file)
	if err != nil {
		return // they are read as before
	}
	x.unmap = unmap
	var mapped io.ReaderAt = bytes.NewReader(data)
	x.tables.Store(&mapped)
}

// find gives the place of an object in the pack.
func (x *index) find(id []byte) (offset int64, found bool, err error) {
	if x.asked.Add(1) == manyAsked {
		x.mapTables()
	}
	low, high := x.bucket(id[0])
	// IDs are hashes, and so are spread evenly: where one should be is known but for a deviation of half the root of how many there are.
	at := low + int(uint64(high-low)*uint64(binary.BigEndian.Uint32(id[1:]))>>32)
	reach := min(window/x.hashSize/2, 8+int(math.Sqrt(float64(high-low))))
	buffer := windows.Get().(*[window]byte)
	defer windows.Put(buffer)
	for low < high {
		from := max(low, at-reach)
		ids, n, err := x.readIDs(buffer[:2*reach*x.hashSize], from, high)
		if err != nil {
			return 0, false, err
		}
		i := sort.Search(n, func(i int) bool { return bytes.Compare(ids[i*x.hashSize:(i+1)*x.hashSize], id) >= 0 })
		switch {
		case i < n && bytes.Equal(ids[i*x.hashSize:(i+1)*x.hashSize], id):
			offset, err := x.place(from+i, buffer[:farSize])
			return offset, err == nil, err
		case i == 0:
			high = from
		case i == n:
			low = from + n
		default:
			return 0, false, nil
		}
		at = low + (high-low)/2
	}
	return 0, false, nil
}

// place reads where the n-th object is in the pack, into a buffer of farSize bytes.
func (x *index) place(n int, buffer []byte) (int64, error) {
	if err := x.read(buffer[:placeSize], x.places+int64(n)*placeSize); err != nil {
		return 0, err
	}
	offset := binary.BigEndian.Uint32(buffer)
	if offset < farPlace {
		return int64(offset), nil
	}
	at := x.far + int64(offset-farPlace)*farSize
	if at+farSize > x.end {
		return 0, fmt.Errorf("%w: an index without a far place", ErrMalformed)
	}
	if err := x.read(buffer, at); err != nil {
		return 0, err
	}
	far := binary.BigEndian.Uint64(buffer)
	if far > 1<<62 {
		return 0, fmt.Errorf("%w: an index with a place beyond all packs", ErrMalformed)
	}
	return int64(far), nil
}

// withPrefix calls yield with each ID that begins with these bytes, of which there must be one at least. It is valid until yield returns.
func (x *index) withPrefix(prefix []byte, yield func(id []byte)) error {
	low, high := x.bucket(prefix[0])
	buffer := make([]byte, 16*window)
	for low < high {
		ids, n, err := x.readIDs(buffer, low, high)
		if err != nil {
			return err
		}
		for id := range slices.Chunk(ids, x.hashSize) {
			if bytes.HasPrefix(id, prefix) {
				yield(id)
			}
		}
		low += n
	}
	return nil
}
