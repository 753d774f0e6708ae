package gitignore

import "strings"

// class is a set of bytes, "[…]" in a pattern.
type class struct {
	bytes   [256]bool
	negated bool
}

func (c *class) has(b byte) bool { return b != '/' && c.bytes[b] != c.negated }

// compileClass reads the class that a pattern begins with, and gives its length in bytes. It reports false if the class
// is not closed, or names a POSIX class that there is not.
func compileClass(pattern string) (*class, int, bool) {
	c := &class{}
	i := 1
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		c.negated = true
		i++
	}
	for first := true; i < len(pattern); first = false {
		switch {
		case pattern[i] == ']' && !first:
			return c, i + 1, true
		case strings.HasPrefix(pattern[i:], "[:"):
			n, ok := c.addNamed(pattern[i:])
			if !ok {
				return nil, 0, false
			}
			i += n
		default:
			n, ok := c.addRange(pattern[i:])
			if !ok {
				return nil, 0, false
			}
			i += n
		}
	}
	return nil, 0, false
}

// addRange adds the byte or the range that s begins with, and gives its length.
func (c *class) addRange(s string) (int, bool) {
	low, n, ok := classByte(s)
	if !ok {
		return 0, false
	}
	if len(s) > n+1 && s[n] == '-' && s[n+1] != ']' {
		high, m, ok := classByte(s[n+1:])
		if !ok {
			return 0, false
		}
		for b := int(low); b <= int(high); b++ {
			c.bytes[b] = true
		}
		return n + 1 + m, true
	}
	c.bytes[low] = true
	return n, true
}

// classByte gives one byte of a class, which a "\" may precede, and its length in the pattern.
func classByte(s string) (byte, int, bool) {
	if s[0] != '\\' {
		return s[0], 1, true
	}
	if len(s) < 2 {
		return 0, 0, false
	}
	return s[1], 2, true
}

// named are the POSIX classes, of ASCII.
var named = map[string]func(b byte) bool{
	"alnum":  func(b byte) bool { return isAlpha(b) || isDigit(b) },
	"alpha":  isAlpha,
	"blank":  func(b byte) bool { return b == ' ' || b == '\t' },
	"cntrl":  func(b byte) bool { return b < ' ' || b == 0x7f },
	"digit":  isDigit,
	"graph":  func(b byte) bool { return b > ' ' && b < 0x7f },
	"lower":  func(b byte) bool { return b >= 'a' && b <= 'z' },
	"print":  func(b byte) bool { return b >= ' ' && b < 0x7f },
	"punct":  func(b byte) bool { return b > ' ' && b < 0x7f && !isAlpha(b) && !isDigit(b) },
	"space":  func(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' },
	"upper":  func(b byte) bool { return b >= 'A' && b <= 'Z' },
	"xdigit": func(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' },
}

func isAlpha(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// addNamed adds the "[:name:]" that s begins with, and gives its length. What is not closed by ":]" is the byte "[".
func (c *class) addNamed(s string) (int, bool) {
	end := strings.IndexByte(s[2:], ']')
	if end < 0 {
		return 0, false
	}
	name, closed := strings.CutSuffix(s[2:2+end], ":")
	if !closed {
		c.bytes['['] = true
		return 1, true
	}
	is, ok := named[name]
	if !ok {
		return 0, false
	}
	for b := range 256 {
		if is(byte(b)) {
			c.bytes[b] = true
		}
	}
	return 2 + end + 1, true
}
