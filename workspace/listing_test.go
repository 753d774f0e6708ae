package workspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/tree"
)

func TestListing(t *testing.T) {
	f := files{"a": "", "a.b/x": "1", "a/b/c": "2", "a/b/link@": "c", "sub#": "", "z\xff\n/\x01": "3", strings.Repeat("long/", 100) + "x": "4"}
	for i := range 100 {
		f[fmt.Sprintf("many/%02d/file%03d", i%7, i)] = fmt.Sprint(i)
	}
	delete(f, "a")
	content := f.Tree()
	var l listing
	for _, e := range content.entries {
		l.add(e)
	}
	paths := []string{root, "", "a", "a/b", "a/b/", "a/b/c/d", "b", "many", "many/0", "many/06", "many/07", "zz", "sub", "sub/x", "long"}
	for _, e := range content.entries {
		paths = append(paths, e.Path, e.Path+"0", e.Path[:len(e.Path)-1], parentPath(e.Path))
	}
	for _, p := range paths {
		if got, want := l.lookup(p), content.lookup(p); got != want {
			t.Errorf("%q: got %+v, want %+v", p, got, want)
		}
	}
	for _, dir := range []string{root, "a", "a/b", "many", "many/03", "none"} {
		want := slices.DeleteFunc(slices.Clone(content.entries), func(e tree.Entry) bool { return !lies(e.Path, dir) })
		if got := slices.Collect(l.in(dir)); !slices.Equal(got, want) {
			t.Errorf("in %q: got %v, want %v", dir, got, want)
		}
	}
	var none listing
	if e := none.lookup("a"); e.Exists() {
		t.Errorf("in no entries: %+v", e)
	}
}
