package toml

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/monoplan/monoplan/internal/python/syntax"
)

// Parse reads a document (TOML 1.1, of which 1.0 is a part). The values share data's memory.
func Parse(data []byte) (*Value, error) {
	return build(data, nil)
}

// ParseLock reads a lock without the hashes of its packages' files, which are most of it.
func ParseLock(data []byte) (*Value, error) {
	return build(data, func(key string) bool { return key == "files" || key == "wheels" || key == "sdist" })
}

func build(data []byte, skip func(key string) bool) (*Value, error) {
	data = syntax.CutBOM(data)
	data = data[:len(data):len(data)]
	root := &Value{kind: tableValue, Line: 1}
	b := builder{data: data, root: root, current: root, skip: skip, line: 1}
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

// builder makes a tree of the expressions that the parser gives one by one, and refuses what the parser cannot see:
// a key or table that is defined twice, and one that extends what is complete. Its rules are those of Python's tomllib.
type builder struct {
	parser  unstable.Parser
	data    []byte
	root    *Value
	current *Value                // the table that key-value lines add to
	element *Value                // the last table that [[header]] began
	headers int32                 // how many headers there were
	skip    func(key string) bool // of an array of tables, the keys whose values are not wanted

	offset, line int // the last place that was asked for, and its line
}

func (b *builder) expression(n *unstable.Node) error {
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
func (b *builder) lineOf(n *unstable.Node) int {
	offset := int(n.Raw.Offset)
	if offset >= b.offset {
		b.line += bytes.Count(b.data[b.offset:offset], []byte("\n"))
	} else {
		b.line -= bytes.Count(b.data[offset:b.offset], []byte("\n"))
	}
	b.offset = offset
	return b.line
}

func (b *builder) errorAt(n *unstable.Node, format string, args ...any) error {
	return syntax.ErrorAt(b.data, int(n.Raw.Offset), format, args...)
}

func (b *builder) parserError(err error) error {
	var located *unstable.ParserError
	if !errors.As(err, &located) {
		return syntax.ErrorAt(b.data, len(b.data), "%s", err)
	}
	offset := len(b.data)
	if len(located.Highlight) > 0 {
		offset = int(b.parser.Range(located.Highlight).Offset)
	}
	return syntax.ErrorAt(b.data, offset, "%s", located.Message)
}

// table handles [a.b.c].
func (b *builder) table(n *unstable.Node) error {
	b.headers++
	parent, last, err := b.descend(n)
	if err != nil {
		return err
	}
	name := string(last.Data)
	existing := parent.entry(name)
	switch {
	case existing == nil:
		existing = &Value{kind: tableValue, Line: b.lineOf(last)}
		parent.add(name, existing.Line, existing)
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
func (b *builder) arrayTable(n *unstable.Node) error {
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
		array = &Value{kind: arrayValue, Line: line}
		parent.add(name, line, array)
	case array.kind != arrayValue || array.frozen:
		return b.errorAt(last, "%q is not an array of tables", name)
	}
	b.current = &Value{kind: tableValue, Line: line, declared: true}
	b.element = b.current
	array.items = append(array.items, b.current)
	return nil
}

// descend follows all but the last key of a header, making the tables that are not there yet.
func (b *builder) descend(n *unstable.Node) (*Value, *unstable.Node, error) {
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
			next = &Value{kind: tableValue, Line: b.lineOf(key)}
			table.add(name, next.Line, next)
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
func (b *builder) keyValue(table *Value, n *unstable.Node, scope int32) error {
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
			v := &Value{kind: otherValue, Line: line}
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
			existing = &Value{kind: tableValue, Line: line, dotted: scope}
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

func (b *builder) skips(table *Value, name string) bool {
	return b.skip != nil && table == b.element && b.skip(name)
}

// value makes the tree of one value. A table's or array's own line is that of its key.
func (b *builder) value(n *unstable.Node, line int) (*Value, error) {
	switch n.Kind {
	case unstable.String:
		return &Value{kind: textValue, Line: b.lineOf(n), data: n.Data}, nil
	case unstable.Bool:
		return &Value{kind: truthValue, Line: line, truth: n.Data[0] == 't'}, nil
	case unstable.Integer, unstable.Float:
		return &Value{kind: numberValue, Line: line, data: n.Data}, nil
	case unstable.Array:
		return b.array(n, line)
	case unstable.InlineTable:
		return b.inlineTable(n)
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		if !isDate(n.Data) {
			return nil, b.errorAt(n, "%q is no date or time", n.Data)
		}
	}
	return &Value{kind: otherValue, Line: line}, nil
}

func (b *builder) array(n *unstable.Node, line int) (*Value, error) {
	v := &Value{kind: arrayValue, Line: line, frozen: true}
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

func (b *builder) inlineTable(n *unstable.Node) (*Value, error) {
	v := &Value{kind: tableValue, Line: b.lineOf(n)}
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
