package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonReader reads JSON (RFC 8259) whose shape is known. A ledger of ten thousand services has five megabytes, and every plan
// reads it: encoding/json would take longer for it than all the rest of a plan. What it gives shares memory with the text. After
// the first error it reads nothing more.
type jsonReader struct {
	text string
	at   int
	err  error
}

// fail notes what is wrong where the reader is.
func (r *jsonReader) fail(format string, args ...any) {
	if r.err != nil {
		return
	}
	before := r.text[:min(r.at, len(r.text))]
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndexByte(before, '\n')
	r.err = fmt.Errorf("line %d, column %d: %s", line, column, fmt.Sprintf(format, args...))
}

// next gives the next byte that is no white space, without passing it; 0 at the end and after an error.
func (r *jsonReader) next() byte {
	if r.err != nil {
		return 0
	}
	for r.at < len(r.text) {
		switch c := r.text[r.at]; c {
		case ' ', '\n', '\r', '\t':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// expect passes a byte.
func (r *jsonReader) expect(c byte) bool {
	if r.next() != c || c == 0 {
		r.fail("%q was expected", string(c))
		return false
	}
	r.at++
	return true
}

// end expects that nothing follows.
func (r *jsonReader) end() {
	if r.next(); r.err == nil && r.at < len(r.text) {
		r.fail("something follows")
	}
}

// object calls member with each key of an object, at its value. A key that comes twice is an error.
func (r *jsonReader) object(member func(key string)) {
	var seen []string
	r.members(func(key string) {
		if slices.Contains(seen, key) {
			r.fail("the key %q is there already", key)
			return
		}
		seen = append(seen, key)
		member(key)
	})
}

// members is object for one with many keys: that one comes twice is for the caller to find.
func (r *jsonReader) members(member func(key string)) {
	if !r.expect('{') {
		return
	}
	if r.next() == '}' {
		r.at++
		return
	}
	for {
		key := r.string()
		if !r.expect(':') {
			return
		}
		if member(key); r.next() != ',' {
			break
		}
		r.at++
	}
	r.expect('}')
}

// list calls element at each element of a list.
func (r *jsonReader) list(element func()) {
	if !r.expect('[') {
		return
	}
	if r.next() == ']' {
		r.at++
		return
	}
	for {
		if element(); r.next() != ',' {
			break
		}
		r.at++
	}
	r.expect(']')
}

func (r *jsonReader) strings() []string {
	var all []string
	r.list(func() { all = append(all, r.string()) })
	return all
}

// string reads a string. One with an escape is left to encoding/json.
func (r *jsonReader) string() string {
	if !r.expect('"') {
		return ""
	}
	start := r.at
	for escaped := false; ; {
		quote := strings.IndexByte(r.text[r.at:], '"')
		if quote < 0 {
			r.fail("a string has no end")
			return ""
		}
		part := r.text[r.at : r.at+quote]
		r.at += quote + 1
		if strings.IndexByte(part, '\\') >= 0 {
			escaped = true
			if n := len(part) - len(strings.TrimRight(part, `\`)); n%2 == 1 {
				continue // the quote is a part of the string
			}
		}
		return r.checked(r.text[start:r.at-1], escaped)
	}
}

// checked gives the string that a text between quotes stands for.
func (r *jsonReader) checked(s string, escaped bool) string {
	ascii := true
	for i := range len(s) {
		if s[i] < ' ' {
			r.fail("a string has a control character")
			return ""
		}
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if !ascii && !utf8.ValidString(s) {
		r.fail("a string is not UTF-8")
		return ""
	}
	if !escaped {
		return s
	}
	var value string
	if err := json.Unmarshal([]byte(`"`+s+`"`), &value); err != nil {
		r.fail("a string has an escape that is none")
	}
	return value
}

// int reads a whole number that is not negative.
func (r *jsonReader) int() int64 {
	r.next()
	start := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
	}
	digits := r.text[start:r.at]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || len(digits) > 1 && digits[0] == '0' {
		r.fail("a whole number was expected")
	}
	return n
}

func (r *jsonReader) bool() bool {
	r.next()
	for _, word := range []string{"true", "false"} {
		if r.err == nil && strings.HasPrefix(r.text[r.at:], word) {
			r.at += len(word)
			return word == "true"
		}
	}
	r.fail("true or false was expected")
	return false
}

// raw passes a value of an object or a list, and gives its text. What is within is not looked at.
func (r *jsonReader) raw() string {
	open := r.next()
	if open != '{' && open != '[' {
		r.fail("an object or a list was expected")
		return ""
	}
	start, depth := r.at, 0
	for r.err == nil {
		i := strings.IndexAny(r.text[r.at:], `{}[]"`)
		if i < 0 {
			r.fail("something has no end")
			return ""
		}
		r.at += i
		switch r.text[r.at] {
		case '"':
			r.string()
			continue
		case '{', '[':
			depth++
		default:
			depth--
		}
		r.at++
		if depth == 0 {
			return r.text[start:r.at]
		}
	}
	return ""
}
