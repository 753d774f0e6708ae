package workspace

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// A snapshot is written as a flat row of numbers and strings, since reading it is most of what a warm run does besides
// git: a reader that knows the fields needs no names, no reflection and, for strings, no copies.

// encoder writes the row.
type encoder struct{ buf []byte }

func (e *encoder) int(n int) { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }

func (e *encoder) bool(b bool) {
	if b {
		e.int(1)
	} else {
		e.int(0)
	}
}

func (e *encoder) string(s string) {
	e.int(len(s))
	e.buf = append(e.buf, s...)
}

// errCorrupt is what a decoder met that no encoder wrote.
var errCorrupt = errors.New("corrupt snapshot")

// decoder reads the row. What it gives after an error is of no meaning; err tells.
type decoder struct {
	rest string
	err  error
}

// newDecoder reads a row that nobody changes from now on: the strings that it gives are parts of it.
func newDecoder(row []byte) *decoder {
	return &decoder{rest: unsafe.String(unsafe.SliceData(row), len(row))}
}

func (d *decoder) int() int {
	var n uint64
	for shift := 0; shift < 63; shift += 7 {
		if len(d.rest) == 0 {
			break
		}
		c := d.rest[0]
		d.rest = d.rest[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int(n)
		}
	}
	d.err, d.rest = errCorrupt, ""
	return 0
}

func (d *decoder) bool() bool { return d.int() != 0 }

func (d *decoder) string() string {
	n := d.int()
	if n > len(d.rest) {
		d.err, d.rest = errCorrupt, ""
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// count reads the length of a list, each element of which takes at least a byte, so that a corrupt one asks for no
// more memory than there are bytes.
func (d *decoder) count() int {
	n := d.int()
	if n > len(d.rest) {
		d.err, d.rest = errCorrupt, ""
		return 0
	}
	return n
}

// partLength is how many bytes the length of a part takes.
const partLength = 8

// part writes a row of its own, which its reader may leave for later.
func (e *encoder) part(write func(*encoder)) {
	e.buf = append(e.buf, make([]byte, partLength)...)
	begin := len(e.buf)
	write(e)
	binary.LittleEndian.PutUint64(e.buf[begin-partLength:], uint64(len(e.buf)-begin))
}

// part gives a decoder of the row that part wrote.
func (d *decoder) part() *decoder {
	if len(d.rest) < partLength {
		d.err, d.rest = errCorrupt, ""
		return &decoder{}
	}
	n := binary.LittleEndian.Uint64([]byte(d.rest[:partLength]))
	d.rest = d.rest[partLength:]
	if n > uint64(len(d.rest)) {
		d.err, d.rest = errCorrupt, ""
		return &decoder{}
	}
	part := &decoder{rest: d.rest[:n]}
	d.rest = d.rest[n:]
	return part
}

// encodeList writes the length of a list and each element.
func encodeList[T any](e *encoder, list []T, element func(*encoder, T)) {
	e.int(len(list))
	for _, t := range list {
		element(e, t)
	}
}

// decodeList reads what encodeList wrote.
func decodeList[T any](d *decoder, element func(*decoder) T) []T {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]T, 0, n)
	for range n {
		if d.err != nil {
			return nil
		}
		list = append(list, element(d))
	}
	return list
}

// encodePointer writes what a pointer leads to, if it leads anywhere.
func encodePointer[T any](e *encoder, p *T, element func(*encoder, T)) {
	e.bool(p != nil)
	if p != nil {
		element(e, *p)
	}
}

// decodePointer reads what encodePointer wrote.
func decodePointer[T any](d *decoder, element func(*decoder) T) *T {
	if !d.bool() || d.err != nil {
		return nil
	}
	t := element(d)
	return &t
}
