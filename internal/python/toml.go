package python

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// value is a TOML value with the line that it is written on. A nil *value is one that is not there; all methods take it.
type value struct {
	kind  valueKind
	line  int
	data  []byte // a text's characters
	truth bool
	items []*value // an array's
	keys  []tomlKey
	index map[string]int // of keys, once there are many

	// How a table came to be decides what may still be added to it (see tomlBuilder).
	declared bool // by its own header
	dotted   int  // the header under which a dotted key made it, counted from 1
	frozen   bool // an inline table, or an array that is a value
}

type valueKind uint8

const (
	otherValue valueKind = iota
	textValue
	truthValue
	arrayValue
	tableValue
)

type tomlKey struct {
	name  string
	line  int
	value *value
}

// get gives the value under a path of keys, or nil.
func (v *value) get(path ...string) *value {
	for _, name := range path {
		if v = v.entry(name); v == nil {
			return nil
		}
	}
	return v
}

func (v *value) entry(name string) *value {
	if i := v.find(name); i >= 0 {
		return v.keys[i].value
	}
	return nil
}

// manyKeys is where looking one key up in a map becomes cheaper than comparing it with all.
const manyKeys = 16

func (v *value) find(name string) int {
	if v == nil || v.kind != tableValue {
		return -1
	}
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range v.keys {
		if v.keys[i].name == name {
			return i
		}
	}
	return -1
}

func (v *value) add(name string, line int, child *value) {
	v.keys = append(v.keys, tomlKey{name, line, child})
	switch {
	case v.index != nil:
		v.index[name] = len(v.keys) - 1
	case len(v.keys) > manyKeys:
		v.index = make(map[string]int, 2*len(v.keys))
		for i := range v.keys {
			v.index[v.keys[i].name] = i
		}
	}
}

// entries gives a table's keys in the order of the file.
func (v *value) entries() []tomlKey {
	if v == nil || v.kind != tableValue {
		return nil
	}
	return v.keys
}

// elements gives an array's values.
func (v *value) elements() []*value {
	if v == nil || v.kind != arrayValue {
		return nil
	}
	return v.items
}

// each gives an array's values, or the value alone where it is no array: many keys take one or several.
func (v *value) each() []*value {
	switch {
	case v == nil:
		return nil
	case v.kind == arrayValue:
		return v.items
	default:
		return []*value{v}
	}
}

// text gives a string's characters, and whether the value is a string.
func (v *value) text() (string, bool) {
	if v == nil || v.kind != textValue {
		return "", false
	}
	return string(v.data), true
}

// isTrue reports whether the value is the boolean true.
func (v *value) isTrue() bool { return v != nil && v.kind == truthValue && v.truth }

// parseTOML reads a document (TOML 1.1, of which 1.0 is a part). The values share data's memory.
func parseTOML(data []byte) (*value, error) {
	return buildTOML(data, nil)
}

// parseLockTOML reads a lock without the hashes of its packages' files, which are most of it.
func parseLockTOML(data []byte) (*value, error) {
	return buildTOML(data, func(key string) bool { return key == "files" || key == "wheels" || key == "sdist" })
}

func buildTOML(data []byte, skip func(key string) bool) (*value, error) {
	data = bytes.TrimPrefix(data, utf8BOM)
	data = data[:len(data):len(data)]
	root := &value{kind: tableValue, line: 1}
	b := tomlBuilder{data: data, root: root, current: root, skip: skip, line: 1}
	b.parser.Reset(data)
	for b.parser.NextExpression() {
		if err := b.expression(b.parser.Expression()); err != nil {
			return nil, err
		}
	}
	if err := b.parser.Error(); err != nil {
		return nil, b.parserError(err)
	}
	return root, nil
}

// tomlBuilder makes a tree of the expressions that the parser gives one by one, and refuses what the parser cannot see:
// a key or table that is defined twice, and one that extends what is complete. Its rules are those of Python's tomllib.
type tomlBuilder struct {
	parser  unstable.Parser
	data    []byte
	root    *value
	current *value                // the table that key-value lines add to
	element *value                // the last table that [[header]] began
	headers int                   // how many headers there were
	skip    func(key string) bool // of an array of tables, the keys whose values are not wanted

	offset, line int // the last place that was asked for, and its line
}

func (b *tomlBuilder) expression(n *unstable.Node) error {
	switch n.Kind {
	case unstable.Table:
		return b.table(n)
	case unstable.ArrayTable:
		return b.arrayTable(n)
	default:
		return b.keyValue(b.current, n, b.headers+1)
	}
}

// lineOf counts newlines from the last place on: places come in order, but for a value before its key.
func (b *tomlBuilder) lineOf(n *unstable.Node) int {
	offset := int(n.Raw.Offset)
	if offset >= b.offset {
		b.line += bytes.Count(b.data[b.offset:offset], []byte("\n"))
	} else {
		b.line -= bytes.Count(b.data[offset:b.offset], []byte("\n"))
	}
	b.offset = offset
	return b.line
}

func (b *tomlBuilder) errorAt(n *unstable.Node, format string, args ...any) error {
	return syntaxErrorAt(b.data, int(n.Raw.Offset), format, args...)
}

func (b *tomlBuilder) parserError(err error) error {
	var located *unstable.ParserError
	if !errors.As(err, &located) {
		return syntaxErrorAt(b.data, len(b.data), "%s", err)
	}
	offset := len(b.data)
	if len(located.Highlight) > 0 {
		offset = int(b.parser.Range(located.Highlight).Offset)
	}
	return syntaxErrorAt(b.data, offset, "%s", located.Message)
}

// table handles [a.b.c].
func (b *tomlBuilder) table(n *unstable.Node) error {
	b.headers++
	parent, last, err := b.descend(n)
	if err != nil {
		return err
	}
	name := string(last.Data)
	existing := parent.entry(name)
	switch {
	case existing == nil:
		existing = &value{kind: tableValue, line: b.lineOf(last)}
		parent.add(name, existing.line, existing)
	case existing.kind != tableValue || existing.frozen:
		return b.errorAt(last, "%q is not a table that can be extended", name)
	case existing.declared || existing.dotted > 0:
		return b.errorAt(last, "table %q is defined twice", name)
	}
	existing.declared = true
	b.current = existing
	return nil
}

// arrayTable handles [[a.b.c]].
func (b *tomlBuilder) arrayTable(n *unstable.Node) error {
	b.headers++
	parent, last, err := b.descend(n)
	if err != nil {
		return err
	}
	name := string(last.Data)
	line := b.lineOf(last)
	array := parent.entry(name)
	switch {
	case array == nil:
		array = &value{kind: arrayValue, line: line}
		parent.add(name, line, array)
	case array.kind != arrayValue || array.frozen:
		return b.errorAt(last, "%q is not an array of tables", name)
	}
	b.current = &value{kind: tableValue, line: line, declared: true}
	b.element = b.current
	array.items = append(array.items, b.current)
	return nil
}

// descend follows all but the last key of a header, making the tables that are not there yet.
func (b *tomlBuilder) descend(n *unstable.Node) (*value, *unstable.Node, error) {
	table := b.root
	keys := n.Key()
	for keys.Next() {
		key := keys.Node()
		if keys.IsLast() {
			return table, key, nil
		}
		name := string(key.Data)
		next := table.entry(name)
		if next == nil {
			next = &value{kind: tableValue, line: b.lineOf(key)}
			table.add(name, next.line, next)
		}
		if next.kind == arrayValue && !next.frozen {
			next = next.items[len(next.items)-1]
		}
		if next.kind != tableValue || next.frozen {
			return nil, nil, b.errorAt(key, "%q is not a table that can be extended", name)
		}
		table = next
	}
	return nil, nil, b.errorAt(n, "a table without a name")
}

// keyValue adds one key and its value to a table; scope tells the dotted keys of one header (or inline table) from those
// of another, which may not be extended.
func (b *tomlBuilder) keyValue(table *value, n *unstable.Node, scope int) error {
	keys := n.Key()
	for keys.Next() {
		key := keys.Node()
		name := string(key.Data)
		line := b.lineOf(key)
		existing := table.entry(name)
		if keys.IsLast() {
			if existing != nil {
				return b.errorAt(key, "key %q is defined twice", name)
			}
			v := &value{kind: otherValue, line: line}
			if !b.skips(table, name) {
				var err error
				if v, err = b.value(n.Value(), line); err != nil {
					return err
				}
			}
			table.add(name, line, v)
			return nil
		}
		if existing == nil {
			existing = &value{kind: tableValue, line: line, dotted: scope}
			table.add(name, line, existing)
		}
		if existing.kind != tableValue || existing.frozen || existing.declared || existing.dotted > 0 && existing.dotted != scope {
			return b.errorAt(key, "%q is not a table that can be extended", name)
		}
		existing.dotted = scope
		table = existing
	}
	return b.errorAt(n, "a value without a key")
}

func (b *tomlBuilder) skips(table *value, name string) bool {
	return b.skip != nil && table == b.element && b.skip(name)
}

// value makes the tree of one value. A table's or array's own line is that of its key.
func (b *tomlBuilder) value(n *unstable.Node, line int) (*value, error) {
	switch n.Kind {
	case unstable.String:
		return &value{kind: textValue, line: b.lineOf(n), data: n.Data}, nil
	case unstable.Bool:
		return &value{kind: truthValue, line: line, truth: n.Data[0] == 't'}, nil
	case unstable.Array:
		return b.array(n, line)
	case unstable.InlineTable:
		return b.inlineTable(n)
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		if !isDate(n.Data) {
			return nil, b.errorAt(n, "%q is no date or time", n.Data)
		}
	}
	return &value{kind: otherValue, line: line}, nil
}

func (b *tomlBuilder) array(n *unstable.Node, line int) (*value, error) {
	v := &value{kind: arrayValue, line: line, frozen: true}
	items := n.Children()
	for items.Next() {
		item, err := b.value(items.Node(), line)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	return v, nil
}

func (b *tomlBuilder) inlineTable(n *unstable.Node) (*value, error) {
	v := &value{kind: tableValue, line: b.lineOf(n)}
	entries := n.Children()
	for entries.Next() {
		if err := b.keyValue(v, entries.Node(), 1); err != nil {
			return nil, err
		}
	}
	v.frozen = true
	return v, nil
}

// isDate reports whether the parser's decoder takes a date or time, whose digits the parser itself does not check.
func isDate(text []byte) bool {
	var document struct{ X any }
	return toml.NewDecoder(strings.NewReader("X = "+string(text))).Decode(&document) == nil
}
