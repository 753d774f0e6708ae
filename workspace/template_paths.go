package workspace

import (
	"iter"
	"strings"
)

// candidate is a path that a value of a template may name.
type candidate struct {
	Path string
	Line int
	Form candidateForm
	// Cut says that a variable or a glob followed: Path is the deepest directory before it.
	Cut bool
	// Name is, of a file(…) that is cut and names YAML or JSON, what followed, with a "*" for each variable.
	Name string
}

// candidateForm is how a value holds a path.
type candidateForm uint8

// The forms of a candidate.
const (
	formOfWhole        candidateForm = iota // the whole value
	formOfToken                             // a word of the value
	formOfFile                              // the inside of file(…)
	formOfTemplate                          // the whole value, by which a resource names a template whatever its extension is
	formOfRequirements                      // the whole value, by which a tool is told of requirements, whatever the file's name is
)

// mayBeIncluded reports whether the file that a candidate names is read, by its name or by what names it.
func (c candidate) mayBeIncluded() bool {
	return !c.Cut && (c.Form == formOfTemplate || isYAMLOrJSON(baseName(c.Path)))
}

// isSure reports whether a candidate is surely meant as a path: what file(…) names, and a template that leads up. One that does not may
// be made by a build.
func (c candidate) isSure() bool {
	return c.Form == formOfFile || c.Form == formOfTemplate && hasUpSegment(c.Path)
}

const (
	// maxPath bounds what is taken for a path: no file system takes longer ones than Linux's PATH_MAX.
	maxPath = 4096
	// maxPlain bounds what is taken for one without any sign of it.
	maxPlain = 512
)

// pathOf makes a candidate of a word, if it can be a relative path: a leading "!" is dropped, and a variable or a glob
// ends it at the deepest directory before.
func pathOf(word string, form candidateForm) (candidate, bool) {
	c := candidate{Path: strings.TrimPrefix(word, "!"), Form: form}
	if dir, _, cut := cutPath(c.Path); cut {
		c.Path, c.Cut = dir, true
	}
	return c, c.Path != "" && c.Path[0] != '/'
}

// cutPath parts a path at the deepest directory before its first variable or glob, if it has any.
func cutPath(p string) (dir, rest string, cut bool) {
	i := strings.IndexAny(p, "${*?[")
	for _, list := range []string{"!(", "@(", "+("} { // globs with a list of patterns; "*(" and "?(" are among the others
		if j := strings.Index(p, list); j >= 0 && (i < 0 || j < i) {
			i = j
		}
	}
	if i < 0 {
		return p, "", false
	}
	slash := strings.LastIndexByte(p[:i], '/')
	return p[:max(0, slash)], p[slash+1:], true
}

// upwards gives the path that begins inside a word, behind an option or a scheme (-C../x, -d@../x, file://../x): from the
// first "../" on, with any "./" before it, unless a directory's name comes before.
func upwards(word string) (string, bool) {
	i := strings.Index(word, "../")
	for i >= 2 && word[i-2:i] == "./" && (i == 2 || word[i-3] != '.') {
		i -= 2
	}
	if i <= 0 || word[i-1] == '.' || word[i-1] == '/' && strings.Trim(word[:i], "/") != "" {
		return "", false
	}
	return word[i:], true
}

func hasUpSegment(p string) bool {
	return strings.Contains(p, "..") && anySegment(p, func(s string) bool { return s == ".." })
}

// isBetweenTokens reports whether a character parts the words of a value.
func isBetweenTokens(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', '\v', '\f', '"', '\'', '`', '(', ')', '<', '>', ',', ';', ':', '=', '|', '&':
		return true
	}
	return false
}

// insidesOfFile gives what stands in each file(…) of a value, those in one another too ("Reference Properties In Other
// Files" in the Serverless Framework's guide).
func insidesOfFile(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; ; {
			j := strings.Index(value[i:], "file(")
			if j < 0 {
				return
			}
			start := i + j
			i = start + len("file(")
			if start > 0 && isWordByte(value[start-1]) {
				continue
			}
			if inside := upToClosing(value[i:]); inside != "" && !yield(inside) {
				return
			}
		}
	}
}

// upToClosing gives what stands before the parenthesis that closes one opened before it, or all that a path can be.
func upToClosing(s string) string {
	s = s[:min(len(s), maxPath)]
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return s[:i]
		}
	}
	return s
}

// isProgram reports whether nobody can say what a file(…) reads: it names a program, be it with what the program
// exports behind a colon, or ends in a variable.
func isProgram(inside string) bool {
	if strings.HasSuffix(inside, "}") || hasProgramName(inside) {
		return true
	}
	colon := strings.LastIndexByte(inside, ':')
	return colon >= 0 && hasProgramName(inside[:colon])
}

func hasProgramName(p string) bool {
	name := baseName(p)
	return isSource(name) || strings.HasSuffix(name, ".py") || strings.HasSuffix(name, ".sh") || strings.HasSuffix(name, ".bash")
}
