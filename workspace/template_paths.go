package workspace

import (
	"slices"
	"strings"
)

// candidate is a path that a value of a template may name.
type candidate struct {
	Path string
	Line int
	Form candidateForm
	// Cut says that a variable or a glob followed: Path is the deepest directory before it.
	Cut bool
}

// candidateForm is how a value holds a path.
type candidateForm uint8

// The forms of a candidate. Only what file(…) names is surely meant as a path.
const (
	formOfWhole candidateForm = iota // the whole value
	formOfToken                      // a word of the value
	formOfFile                       // the inside of file(…)
)

// maxPath bounds what is taken for a path; no file system takes longer names than PATH_MAX on Linux.
const maxPath = 4096

// scalar takes the candidates of one value. block has the lines of a block scalar, the first of which is below line.
func (s *scalars) scalar(value string, line int, block []string) {
	if len(value) == 0 || !mayHoldPath(value) && !s.keepPlain {
		return
	}
	found := make(map[candidate]bool)
	add := func(text string, form candidateForm) {
		c, ok := s.candidate(text, form)
		if !ok || found[c] {
			return
		}
		found[c] = true
		c.Line = lineOf(text, line, block)
		s.Scalars = append(s.Scalars, c)
	}
	for _, inside := range insidesOfFile(value) {
		add(inside, formOfFile)
		if isProgram(inside) {
			s.Programs = append(s.Programs, program{lineOf(inside, line, block)})
		}
	}
	if len(value) <= maxPath && !strings.Contains(value, "\n") {
		add(strings.TrimSpace(value), formOfWhole)
	}
	for _, token := range tokens(value) {
		if token != ".." && hasUpSegment(token) {
			add(token, formOfToken)
		}
	}
}

// mayHoldPath reports whether a value can hold more than a plain path.
func mayHoldPath(value string) bool {
	return strings.Contains(value, "..") || strings.Contains(value, "file(") ||
		strings.Contains(value, ".yml") || strings.Contains(value, ".yaml") || strings.Contains(value, ".json")
}

// lineOf gives the line in which a word of a value stands.
func lineOf(word string, line int, block []string) int {
	for i, text := range block {
		if strings.Contains(text, word) {
			return line + 1 + i
		}
	}
	return line
}

// candidate makes a path of a word, if it can be one.
func (s *scalars) candidate(word string, form candidateForm) (candidate, bool) {
	word = strings.TrimPrefix(word, "!")
	c := candidate{Path: word, Form: form}
	if i := strings.IndexAny(word, "${*?["); i >= 0 {
		slash := strings.LastIndexByte(word[:i], '/')
		if slash < 0 {
			return c, false
		}
		c.Path, c.Cut = word[:slash], true
	}
	plain := form == formOfWhole && !s.keepPlain && (c.Cut || !isYAMLOrJSON(baseName(c.Path)))
	if c.Path == "" || strings.HasPrefix(c.Path, "/") || plain && !hasUpSegment(c.Path) {
		return c, false
	}
	return c, true
}

func hasUpSegment(p string) bool {
	return strings.Contains(p, "..") && anySegment(p, func(s string) bool { return s == ".." })
}

// tokens splits a value into words.
func tokens(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n\v\f\"'`()<>,;:=|&", r) })
}

// insidesOfFile gives what stands in each file(…) of a value, parentheses in it counted.
func insidesOfFile(value string) []string {
	var insides []string
	for {
		i := strings.Index(value, "file(")
		if i < 0 {
			return insides
		}
		value = value[i+len("file("):]
		if inside := upToClosing(value); inside != "" {
			insides = append(insides, strings.Trim(strings.TrimSpace(inside), `"'`))
		}
	}
}

// upToClosing gives what stands before the parenthesis that closes one opened before.
func upToClosing(s string) string {
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

// isProgram reports whether nobody can say what a file(…) reads: it names a program, or ends in a variable.
func isProgram(inside string) bool {
	name := baseName(inside)
	return strings.HasSuffix(inside, "}") || isSource(name) ||
		slices.ContainsFunc([]string{".py", ".sh", ".bash"}, func(ext string) bool { return strings.HasSuffix(name, ext) })
}
