package project_test

import (
	"os"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
)

// testdata/constraints.tsv has what Poetry's own library says; testdata/constraints.py made it.
func TestConstraints(t *testing.T) {
	data, err := os.ReadFile("testdata/constraints.tsv")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		constraint, err := project.ParseConstraint(fields[0])
		if err != nil {
			t.Errorf("%q: %v", fields[0], err)
			continue
		}
		version, err := pep440.Parse(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		cases++
		if got, want := constraint.Allows(version), fields[2] == "1"; got != want {
			t.Errorf("%q allows %s: %v, want %v", fields[0], fields[1], got, want)
		}
	}
	if cases < 2000 {
		t.Errorf("%d cases", cases)
	}
}
