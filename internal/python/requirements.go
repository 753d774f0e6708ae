package python

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"github.com/monoplan/monoplan/internal/python/syntax"
)

// ParseRequirements reads a file of requirements or constraints, as pip does (pip's "requirements file format"). Paths on its lines
// are as they are written: pip resolves those after -r, -c and -f against the file's directory, all others against its own
// working directory. A line that is no requirement is a *SyntaxError; what the other lines say comes with it.
func ParseRequirements(data []byte) (*Manifest, error) {
	m := &Manifest{}
	var broken error
	for _, line := range RequirementLines(data) {
		if err := m.requirementLine(line); err != nil && broken == nil {
			broken = err
		}
	}
	return m, broken
}

// decodeText gives a file's text in UTF-8, as its byte order mark says it is written: UTF-16 is what PowerShell redirects into a file.
func decodeText(data []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return string(syntax.CutBOM(data))
	}
	units := make([]uint16, 0, len(data)/2)
	for rest := data[2:]; len(rest) >= 2; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return string(utf16.Decode(units))
}

// RequirementLine is one line of requirements after continuation lines were joined.
type RequirementLine struct {
	Text string // without comments, and never empty
	Line int    // 1-based, of the first of the joined lines
}

// RequirementLines splits a file of requirements into lines, joins those that a backslash continues, and drops comments and blanks, in
// pip's own order: a comment is never continued, and ends what came before it.
func RequirementLines(data []byte) []RequirementLine {
	text := decodeText(data)
	var lines []RequirementLine
	var joined strings.Builder
	first := 0
	emit := func() {
		if line := strings.TrimSpace(cutComment(joined.String())); line != "" {
			lines = append(lines, RequirementLine{line, first})
		}
		joined.Reset()
		first = 0
	}
	number := 0
	for physical := range strings.SplitSeq(text, "\n") {
		number++
		for part := range strings.FieldsFuncSeq(physical, isLineBreak) {
			if first == 0 {
				first = number
			}
			if strings.HasSuffix(part, `\`) && !strings.HasPrefix(strings.TrimLeft(part, " \t"), "#") {
				joined.WriteString(strings.Trim(part, `\`))
				continue
			}
			if strings.HasPrefix(part, "#") {
				joined.WriteByte(' ')
			}
			joined.WriteString(part)
			emit()
		}
		if first != 0 && first != number && strings.TrimSpace(physical) == "" {
			emit() // an empty line ends a continuation
		}
	}
	emit()
	return lines
}

// isLineBreak reports whether Python's str.splitlines ends a line there, besides at a line feed.
func isLineBreak(r rune) bool {
	switch r {
	case '\r', '\v', '\f', '\x1c', '\x1d', '\x1e', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// cutComment cuts a "#" that begins the line or comes after a blank, and all behind it.
func cutComment(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || isBlank(line[i-1])) {
			return line[:i]
		}
	}
	return line
}

func (m *Manifest) requirementLine(line RequirementLine) error {
	arguments, options := line.Split()
	if arguments != "" {
		req, ok := parseRequirement(arguments)
		if !ok {
			return line.notARequirement(arguments)
		}
		if req.local {
			m.References = append(m.References, Reference{
				Path: req.loc.path, Subdirectory: req.loc.subdirectory, Line: line.Line, Name: req.name,
			})
		}
		m.variable(req.loc, line.Line, false)
	}
	for _, option := range options {
		m.requirementOption(option, line.Line)
	}
	return nil
}

func (l RequirementLine) notARequirement(arguments string) *SyntaxError {
	return &SyntaxError{Line: l.Line, Column: 1, Message: "not a requirement: " + shorten(arguments)}
}

func shorten(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Split splits a line into a requirement, or "", and the options behind it or alone. Options that take no argument, or that this
// package does not know, are left out.
func (l RequirementLine) Split() (requirement string, options []RequirementOption) {
	for i := range len(l.Text) {
		if l.Text[i] == '-' && (i == 0 || l.Text[i-1] == ' ') {
			return strings.TrimSpace(l.Text[:i]), readOptions(shellWords(l.Text[i:]))
		}
	}
	return l.Text, nil
}

// RequirementOption is an option in a line of requirements, by its long name ("--editable"), and its argument.
type RequirementOption struct {
	Name, Argument string
}

// requirementOptions are the options that a line is read for, with their short names; pip takes any beginning of a long one. The kind is
// that of the argument where it may be a local path.
var requirementOptions = []struct {
	short, long string
	kind        Kind
	local       bool
}{
	{"-e", "--editable", PathDependency, true},
	{"-r", "--requirement", RequirementsFile, true},
	{"-c", "--constraint", ConstraintsFile, true},
	{"-f", "--find-links", FindLinks, true},
	{"-i", "--index-url", FindLinks, true}, // an index is a URL, unless it is written as a path
	{"", "--extra-index-url", FindLinks, true},
	{"", "--no-binary", 0, false},
	{"", "--hash", 0, false},
}

func readOptions(words []string) []RequirementOption {
	var options []RequirementOption
	for i := 0; i < len(words); i++ {
		name, argument, attached := readOption(words[i])
		if name == "" {
			continue
		}
		if !attached {
			i++
			if i == len(words) {
				break
			}
			argument = words[i]
		}
		if i+2 < len(words) && words[i+1] == "@" {
			argument += " @ " + words[i+2]
		}
		options = append(options, RequirementOption{name, argument})
	}
	return options
}

// readOption gives an option's long name, or "", and its argument if that is attached: -rfile, --requirement=file.
func readOption(word string) (name, argument string, attached bool) {
	for _, option := range requirementOptions {
		if option.short != "" && strings.HasPrefix(word, option.short) {
			argument = strings.TrimPrefix(word[2:], "=")
			return option.long, argument, argument != ""
		}
		beginning, argument, attached := strings.Cut(word, "=")
		if len(beginning) > 2 && strings.HasPrefix(beginning, "--") && strings.HasPrefix(option.long, beginning) {
			return option.long, argument, attached
		}
	}
	return "", "", false
}

func (m *Manifest) requirementOption(option RequirementOption, line int) {
	for _, known := range requirementOptions {
		if known.long == option.Name && known.local {
			m.localOption(known.kind, option.Argument, line)
			if loc, _ := parseLocation(option.Argument); known.kind != FindLinks || known.short == "-f" {
				m.variable(loc, line, false)
			}
		}
	}
}

// variable notes a location that begins with a variable.
func (m *Manifest) variable(loc location, line int, dev bool) {
	if loc.variable {
		m.Variables = append(m.Variables, Variable{line, dev})
	}
}

func (m *Manifest) localOption(kind Kind, argument string, line int) {
	r := Reference{Kind: kind, Line: line}
	if kind == PathDependency {
		req := parseTarget(argument)
		if !req.local {
			return
		}
		r.Path, r.Subdirectory, r.Name = req.loc.path, req.loc.subdirectory, req.name
	} else {
		loc, local := parseLocation(argument)
		if !local {
			return
		}
		r.Path = loc.path
	}
	m.References = append(m.References, r)
}

// shellWords splits as a POSIX shell does, with quotes and backslashes, and nothing else of a shell. A quote that is not closed ends with
// the text.
func shellWords(text string) []string {
	var words []string
	var word strings.Builder
	inWord := false
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote, inWord = c, true
		case c == quote && quote != 0:
			quote = 0
		case c == '\\' && quote != '\'' && i+1 < len(text) && (quote == 0 || text[i+1] == '"' || text[i+1] == '\\'):
			i++
			word.WriteByte(text[i])
			inWord = true
		case quote == 0 && (isBlank(c) || c == '\n' || c == '\r'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
