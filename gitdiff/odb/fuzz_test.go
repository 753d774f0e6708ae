package odb

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// FuzzPatch holds deltas against go-git, which has its own code for them.
func FuzzPatch(f *testing.F) {
	f.Add([]byte("base"), []byte("\x04\x04\x90\x04"))
	f.Add([]byte("base"), []byte("\x04\x06\x91\x01\x03\x03new"))
	f.Add([]byte(""), []byte("\x00\x01\x01x"))
	f.Add(bytes.Repeat([]byte("x"), 70000), []byte("\xf0\xa2\x04\x80\x80\x04\x80"))
	f.Add([]byte("base"), []byte("\x04\x04\x00"))
	f.Add([]byte("base"), []byte("\x84\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"))
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		got, err := patch(base, delta)
		if err != nil {
			return
		}
		want, err := packfile.PatchDelta(base, delta)
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("%q by %q is %q, want %q", base, delta, got, want)
		}
	})
}

// FuzzPack reads whatever there may be where packs are.
func FuzzPack(f *testing.F) {
	r := newRepo(f)
	r.history(5)
	r.git("repack", "-adq")
	r.git("prune-packed")
	packs, err := filepath.Glob(r.objects() + "/pack/*.pack")
	if err != nil || len(packs) != 1 {
		f.Fatal(packs, err)
	}
	index, err := os.ReadFile(packs[0][:len(packs[0])-len(".pack")] + ".idx")
	if err != nil {
		f.Fatal(err)
	}
	pack, err := os.ReadFile(packs[0])
	if err != nil {
		f.Fatal(err)
	}
	id := r.git("rev-parse", "HEAD~2:growing")
	f.Add(index, pack)
	f.Add(index, pack[:len(pack)/2])
	f.Add(index[:len(index)-50], pack)
	f.Add(append(bytes.Clone(indexMagic), make([]byte, 1024+40)...), []byte("PACK"))
	f.Fuzz(func(t *testing.T, index, pack []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "pack"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"p.idx": index, "p.pack": pack} {
			if err := os.WriteFile(filepath.Join(dir, "pack", name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		s := New([]string{dir}, 20)
		defer s.Close()
		if o, err := s.Read(id); err == nil && (o.Kind < Commit || o.Kind > Tag) {
			t.Errorf("an object of %s", o.Kind)
		}
		_, _ = s.WithPrefix(id[:4])
	})
}
