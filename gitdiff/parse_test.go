package gitdiff

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/tree"
)

const (
	hexA = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"
	hexB = "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c"
	zero = "0000000000000000000000000000000000000000"
)

// FuzzTree: what parses is written back as the same bytes, but for historic modes; and nothing panics.
func FuzzTree(f *testing.F) {
	id := strings.Repeat("\x01", 20)
	f.Add([]byte("100644 a\x00"+id+"40000 dir\x00"+id), 20)
	f.Add([]byte("100664 old\x00"+id+"120000 l\x00"+id+"160000 s\x00"+id), 20)
	f.Add([]byte("100755 x\x00"+id), 32)
	f.Add([]byte("100644 a\x00short"), 20)
	f.Add([]byte("100644 a/b\x00"+id), 20)
	f.Add([]byte(" \x00"), 20)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		if size != 20 && size != 32 {
			return
		}
		objects, err := parseTree(data, size)
		if err != nil {
			return
		}
		var again bytes.Buffer
		for _, o := range objects {
			sum, err := hex.DecodeString(o.id)
			if err != nil || len(sum) != size || o.name == "" || strings.ContainsAny(o.name, "/\x00") || o.mode == tree.None {
				t.Fatalf("%+v", o)
			}
			fmt.Fprintf(&again, "%o %s\x00%s", o.mode, o.name, sum)
		}
		second, err := parseTree(again.Bytes(), size)
		if err != nil || !slices.Equal(objects, second) {
			t.Fatalf("%v, then %v (%v)", objects, second, err)
		}
		ordered := orderedEntries{rawEntries: rawEntries{rest: data, hashSize: size}, tree: []byte(id)}
		count := 0
		for err = ordered.next(); err == nil && ordered.left; err = ordered.next() {
			count++
		}
		if err == nil && (count != len(objects) || !slices.IsSortedFunc(objects, compareObjects)) {
			t.Fatalf("out of order: %v", objects)
		}
		sorted := byName(slices.Clone(objects))
		for i := 1; i < len(sorted); i++ {
			if sorted[i-1].name > sorted[i].name {
				t.Fatalf("%v", sorted)
			}
		}
	})
}

func FuzzRawDiff(f *testing.F) {
	f.Add([]byte(":100644 100755 " + hexA + " " + hexB + " M\x00path\x00"))
	f.Add([]byte(":000000 100644 " + zero + " " + hexB + " A\x00new\nline\xff\x00:100644 000000 " + hexA + " " + zero + " D\x00b\x00"))
	f.Add([]byte(":100644 120000 " + hexA + " " + hexB + " T\x00path"))
	f.Add([]byte(":100644 100644 " + hexA + " " + hexB + " R100\x00a\x00b\x00"))
	f.Add([]byte(":100644 100644 " + hexA + " " + hexB + " M\x00"))
	f.Add([]byte(strings.Repeat("x", 100)))
	f.Fuzz(func(t *testing.T, data []byte) {
		var again bytes.Buffer
		err := readRawChanges(bufio.NewReaderSize(bytes.NewReader(data), 16), func(c tree.Change, status byte) error {
			if c.Path == "" || strings.Contains(c.Path, "\x00") {
				t.Fatalf("%+v", c)
			}
			again.WriteString(c.Path + "\x00")
			return nil
		})
		if err == nil && len(data) > 0 && data[len(data)-1] != 0 {
			t.Fatalf("%q ends within a record, and was taken for whole", data)
		}
		if err == nil && again.Len() == 0 && len(data) > 0 {
			t.Fatalf("%q was taken for nothing", data)
		}
	})
}

func FuzzListing(f *testing.F) {
	f.Add([]byte("100644 blob " + hexA + "\tpath\x00160000 commit " + hexB + "\tsub\tmodule\x00"))
	f.Add([]byte("100644 blob " + hexA + "\tpath"))
	f.Add([]byte("100644 blob " + hexA + "\t\x00"))
	f.Add([]byte("what\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var again bytes.Buffer
		err := readListing(bufio.NewReaderSize(bytes.NewReader(data), 16), func(e tree.Entry) error {
			if !e.Exists() || e.Path == "" || !isFullHex(e.ID) {
				t.Fatalf("%+v", e)
			}
			again.WriteString(e.Path + "\x00")
			return nil
		})
		if err == nil && (bytes.Count(data, []byte{0}) != bytes.Count(again.Bytes(), []byte{0}) || len(data) > 0 && data[len(data)-1] != 0) {
			t.Fatalf("%q gave %q", data, again.Bytes())
		}
	})
}

// FuzzIndex: what is taken for the index of a tree lists paths in order; nothing else is yielded, and nothing panics.
func FuzzIndex(f *testing.F) {
	for _, version := range []byte{2, 4} {
		f.Add(smallIndex(version), hexA)
	}
	f.Fuzz(func(t *testing.T, data []byte, id string) {
		if !isFullHex(id) {
			return
		}
		x := &indexReader{file: bytes.NewReader(data), hashSize: len(id) / 2}
		if !x.isTree(id) {
			return
		}
		last := ""
		err := x.each(func(e tree.Entry) error {
			if !e.Exists() || e.Mode == tree.Dir || e.Path <= last || !isFullHex(e.ID) {
				t.Fatalf("%+v after %q", e, last)
			}
			last = e.Path
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// smallIndex is an index of one file in a directory, whose tree is hexA.
func smallIndex(version byte) []byte {
	stat := make([]byte, statSize)
	copy(stat[modeOffset:], "\x00\x00\x81\xa4")
	id, _ := hex.DecodeString(hexB)
	root, _ := hex.DecodeString(hexA)
	data := append([]byte("DIRC\x00\x00\x00"), version, 0, 0, 0, 1)
	data = append(append(data, stat...), id...)
	data = append(data, 0, 3)
	if version == 4 {
		data = append(data, 0)
	}
	data = append(data, "d/f\x00"...)
	for version < 4 && (len(data)-12)%8 != 0 {
		data = append(data, 0)
	}
	trees := append([]byte("\x001 1\n"), root...)
	trees = append(append(trees, "d\x001 0\n"...), id...)
	data = append(data, "TREE\x00\x00\x00"...)
	data = append(append(data, byte(len(trees))), trees...)
	return append(data, id...) // in the checksum's place
}

func FuzzObjectHeader(f *testing.F) {
	f.Add(hexA+" commit 12", "HEAD")
	f.Add("HEAD missing", "HEAD")
	f.Add("abcd ambiguous", "abcd")
	f.Add(hexA+" missing", hexA)
	f.Add(hexA+" blob -1", "HEAD")
	f.Add(hexA+" submodule", "HEAD:sub")
	f.Add("x commit 1 missing", "x commit 1")
	f.Fuzz(func(t *testing.T, line, asked string) {
		a, err := parseObjectHeader([]byte(line), asked)
		if err != nil {
			return
		}
		if a.found() && (!isFullHex(a.id) || a.size < 0 || a.ambiguous) {
			t.Fatalf("%q: %+v", line, a)
		}
		if line == asked+" missing" && a.found() {
			t.Fatalf("%q is missing: %+v", asked, a)
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add("[core]\n\tbare = true\n[remote \"a.b\"] fetch = +refs/*:refs/* ; comment\n\tpromisor\n")
	f.Add("[a]b=\"quoted # not a comment\" # one\n c = two \\\n lines\r\n")
	f.Add("[x \"a\\\"b\"]\nd=\\t\\n\\\\\n")
	f.Add("[unfinished")
	f.Add("key = outside")
	f.Fuzz(func(t *testing.T, text string) {
		c := config{}
		if c.parse(text) != nil {
			return
		}
		for key, values := range c {
			if !strings.Contains(key, ".") || len(values) == 0 {
				t.Fatalf("%q: %q", key, values)
			}
		}
	})
}

func FuzzRevision(f *testing.F) {
	for _, rev := range []string{"HEAD~3^2", "@{u}^{commit}", "main@{upstream}~1", "a^{/x~y}", ":/text", "v1:path", "^", "~99999999999999999999", "a@{", "^{"} {
		f.Add(rev)
	}
	f.Fuzz(func(t *testing.T, rev string) {
		r := parseRevision(rev)
		if r.unsupported == "" && !strings.HasPrefix(rev, r.name) {
			t.Fatalf("%q: %+v", rev, r)
		}
	})
}

// Git reads what the parser of configuration reads, and finds the same.
func TestConfigForms(t *testing.T) {
	c := config{}
	text := "\ufeff; comment\n[Core]\n  Bare\n\tworkTree = \"with ; quotes\"   # comment\n[remote \"A.b\\\"c\"]\nurl=a  b \\\n  c\n" +
		"url = second\\tline\r\n[empty]\nx =\n[one] y = 1 ; z\n[branch \"main\"]\n\tmerge = refs/heads/main"
	if err := c.parse(text); err != nil {
		t.Fatal(err)
	}
	want := config{
		"core.bare": {"true"}, "core.worktree": {"with ; quotes"}, "remote.A.b\"c.url": {"a  b   c", "second\tline"},
		"empty.x": {""}, "one.y": {"1"}, "branch.main.merge": {"refs/heads/main"},
	}
	for key, values := range want {
		if !slices.Equal(c[key], values) {
			t.Errorf("%s: %q, want %q", key, c[key], values)
		}
	}
	if len(c) != len(want) {
		t.Errorf("%q", c)
	}
	if err := c.parse("[core]\nbare = true\n[core\n"); err == nil || !strings.HasPrefix(err.Error(), "4: ") && !strings.HasPrefix(err.Error(), "3: ") {
		t.Errorf("%v", err)
	}
}

func BenchmarkRawDiff(b *testing.B) {
	var data bytes.Buffer
	for i := range 10000 {
		fmt.Fprintf(&data, ":100644 100644 %s %s M\x00services/%d/src/handler.py\x00", hexA, hexB, i)
	}
	b.SetBytes(int64(data.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := readRawChanges(bufio.NewReader(bytes.NewReader(data.Bytes())), func(tree.Change, byte) error { n++; return nil })
		if err != nil || n != 10000 {
			b.Fatal(n, err)
		}
	}
}
