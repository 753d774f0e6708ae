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
func (r *jsonReader) object(member func(key string)) { r.each(member, true) }

// members is object for one with many keys: that one comes twice is for the caller to find.
func (r *jsonReader) members(member func(key string)) { r.each(member, false) }

func (r *jsonReader) each(member func(key string), once bool) {
	if !r.expect('{') {
		return
	}
	if r.next() == '}' {
		r.at++
		return
	}
	var room [16]string
	seen := room[:0]
	for {
		key := r.string()
		if once && slices.Contains(seen, key) {
			r.fail("the key %q is there already", key)
		}
		if !r.expect(':') {
			return
		}
		if once {
			seen = append(seen, key)
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

// string reads a string. One that is not plain ASCII is left to encoding/json.
func (r *jsonReader) string() string {
	if !r.expect('"') {
		return ""
	}
	start := r.at
	length := strings.IndexByte(r.text[start:], '"')
	if length < 0 {
		r.fail("a string has no end")
		return ""
	}
	plain := r.text[start : start+length]
	if !isPlain(plain) {
		return r.oddString(start)
	}
	r.at = start + length + 1
	return plain
}

// isPlain reports whether a string is of ASCII without control characters and backslashes.
func isPlain(s string) bool {
	large, small := byte(0), byte(0)
	for i := range len(s) {
		large |= s[i]
		small |= s[i] - ' ' // below a blank it begins again from above
	}
	return large|small < utf8.RuneSelf && strings.IndexByte(s, '\\') < 0
}

// oddString reads a string that begins behind its quote.
func (r *jsonReader) oddString(start int) string {
	end := start + stringLength(r.text[start:])
	if end >= len(r.text) {
		r.fail("a string has no end")
		return ""
	}
	r.at = end + 1
	quoted := r.text[start-1 : end+1]
	var value string
	switch {
	case !utf8.ValidString(quoted):
		r.fail("a string is not UTF-8")
	case json.Unmarshal([]byte(quoted), &value) != nil:
		r.fail("a string has a control character, or an escape that is none")
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

// raw passes an object or a list, and gives its text. Of what is within only strings and brackets are looked at.
func (r *jsonReader) raw() string {
	if open := r.next(); open != '{' && open != '[' {
		r.fail("an object or a list was expected")
		return ""
	}
	start, depth := r.at, 0
	for i := start; i < len(r.text); i++ {
		switch r.text[i] {
		case '"':
			i += 1 + stringLength(r.text[i+1:])
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				r.at = i + 1
				return r.text[start:r.at]
			}
		}
	}
	r.fail("something has no end")
	return ""
}

// stringLength gives how far it is from behind a string's first quote to its last, or to the end of the text.
func stringLength(text string) int {
	n := 0
	for {
		quote := strings.IndexByte(text[n:], '"')
		if quote < 0 {
			return len(text)
		}
		escape := strings.IndexByte(text[n:n+quote], '\\')
		if escape < 0 {
			return n + quote
		}
		if n += escape + 2; n > len(text) {
			return len(text)
		}
	}
}
