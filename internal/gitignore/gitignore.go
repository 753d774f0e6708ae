// Package gitignore decides which paths a list of gitignore patterns takes out, as gitignore(5) has it.
//
// The patterns come from seed.yml and not from a repository's own .gitignore files, so there is one list, and it is
// relative to the repository's root. Paths are bytes. What git does with the same patterns is the measure, and the
// tests ask it.
package gitignore

import "strings"

// Matcher is a list of patterns; the last that matches a path decides.
type Matcher struct {
	patterns []pattern
}

// Pattern is one line of a list, with the number by which Match names it.
type Pattern struct {
	Text string
	Line int
}

type pattern struct {
	glob    *Glob
	negated bool
	// onlyDirectories is a "/" at the end.
	onlyDirectories bool
	// anywhere is a pattern without another "/": it is matched against the last segment alone.
	anywhere bool
	line     int
}

// New reads patterns in order. Empty ones and comments match nothing.
func New(patterns []Pattern) *Matcher {
	m := &Matcher{}
	for _, p := range patterns {
		if compiled, ok := compile(p); ok {
			m.patterns = append(m.patterns, compiled)
		}
	}
	return m
}

func compile(p Pattern) (pattern, bool) {
	text := trimTrailingSpaces(p.Text)
	if text == "" || text[0] == '#' {
		return pattern{}, false
	}
	c := pattern{line: p.Line}
	if text[0] == '!' {
		c.negated = true
		text = text[1:]
	}
	if strings.HasSuffix(text, "/") {
		c.onlyDirectories = true
		text = text[:len(text)-1]
	}
	c.anywhere = !strings.Contains(text, "/")
	text = strings.TrimPrefix(text, "/")
	if text == "" {
		return pattern{}, false
	}
	c.glob = CompileGlob(text)
	return c, true
}

// trimTrailingSpaces cuts the spaces at the end, but for one that a "\" precedes and what is before it.
func trimTrailingSpaces(s string) string {
	end := 0 // behind the last byte that stays
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = min(i+1, len(s))
	}
	return s[:end]
}

// Match reports whether a path is ignored, and by the pattern of which line. A path below an ignored directory is
// ignored with it, and cannot be taken back. isDir says that the path is a directory, or a submodule.
func (m *Matcher) Match(path string, isDir bool) (ignored bool, line int) {
	if len(m.patterns) == 0 {
		return false, 0
	}
	for i := 0; i < len(path); i++ {
		if path[i] == '/' {
			if ignored, line := m.decide(path[:i], true); ignored {
				return true, line
			}
		}
	}
	return m.decide(path, isDir)
}

// decide takes the last pattern that matches the path itself.
func (m *Matcher) decide(path string, isDir bool) (ignored bool, line int) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for i := len(m.patterns) - 1; i >= 0; i-- {
		p := &m.patterns[i]
		if p.onlyDirectories && !isDir {
			continue
		}
		subject := path
		if p.anywhere {
			subject = name
		}
		if p.glob.Match(subject) {
			return !p.negated, p.line
		}
	}
	return false, 0
}
