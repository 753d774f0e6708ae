package odb

import (
	"fmt"
	"math"
)

// patch makes an object of the one that a delta builds upon. A delta begins with the sizes of both, and goes on with
// instructions: to copy a piece of the other object, or to insert the bytes that follow (gitformat-pack(5), "Deltified
// representation").
func patch(base, delta []byte) ([]byte, error) {
	d := instructions{rest: delta}
	from, to := d.number(), d.number()
	if d.short || from != uint64(len(base)) {
		return nil, fmt.Errorf("%w: a delta of an object of another size", ErrMalformed)
	}
	// What the instructions make is added up first: nothing is believed that would fill the memory.
	size, ok := d.length(base)
	if !ok || size != to || size > math.MaxInt {
		return nil, fmt.Errorf("%w: a delta that does not make what it says", ErrMalformed)
	}
	out := make([]byte, 0, size)
	for len(d.rest) > 0 {
		piece, _ := d.next(base)
		out = append(out, piece...)
	}
	return out, nil
}

// instructions are what is still to be read of a delta.
type instructions struct {
	rest  []byte
	short bool
}

func (d *instructions) byte() byte {
	if len(d.rest) == 0 {
		d.short = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

// number reads a number, seven bits a byte, the lowest first.
func (d *instructions) number() uint64 {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		b := d.byte()
		n |= uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			return n
		}
	}
	d.short = true
	return 0
}

// next carries out one instruction: it gives a piece of the base, or of the delta itself.
func (d *instructions) next(base []byte) (piece []byte, ok bool) {
	op := d.byte()
	if op&0x80 == 0 {
		if n := int(op); n > 0 && n <= len(d.rest) {
			piece, d.rest = d.rest[:n], d.rest[n:]
			return piece, true
		}
		return nil, false
	}
	offset, size := d.parts(op, 4), d.parts(op>>4, 3)
	if size == 0 {
		size = 0x10000
	}
	if d.short || offset > len(base) || size > len(base)-offset {
		return nil, false
	}
	return base[offset : offset+size], true
}

// parts reads those bytes of a number that a bit says are there, the lowest first.
func (d *instructions) parts(bits byte, n int) (number int) {
	for i := range n {
		if bits&(1<<i) != 0 {
			number |= int(d.byte()) << (8 * i)
		}
	}
	return number
}

// length adds up what the instructions make, and reports whether all of them can be carried out.
func (d instructions) length(base []byte) (size uint64, ok bool) {
	for len(d.rest) > 0 {
		piece, ok := d.next(base)
		if !ok {
			return 0, false
		}
		size += uint64(len(piece))
	}
	return size, true
}
