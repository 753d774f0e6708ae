package value

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Dialect is how much a text may depart from JSON.
type Dialect uint8

// The dialects. JSONC has comments and trailing commas; JSON5 has what json5.org says.
const (
	JSON Dialect = iota
	JSONC
	JSON5
)

// Error is a place at which a text is not of its dialect.
type Error struct {
	Line, Column int // 1-based; columns count bytes
	Message      string
}

func (e *Error) Error() string { return e.Message }

// maxDepth bounds how deep values lie in each other.
const maxDepth = 1000

// Parse reads a text, a byte order mark before it left out. The error is an *Error.
func Parse(data []byte, d Dialect) (v Value, err error) {
	p := &parser{text: bytes.TrimPrefix(data, []byte("\ufeff")), dialect: d, line: 1}
	defer func() {
		if r := recover(); r != nil {
			stop, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = stop
		}
	}()
	p.space()
	v = p.value(0)
	p.space()
	if p.at < len(p.text) {
		p.fail("there is more behind the value")
	}
	return v, nil
}

// parser reads by recursive descent. An error is a panic with an *Error, which Parse gives back.
type parser struct {
	text    []byte
	at      int
	line    int
	start   int // of the line
	dialect Dialect
}

func (p *parser) fail(format string, args ...any) {
	panic(&Error{p.line, p.at - p.start + 1, fmt.Sprintf(format, args...)})
}

// peek gives the byte at the parser's place, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '\n':
			p.at++
			p.line, p.start = p.line+1, p.at
		case c == ' ' || c == '\t' || c == '\r':
			p.at++
		case p.dialect == JSON:
			return
		case c == '/' && p.comment():
		case p.dialect == JSON5 && (c == '\v' || c == '\f'):
			p.at++
		case p.dialect == JSON5 && p.wideSpace() > 0:
			p.at += p.wideSpace()
		default:
			return
		}
	}
}

// wideSpace gives the length of a space outside ASCII.
func (p *parser) wideSpace() int {
	r, size := utf8.DecodeRune(p.text[p.at:])
	switch {
	case r == '\u00a0', r == '\ufeff', r == '\u2028', r == '\u2029', r >= '\u2000' && r <= '\u200a', r == '\u3000':
		return size
	}
	return 0
}

func (p *parser) comment() bool {
	switch rest := p.text[p.at:]; {
	case bytes.HasPrefix(rest, []byte("//")):
		for p.at < len(p.text) && p.text[p.at] != '\n' {
			p.at++
		}
		return true
	case bytes.HasPrefix(rest, []byte("/*")):
		length := bytes.Index(rest[2:], []byte("*/"))
		if length < 0 {
			p.fail("a comment does not end")
		}
		p.skip(2 + length + 2)
		return true
	}
	return false
}

// skip goes on by so many bytes, and counts their lines.
func (p *parser) skip(n int) {
	for range n {
		if p.text[p.at] == '\n' {
			p.line, p.start = p.line+1, p.at+1
		}
		p.at++
	}
}

func (p *parser) value(depth int) Value {
	if depth > maxDepth {
		p.fail("values lie too deep in each other")
	}
	v := Value{Line: p.line}
	switch c := p.peek(); {
	case p.at == len(p.text):
		p.fail("a value is missing: the text ends")
	case c == '{':
		v.Kind, v.Fields = Object, p.object(depth)
	case c == '[':
		v.Kind, v.Items = List, p.list(depth)
	case c == '"', c == '\'' && p.dialect == JSON5:
		v.Kind, v.Text = String, p.string()
	default:
		p.word(&v)
	}
	return v
}

func (p *parser) object(depth int) []Field {
	var fields []Field
	p.members('}', func() {
		f := Field{Line: p.line, Key: p.key()}
		p.space()
		if p.peek() != ':' {
			p.fail("a colon is missing behind the key %q", f.Key)
		}
		p.at++
		p.space()
		f.Value = p.value(depth + 1)
		fields = append(fields, f)
	})
	return fields
}

func (p *parser) list(depth int) []Value {
	var items []Value
	p.members(']', func() { items = append(items, p.value(depth+1)) })
	return items
}

// members reads what an object or a list holds, up to its end.
func (p *parser) members(end byte, member func()) {
	p.at++
	p.space()
	for first := true; p.peek() != end; first = false {
		if !first {
			if p.peek() != ',' {
				p.fail("a comma or %q is missing", string(end))
			}
			p.at++
			p.space()
			if p.peek() == end && p.dialect != JSON {
				break
			}
		}
		member()
		p.space()
	}
	p.at++
}

func (p *parser) key() string {
	switch c := p.peek(); {
	case c == '"', c == '\'' && p.dialect == JSON5:
		return p.string()
	case p.dialect == JSON5:
		from := p.at
		for p.at < len(p.text) && isNameByte(p.text[p.at]) {
			p.at++
		}
		if p.at > from {
			return string(p.text[from:p.at])
		}
	}
	p.fail("a key in quotes is missing")
	return ""
}

func isNameByte(c byte) bool {
	return c == '$' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// word reads null, true, false or a number.
func (p *parser) word(v *Value) {
	from := p.at
	for p.at < len(p.text) && (isNameByte(p.text[p.at]) || strings.IndexByte("+-.", p.text[p.at]) >= 0) {
		p.at++
	}
	v.Text = string(p.text[from:p.at])
	switch v.Text {
	case "null":
		v.Kind, v.Text = Null, ""
		return
	case "true", "false":
		v.Kind = Bool
		return
	}
	v.Kind = Number
	if !p.isNumber(v.Text) {
		p.at = from
		p.fail("this is no value")
	}
}

func (p *parser) isNumber(text string) bool {
	if isNumber(text) || p.dialect != JSON5 {
		return isNumber(text)
	}
	text = strings.TrimLeft(text, "+-")
	if text == "Infinity" || text == "NaN" {
		return true
	}
	_, integer := strconv.ParseUint(text, 0, 64)
	_, float := strconv.ParseFloat(text, 64)
	return integer == nil || float == nil
}

// isNumber reports whether a text is a number as JSON writes them (RFC 8259, section 6).
func isNumber(text string) bool {
	digits := func() int {
		rest := strings.TrimLeft(text, "0123456789")
		n := len(text) - len(rest)
		text = rest
		return n
	}
	text = strings.TrimPrefix(text, "-")
	leadingZero := strings.HasPrefix(text, "0")
	if n := digits(); n == 0 || leadingZero && n > 1 {
		return false
	}
	if rest, ok := strings.CutPrefix(text, "."); ok {
		if text = rest; digits() == 0 {
			return false
		}
	}
	if text != "" && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if text != "" && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return text == ""
}

func (p *parser) string() string {
	quote := p.text[p.at]
	p.at++
	from := p.at
	for p.at < len(p.text) && p.text[p.at] != quote && p.text[p.at] != '\\' && p.text[p.at] >= ' ' {
		p.at++
	}
	if p.peek() == quote {
		p.at++
		return string(p.text[from : p.at-1])
	}
	b := append([]byte(nil), p.text[from:p.at]...)
	for p.peek() != quote {
		switch c := p.peek(); {
		case p.at == len(p.text):
			p.fail("a string does not end")
		case c == '\\':
			b = p.escape(b)
		case c < ' ' && (p.dialect != JSON5 || c == '\n'):
			p.fail("a string has a control character in it")
		default:
			b = append(b, c)
			p.at++
		}
	}
	p.at++
	return string(b)
}

func (p *parser) escape(b []byte) []byte {
	p.at++
	c := p.peek()
	p.at++
	switch c {
	case '"', '\\', '/':
		return append(b, c)
	case 'b':
		return append(b, '\b')
	case 'f':
		return append(b, '\f')
	case 'n':
		return append(b, '\n')
	case 'r':
		return append(b, '\r')
	case 't':
		return append(b, '\t')
	case 'u':
		return utf8.AppendRune(b, p.unicode())
	}
	if p.dialect != JSON5 || p.at > len(p.text) {
		p.at = min(p.at, len(p.text))
		p.fail("a string has an escape that is none")
	}
	switch c {
	case '\n':
		p.line, p.start = p.line+1, p.at
		return b
	case '\r':
		return b
	case 'v':
		return append(b, '\v')
	case '0':
		return append(b, 0)
	case 'x':
		return utf8.AppendRune(b, p.hex(2))
	}
	return append(b, c)
}

// unicode reads the digits of "\u", and of the other half where they are one of a pair.
func (p *parser) unicode() rune {
	r := p.hex(4)
	if r >= 0xd800 && r < 0xdc00 && bytes.HasPrefix(p.text[p.at:], []byte(`\u`)) {
		before := p.at
		p.at += 2
		if low := p.hex(4); low >= 0xdc00 && low < 0xe000 {
			return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
		}
		p.at = before
	}
	return r
}

func (p *parser) hex(digits int) rune {
	if p.at+digits > len(p.text) {
		p.fail("a string does not end")
	}
	n, err := strconv.ParseUint(string(p.text[p.at:p.at+digits]), 16, 32)
	if err != nil {
		p.fail("a string has an escape that is none")
	}
	p.at += digits
	return rune(n)
}
