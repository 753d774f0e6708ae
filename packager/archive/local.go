package archive

import (
	"bytes"
	"cmp"
	"io"
	"math"
	"slices"
)

// maxRatio is what deflate can make of a byte at most (RFC 1951: 258 bytes in two bits, and some), and the other two
// are the size from which on an archive must not expand as much: nothing that people install does.
const (
	maxRatio  = 1040
	bombFrom  = 256 << 20
	bombRatio = 100
)

// checkSizes refuses sizes that the compressed bytes cannot have, and archives that are nothing but size.
func checkSizes(headers []header, archive int64) error {
	total := int64(0)
	for _, h := range headers {
		if h.Packed > archive || h.Size/maxRatio > h.Packed {
			return &Error{h.Name, "has a size that its bytes in the archive cannot have"}
		}
		total += h.Size
	}
	if total > bombFrom && total/bombRatio > archive {
		return refuse("is a bomb: its %d bytes would become %d", archive, total)
	}
	return nil
}

// readLocalHeaders finds where the bytes of each entry are, and refuses headers that say something else than the
// directory, entries that overlap, and entries that the directory does not list.
func readLocalHeaders(r io.ReaderAt, headers []header, directory int64) error {
	slices.SortStableFunc(headers, func(a, b header) int { return cmp.Compare(a.offset, b.offset) })
	buffer := make([]byte, 0, 1<<10)
	end := int64(0)
	for i := range headers {
		h := &headers[i]
		if h.offset < end {
			return &Error{h.Name, "overlaps another entry"}
		}
		if h.offset > directory {
			return &Error{h.Name, "is not where the directory says"}
		}
		if err := checkGap(r, end, h.offset); err != nil {
			return err
		}
		if err := h.readLocal(r, directory, &buffer); err != nil {
			return err
		}
		end = h.data + h.Packed
	}
	return checkGap(r, end, directory)
}

// readLocal reads the local header, and sets where the entry's bytes start.
func (h *header) readLocal(r io.ReaderAt, directory int64, buffer *[]byte) error {
	length := lengthLocal + len(h.Name)
	if h.offset > directory-int64(length) {
		return &Error{h.Name, "is not where the directory says"}
	}
	*buffer = slices.Grow((*buffer)[:0], length)[:length]
	if _, err := r.ReadAt(*buffer, h.offset); err != nil {
		return err
	}
	local := *buffer
	nameLength, extraLength := int(little.Uint16(local[26:])), int64(little.Uint16(local[28:]))
	switch {
	case little.Uint32(local) != signLocal:
		return &Error{h.Name, "is not where the directory says"}
	case nameLength != len(h.Name) || string(local[lengthLocal:]) != h.Name:
		return &Error{h.Name, "has another name before its bytes than in the directory"}
	case little.Uint16(local[8:]) != h.Method:
		return &Error{h.Name, "has another method of compression before its bytes than in the directory"}
	case (little.Uint16(local[6:])^h.flags)&(flagEncrypted|flagDescriptor|flagPatched|flagStrong|flagMasked) != 0:
		return &Error{h.Name, "has other flags before its bytes than in the directory"}
	}
	h.data = h.offset + int64(length) + extraLength
	if h.data > directory || h.Packed > directory-h.data {
		return &Error{h.Name, "reaches into the directory"}
	}
	return h.checkLocalSizes(r, local, extraLength)
}

// checkLocalSizes compares the checksum and sizes with the directory's. With a data descriptor they may be left out.
func (h *header) checkLocalSizes(r io.ReaderAt, local []byte, extraLength int64) error {
	crc, packed, size := little.Uint32(local[14:]), uint64(little.Uint32(local[18:])), uint64(little.Uint32(local[22:]))
	if packed == math.MaxUint32 || size == math.MaxUint32 {
		extra := make([]byte, extraLength)
		if _, err := r.ReadAt(extra, h.data-extraLength); err != nil {
			return err
		}
		err := eachField(extra, func(id uint16, value []byte) error {
			if id != fieldZip64 {
				return nil
			}
			return widen(value, &size, &packed)
		})
		if err, ok := err.(*Error); ok {
			err.Entry = h.Name
			return err
		}
	}
	left := h.flags&flagDescriptor != 0
	if !said(uint64(crc), uint64(h.CRC32), left) || !said(packed, uint64(h.Packed), left) || !said(size, uint64(h.Size), left) {
		return &Error{h.Name, "has another checksum or size before its bytes than in the directory"}
	}
	return nil
}

func said(local, directory uint64, mayBeLeftOut bool) bool {
	return local == directory || mayBeLeftOut && local == 0
}

// checkGap looks for an entry in bytes that no listed entry has. A data descriptor can be there, or padding.
func checkGap(r io.ReaderAt, from, to int64) error {
	sign := little.AppendUint32(nil, signLocal)
	const step = 64 << 10
	block := make([]byte, min(step+3, max(to-from, 0)))
	for ; from < to; from += step {
		b := block[:min(int64(len(block)), to-from)]
		if _, err := r.ReadAt(b, from); err != nil {
			return err
		}
		if bytes.Contains(b, sign) {
			return refuse("has an entry that its directory does not list")
		}
	}
	return nil
}
