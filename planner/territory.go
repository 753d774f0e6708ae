package planner

import "strings"

// root is the path of the repository's own directory.
const root = "."

const none = -1

// territory says which directory, of a set of them, holds a path: services hold each other's directories, and so do
// targets. Directories are known by their index in the list that made the territory.
type territory struct {
	paths  []string
	byPath map[string]int
	// depths has a bit for each number of segments that some directory has: services mostly lie at one depth, and a
	// path's other enclosing directories need not be looked for.
	depths uint64
	// lastDirectory is the last that holding was asked about, and lastHolding the answer: most often the next path,
	// in the order of paths, lies in the same.
	lastDirectory string
	lastHolding   int
}

func newTerritory(paths []string) *territory {
	t := &territory{paths: paths, byPath: make(map[string]int, len(paths))}
	for i, p := range paths {
		t.byPath[p] = i
		t.depths |= depthBit(depthOf(p))
	}
	return t
}

// depthOf counts a path's segments; the root has none.
func depthOf(path string) int {
	if path == root {
		return 0
	}
	return 1 + strings.Count(path, "/")
}

// depthBit has one bit for all depths that are too deep to have one each.
func depthBit(depth int) uint64 { return 1 << min(depth, 63) }

// at gives the directory at exactly this path, or none.
func (t *territory) at(path string) int {
	if i, ok := t.byPath[path]; ok {
		return i
	}
	return none
}

// holding gives the innermost directory that holds the path and is not itself at it, or none.
func (t *territory) holding(path string) int {
	if path == root {
		return none
	}
	if dir := parentPath(path); dir != t.lastDirectory {
		t.lastDirectory, t.lastHolding = dir, t.atOrAround(dir)
	}
	return t.lastHolding
}

// atOrAround gives the directory at a path, or else the innermost around it, or none.
func (t *territory) atOrAround(path string) int {
	for depth := depthOf(path); ; depth-- {
		if t.depths&depthBit(depth) != 0 {
			if i, ok := t.byPath[path]; ok {
				return i
			}
		}
		if depth == 0 {
			return none
		}
		path = parentPath(path)
	}
}

// parent gives the innermost directory that holds another, strictly, or none for the outermost.
func (t *territory) parent(i int) int { return t.holding(t.paths[i]) }

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
