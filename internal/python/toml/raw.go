package toml

import "bytes"

// settle looks into a value that Scan has passed over. What is no TOML becomes a value of no kind, and the document's error.
func (v *Value) settle() {
	text := v.text()
	p := plainParser{rest: text, line: v.Line}
	if child, ok := p.value(v.Line); ok && len(p.rest) == 0 {
		v.become(child)
		return
	}
	document, err := build(append([]byte("v = "), text...), nil)
	if err != nil {
		v.scan.fail()
		v.become(&Value{kind: otherValue, Line: v.Line})
		return
	}
	child := document.entry("v")
	child.moveLines(v.Line - 1)
	v.become(child)
}

func (v *Value) become(child *Value) {
	line := v.Line
	*v = *child
	v.Line, v.scan = line, nil
}

// text gives a raw value as it is written.
func (v *Value) text() []byte {
	if v.open {
		return append([]byte("[\n"), v.data...)
	}
	return v.data
}

// moveLines makes the lines of a value that was read on its own those of the document.
func (v *Value) moveLines(by int) {
	v.Line += by
	for _, item := range v.items {
		item.moveLines(by)
	}
	for i := range v.keys {
		v.keys[i].Line += by
		v.keys[i].Value.moveLines(by)
	}
}

// plainParser reads arrays and inline tables of strings, whole numbers and booleans. Its methods report false for whatever else there is.
type plainParser struct {
	rest []byte
	line int
	slab slab
}

func (p *plainParser) make(k kind) *Value { return p.slab.take(8, k, p.line) }

func (p *plainParser) blanks() {
	for len(p.rest) > 0 && (p.rest[0] == ' ' || p.rest[0] == '\n' || p.rest[0] == '\t') {
		if p.rest[0] == '\n' {
			p.line++
		}
		p.rest = p.rest[1:]
	}
}

func (p *plainParser) take(c byte) bool {
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// value reads one value. line is that of the key, which arrays, numbers and booleans have for their own, as Parse has it.
func (p *plainParser) value(line int) (*Value, bool) {
	if len(p.rest) == 0 {
		return nil, false
	}
	switch p.rest[0] {
	case '"':
		return p.string()
	case '[':
		return p.array(line)
	case '{':
		return p.table()
	}
	n := 0
	for n < len(p.rest) && isBareKey(p.rest[n:n+1]) {
		n++
	}
	word := p.rest[:n]
	p.rest = p.rest[n:]
	switch {
	case string(word) == "true", string(word) == "false":
		v := p.make(truthValue)
		v.Line = line
		v.truth = word[0] == 't'
		return v, true
	case n > 0 && isNumber(word):
		v := p.make(numberValue)
		v.Line = line
		v.data = word
		return v, true
	}
	return nil, false
}

// string reads a string with no escapes but \" and \\.
func (p *plainParser) string() (*Value, bool) {
	text := p.rest[1:]
	for n := 0; n < len(text); n++ {
		switch c := text[n]; {
		case c == '"':
			v := p.make(textValue)
			v.data = unescape(text[:n])
			p.rest = text[n+1:]
			return v, n > 0 || len(p.rest) == 0 || p.rest[0] != '"'
		case c == '\\':
			n++
			if n == len(text) || text[n] != '"' && text[n] != '\\' {
				return nil, false
			}
		case c < ' ' && c != '\t' || c == 0x7f:
			return nil, false
		}
	}
	return nil, false
}

func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	plain := make([]byte, 0, len(text))
	for n := 0; n < len(text); n++ {
		if text[n] == '\\' {
			n++
		}
		plain = append(plain, text[n])
	}
	return plain
}

func (p *plainParser) array(line int) (*Value, bool) {
	v := p.make(arrayValue)
	v.Line = line
	v.frozen = true
	p.rest = p.rest[1:]
	for {
		p.blanks()
		if p.take(']') {
			return v, true
		}
		item, ok := p.value(line)
		if !ok {
			return nil, false
		}
		v.items = append(v.items, item)
		p.blanks()
		if !p.take(',') {
			return v, p.take(']')
		}
	}
}

// table reads {key = value, …} on one line.
func (p *plainParser) table() (*Value, bool) {
	v := p.make(tableValue)
	v.frozen = true
	line := p.line
	p.rest = p.rest[1:]
	for {
		p.blanks()
		n := 0
		for n < len(p.rest) && isBareKey(p.rest[n:n+1]) {
			n++
		}
		key := string(p.rest[:n])
		p.rest = p.rest[n:]
		p.blanks()
		if n == 0 || !p.take('=') || v.find(key) >= 0 {
			return nil, false
		}
		p.blanks()
		child, ok := p.value(line)
		if !ok {
			return nil, false
		}
		v.add(key, line, child)
		p.blanks()
		if !p.take(',') {
			return v, p.take('}') && p.line == line
		}
	}
}
