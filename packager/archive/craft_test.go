package archive

import (
	"bytes"
	"hash/crc32"
	"testing"

	"github.com/klauspost/compress/flate"
)

// crafted is an archive of a test, in which every field can lie.
type crafted struct {
	entries []craftedEntry
	before  string // bytes at the archive's start
	after   string // bytes after the end record
	comment string
	// zip64 has the archive say where its directory is in zip64 records too; end changes the fields of both.
	zip64 bool
	end   func(e *craftedEnd)
}

// craftedEntry is an entry; change changes its headers after they were made right.
type craftedEntry struct {
	name, content string
	deflate       bool
	mode          uint32
	after         string // bytes behind the entry's own
	change        func(local, directory *craftedHeader)
}

type craftedHeader struct {
	flags, method      uint16
	crc, packed, size  uint32
	name, extra        string
	attributes, offset uint32
}

type craftedEnd struct {
	entries, size, offset       uint64 // of the zip64 record, or the only ones
	entries32, size32, offset32 uint64
	record, locator             uint64 // the length in the zip64 record, and the place in its locator
}

func (c crafted) bytes(t testing.TB) []byte {
	t.Helper()
	out := []byte(c.before)
	var directory []byte
	for _, e := range c.entries {
		content := []byte(e.content)
		local := craftedHeader{name: e.name, size: uint32(len(content)), crc: crc32.ChecksumIEEE(content), offset: uint32(len(out))}
		if e.deflate {
			local.method = Deflate
			content = deflated(t, content)
		}
		local.packed = uint32(len(content))
		if e.mode != 0 {
			local.attributes = e.mode << 16
		}
		listed := local
		if e.change != nil {
			e.change(&local, &listed)
		}
		out = append(append(local.common(little.AppendUint32(out, signLocal), true), content...), e.after...)
		directory = listed.common(append(little.AppendUint32(directory, signDirectory), 20, 3), false)
	}
	return c.ending(append(out, directory...), len(directory))
}

func (h craftedHeader) common(b []byte, local bool) []byte {
	b = little.AppendUint16(b, 20)
	b = little.AppendUint16(b, h.flags)
	b = little.AppendUint16(b, h.method)
	b = little.AppendUint32(b, 0)
	b = little.AppendUint32(b, h.crc)
	b = little.AppendUint32(b, h.packed)
	b = little.AppendUint32(b, h.size)
	b = little.AppendUint16(b, uint16(len(h.name)))
	b = little.AppendUint16(b, uint16(len(h.extra)))
	if !local {
		b = append(b, 0, 0, 0, 0, 0, 0)
		b = little.AppendUint32(b, h.attributes)
		b = little.AppendUint32(b, h.offset)
	}
	return append(append(b, h.name...), h.extra...)
}

func (c crafted) ending(out []byte, directory int) []byte {
	e := craftedEnd{
		entries: uint64(len(c.entries)), size: uint64(directory), offset: uint64(len(out) - directory),
		record: lengthEnd64 - 12, locator: uint64(len(out)),
	}
	e.entries32, e.size32, e.offset32 = e.entries, e.size, e.offset
	if c.end != nil {
		c.end(&e)
	}
	if c.zip64 {
		out = little.AppendUint32(out, signEnd64)
		out = little.AppendUint64(out, e.record)
		out = append(out, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		for _, v := range []uint64{e.entries, e.entries, e.size, e.offset} {
			out = little.AppendUint64(out, v)
		}
		out = append(little.AppendUint32(out, signLocator64), 0, 0, 0, 0)
		out = append(little.AppendUint64(out, e.locator), 1, 0, 0, 0)
	}
	out = append(little.AppendUint32(out, signEnd), 0, 0, 0, 0)
	out = little.AppendUint16(out, uint16(e.entries32))
	out = little.AppendUint16(out, uint16(e.entries32))
	out = little.AppendUint32(out, uint32(e.size32))
	out = little.AppendUint32(out, uint32(e.offset32))
	out = little.AppendUint16(out, uint16(len(c.comment)))
	return append(append(out, c.comment...), c.after...)
}

func deflated(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
