// Package value has what a JavaScript tool's settings say, with the line of each: JSON as npm reads it, and what people
// write in its place, comments, trailing commas and all of JSON5. Who reads YAML makes the same values of that.
package value

// Value is a value of a document.
type Value struct {
	Kind Kind
	// Text is a string's, a number's as it is written, or "true" or "false".
	Text   string
	Line   int // 1-based
	Items  []Value
	Fields []Field
}

// Field is one key of an object with its value.
type Field struct {
	Key   string
	Line  int // 1-based
	Value Value
}

// Kind is the type of a value.
type Kind uint8

// The kinds of values. The zero value is what is not there.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	List
	Object
)

// Get gives the value of a key, the last of several; Absent where there is none.
func (v Value) Get(key string) Value {
	for i := len(v.Fields) - 1; i >= 0; i-- {
		if v.Fields[i].Key == key {
			return v.Fields[i].Value
		}
	}
	return Value{}
}

// Strings gives the strings of a list, what is none left out.
func (v Value) Strings() []string {
	var list []string
	for _, item := range v.Items {
		if item.Kind == String {
			list = append(list, item.Text)
		}
	}
	return list
}

// IsTrue reports whether JavaScript takes the value for true.
func (v Value) IsTrue() bool {
	switch v.Kind {
	case Bool:
		return v.Text == "true"
	case String:
		return v.Text != ""
	case Number:
		return v.Text != "0"
	}
	return v.Kind == List || v.Kind == Object
}

// Kind's name as a message has it.
func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}
