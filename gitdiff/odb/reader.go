package odb

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
)

// reader inflates one object after another, and keeps what it needs for that. It is used by one goroutine at a time.
type reader struct {
	in       *bytes.Reader
	buffer   []byte // of in
	inflater io.ReadCloser
	bases    map[place]Object
	size     int // of all bases
	last     int // the pack that had the last object
}

func newReader() *reader { return &reader{in: bytes.NewReader(nil)} }

// maxRatio is how much longer data can get by being inflated: deflate makes at most 258 bytes of two bits (RFC 1951).
const maxRatio = 1032

// begin begins to inflate what the input is at.
func (r *reader) begin() (err error) {
	if r.inflater == nil {
		r.inflater, err = zlib.NewReader(r.in)
	} else {
		err = r.inflater.(zlib.Resetter).Reset(r.in, nil)
	}
	return damaged(err)
}

// inflate reads data that has this size.
func (r *reader) inflate(size int) ([]byte, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r.inflater, data); err != nil {
		return nil, damaged(err)
	}
	return data, r.end()
}

// end sees to it that there is no more data. The checksum comes after it, and is checked by whoever reads that far.
func (r *reader) end() error {
	switch n, err := io.ReadFull(r.inflater, make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("%w: an object longer than it says", ErrMalformed)
	case !errors.Is(err, io.EOF):
		return damaged(err)
	}
	return nil
}

// damaged is the error for data that cannot be inflated.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}
