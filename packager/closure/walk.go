package closure

import (
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

// pick is a package of the lock that the target needs.
type pick struct {
	extras []string // asked for
	needs  []int    // packages of the lock
	queued bool
}

func (r *resolver) pickedIndices() []int { return slices.Sorted(maps.Keys(r.picks)) }

// edge is what one package needs of another, if its marker holds.
type edge struct {
	to     int
	extras []string
}

// walk picks packages and all that they need; needs gives the edges of a package with the extras that are asked for of it.
// A package that is asked for more extras later is looked at again.
func (r *resolver) walk(from []edge, needs func(i int, extras []string) ([]edge, error)) error {
	var queue []int
	visit := func(e edge) {
		p, known := r.picks[e.to]
		if !known {
			p = &pick{}
			r.picks[e.to] = p
		}
		more := !known
		for _, extra := range e.extras {
			if !slices.Contains(p.extras, extra) {
				p.extras = append(p.extras, extra)
				more = true
			}
		}
		if more && !p.queued {
			p.queued = true
			queue = append(queue, e.to)
		}
	}
	for _, e := range from {
		visit(e)
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		p := r.picks[i]
		p.queued = false
		edges, err := needs(i, p.extras)
		if err != nil {
			return err
		}
		p.needs = p.needs[:0]
		for _, e := range edges {
			p.needs = append(p.needs, e.to)
			visit(e)
		}
	}
	return nil
}

// holds evaluates a marker of the lock on the target, with the extras that are asked for of whoever carries it.
func (r *resolver) holds(text string, line int, extras []string) (bool, error) {
	if text == "" {
		return true, nil
	}
	m, known := r.markers[text]
	if !known {
		var err error
		if m, err = marker.Parse(text); err != nil {
			return false, r.lockError(line, err.Error())
		}
		r.markers[text] = m
	}
	env := r.env
	env.Extras = extras
	return m.Evaluate(env), nil
}

func (r *resolver) lockError(line int, message string) error {
	return &syntax.FileError{File: r.closure.Lock, Err: &syntax.Error{Line: line, Column: 1, Message: message}}
}

// checkNames makes sure that what is asked for is there.
func (r *resolver) checkNames(kind, file string, asked, known []string) error {
	for _, name := range asked {
		if !slices.Contains(known, name) {
			known = slices.Clone(known)
			slices.Sort(known)
			return &UnknownNameError{Kind: kind, Name: name, In: file, Known: slices.Compact(known)}
		}
	}
	return nil
}

// missing says that the lock has nothing for a dependency.
func (r *resolver) missing(by *lockfile.Package, d lockfile.Dependency) error {
	return r.lockError(d.Line, by.Name+" needs "+d.Name+", which the lock does not have")
}
