package archive

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
)

// Signatures of the records of a zip archive, as little-endian numbers.
const (
	signLocal     = 0x04034b50
	signDirectory = 0x02014b50
	signEnd       = 0x06054b50
	signEnd64     = 0x06064b50
	signLocator64 = 0x07064b50
)

// Lengths of the fixed parts of these records, in bytes.
const (
	lengthLocal     = 30
	lengthDirectory = 46
	lengthEnd       = 22
	lengthEnd64     = 56
	lengthLocator64 = 20
)

// ending is what the records at the end say about the directory.
type ending struct {
	entries      uint64
	offset, size int64
}

var little = binary.LittleEndian

// findEnd reads the records after the directory, and checks that the directory reaches right up to them.
func findEnd(r io.ReaderAt, size int64) (ending, error) {
	record, at, err := endRecord(r, size)
	if err != nil {
		return ending{}, err
	}
	if little.Uint16(record[4:]) != 0 || little.Uint16(record[6:]) != 0 || little.Uint16(record[8:]) != little.Uint16(record[10:]) {
		return ending{}, refuse("is one part of an archive of several files")
	}
	entries, length, offset := uint64(little.Uint16(record[10:])), uint64(little.Uint32(record[12:])), uint64(little.Uint32(record[16:]))
	wide, at, err := endRecord64(r, at)
	if err != nil {
		return ending{}, err
	}
	if wide != nil {
		ok := agrees(&entries, wide[0], math.MaxUint16) && agrees(&length, wide[1], math.MaxUint32) && agrees(&offset, wide[2], math.MaxUint32)
		if !ok {
			return ending{}, refuse("has two records of where its directory is, and they differ")
		}
	}
	if offset > uint64(at) || length != uint64(at)-offset {
		return ending{}, refuse("has a directory that is not where the record of it says")
	}
	return ending{entries: entries, offset: int64(offset), size: int64(length)}, nil
}

// agrees takes the wide value of a field for the narrow one, which must be the same or say that it is elsewhere.
func agrees(narrow *uint64, wide, elsewhere uint64) bool {
	ok := *narrow == wide || *narrow == elsewhere
	*narrow = wide
	return ok
}

// endRecord gives the end record, whose comment must fill the rest of the archive, and its place.
func endRecord(r io.ReaderAt, size int64) ([]byte, int64, error) {
	tail := make([]byte, min(size, lengthEnd+math.MaxUint16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, 0, err
	}
	sign := little.AppendUint32(nil, signEnd)
	i := bytes.LastIndex(tail, sign)
	if i < 0 {
		return nil, 0, refuse("is no zip archive: it has no end record")
	}
	// A second signature in the comment, or a comment of another length: readers would not agree which record it is.
	record := tail[i:]
	if len(record) < lengthEnd || int(little.Uint16(record[20:])) != len(record)-lengthEnd {
		return nil, 0, refuse("does not end where its end record says")
	}
	return record, size - int64(len(record)), nil
}

// endRecord64 gives the number of entries, the size and the offset of the directory as the zip64 records before the
// end record have them, or nil where there are none; and the place where the records of the end start.
func endRecord64(r io.ReaderAt, at int64) ([]uint64, int64, error) {
	locator := make([]byte, lengthLocator64)
	if at < lengthLocator64+lengthEnd64 {
		return nil, at, nil
	}
	if _, err := r.ReadAt(locator, at-lengthLocator64); err != nil {
		return nil, 0, err
	}
	if little.Uint32(locator) != signLocator64 {
		return nil, at, nil
	}
	start := little.Uint64(locator[8:])
	if little.Uint32(locator[4:]) != 0 || little.Uint32(locator[16:]) > 1 || start > uint64(at-lengthLocator64-lengthEnd64) {
		return nil, 0, refuse("has a zip64 locator that leads nowhere")
	}
	record := make([]byte, lengthEnd64)
	if _, err := r.ReadAt(record, int64(start)); err != nil {
		return nil, 0, err
	}
	// The record's length leaves out its first 12 bytes; it may have data at its end that we do not know.
	if little.Uint32(record) != signEnd64 || little.Uint64(record[4:]) != uint64(at)-lengthLocator64-start-12 {
		return nil, 0, refuse("has a zip64 record that is not where its locator says")
	}
	if little.Uint32(record[16:]) != 0 || little.Uint32(record[20:]) != 0 || little.Uint64(record[24:]) != little.Uint64(record[32:]) {
		return nil, 0, refuse("is one part of an archive of several files")
	}
	return []uint64{little.Uint64(record[32:]), little.Uint64(record[40:]), little.Uint64(record[48:])}, int64(start), nil
}
