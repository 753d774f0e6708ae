package workspace

import (
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// The files by which Nx leaves paths out of a workspace, in any directory, tracked or not. What a .nxignore says of a path
// holds whatever a .gitignore does (github.com/nrwl/nx, its walker, and ripgrep's crate ignore, on which that stands).
const (
	gitignoreFile = ".gitignore"
	nxignoreFile  = ".nxignore"
)

func isIgnoreFile(p string) bool {
	name := baseName(p)
	return name == gitignoreFile || name == nxignoreFile
}

// ignoreFiles are the files of one name, by their directories.
type ignoreFiles map[string]*gitignore.Matcher

// packagesIgnored says which paths are left out. The files are read when the first path is asked for.
func (b *builder) packagesIgnored() func(string) bool {
	files := sync.OnceValues(b.readIgnoreFiles)
	return func(p string) bool {
		git, nx := files()
		for end := range len(p) + 1 {
			if end < len(p) && p[end] != '/' {
				continue
			}
			ignored, decided := nx.decide(p[:end], end < len(p))
			if !decided {
				ignored, _ = git.decide(p[:end], end < len(p))
			}
			if ignored {
				return true
			}
		}
		return false
	}
}

func (b *builder) readIgnoreFiles() (git, nx ignoreFiles) {
	var paths []string
	var requests []request
	for _, e := range b.index.entries {
		if content, readable := b.content(e); isIgnoreFile(e.Path) && readable {
			paths, requests = append(paths, e.Path), append(requests, request{content, formLines})
		}
	}
	b.documents.fetch(requests)
	git, nx = make(ignoreFiles), make(ignoreFiles)
	for i, p := range paths {
		var lines []gitignore.Line
		for n, text := range b.documents.get(requests[i].entry, formLines).Lines {
			lines = append(lines, gitignore.Line{Text: text, Number: n + 1})
		}
		m, _ := gitignore.Parse(lines) // a pattern that matches nothing takes nothing out
		if baseName(p) == nxignoreFile {
			nx[parentPath(p)] = m
		} else {
			git[parentPath(p)] = m
		}
	}
	return git, nx
}

// decide gives what the innermost file says that has a pattern for the path itself.
func (f ignoreFiles) decide(p string, isDir bool) (ignored, decided bool) {
	if len(f) == 0 {
		return false, false
	}
	ancestors(p, func(dir string) bool {
		if m := f[dir]; m != nil {
			line := 0
			ignored, line = m.Own(strings.TrimPrefix(p, prefixOf(dir)), isDir)
			decided = line != 0
		}
		return !decided
	})
	return ignored, decided
}
