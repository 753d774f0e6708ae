package packager

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/packager/closure"
)

// CircleError is path dependencies that need each other: none of them can be built, or imported, before the others.
type CircleError struct {
	// Path has their directories, from one of them back to itself.
	Path []string
}

func (e *CircleError) Error() string {
	return "path dependencies need each other in a circle: " + strings.Join(e.Path, " -> ")
}

// checkCircles looks for path dependencies that need themselves by way of others.
func checkCircles(c *closure.Closure) error {
	done := make(map[string]bool)
	for i := range c.Packages {
		if p := &c.Packages[i]; p.Source.Kind == lockfile.Directory {
			if err := checkCircle(c, p, nil, done); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkCircle looks at one path dependency and what it needs. The way has those on the way to it.
func checkCircle(c *closure.Closure, p *closure.Package, way []string, done map[string]bool) error {
	dir := p.Source.Path
	if i := slices.Index(way, dir); i >= 0 {
		return &CircleError{append(slices.Clone(way[i:]), dir)}
	}
	if done[dir] {
		return nil
	}
	way = append(way, dir)
	for _, name := range p.DependsOn {
		if next := c.Find(name); next != nil && next.Source.Kind == lockfile.Directory {
			if err := checkCircle(c, next, way, done); err != nil {
				return err
			}
		}
	}
	done[dir] = true
	return nil
}
