package pep517

import (
	"slices"
	"testing"
)

func TestConstraints(t *testing.T) {
	got := Constraints([]string{
		"poetry-core>=1.0.0", "poetry_core<2", "setuptools>=61; python_version > '3'", "wheel", "hatchling[x] >= 1.2,<2", "own", "cython (>=0.29,<3)",
		"setuptools>=200", "not a requirement", "flit_core @ https://example.com/x.zip",
	})
	want := []string{"poetry-core==2.1.3", "poetry_core==1.9.1", "setuptools==80.9.0", "wheel==0.45.1", "hatchling==1.27.0", "cython==0.29.37"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
