package pep517

import (
	"slices"
	"testing"
)

func TestCompilerSettings(t *testing.T) {
	want := []string{"CFLAGS=-ffile-prefix-map=/tmp/x/source=.", "CXXFLAGS=-ffile-prefix-map=/tmp/x/source=."}
	if got := CompilerSettings("/tmp/x/source"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := CompilerSettings("/tmp/a b"); got != nil {
		t.Errorf("a directory that cannot be in flags is: %q", got)
	}
}

// Neither this machine's Python nor its user's flags for compilers get into a build; where the compiler is, does.
func TestCleanEnvironment(t *testing.T) {
	got := CleanEnvironment([]string{"PATH=/bin", "CFLAGS=-DFOO", "LDFLAGS=-s", "PYTHONPATH=/x", "CC=clang"})
	want := append([]string{"PATH=/bin", "CC=clang"}, Settings()...)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
