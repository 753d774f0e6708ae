package packager

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// trace is what was looked at to find out what goes into an artifact, and what was there. As long as all of it is as it
// was, and the service's options too, the artifact is the same, and nothing has to be read to know that.
type trace struct {
	source *source

	mu    sync.Mutex
	paths map[string]string
	// includes has what include: named below a directory.
	includes map[string]included
}

func newTrace(s *source) *trace {
	return &trace{source: s, paths: map[string]string{}, includes: map[string]included{}}
}

// path notes a file or a directory, or that there is none.
func (t *trace) path(ctx context.Context, p string) error {
	t.mu.Lock()
	_, known := t.paths[p]
	t.mu.Unlock()
	if known {
		return nil
	}
	names, err := t.source.identities(ctx, []string{p})
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.paths[p] = names[0]
	return nil
}

func (t *trace) include(dir string, found included) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.includes[dir] = found
}

// seen is a trace as it is kept.
type seen struct {
	Paths    []seenPath `json:"paths"`
	Includes []seenPath `json:"includes,omitempty"`
}

type seenPath struct {
	Path     string `json:"path"`
	Identity string `json:"identity"`
}

func (t *trace) seen() seen {
	includes := make(map[string]string)
	for dir, found := range t.includes {
		includes[dir] = found.identity()
	}
	return seen{sortedPaths(t.paths), sortedPaths(includes)}
}

func sortedPaths(m map[string]string) []seenPath {
	var list []seenPath
	for p, identity := range m {
		list = append(list, seenPath{p, identity})
	}
	slices.SortFunc(list, func(a, b seenPath) int { return strings.Compare(a.Path, b.Path) })
	return list
}
