package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	const text = `{
  "name": "caf\u00e9 \ud83d\ude00\n",
  "list": [1, -2.5e3, true, false, null, "x"],
  "twice": 1,
  "twice": {"in": {}}
}
`
	v, err := Parse([]byte("\ufeff"+text), JSON)
	if err != nil {
		t.Fatal(err)
	}
	if name := v.Get("name"); name.Text != "café 😀\n" || name.Line != 2 || name.Kind != String {
		t.Errorf("name is %+v", name)
	}
	if list := v.Get("list"); len(list.Items) != 6 || fmt.Sprint(list.Strings()) != "[x]" || list.Items[1].Text != "-2.5e3" {
		t.Errorf("list is %+v", list)
	}
	if twice := v.Get("twice"); twice.Kind != Object || v.Fields[3].Line != 5 {
		t.Errorf("the last of two counts, and is %+v", twice)
	}
	if gone := v.Get("gone"); gone.Kind != Absent || gone.IsTrue() {
		t.Errorf("gone is %+v", gone)
	}
}

func TestDialects(t *testing.T) {
	tests := []struct {
		text string
		from Dialect // the strictest that takes it
		want string  // of the value's only field
	}{
		{`{"a": "b"}`, JSON, "b"},
		{"{\"a\": \"b\", // c\n}", JSONC, "b"},
		{`/* c */ {"a": "b",}`, JSONC, "b"},
		{`{a: 'b'}`, JSON5, "b"},
		{`{$a_1: 'it\'s\x20\v\
 b',}`, JSON5, "it's \v b"},
		{`{"a": +0x1F}`, JSON5, "+0x1F"},
		{`{"a": .5}`, JSON5, ".5"},
		{`{"a": Infinity}`, JSON5, "Infinity"},
		{`{"a": 1.}`, JSON5, "1."},
	}
	for _, test := range tests {
		for d := JSON; d <= JSON5; d++ {
			v, err := Parse([]byte(test.text), d)
			if (err == nil) != (d >= test.from) {
				t.Errorf("%s in dialect %d: %v", test.text, d, err)
			}
			if err == nil && v.Fields[0].Value.Text != test.want {
				t.Errorf("%s in dialect %d says %q", test.text, d, v.Fields[0].Value.Text)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	tests := map[string]string{
		"":                        "1:1: a value is missing: the text ends",
		"{\n  \"a\" 1}":           "2:7: a colon is missing behind the key \"a\"",
		"{\"a\": 1\n\"b\": 2}":    "2:1: a comma or \"}\" is missing",
		"[1, ]":                   "1:5: this is no value",
		"{,}":                     "1:2: a key in quotes is missing",
		"[01]":                    "1:2: this is no value",
		"\"a":                     "1:3: a string does not end",
		"\"\t\"":                  "1:2: a string has a control character in it",
		`"\x"`:                    "1:4: a string has an escape that is none",
		`"\u12"`:                  "1:4: a string does not end",
		"{} x":                    "1:4: there is more behind the value",
		"nul":                     "1:1: this is no value",
		strings.Repeat("[", 2000): "1:1002: values lie too deep in each other",
	}
	for text, want := range tests {
		_, err := Parse([]byte(text), JSON)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: no error", text)
			continue
		}
		if got := fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// What the standard library takes for JSON is JSON here, and the other way round.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a": [1, "é\n", {"b": null}], "c": -1.5e+3}`))
	f.Add([]byte("{\"a\": 1,}"))
	f.Add([]byte(`"\ud800\u0041"`))
	f.Add([]byte("1e999"))
	f.Add([]byte("{a: 'b', /* c */ d: +.5,}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Parse(data, JSON)
		if len(data) > 3 && string(data[:3]) == "\ufeff" || !utf8.Valid(data) {
			return
		}
		if valid := json.Valid(data); valid != (err == nil) && !strings.Contains(fmt.Sprint(err), "too deep") {
			t.Fatalf("encoding/json says %v, and here it is %v", valid, err)
		}
		var text string
		if err == nil && json.Unmarshal(data, &text) == nil && v.Kind == String && v.Text != text {
			t.Fatalf("%q, want %q", v.Text, text)
		}
		for _, d := range []Dialect{JSONC, JSON5} {
			if _, lax := Parse(data, d); err == nil && lax != nil {
				t.Fatalf("dialect %d: %v", d, lax)
			}
		}
	})
}
