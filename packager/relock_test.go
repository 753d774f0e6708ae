package packager

import (
	"fmt"
	"slices"
	"testing"
)

// A lock that was made anew says which versions moved, and which come from somewhere else.
func TestLockMoves(t *testing.T) {
	const registry = "[package.source]\ntype = \"legacy\"\nurl = \"https://user:secret@example.com/simple\"\nreference = \"own\"\n"
	directory := func(at string) string {
		return fmt.Sprintf("[package.source]\ntype = \"directory\"\nurl = %q\n", at)
	}
	one := func(name, version, source string) string {
		return fmt.Sprintf("[[package]]\nname = %q\nversion = %q\noptional = false\npython-versions = \"*\"\nfiles = []\n%s\n", name, version, source)
	}
	const end = "[metadata]\nlock-version = \"2.0\"\npython-versions = \"*\"\ncontent-hash = \"0\"\n"
	before := one("core", "0.1.2", "") + one("dates", "1", directory("../old")) + one("gone", "1", "") + one("kept", "1", directory("../kept")) + one("six", "1.15", registry) + one("yaml", "1", "")
	after := one("came", "2", directory("../came")) + one("core", "0.1.2", directory("../core")) + one("dates", "2", directory("../new")) + one("kept", "1", directory("../kept")) + one("six", "1.16", "") + one("yaml", "1", registry)
	got, err := lockMoves(before+end, after+end)
	if err != nil {
		t.Fatal(err)
	}
	want := []Move{
		{"came", "", "2"}, {"core", "0.1.2 from an index", "0.1.2 from ../core"}, {"dates", "1", "2"}, {"gone", "1", ""},
		{"six", "1.15", "1.16"}, {"yaml", "1 from an index", "1 from the index own"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, err := lockMoves("", after+end); err != nil || len(got) != 6 || got[1] != (Move{"core", "", "0.1.2"}) {
		t.Errorf("of no lock: %q, %v", got, err)
	}
}
