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

// Whatever is accepted, the standard library's reader, which shares no code with this one, sees the same files with the
// same contents; and what is written of it is read the same again.
func FuzzRead(f *testing.F) {
	f.Add(crafted{entries: files("a", "b/c"), comment: "x"}.bytes(f))
	f.Add(crafted{entries: files("a"), zip64: true}.bytes(f))
	f.Add(changed(func(l, d *craftedHeader) { l.flags, d.flags = flagDescriptor, flagDescriptor }).bytes(f))
	f.Add(directoryOnly(func(h *craftedHeader) { h.extra = field(fieldZip64, 1, 1) }).bytes(f))
	f.Add(overlapping().bytes(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		others, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatalf("the standard library: %v", err)
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
		copyAll(t, a)
	})
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
