package workspace

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// snapshot is all that a plan needs of a tree: a function of the tree and of seed.yml. It is kept in the cache.
type snapshot struct {
	services []Service
	edges    []Edge
	warnings []Warning
	found    discovery
	// linkMarkers are the symbolic links with a marker's name, be they dangling: what they link to may come and go.
	linkMarkers []tree.Entry
	// probes are the paths that were looked up, and what was there.
	probes map[string]tree.Entry
}

// outlives reports whether the snapshot of one tree is that of the tree to which the changes lead, too. What it
// depends on are the files of the index, the number of source files, and what was looked up; fresh gives the lookups
// as they are in the new tree.
func (s *snapshot) outlives(ctx context.Context, c *Config, changes []tree.Change, r tree.Reader) (same bool, fresh map[string]tree.Entry, err error) {
	same = true
	var doubtful []string
	for _, change := range changes {
		indexed := isIndexed(change.Path, change.OldMode) || isIndexed(change.Path, change.NewMode)
		sources := mayBeSource(change.Path, change.OldMode) != mayBeSource(change.Path, change.NewMode)
		if indexed || sources || c.globsMatch(change) {
			same = false
		}
		doubtful = append(doubtful, s.touched(change)...)
	}
	slices.Sort(doubtful)
	doubtful = slices.Compact(doubtful)
	fresh = maps.Clone(s.probes)
	now, err := r.Lookup(ctx, doubtful)
	if err != nil {
		return false, nil, err
	}
	for i, e := range now {
		e = withoutDirectoryID(e)
		if e != s.probes[doubtful[i]] {
			same = false
		}
		fresh[doubtful[i]] = e
	}
	return same, fresh, nil
}

// touched gives the lookups that a change may have made untrue: those of the path, of a directory that it may have
// emptied, and of one that it may have made.
func (s *snapshot) touched(c tree.Change) []string {
	var paths []string
	if _, ok := s.probes[c.Path]; ok {
		paths = append(paths, c.Path)
	}
	ancestors(c.Path, func(dir string) bool {
		if e, ok := s.probes[dir]; ok && (e.Mode == tree.Dir) == c.Deleted() {
			paths = append(paths, dir)
		}
		return true
	})
	return paths
}

// withoutDirectoryID drops what a directory holds: that is looked up for itself.
func withoutDirectoryID(e tree.Entry) tree.Entry {
	if e.Mode == tree.Dir {
		e.ID = ""
	}
	return e
}

func (s *snapshot) encode(e *encoder) {
	encodeList(e, s.services, encodeService)
	encodeList(e, s.edges, func(e *encoder, d Edge) {
		e.string(d.From)
		e.string(d.To)
		e.string(d.File)
		e.int(d.Line)
	})
	encodeList(e, s.warnings, func(e *encoder, w Warning) {
		e.string(w.File)
		e.int(w.Line)
		e.string(w.Message)
	})
	encodeList(e, s.found.markers, func(e *encoder, m marker) {
		e.string(m.Dir)
		e.string(m.File)
		e.string(m.Type)
		e.string(m.Name)
		e.string(m.Runtime.Name)
		e.string(m.Runtime.Architecture)
	})
	encodeList(e, slices.Sorted(maps.Keys(s.found.files)), (*encoder).string)
	encodeList(e, s.linkMarkers, encodeEntry)
	encodeList(e, slices.SortedFunc(maps.Values(s.probes), compareEntries), encodeEntry)
}

func decodeSnapshot(d *decoder) *snapshot {
	s := &snapshot{
		services: decodeList(d, decodeService),
		edges: decodeList(d, func(d *decoder) Edge {
			return Edge{From: d.string(), To: d.string(), File: d.string(), Line: d.int()}
		}),
		warnings: decodeList(d, func(d *decoder) Warning {
			return Warning{File: d.string(), Line: d.int(), Message: d.string()}
		}),
		found: discovery{markers: decodeList(d, func(d *decoder) marker {
			return marker{
				Dir: d.string(), File: d.string(), Type: d.string(), Name: d.string(),
				Runtime: Runtime{Name: d.string(), Architecture: d.string()},
			}
		})},
	}
	files := decodeList(d, (*decoder).string)
	s.found.files = make(map[string]bool, len(files))
	for _, f := range files {
		s.found.files[f] = true
	}
	s.linkMarkers = decodeList(d, decodeEntry)
	probes := decodeList(d, decodeEntry)
	s.probes = make(map[string]tree.Entry, len(probes))
	for _, e := range probes {
		s.probes[e.Path] = e
	}
	return s
}

func encodeEntry(e *encoder, t tree.Entry) {
	e.string(t.Path)
	e.int(int(t.Mode))
	e.string(t.ID)
}

func decodeEntry(d *decoder) tree.Entry {
	return tree.Entry{Path: d.string(), Mode: tree.Mode(d.int()), ID: d.string()}
}

func compareEntries(a, b tree.Entry) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Mode, b.Mode))
}

func encodeIndex(e *encoder, x *index) {
	encodeList(e, x.entries, encodeEntry)
	encodeList(e, x.sources, func(e *encoder, s sourceCount) {
		e.string(s.prefix)
		e.string(s.first)
		e.int(s.count)
	})
}

func decodeIndex(d *decoder) *index {
	return &index{
		entries: decodeList(d, decodeEntry),
		sources: decodeList(d, func(d *decoder) sourceCount {
			return sourceCount{prefix: d.string(), first: d.string(), count: d.int()}
		}),
	}
}

func encodeService(e *encoder, s Service) {
	for _, field := range []string{s.Path, s.Name, s.Type, s.Marker, s.Runtime.Name, s.Runtime.Architecture, s.Why.Text, s.Why.File} {
		e.string(field)
	}
	e.int(s.Phase)
	e.int(s.Why.Line)
	for _, flag := range []bool{s.Missing, s.AlwaysDeploy, s.Isolated, s.Open} {
		e.bool(flag)
	}
}

func decodeService(d *decoder) Service {
	s := Service{
		Path: d.string(), Name: d.string(), Type: d.string(), Marker: d.string(),
		Runtime: Runtime{Name: d.string(), Architecture: d.string()},
		Why:     Why{Text: d.string(), File: d.string()},
		Phase:   d.int(),
	}
	s.Why.Line = d.int()
	for _, flag := range []*bool{&s.Missing, &s.AlwaysDeploy, &s.Isolated, &s.Open} {
		*flag = d.bool()
	}
	return s
}
