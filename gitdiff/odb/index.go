package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// index is the index of a pack, version 2 (gitformat-pack(5)): after a header a table of 256 counts, of the IDs whose first byte
// is not above the table's, then all IDs in order, a checksum of each, the place of each in the pack, and last the places that
// do not fit into 31 bits. It is mapped into memory and searched there: a large repository's is hundreds of megabytes, of which a
// plan needs a few lines.
type index struct {
	unmap  func() error
	counts []byte
	ids    []byte
	places []byte
	// far are the places of 64 bits, and behind them two checksums.
	far      []byte
	hashSize int
}

const (
	countsSize   = 256 * 4
	checksumSize = 4
	placeSize    = 4
	farPlace     = 1 << 31 // says that the other bits are a row of the table of far places
)

var indexMagic = []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}

func openIndex(path string, hashSize int) (*index, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, unmap, err := mapFile(file)
	if err != nil {
		return nil, err
	}
	x := &index{unmap: unmap, hashSize: hashSize}
	if err := x.divide(data); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), unmap())
	}
	return x, nil
}

// divide finds the tables.
func (x *index) divide(data []byte) error {
	rest, ok := bytes.CutPrefix(data, indexMagic)
	if !ok {
		return ErrIndexVersion
	}
	take := func(n int) (table []byte) {
		if n > len(rest) {
			ok = false
			return nil
		}
		table, rest = rest[:n], rest[n:]
		return table
	}
	if x.counts = take(countsSize); !ok {
		return fmt.Errorf("%w: an index without an end", ErrMalformed)
	}
	for i := range 255 {
		if x.count(i) > x.count(i+1) {
			return fmt.Errorf("%w: an index whose counts go down", ErrMalformed)
		}
	}
	n := x.count(255)
	if n < 0 || n > len(rest)/x.hashSize {
		return fmt.Errorf("%w: an index without an end", ErrMalformed)
	}
	x.ids = take(n * x.hashSize)
	take(n * checksumSize)
	if x.places, x.far = take(n*placeSize), rest; !ok {
		return fmt.Errorf("%w: an index without an end", ErrMalformed)
	}
	return nil
}

func (x *index) count(first int) int { return int(binary.BigEndian.Uint32(x.counts[4*first:])) }

// id is the ID of the n-th object.
func (x *index) id(n int) []byte { return x.ids[n*x.hashSize : (n+1)*x.hashSize] }

// bucket gives the numbers of the objects whose IDs begin with a byte: the first, and the one after the last.
func (x *index) bucket(first byte) (low, high int) {
	if first > 0 {
		low = x.count(int(first) - 1)
	}
	return low, x.count(int(first))
}

// find gives the place of an object in the pack.
func (x *index) find(id []byte) (offset int64, found bool, err error) {
	low, high := x.bucket(id[0])
	// IDs are hashes, and so are spread evenly: where one should be is known rather well.
	at := low + int(uint64(high-low)*uint64(binary.BigEndian.Uint32(id[1:]))>>32)
	for step := 16; low < high; step *= 2 {
		switch order := bytes.Compare(x.id(at), id); {
		case order == 0:
			offset, err := x.place(at)
			return offset, err == nil, err
		case order < 0:
			low = at + 1
			at = min(at+step, low+(high-low)/2)
		default:
			high = at
			at = max(at-step, low+(high-low)/2)
		}
	}
	return 0, false, nil
}

// place reads where the n-th object is in the pack.
func (x *index) place(n int) (int64, error) {
	offset := binary.BigEndian.Uint32(x.places[n*placeSize:])
	if offset < farPlace {
		return int64(offset), nil
	}
	row := int(offset - farPlace)
	if row >= len(x.far)/8 {
		return 0, fmt.Errorf("%w: an index without a far place", ErrMalformed)
	}
	far := binary.BigEndian.Uint64(x.far[row*8:])
	if far > 1<<62 {
		return 0, fmt.Errorf("%w: an index with a place beyond all packs", ErrMalformed)
	}
	return int64(far), nil
}

// withPrefix calls yield with each ID that begins with these bytes, of which there must be one at least. It is valid until yield returns.
func (x *index) withPrefix(prefix []byte, yield func(id []byte)) {
	low, high := x.bucket(prefix[0])
	for n := low; n < high; n++ {
		if id := x.id(n); bytes.HasPrefix(id, prefix) {
			yield(id)
		}
	}
}
