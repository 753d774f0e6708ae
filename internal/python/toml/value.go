// Package toml reads TOML into values that know the lines they are written on.
//
// Who is told that a lock is stale, or that a service depends on something, wants to see where that is written, and a decoder into structs
// does not say. Nor does it say which of two spellings was used, and Python's manifests have several for most things. So a document
// is a tree here, whose accessors take whatever is there, also nothing, and leave it to the caller what to make of it.
package toml

import (
	"strconv"
	"strings"
)

// Value is a TOML value with the line that it is written on. A nil *Value is one that is not there; all methods take it.
type Value struct {
	Line  int      // 1-based
	data  []byte   // a text's characters, or a number as it is written
	items []*Value // an array's
	keys  []Key
	index map[string]int // of keys, once there are many
	scan  *scanner       // of a raw value, and of a scanned document's root
	kind  kind
	truth bool
	open  bool // a raw array whose data begins behind its first line

	// How a table came to be decides what may still be added to it (see builder).
	declared bool  // by its own header
	frozen   bool  // an inline table, or an array that is a value
	dotted   int32 // the header under which a dotted key made it, counted from 1
}

type kind uint8

const (
	otherValue kind = iota
	textValue
	numberValue
	truthValue
	arrayValue
	tableValue
	rawValue // of Scan: not looked into yet
)

// Key is a key of a table, with its value.
type Key struct {
	Name  string
	Line  int // 1-based
	Value *Value
}

// is reports whether the value is there and of a kind.
func (v *Value) is(k kind) bool {
	if v == nil {
		return false
	}
	if v.kind == rawValue {
		v.settle()
	}
	return v.kind == k
}

// Get gives the value under a path of keys, or nil.
func (v *Value) Get(path ...string) *Value {
	for _, name := range path {
		if v = v.entry(name); v == nil {
			return nil
		}
	}
	return v
}

func (v *Value) entry(name string) *Value {
	if i := v.find(name); i >= 0 {
		return v.keys[i].Value
	}
	return nil
}

// manyKeys is where looking one key up in a map becomes cheaper than comparing it with all.
const manyKeys = 16

func (v *Value) find(name string) int {
	if !v.is(tableValue) {
		return -1
	}
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range v.keys {
		if v.keys[i].Name == name {
			return i
		}
	}
	return -1
}

func (v *Value) add(name string, line int, child *Value) {
	v.keys = append(v.keys, Key{name, line, child})
	switch {
	case v.index != nil:
		v.index[name] = len(v.keys) - 1
	case len(v.keys) > manyKeys:
		v.index = make(map[string]int, 2*len(v.keys))
		for i := range v.keys {
			v.index[v.keys[i].Name] = i
		}
	}
}

// Under gives a document that has a table under a path of keys, and nothing else.
func Under(table *Value, path ...string) *Value {
	document := &Value{kind: tableValue, Line: table.Line}
	document.Override(table, path...)
	return document
}

// Override puts the keys of a table in the place of those of the same names in the table under a path of keys, which is made where it is not
// there.
func (v *Value) Override(table *Value, path ...string) {
	for _, name := range path {
		next := v.entry(name)
		if !next.IsTable() {
			next = &Value{kind: tableValue, Line: table.Line}
			v.set(Key{name, table.Line, next})
		}
		v = next
	}
	for _, k := range table.Entries() {
		v.set(k)
	}
}

func (v *Value) set(k Key) {
	if i := v.find(k.Name); i >= 0 {
		v.keys[i] = k
	} else {
		v.add(k.Name, k.Line, k.Value)
	}
}

// Entries gives a table's keys in the order of the file.
func (v *Value) Entries() []Key {
	if !v.is(tableValue) {
		return nil
	}
	return v.keys
}

// Elements gives an array's values.
func (v *Value) Elements() []*Value {
	if !v.is(arrayValue) {
		return nil
	}
	return v.items
}

// Each gives an array's values, or the value alone where it is no array: many keys take one or several.
//
// It is short for the compiler's sake: one value in a slice then needs no memory of its own.
func (v *Value) Each() []*Value {
	items, single := v.list()
	if single {
		return []*Value{v}
	}
	return items
}

func (v *Value) list() (items []*Value, single bool) {
	return v.Elements(), v != nil && !v.is(arrayValue)
}

// Text gives a string's characters, and whether the value is a string.
func (v *Value) Text() (string, bool) {
	if !v.is(textValue) {
		return "", false
	}
	return string(v.data), true
}

// IsTrue reports whether the value is the boolean true.
func (v *Value) IsTrue() bool { return v.is(truthValue) && v.truth }

// IsTable reports whether the value is a table.
func (v *Value) IsTable() bool { return v.is(tableValue) }

// IsArray reports whether the value is an array.
func (v *Value) IsArray() bool { return v.is(arrayValue) }

// IsText reports whether the value is a string.
func (v *Value) IsText() bool { return v.is(textValue) }

// Texts gives the strings of an array.
func (v *Value) Texts() []string {
	var all []string
	for _, item := range v.Elements() {
		if text, ok := item.Text(); ok {
			all = append(all, text)
		}
	}
	return all
}

// Int gives a whole number, and whether the value is one of at most 64 bits.
func (v *Value) Int() (int64, bool) {
	if !v.is(numberValue) {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(string(v.data), "+"), 0, 64)
	return n, err == nil
}

// IsBool reports whether the value is a boolean.
func (v *Value) IsBool() bool { return v.is(truthValue) }

// Literal gives a number as it is written.
func (v *Value) Literal() string {
	if !v.is(numberValue) {
		return ""
	}
	return string(v.data)
}

// String gives a string's characters, or a number as it is written; empty for anything else.
func (v *Value) String() string {
	if v.is(textValue) || v.is(numberValue) {
		return string(v.data)
	}
	return ""
}
