package python

import (
	"fmt"
	"strings"
)

// iniOption is one option of an INI file, with its value's lines as they are without the blanks around them.
type iniOption struct {
	section string
	name    string
	lines   []iniLine
}

type iniLine struct {
	text   string
	number int
}

// parseINI reads what Python's RawConfigParser reads, with its defaults: "=" or ":" after a name, whole lines of comments behind "#" or ";",
// values that go on in lines indented deeper than their name, no section or option twice.
func parseINI(text string) ([]iniOption, error) {
	r := iniReader{sections: map[string]bool{}, names: map[[2]string]bool{}}
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if err := r.read(strings.TrimRight(line, "\r"), number); err != nil {
			return r.options, err
		}
	}
	return r.options, nil
}

type iniReader struct {
	options  []iniOption
	sections map[string]bool
	names    map[[2]string]bool
	section  string
	began    bool // a section has begun
	inOption bool
	indent   int // of the option's name
}

func (r *iniReader) read(line string, number int) error {
	text := strings.TrimSpace(line)
	if text == "" || text[0] == '#' || text[0] == ';' {
		return nil
	}
	indent := strings.Index(line, text)
	if r.inOption && indent > r.indent {
		last := &r.options[len(r.options)-1]
		last.lines = append(last.lines, iniLine{text, number})
		return nil
	}
	r.indent = indent
	if text[0] == '[' && strings.LastIndexByte(text, ']') > 1 {
		return r.header(text[1:strings.LastIndexByte(text, ']')], number)
	}
	if !r.began {
		return &SyntaxError{Line: number, Column: indent + 1, Message: "an option before the first section"}
	}
	return r.option(text, number, indent+1)
}

func (r *iniReader) header(section string, number int) error {
	r.section, r.began, r.inOption = section, true, false
	if r.sections[section] {
		return &SyntaxError{Line: number, Column: 1, Message: fmt.Sprintf("section %q is there twice", section)}
	}
	r.sections[section] = true
	return nil
}

func (r *iniReader) option(text string, number, column int) error {
	i := strings.IndexAny(text, "=:")
	if i <= 0 {
		return &SyntaxError{Line: number, Column: column, Message: `neither a section nor an option with "=" or ":"`}
	}
	name := strings.TrimSpace(text[:i])
	if r.names[[2]string{r.section, name}] {
		return &SyntaxError{Line: number, Column: column, Message: fmt.Sprintf("option %q is there twice in section %q", name, r.section)}
	}
	r.names[[2]string{r.section, name}] = true
	option := iniOption{section: r.section, name: name}
	if value := strings.TrimSpace(text[i+1:]); value != "" {
		option.lines = []iniLine{{value, number}}
	}
	r.options = append(r.options, option)
	r.inOption = true
	return nil
}
