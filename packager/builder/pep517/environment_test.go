package pep517

import (
	"slices"
	"testing"
)

func TestCompilerSettings(t *testing.T) {
	got := CompilerSettings([]string{"CFLAGS=-O0", "CFLAGS=-O1 -g", "CC=cc", "CXXFLAGS="}, "/tmp/x/source")
	want := []string{"CFLAGS=-O1 -g -ffile-prefix-map=/tmp/x/source=.", "CXXFLAGS=-ffile-prefix-map=/tmp/x/source=."}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := CompilerSettings(nil, "/tmp/a b"); got != nil {
		t.Errorf("of a directory with a blank it makes %q", got)
	}
}
