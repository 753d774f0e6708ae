package gitignore

import "strings"

// parseSet reads a bracket expression at the start of a pattern, and gives its length. As in git, a "]" that comes
// first is a member, "!" and "^" negate, and "\" takes the next byte as it is.
func parseSet(pattern string) (*set, int, error) {
	r := setReader{pattern: pattern, i: 1}
	negated := r.at() == '!' || r.at() == '^'
	if negated {
		r.i++
	}
	for first := true; first || r.at() != ']'; first = false {
		if err := r.member(); err != nil {
			return nil, 0, err
		}
		if r.i >= len(pattern) {
			return nil, 0, errOpenBracket
		}
	}
	if negated {
		for b := range r.set {
			r.set[b] = !r.set[b]
		}
	}
	return &r.set, r.i + 1, nil
}

// setReader is a bracket expression being read. previous is the byte that a range would start from, 0 if none can.
type setReader struct {
	pattern  string
	i        int
	set      set
	previous byte
}

// at gives the byte at the reader's place, 0 at the end.
func (r *setReader) at() byte { return r.ahead(0) }

func (r *setReader) ahead(n int) byte {
	if r.i+n < len(r.pattern) {
		return r.pattern[r.i+n]
	}
	return 0
}

// member reads one member: a byte, the rest of a range, or a class.
func (r *setReader) member() error {
	switch b := r.at(); {
	case b == '-' && r.previous != 0 && r.ahead(1) != 0 && r.ahead(1) != ']':
		r.i++
		return r.rangeEnd()
	case b == '[' && r.ahead(1) == ':':
		return r.class()
	}
	b, err := r.byte()
	if err != nil {
		return err
	}
	r.set[b] = true
	r.previous = b
	return nil
}

// byte reads one byte, a backslash before it left out.
func (r *setReader) byte() (byte, error) {
	if r.at() == '\\' {
		r.i++
	}
	b := r.at()
	if r.i >= len(r.pattern) {
		return 0, errOpenBracket
	}
	r.i++
	return b, nil
}

func (r *setReader) rangeEnd() error {
	end, err := r.byte()
	if err != nil {
		return err
	}
	for b := int(r.previous); b <= int(end); b++ {
		r.set[b] = true
	}
	r.previous = 0
	return nil
}

// class reads [:name:]. What has no ":]" before the next "]" is a "[" as it is.
func (r *setReader) class() error {
	length := strings.IndexByte(r.pattern[r.i+2:], ']')
	if length < 0 {
		return errOpenBracket
	}
	inside := r.pattern[r.i+2 : r.i+2+length]
	name, closed := strings.CutSuffix(inside, ":")
	if !closed {
		r.set['['] = true
		r.previous = '['
		r.i++
		return nil
	}
	is := classes[name]
	if is == nil {
		return errClass
	}
	for b := range 0x80 {
		if is(byte(b)) {
			r.set[b] = true
		}
	}
	r.previous = 0
	r.i += 2 + length + 1
	return nil
}

// classes are POSIX's, of ASCII alone, as git has them: a space is what git takes for one, without form feed and
// vertical tab.
var classes = map[string]func(byte) bool{
	"alnum":  func(b byte) bool { return isAlpha(b) || isDigit(b) },
	"alpha":  isAlpha,
	"blank":  func(b byte) bool { return b == ' ' || b == '\t' },
	"cntrl":  func(b byte) bool { return b < 0x20 || b == 0x7f },
	"digit":  isDigit,
	"graph":  isGraph,
	"lower":  func(b byte) bool { return b >= 'a' && b <= 'z' },
	"print":  func(b byte) bool { return isGraph(b) || b == ' ' },
	"punct":  func(b byte) bool { return isGraph(b) && !isAlpha(b) && !isDigit(b) },
	"space":  func(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' },
	"upper":  func(b byte) bool { return b >= 'A' && b <= 'Z' },
	"xdigit": func(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' },
}

func isAlpha(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
func isDigit(b byte) bool { return b >= '0' && b <= '9' }
func isGraph(b byte) bool { return b > 0x20 && b < 0x7f }
