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
	for _, line := range requirementLines(decodeText(data)) {
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

// requirementLine is one line after continuation lines were joined, and the number of the first of them.
type requirementLine struct {
	text   string
	number int
}

// requirementLines splits a file into lines, joins those that a backslash continues, and drops comments and blanks, in pip's
// own order: a comment is never continued, and ends what came before it.
func requirementLines(text string) []requirementLine {
	var lines []requirementLine
	var joined strings.Builder
	first := 0
	emit := func() {
		if line := strings.TrimSpace(cutComment(joined.String())); line != "" {
			lines = append(lines, requirementLine{line, first})
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

func (m *Manifest) requirementLine(line requirementLine) error {
	arguments, options := splitOptions(line.text)
	if arguments != "" {
		req, ok := parseRequirement(arguments)
		if !ok {
			return &SyntaxError{Line: line.number, Column: 1, Message: "not a requirement: " + shorten(arguments)}
		}
		if req.local {
			m.References = append(m.References, Reference{
				Path: req.loc.path, Subdirectory: req.loc.subdirectory, Line: line.number, Name: req.name,
			})
		}
	}
	m.requirementOptions(shellWords(options), line.number)
	return nil
}

func shorten(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// splitOptions splits a line where its first option begins.
func splitOptions(line string) (arguments, options string) {
	for i := range len(line) {
		if line[i] == '-' && (i == 0 || line[i-1] == ' ') {
			return strings.TrimSpace(line[:i]), line[i:]
		}
	}
	return line, ""
}

// localOptions are the options whose argument may be a local path, by their long names; pip takes any beginning of one.
var localOptions = []struct {
	short, long string
	kind        Kind
}{
	{"-e", "--editable", PathDependency},
	{"-r", "--requirement", RequirementsFile},
	{"-c", "--constraint", ConstraintsFile},
	{"-f", "--find-links", FindLinks},
	{"-i", "--index-url", FindLinks},
	{"", "--extra-index-url", FindLinks},
}

func (m *Manifest) requirementOptions(words []string, line int) {
	for i := 0; i < len(words); i++ {
		kind, argument, attached, known := readOption(words[i])
		if !known {
			continue
		}
		if !attached {
			i++
			if i == len(words) {
				return
			}
			argument = words[i]
		}
		if i+2 < len(words) && words[i+1] == "@" {
			argument += " @ " + words[i+2]
		}
		m.requirementOption(kind, argument, line)
	}
}

// readOption gives what an option's argument is, and the argument if it is attached: -rfile, --requirement=file.
func readOption(word string) (kind Kind, argument string, attached, known bool) {
	for _, option := range localOptions {
		if option.short != "" && strings.HasPrefix(word, option.short) {
			argument = strings.TrimPrefix(word[2:], "=")
			return option.kind, argument, argument != "", true
		}
		name, argument, attached := strings.Cut(word, "=")
		if len(name) > 2 && strings.HasPrefix(name, "--") && strings.HasPrefix(option.long, name) {
			return option.kind, argument, attached, true
		}
	}
	return 0, "", false, false
}

func (m *Manifest) requirementOption(kind Kind, argument string, line int) {
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
