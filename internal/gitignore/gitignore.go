// Package gitignore decides by gitignore(5) patterns whether a path is ignored.
//
// seed.yml's ignore: promises gitignore's syntax, and who writes it has learned it from git. So git itself is the
// specification, in what the manual leaves out too: how a bracket that does not close is read, which backslash keeps
// a trailing space, that a file cannot be taken back from a directory that is ignored. The tests ask git.
//
// Paths are bytes, relative to the repository's root, with slashes. Case counts, whatever core.ignoreCase says of the
// machine at hand: a plan must not depend on it.
package gitignore

import (
	"errors"
	"fmt"
	"strings"
)

// Line is one pattern as it is written, with the number that Match gives for it.
type Line struct {
	Text   string
	Number int
}

// Matcher is a list of patterns, compiled. The zero value ignores nothing. It is safe for concurrent use.
type Matcher struct {
	rules []rule
}

// rule is one pattern.
type rule struct {
	glob    *Glob
	line    int
	negated bool // it begins with "!": what matches is not ignored
	dirOnly bool // it ends in a slash: it matches directories
	name    bool // it has no other slash: it matches the last segment of a path, at any depth
	literal bool // it has no wildcard
}

// Error is a pattern that can match nothing, whatever the path.
type Error struct {
	Line
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("pattern %q matches nothing: %s", e.Text, e.Message)
}

// Parse compiles a list of patterns, later ones having the last word. Blank lines and comments say nothing. The
// matcher is good whatever the error, which joins an *Error for each pattern that can match nothing, as git would
// leave them aside without a word.
func Parse(lines []Line) (*Matcher, error) {
	m := &Matcher{}
	var errs []error
	for _, l := range lines {
		text := trimSpaces(strings.TrimSuffix(l.Text, "\r"))
		if text == "" || text[0] == '#' {
			continue
		}
		r, err := parseRule(text)
		if err != nil {
			errs = append(errs, &Error{l, err.Error()})
			continue
		}
		r.line = l.Number
		m.rules = append(m.rules, r)
	}
	return m, errors.Join(errs...)
}

// trimSpaces takes the spaces off a pattern's end, but for those that a backslash keeps.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = i + 1
	}
	return s[:min(end, len(s))]
}

func parseRule(pattern string) (rule, error) {
	var r rule
	pattern, r.negated = strings.CutPrefix(pattern, "!")
	pattern, r.dirOnly = strings.CutSuffix(pattern, "/")
	r.name = !strings.Contains(pattern, "/")
	r.literal = !strings.ContainsAny(pattern, "*?[")
	var err error
	r.glob, err = CompileGlob(strings.TrimPrefix(pattern, "/"))
	return r, err
}

// Match reports whether a path is ignored, and the number of the line that decided; 0 where none did. isDir says that
// the path is a directory, which a submodule is to git too.
//
// What lies in an ignored directory is ignored, whatever a later pattern says of it.
func (m *Matcher) Match(path string, isDir bool) (ignored bool, line int) {
	if m == nil || len(m.rules) == 0 {
		return false, 0
	}
	for i := 0; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		if r := m.last(path[:i], true); r != nil && !r.negated {
			return true, r.line
		}
	}
	return m.Own(path, isDir)
}

// Own is Match for who asks about every directory above the path as well, as where patterns of several files have a say:
// only those that match the path itself count.
func (m *Matcher) Own(path string, isDir bool) (ignored bool, line int) {
	if r := m.last(path, isDir); r != nil {
		return !r.negated, r.line
	}
	return false, 0
}

// Names reports whether a pattern without a wildcard ignores a file, or a directory above it, whatever other patterns say.
func (m *Matcher) Names(file string) bool {
	if m == nil {
		return false
	}
	for i := range m.rules {
		if r := &m.rules[i]; r.literal && !r.negated && r.matchesUnder(file) {
			return true
		}
	}
	return false
}

// matchesUnder reports whether a rule matches a file or a directory above it.
func (r *rule) matchesUnder(file string) bool {
	for i := 0; i < len(file); i++ {
		if file[i] == '/' && r.matches(file[:i], true) {
			return true
		}
	}
	return r.matches(file, false)
}

// last gives the last rule that matches a path itself.
func (m *Matcher) last(path string, isDir bool) *rule {
	for i := len(m.rules) - 1; i >= 0; i-- {
		if r := &m.rules[i]; r.matches(path, isDir) {
			return r
		}
	}
	return nil
}

func (r *rule) matches(path string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if r.name {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	return r.glob.Match(path)
}
