package archive

import (
	"bufio"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Open reads an entry's content. It checks as it goes: the content comes with an [*Error] at its end, instead of io.EOF,
// where the checksum or the size are not those of the directory. Close does not check what was not read.
func (a *Archive) Open(e Entry) io.ReadCloser {
	c := &content{entry: e, crc: crc32.NewIEEE()}
	if e.Method == Store {
		c.from = a.Raw(e)
		return c
	}
	c.inflater, _ = inflaters.Get().(*inflater)
	if c.inflater == nil {
		c.inflater = &inflater{in: bufio.NewReaderSize(nil, 16<<10)}
		c.inflater.out = flate.NewReader(c.inflater.in)
	}
	c.inflater.reset(a.Raw(e))
	c.from = c.inflater.out
	return c
}

// inflaters keeps the tables of readers that are done: they are large, and most entries are small.
var inflaters sync.Pool

// inflater is a reader of deflated bytes. It reads in through a buffer that it can give single bytes from, so that what
// is left there at the end is known.
type inflater struct {
	in  *bufio.Reader
	out io.ReadCloser
}

func (i *inflater) reset(r io.Reader) {
	i.in.Reset(r)
	// The error is of resetting to a dictionary, and there is none.
	_ = i.out.(flate.Resetter).Reset(i.in, nil)
}

// content is an entry being read.
type content struct {
	entry    Entry
	from     io.Reader
	inflater *inflater // nil for a stored entry, and when it was given back
	crc      hash.Hash32
	n        int64
}

func (c *content) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	if c.n > c.entry.Size {
		return 0, &Error{c.entry.Name, "is longer than the directory says"}
	}
	c.crc.Write(p[:n])
	if err == io.EOF {
		err = c.check()
	} else if err != nil && c.inflater != nil {
		err = &Error{c.entry.Name, "is broken: " + err.Error()}
	}
	return n, err
}

// check gives io.EOF where everything is as the directory says.
func (c *content) check() error {
	switch {
	case c.n != c.entry.Size:
		return &Error{c.entry.Name, "is shorter than the directory says"}
	case c.crc.Sum32() != c.entry.CRC32:
		return &Error{c.entry.Name, "does not have the checksum of the directory"}
	}
	if c.inflater != nil {
		if _, err := c.inflater.in.ReadByte(); err != io.EOF {
			return &Error{c.entry.Name, "has bytes after the end of its compressed content"}
		}
	}
	return io.EOF
}

func (c *content) Close() error {
	if c.inflater != nil {
		inflaters.Put(c.inflater)
		c.inflater = nil
	}
	c.from = closed{}
	return nil
}

// closed is what a content that was closed reads from.
type closed struct{}

func (closed) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
