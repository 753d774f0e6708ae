package toml

import (
	"bytes"
	"unicode/utf8"

	"github.com/monoplan/monoplan/internal/python/syntax"
)

// Scan reads a document as Parse does, several times faster where it is written the way that programs write locks: a key or header a line, and
// arrays that are either on one line or end with a "]" on a line of its own. Values other than plain strings are looked into when they are
// asked for, so that what is wrong inside one that nobody asks for is not found, and what is found then is the root's Err. Any other
// document is Parse's. A document that was scanned is not for use by several goroutines at once.
func Scan(data []byte) (*Value, error) {
	text := syntax.CutBOM(data)
	s := &scanner{data: data, rest: text[:len(text):len(text)], root: &Value{kind: tableValue, Line: 1}, names: map[string]string{}}
	s.current, s.root.scan = s.root, s
	if bytes.IndexByte(text, '\r') < 0 && !bytes.Contains(text, []byte("<<<<<<<")) && utf8.Valid(text) && s.document() {
		return s.root, nil
	}
	return Parse(data)
}

// scanner reads line by line. Its methods report false for whatever they do not know.
type scanner struct {
	data    []byte
	rest    []byte
	line    int
	root    *Value
	current *Value            // the table that keys are added to
	names   map[string]string // keys seen before: a lock has few, many times
	slab    slab
	err     error // in a value that was passed over
}

// fail finds out what is wrong with a document of which a value turned out to be broken.
func (s *scanner) fail() {
	if s.err != nil {
		return
	}
	if _, s.err = Parse(s.data); s.err == nil {
		s.err = &syntax.Error{Line: 1, Column: 1, Message: "a value that is no TOML"}
	}
}

// Err gives the error in a value of a scanned document that was asked for. It is asked of the root, when all has been read.
func (v *Value) Err() error {
	if v == nil || v.scan == nil {
		return nil
	}
	return v.scan.err
}

// next gives the next line without its end.
func (s *scanner) next() []byte {
	s.line++
	i := bytes.IndexByte(s.rest, '\n')
	if i < 0 {
		i = len(s.rest)
	}
	line := s.rest[:i]
	s.rest = s.rest[min(i+1, len(s.rest)):]
	return line
}

func (s *scanner) document() bool {
	for len(s.rest) > 0 {
		line := s.next()
		switch {
		case len(line) == 0:
		case line[0] == '#':
			if hasControl(line) {
				return false
			}
		case line[0] == '[':
			if !s.header(line) {
				return false
			}
		default:
			if !s.keyValue(line) {
				return false
			}
		}
	}
	return true
}

func (s *scanner) make(k kind) *Value { return s.slab.take(64, k, s.line) }

// slab is room for values: to ask for many at once is cheaper.
type slab []Value

// take gives a new value, and makes room for so many where there is none.
func (s *slab) take(many int, k kind, line int) *Value {
	if len(*s) == 0 {
		*s = make([]Value, many)
	}
	v := &(*s)[0]
	*s = (*s)[1:]
	v.kind, v.Line = k, line
	return v
}

func (s *scanner) name(text []byte) string {
	if name, seen := s.names[string(text)]; seen {
		return name
	}
	name := string(text)
	s.names[name] = name
	return name
}

// header reads [[a]], [a] and [a.b], where the last has a for a table or the last of [[a]]. What is there already it does not know.
func (s *scanner) header(line []byte) bool {
	if path, array := bytes.CutPrefix(line, []byte("[[")); array {
		path, closed := bytes.CutSuffix(path, []byte("]]"))
		return closed && isBareKey(path) && s.arrayTable(s.name(path))
	}
	path, closed := bytes.CutSuffix(line[1:], []byte("]"))
	first, second, nested := bytes.Cut(path, []byte("."))
	if !closed || !isBareKey(first) || nested && !isBareKey(second) {
		return false
	}
	name := s.name(first)
	table := s.root
	if nested {
		if table = s.parent(name); table == nil {
			return false
		}
		name = s.name(second)
	}
	if table.find(name) >= 0 {
		return false
	}
	s.current = s.make(tableValue)
	s.current.declared = true
	table.add(name, s.line, s.current)
	return true
}

// parent gives the table that a header's first name stands for, or nil.
func (s *scanner) parent(name string) *Value {
	v := s.root.entry(name)
	switch {
	case v == nil:
		v = s.make(tableValue)
		s.root.add(name, s.line, v)
	case v.kind == arrayValue && !v.frozen:
		v = v.items[len(v.items)-1]
	}
	if v.kind != tableValue || v.frozen {
		return nil
	}
	return v
}

func (s *scanner) arrayTable(name string) bool {
	array := s.root.entry(name)
	if array == nil {
		array = s.make(arrayValue)
		s.root.add(name, s.line, array)
	}
	if array.kind != arrayValue || array.frozen {
		return false
	}
	s.current = s.make(tableValue)
	s.current.declared = true
	array.items = append(array.items, s.current)
	return true
}

// keyValue reads `key = value` and `"key" = value`.
func (s *scanner) keyValue(line []byte) bool {
	key, text, found := bytes.Cut(line, []byte(" = "))
	if !found || len(key) == 0 || len(text) == 0 {
		return false
	}
	if key[0] == '"' {
		if len(key) < 3 || key[len(key)-1] != '"' || !isPlain(key[1:len(key)-1]) {
			return false
		}
		key = key[1 : len(key)-1]
	} else if !isBareKey(key) {
		return false
	}
	name := s.name(key)
	if s.current.find(name) >= 0 {
		return false
	}
	at := s.line
	v := s.value(text)
	if v == nil {
		return false
	}
	v.Line = at
	s.current.add(name, at, v)
	return true
}

// value reads what comes behind "=", or gives nil.
func (s *scanner) value(text []byte) *Value {
	last := text[len(text)-1]
	switch {
	case text[0] == '"':
		if len(text) < 2 || last != '"' {
			return nil
		}
		if isPlain(text[1 : len(text)-1]) {
			v := s.make(textValue)
			v.data = text[1 : len(text)-1]
			return v
		}
		return s.raw(text)
	case len(text) == 1 && last == '[':
		return s.array()
	case text[0] == '[' && last == ']', text[0] == '{' && last == '}':
		return s.raw(text)
	case string(text) == "true", string(text) == "false":
		v := s.make(truthValue)
		v.truth = text[0] == 't'
		return v
	case isNumber(text):
		v := s.make(numberValue)
		v.data = text
		return v
	}
	return nil
}

// array reads on to the line that is "]", and passes over what is before it.
func (s *scanner) array() *Value {
	if bytes.HasPrefix(s.rest, []byte("]")) {
		v := s.raw([]byte("[]"))
		if closing := s.next(); len(closing) != 1 {
			return nil
		}
		return v
	}
	end := bytes.Index(s.rest, []byte("\n]"))
	if end < 0 {
		return nil
	}
	body := s.rest[:end]
	if !isListed(body) {
		return nil
	}
	v := s.raw(s.rest[:end+2])
	s.rest = s.rest[end+1:]
	lines := bytes.Count(body, []byte("\n")) + 1
	s.line += lines
	if closing := s.next(); len(closing) != 1 {
		return nil
	}
	v.open = true
	return v
}

// isListed reports whether the lines of an array are its items: each but the last ends in a comma, which is not in a comment or in a string
// of several lines.
func isListed(body []byte) bool {
	for _, odd := range [...]string{`"""`, `'''`, "#"} {
		if bytes.Contains(body, []byte(odd)) {
			return false
		}
	}
	for {
		end := bytes.IndexByte(body, '\n')
		if end < 0 {
			return true
		}
		if end == 0 || body[end-1] != ',' {
			return false
		}
		body = body[end+1:]
	}
}

// raw makes a value of which it is only known where it is written.
func (s *scanner) raw(text []byte) *Value {
	v := s.make(rawValue)
	v.data, v.scan = text, s
	return v
}

// isPlain reports whether what stands between quotes means just what is written.
func isPlain(text []byte) bool {
	return bytes.IndexByte(text, '"') < 0 && bytes.IndexByte(text, '\\') < 0 && !hasControl(text)
}

func hasControl(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

func isBareKey[T string | []byte](text T) bool {
	for i := range len(text) {
		c := text[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(text) > 0
}

// isNumber reports whether a text is a plain whole number.
func isNumber[T string | []byte](text T) bool {
	for i := range len(text) {
		c := text[i]
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) == 1 || text[0] != '0'
}
