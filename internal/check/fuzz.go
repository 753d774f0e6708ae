package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// target is a fuzz target: a function of a package.
type target struct {
	dir, name string
}

var fuzzFunction = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// fuzz runs every fuzz target, which go test takes one at a time. They get a number of inputs each and not a time, whose
// end go test takes for a failure now and then on a busy machine (https://go.dev/issue/75804, until Go 1.27).
func (c *checker) fuzz() {
	targets, err := fuzzTargets(".")
	if err != nil {
		c.fail("fuzz targets", err.Error())
		return
	}
	if c.fuzzing <= 0 {
		for _, t := range targets {
			c.skip(t.String(), "left out with -fuzz=0")
		}
		return
	}
	for _, t := range targets {
		c.step(t.String(), c.command(nil, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", fmt.Sprintf("-fuzztime=%dx", c.fuzzing), t.dir))
	}
}

func (t target) String() string { return "fuzz " + strings.TrimPrefix(t.dir, "./") + " " + t.name }

// fuzzTargets finds the fuzz targets in the test files below a directory, ordered by package and name.
func fuzzTargets(root string) ([]target, error) {
	var targets []target
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git") {
			return orSkip(err)
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range fuzzFunction.FindAllSubmatch(text, -1) {
			targets = append(targets, target{dir: "./" + filepath.ToSlash(filepath.Dir(path)), name: string(match[1])})
		}
		return nil
	})
	slices.SortFunc(targets, func(a, b target) int { return strings.Compare(a.String(), b.String()) })
	return targets, err
}

func orSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}
