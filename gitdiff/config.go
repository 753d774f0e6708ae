package gitdiff

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// config holds the settings of git configuration files, each with all of its values in the order they were read. Keys
// are as git-config(1) prints them: section and name in lower case, the subsection as it is written.
type config map[string][]string

// get gives the last value of a key.
func (c config) get(key string) (string, bool) {
	values := c[key]
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// boolean gives the last value of a key as git-config(1) reads booleans; what is no boolean is the fallback.
func (c config) boolean(key string, fallback bool) bool {
	value, ok := c.get(key)
	if !ok {
		return fallback
	}
	switch strings.ToLower(value) {
	case "true", "yes", "on":
		return true
	case "false", "no", "off", "":
		return false
	}
	if n, err := strconv.Atoi(value); err == nil {
		return n != 0
	}
	return fallback
}

// read adds the settings of a file. A file that is not there adds none.
func (c config) read(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.parse(string(data)); err != nil {
		return fmt.Errorf("%s:%w", path, err)
	}
	return nil
}

// parse adds the settings of a text in the syntax of git-config(1). An error begins with the line it is about.
func (c config) parse(text string) error {
	p := configParser{text: strings.TrimPrefix(text, "\ufeff"), line: 1, into: c}
	for p.skipBlank(); p.pos < len(p.text); p.skipBlank() {
		step := p.setting
		if p.text[p.pos] == '[' {
			step = p.section
		}
		if err := step(); err != nil {
			return fmt.Errorf("%d: %w", p.line, err)
		}
	}
	return nil
}

type configParser struct {
	text   string
	pos    int
	line   int
	prefix string
	into   config
}

// next takes one character; at the end of the text it gives a newline, so that a last line needs none.
func (p *configParser) next() byte {
	if p.pos >= len(p.text) {
		return '\n'
	}
	b := p.text[p.pos]
	p.pos++
	if b == '\r' && p.pos < len(p.text) && p.text[p.pos] == '\n' {
		p.pos++
		b = '\n'
	}
	if b == '\n' {
		p.line++
	}
	return b
}

func (p *configParser) skipBlank() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.next()
		case '#', ';':
			for p.pos < len(p.text) && p.next() != '\n' {
			}
		default:
			return
		}
	}
}

func (p *configParser) section() error {
	p.next()
	var name strings.Builder
	for {
		switch b := p.next(); {
		case b == ']':
			p.prefix = strings.ToLower(name.String()) + "."
			return nil
		case b == ' ' || b == '\t':
			return p.subsection(strings.ToLower(name.String()))
		case b == '\n':
			return errors.New("a section without an end")
		default:
			name.WriteByte(b)
		}
	}
}

func (p *configParser) subsection(section string) error {
	b := p.next()
	for b == ' ' || b == '\t' {
		b = p.next()
	}
	if b != '"' {
		return errors.New("a subsection without quotes")
	}
	var name strings.Builder
	for b = p.next(); b != '"'; b = p.next() {
		if b == '\\' {
			b = p.next()
		}
		if b == '\n' {
			return errors.New("a subsection without an end")
		}
		name.WriteByte(b)
	}
	if p.next() != ']' {
		return errors.New("a section without an end")
	}
	p.prefix = section + "." + name.String() + "."
	return nil
}

func (p *configParser) setting() error {
	start := p.pos
	for p.pos < len(p.text) && strings.IndexByte("= \t\r\n#;", p.text[p.pos]) < 0 {
		p.pos++
	}
	key := p.prefix + strings.ToLower(p.text[start:p.pos])
	if p.prefix == "" || p.pos == start {
		return errors.New("a setting outside of a section")
	}
	b := p.next()
	for b == ' ' || b == '\t' {
		b = p.next()
	}
	switch b {
	case '=':
		value, err := p.value()
		if err != nil {
			return err
		}
		p.into[key] = append(p.into[key], value)
	case '#', ';':
		for p.next() != '\n' {
		}
		p.into[key] = append(p.into[key], "true")
	case '\n':
		p.into[key] = append(p.into[key], "true")
	default:
		return errors.New("a setting without a value")
	}
	return nil
}

// value reads to the end of the line: blanks around it are dropped but in quotes, and a comment ends it.
func (p *configParser) value() (string, error) {
	var value strings.Builder
	quoted, blanks := false, ""
	put := func(b byte) {
		value.WriteString(blanks)
		blanks = ""
		value.WriteByte(b)
	}
	for {
		switch b := p.next(); {
		case b == '\n':
			if quoted {
				return "", errors.New("a quote without an end")
			}
			return value.String(), nil
		case b == '"':
			quoted = !quoted
			value.WriteString(blanks)
			blanks = ""
		case !quoted && (b == ' ' || b == '\t'):
			if value.Len() > 0 {
				blanks += string(b)
			}
		case !quoted && (b == '#' || b == ';'):
			for p.next() != '\n' {
			}
			return value.String(), nil
		case b == '\\':
			switch e := p.next(); e {
			case '\n':
				if p.pos >= len(p.text) {
					return value.String(), nil
				}
			case 'n':
				put('\n')
			case 't':
				put('\t')
			case 'b':
				put('\b')
			case '"', '\\':
				put(e)
			default:
				return "", errors.New("an unknown escape")
			}
		default:
			put(b)
		}
	}
}
