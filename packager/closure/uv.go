package closure

import (
	"fmt"
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/python/lockfile"
)

// selectUV picks what `uv sync --no-default-groups` with the options' groups and extras would on the target. The lock's edges name the very
// package that they lead to, so the graph is walked from the project's own package.
func (r *resolver) selectUV() error {
	r.root = r.member(r.lock)
	if r.root < 0 {
		return r.lockError(1, fmt.Sprintf("the lock does not have the project in %s", r.directory))
	}
	for _, check := range []func() error{r.checkUVMetadata, r.checkUVSettings} {
		if err := check(); err != nil {
			return err
		}
	}
	root := &r.lock.Packages[r.root]
	if err := r.checkNames("group", r.manifestPath(), r.options.Groups, r.uvGroupNames(root)); err != nil {
		return err
	}
	if err := r.checkNames("extra", r.manifestPath(), r.options.Extras, r.uvExtraNames(root)); err != nil {
		return err
	}
	w := &uvWalk{resolver: r}
	w.activate("project", root.Name, "")
	for _, group := range r.options.Groups {
		w.activate("group", root.Name, group)
	}
	if err := w.activateExtras(); err != nil {
		return err
	}
	if err := r.walk([]edge{{r.root, r.options.Extras}}, w.needs); err != nil {
		return err
	}
	delete(r.picks, r.root)
	return nil
}

func (r *resolver) uvGroupNames(root *lockfile.Package) []string {
	names := slices.Collect(maps.Keys(root.DevGroups))
	if r.manifest != nil {
		names = append(names, slices.Collect(maps.Keys(r.manifest.Groups))...) // those without requirements are not in the lock
	}
	return names
}

func (r *resolver) uvExtraNames(root *lockfile.Package) []string {
	names := slices.Collect(maps.Keys(root.Extras))
	if root.Metadata != nil {
		names = append(names, root.Metadata.ProvidesExtras...)
	}
	if r.manifest != nil {
		names = append(names, r.manifest.Extras...)
	}
	return names
}

type uvWalk struct {
	*resolver
	// active are the extras and groups in the encoding that uv has in markers for those that conflict with one another.
	active []string
}

func (w *uvWalk) activate(kind, name, what string) {
	if text := conflictName(kind, name, what); !slices.Contains(w.active, text) {
		w.active = append(w.active, text)
	}
}

// conflictName is the name of an extra, a group or a project in markers: "extra-3-api-gpu" is the extra gpu of api, whose name has three
// letters.
func conflictName(kind, name, what string) string {
	text := fmt.Sprintf("%s-%d-%s", kind, len(name), name)
	if what != "" {
		text += "-" + what
	}
	return text
}

// activateExtras notes the extras that are asked for of any package that is reached: a marker anywhere may turn on one of them. While
// the marker of a dependency is evaluated, the extras that this one asks for count (uv's Installable::to_resolution).
func (w *uvWalk) activateExtras() error {
	type asked struct {
		index int
		extra string // or empty
	}
	var queue []asked
	seen := make(map[asked]bool)
	ask := func(i int, extras []string) {
		for _, extra := range append([]string{""}, extras...) {
			if extra != "" {
				w.activate("extra", w.lock.Packages[i].Name, extra)
			}
			if a := (asked{i, extra}); !seen[a] {
				seen[a] = true
				queue = append(queue, a)
			}
		}
	}
	ask(w.root, w.options.Extras)
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		list := w.lock.Packages[at.index].Extras[at.extra]
		if at.extra == "" {
			list = w.lists(at.index, nil)
		}
		for _, d := range list {
			with := slices.Clip(w.active)
			for _, extra := range d.Extras {
				with = append(with, conflictName("extra", d.Name, extra))
			}
			holds, err := w.holds(d.Marker, d.Line, with)
			if err != nil {
				return err
			}
			if found := w.find(d); holds && found >= 0 {
				ask(found, d.Extras)
			}
		}
	}
	return nil
}

// lists gives what a package needs by itself and with its extras, and what the project needs with the groups that are asked for.
func (w *uvWalk) lists(i int, extras []string) []lockfile.Dependency {
	p := &w.lock.Packages[i]
	list := slices.Clone(p.Dependencies)
	for _, extra := range extras {
		list = append(list, p.Extras[extra]...)
	}
	if i == w.root {
		for _, group := range w.options.Groups {
			list = append(list, p.DevGroups[group]...)
		}
	}
	return list
}

func (w *uvWalk) needs(i int, extras []string) ([]edge, error) {
	var edges []edge
	for _, d := range w.lists(i, extras) {
		holds, err := w.holds(d.Marker, d.Line, w.active)
		if err != nil {
			return nil, err
		}
		if !holds {
			continue
		}
		found := w.find(d)
		if found < 0 {
			return nil, w.missing(&w.lock.Packages[i], d)
		}
		edges = append(edges, edge{found, d.Extras})
	}
	return edges, nil
}

// find gives the package that a dependency names, or -1. Where there is but one of its name it names no more.
func (w *uvWalk) find(d lockfile.Dependency) int {
	candidates := w.byName[d.Name]
	if len(candidates) == 1 {
		return candidates[0]
	}
	for _, i := range candidates {
		p := &w.lock.Packages[i]
		if (d.Version == "" || d.Version == p.Version) && (d.Source == nil || *d.Source == p.Source) {
			return i
		}
	}
	return -1
}
