package odb

import (
	"bytes"
	"encoding/hex"
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
	for n := range 4 {
		r.write("growing", bytes.Repeat([]byte("line\n"), 30*(n+1)))
		r.git("add", "-A")
		r.git("commit", "-q", "-m", "commit")
	}
	r.git("repack", "-adq")
	r.git("prune-packed")
	packs, err := filepath.Glob(r.objects() + "/pack/*.pack")
	if err != nil || len(packs) != 1 {
		f.Fatal(packs, err)
	}
	indexed, err := os.ReadFile(packs[0][:len(packs[0])-len(".pack")] + ".idx")
	if err != nil {
		f.Fatal(err)
	}
	packed, err := os.ReadFile(packs[0])
	if err != nil {
		f.Fatal(err)
	}
	name, err := hex.DecodeString(r.git("rev-parse", "HEAD~2:growing"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(indexed, packed)
	f.Add(indexed, packed[:len(packed)/2])
	f.Add(indexed[:len(indexed)-50], packed)
	f.Add(append(bytes.Clone(indexMagic), make([]byte, 1024+40)...), []byte("PACK"))
	f.Fuzz(func(t *testing.T, indexed, packed []byte) {
		x := &index{}
		if x.divide(bytes.NewReader(indexed), int64(len(indexed)), len(name)) != nil {
			return
		}
		p := &pack{index: x, data: memory{bytes.NewReader(packed)}, end: int64(len(packed)) - int64(len(name))}
		r := newReader()
		err := x.withPrefix(name[:1], func(id []byte) {
			offset, found, err := x.find(id)
			if !found || err != nil {
				return
			}
			if o, err := r.packed(p, offset); err == nil && (o.Kind < Commit || o.Kind > Tag) {
				t.Errorf("an object of %s", o.Kind)
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// memory is a pack that is no file.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func (memory) Name() string { return "memory" }
