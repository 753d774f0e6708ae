package archive

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"io"
	"strings"
	"testing"
)

func crc(text string) uint32 { return crc32.ChecksumIEEE([]byte(text)) }

// What is accepted, and by the standard library's reader too, which shares no code with this one, has the same files with
// the same contents for both; and what is written of it is read the same again.
func FuzzRead(f *testing.F) {
	f.Add(crafted{entries: files("a", "b/c"), comment: "x"}.bytes(f))
	f.Add(crafted{entries: files("a"), zip64: true}.bytes(f))
	f.Add(changed(func(l, d *craftedHeader) { l.flags, d.flags = flagDescriptor, flagDescriptor }).bytes(f))
	f.Add(directoryOnly(func(h *craftedHeader) { h.extra = field(fieldZip64, 1, 1) }).bytes(f))
	f.Add(overlapping().bytes(f))
	f.Fuzz(checkRead)
}

// The same of archives in which some fields say something else, since random bytes rarely get that far.
func FuzzFields(f *testing.F) {
	f.Add(uint8(0), uint64(7), uint8(12), uint64(1<<32-1), "")
	f.Add(uint8(14), uint64(0), uint8(6), uint64(0), "\x01\x00\x08\x00\x01\x00\x00\x00\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, first uint8, firstValue uint64, second uint8, secondValue uint64, text string) {
		if len(text) > 1<<10 {
			return
		}
		c := crafted{zip64: first&1 == 0, entries: files("a", "b", "c")}
		c.entries[1].change = func(local, directory *craftedHeader) {
			for _, h := range []*craftedHeader{local, directory} {
				setField(h, first, firstValue, text)
				first -= 8
				setField(h, second, secondValue, text)
				second -= 8
			}
		}
		c.end = func(e *craftedEnd) {
			fields := []*uint64{&e.entries, &e.size, &e.offset, &e.entries32, &e.size32, &e.offset32, &e.record, &e.locator}
			if second < 8 {
				*fields[second] = secondValue
			}
		}
		checkRead(t, c.bytes(t))
	})
}

// setField sets one of the first eight fields.
func setField(h *craftedHeader, field uint8, value uint64, text string) {
	switch field {
	case 0:
		h.flags = uint16(value)
	case 1:
		h.method = uint16(value)
	case 2:
		h.crc = uint32(value)
	case 3:
		h.packed = uint32(value)
	case 4:
		h.size = uint32(value)
	case 5:
		h.name = text
	case 6:
		h.extra = text
	case 7:
		h.offset = uint32(value)
	}
}

func checkRead(t *testing.T, b []byte) {
	a, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return
	}
	copyAll(t, a)
	others, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		// It does not look for zip64 records where only the directory's size says that there are some.
		return
	}
	seen := 0
	for _, file := range others.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		seen++
		e, ok := a.Lookup(file.Name)
		if !ok {
			t.Fatalf("the standard library reads %q too", file.Name)
		}
		compareContent(t, a, e, file)
	}
	if seen != len(a.Entries) {
		t.Fatalf("%d files, and the standard library reads %d", len(a.Entries), seen)
	}
}

func compareContent(t *testing.T, a *Archive, e Entry, file *zip.File) {
	ours, err := readAll(a, e)
	if err != nil {
		return
	}
	in, err := file.Open()
	if err != nil {
		t.Fatalf("the standard library: %v", err)
	}
	defer in.Close()
	theirs, err := io.ReadAll(in)
	// A data descriptor that lies is no concern of who reads by the directory.
	if err != nil && err != zip.ErrChecksum && err != io.ErrUnexpectedEOF || err == nil && !bytes.Equal(ours, theirs) {
		t.Fatalf("%q has %d bytes, and for the standard library %d, error %v", e.Name, len(ours), len(theirs), err)
	}
}

func copyAll(t *testing.T, a *Archive) {
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, e := range a.Entries {
		if err := w.Copy(a, e, e.Name, e.Executable); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatalf("what was written is refused: %v", err)
	}
	for i, e := range a.Entries {
		copied := again.Entries[i]
		e.data, copied.data = 0, 0
		if e != copied {
			t.Errorf("%+v was written as %+v", e, copied)
		}
	}
}
