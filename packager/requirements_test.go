package packager

import (
	"os"
	"path/filepath"
	"testing"
)

// A directory that cannot be replaced stays as it was.
func TestReplaceDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "requirements")
	next := t.TempDir()
	fresh, old := filepath.Join(next, "fresh"), filepath.Join(next, "old")
	for _, made := range []string{"one", "two", ""} {
		if made != "" {
			if err := os.Mkdir(fresh, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(fresh, made), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := replaceDirectory(dir, fresh, old); (err == nil) != (made != "") {
			t.Errorf("%q: %v", made, err)
		}
		want := made
		if made == "" {
			want = "two"
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != want {
			t.Errorf("after %q there is %v, %v", made, entries, err)
		}
		if err := os.RemoveAll(old); err != nil {
			t.Fatal(err)
		}
	}
}
