package workspace

import (
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// glob matches directories and files of a repository: "*" within a segment, "**" across.
type glob struct{ *gitignore.Glob }

// newGlob compiles a pattern; a malformed one matches nothing.
func newGlob(pattern string) glob {
	g, err := gitignore.CompileGlob(cleanGlob(pattern))
	if err != nil {
		return glob{}
	}
	return glob{g}
}

// cleanGlob drops what a path may have without meaning: a "./" before it and a "/" behind it.
func cleanGlob(pattern string) string {
	for strings.HasPrefix(pattern, "./") {
		pattern = pattern[2:]
	}
	if trimmed := strings.TrimRight(pattern, "/"); trimmed != "" {
		return trimmed
	}
	return root
}

func (g glob) match(p string) bool { return g.Glob != nil && g.Match(p) }

// matchUnder reports whether the glob matches a path or a directory above it.
func (g glob) matchUnder(p string) bool {
	matched := g.match(p)
	ancestors(p, func(dir string) bool {
		matched = matched || g.match(dir)
		return !matched
	})
	return matched
}

func hasGlob(p string) bool { return strings.ContainsAny(p, "*?[") }
