package archive

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"
)

// Content that stays large is kept in a file, is written from there, and leaves nothing behind.
func TestPackLargeContent(t *testing.T) {
	content := make([]byte, 2*inMemory)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(content) // it never fails
	directory := t.TempDir()
	p, err := (&Packer{Dir: directory}).Pack(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) != 1 {
		t.Errorf("there are %v, error %v; want one file", left, err)
	}
	var out bytes.Buffer
	w := NewWriter(&out)
	if err := w.Add("large", false, p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := Read(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(a, a.Entries[0]); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes are in the archive, error %v", len(got), err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) != 0 {
		t.Errorf("there are %v, error %v; want none", left, err)
	}
}

// A disk that is full is an error, and leaves nothing behind.
func TestPackWithoutRoom(t *testing.T) {
	content := make([]byte, 2*inMemory)
	r := rand.NewChaCha8([32]byte{2})
	_, _ = r.Read(content) // it never fails
	p := &Packer{Dir: t.TempDir() + "/missing"}
	if _, err := p.Pack(bytes.NewReader(content)); !os.IsNotExist(err) {
		t.Errorf("error %v, want that there is no directory", err)
	}
	if _, err := p.Pack(bytes.NewReader(content[:10])); err != nil {
		t.Errorf("after that, error %v", err)
	}
}
