package planner

import (
	"cmp"
	"slices"
	"strings"
)

// root is the path of the repository's own directory.
const root = "."

const none = -1

// territory says which directory, of a set of them, holds a path: services hold each other's directories, and so do
// targets. Directories are known by their index in the list that made the territory.
type territory struct {
	paths  []string
	byPath map[string]int
	// parent is the innermost directory that holds another, strictly; none for the outermost.
	parent []int
	// outermostFirst lists the directories so that each comes after its parent.
	outermostFirst []int
}

func newTerritory(paths []string) *territory {
	t := &territory{paths: paths, byPath: make(map[string]int, len(paths))}
	for i, p := range paths {
		t.byPath[p] = i
	}
	t.parent = make([]int, len(paths))
	t.outermostFirst = make([]int, len(paths))
	for i, p := range paths {
		t.parent[i] = t.holding(p)
		t.outermostFirst[i] = i
	}
	// What holds a path is shorter than it, but for the root.
	slices.SortFunc(t.outermostFirst, func(a, b int) int { return cmp.Compare(length(paths[a]), length(paths[b])) })
	return t
}

func length(path string) int {
	if path == root {
		return 0
	}
	return len(path)
}

// at gives the directory at exactly this path, or none.
func (t *territory) at(path string) int {
	if i, ok := t.byPath[path]; ok {
		return i
	}
	return none
}

// holding gives the innermost directory that holds the path and is not itself at it, or none.
func (t *territory) holding(path string) int {
	for path != root {
		path = parentPath(path)
		if i, ok := t.byPath[path]; ok {
			return i
		}
	}
	return none
}

// parentPath gives the path of the directory that a path is in, by its segments.
func parentPath(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return root
}

// lies reports whether a path is a directory or lies in it.
func lies(path, dir string) bool {
	return dir == root || path == dir || len(path) > len(dir) && path[len(dir)] == '/' && path[:len(dir)] == dir
}
