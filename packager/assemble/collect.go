package assemble

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/packager/archive"
)

// item is a file of the archive to be.
type item struct {
	path       string // without the python/ of a layer
	executable bool
	owner      int // an index of shares
	source     source
}

// contents is everything that goes into an archive, sorted by path, and who brought it.
type contents struct {
	items  []item
	shares []Share
}

// collect lists what goes into the archive, and settles which of several files of one path that is.
func collect(spec Spec) (*contents, error) {
	exclude, err := patterns(spec.Exclude)
	if err != nil {
		return nil, err
	}
	c := &contents{shares: []Share{{}}}
	for _, f := range spec.Code {
		if err := archive.CheckName(f.Path); err != nil {
			return nil, err
		}
		c.items = append(c.items, item{f.Path, f.Executable, 0, made(f.Open)})
	}
	dependencies := slices.SortedFunc(slices.Values(spec.Wheels), func(a, b Dependency) int {
		return cmp.Or(strings.Compare(a.Wheel.Name, b.Wheel.Name), strings.Compare(a.Wheel.Version, b.Wheel.Version))
	})
	for _, d := range dependencies {
		if err := c.addWheel(d, spec, exclude); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.items, func(a, b item) int { return strings.Compare(a.path, b.path) })
	return c, c.settle()
}

func patterns(exclude []string) (*gitignore.Matcher, error) {
	var lines []gitignore.Line
	for i, p := range exclude {
		lines = append(lines, gitignore.Line{Text: p, Number: i + 1})
	}
	return gitignore.Parse(lines)
}

func (c *contents) addWheel(d Dependency, spec Spec, exclude *gitignore.Matcher) error {
	share := Share{Name: d.Wheel.Name, Version: d.Wheel.Version, By: d.By}
	owner := len(c.shares)
	for _, f := range d.Wheel.Files {
		if spec.Slim && d.Wheel.Superfluous(f) || excluded(exclude, f.Path) {
			share.Slimmed += f.Size
			continue
		}
		i := item{f.Path, f.Executable, owner, wheelFile{d.Wheel, f}}
		if debug := d.Wheel.Debug(f); spec.Slim && debug > 0 {
			entry, ok := d.Stripped.Lookup(f.Path)
			if !ok {
				return fmt.Errorf("%s %s: what was stripped of it lacks %s", d.Wheel.Name, d.Wheel.Version, f.Path)
			}
			share.Slimmed += debug
			i.source = copied{d.Stripped, entry}
		}
		c.items = append(c.items, i)
	}
	for _, s := range d.Wheel.Scripts {
		if !excluded(exclude, s.Path()) {
			c.items = append(c.items, item{s.Path(), true, owner, text(s.Content())})
		}
	}
	c.shares = append(c.shares, share)
	return nil
}

func excluded(exclude *gitignore.Matcher, path string) bool {
	ignored, _ := exclude.Match(path, false)
	return ignored
}
