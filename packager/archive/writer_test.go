package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// The standard library's reader, which shares no code with the writer, reads what it wrote.
func TestWriterIsReadByOthers(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<12)
	files := []struct {
		name, content string
		executable    bool
	}{
		{"a/empty", "", false},
		{"a/é", "plain", false},
		{"bin/run", large, true},
	}
	var out bytes.Buffer
	w := NewWriter(&out)
	packer := &Packer{Dir: t.TempDir()}
	for _, f := range files {
		p, err := packer.Pack(strings.NewReader(f.content))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add(f.name, f.executable, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		got := r.File[i]
		if got.Name != f.name || got.NonUTF8 || got.Flags&flagDescriptor != 0 || got.Modified.Format("2006-01-02 15:04:05") != "1980-01-01 00:00:00" {
			t.Errorf("entry %d is %+v", i, got.FileHeader)
		}
		if executable := got.Mode().Perm() == 0o755; executable != f.executable || !executable && got.Mode() != 0o644 {
			t.Errorf("%s has the mode %v", f.name, got.Mode())
		}
		in, err := got.Open()
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(in); err != nil || string(content) != f.content {
			t.Errorf("%s has %d bytes, want %d; error %v", f.name, len(content), len(f.content), err)
		}
	}
}
