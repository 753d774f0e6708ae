package workspace

import (
	"slices"
	"strings"
)

// root is the path of the repository's own directory.
const root = "."

// parentPath gives the path of the directory that a path is in. Paths are bytes, so package path, which cleans, is
// not used.
func parentPath(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return root
}

func baseName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// joinPath gives the path of a name in a directory.
func joinPath(dir, name string) string {
	if dir == root {
		return name
	}
	return dir + "/" + name
}

// lies reports whether a path is a directory or lies in it.
func lies(p, dir string) bool {
	return dir == root || p == dir || len(p) > len(dir) && p[len(dir)] == '/' && p[:len(dir)] == dir
}

// relativePath gives the path of what lies in a directory from there.
func relativePath(p, dir string) string {
	switch dir {
	case root:
		return p
	case p:
		return root
	}
	return p[len(dir)+1:]
}

// prefixOf gives what the paths in a directory begin with.
func prefixOf(dir string) string {
	if dir == root {
		return ""
	}
	return dir + "/"
}

// ancestors calls yield with the directories above a path, innermost first, the root last.
func ancestors(p string, yield func(dir string) bool) {
	for p != root {
		p = parentPath(p)
		if !yield(p) {
			return
		}
	}
}

// pathSet is a set of paths, in byte order.
type pathSet []string

func (s pathSet) has(p string) bool {
	_, found := slices.BinarySearch(s, p)
	return found
}

// in gives the paths of the set below a directory.
func (s pathSet) in(dir string) pathSet {
	return below(s, dir, func(p string) string { return p })
}
