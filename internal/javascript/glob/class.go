package glob

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is a bracket expression.
type class struct {
	negated bool
	ranges  [][2]rune
	named   []func(rune) bool
	ascii   bool // named classes have nothing else
}

func (c *class) matches(r rune) bool {
	in := false
	for _, within := range c.ranges {
		in = in || r >= within[0] && r <= within[1]
	}
	for _, is := range c.named {
		in = in || is(r) && (r < 0x80 || !c.ascii)
	}
	return in != c.negated
}

// parseClass reads the bracket expression that a text begins with, and gives its length, 0 where it does not close.
//
// Whether "!" is for "not" is said by posix, and whether named classes are of ASCII by ascii.
func parseClass(text string, posix, ascii bool) (*class, int) {
	c := &class{ascii: ascii}
	i := 1
	if i < len(text) && (text[i] == '!' && posix || text[i] == '^') {
		c.negated = true
		i++
	}
	for first := true; i < len(text); first = false {
		if text[i] == ']' && !first {
			return c, i + 1
		}
		if is, length := namedClass(text[i:]); is != nil {
			c.named = append(c.named, is)
			i += length
			continue
		}
		low, size := classRune(text[i:])
		i += size
		high := low
		if len(text) > i+1 && text[i] == '-' && text[i+1] != ']' {
			high, size = classRune(text[i+1:])
			i += 1 + size
		}
		c.ranges = append(c.ranges, [2]rune{low, high})
	}
	return nil, 0
}

// classRune reads one member, a backslash before it left out.
func classRune(text string) (r rune, size int) {
	if text[0] == '\\' && len(text) > 1 {
		r, size = utf8.DecodeRuneInString(text[1:])
		return r, size + 1
	}
	return utf8.DecodeRuneInString(text)
}

// namedClass reads "[:alpha:]".
func namedClass(text string) (is func(rune) bool, length int) {
	if !strings.HasPrefix(text, "[:") {
		return nil, 0
	}
	end := strings.Index(text, ":]")
	if end < 0 {
		return nil, 0
	}
	return posixClass(text[2:end]), end + 2
}

func posixClass(name string) func(rune) bool {
	switch name {
	case "alnum":
		return func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	case "alpha":
		return unicode.IsLetter
	case "ascii":
		return func(r rune) bool { return r < 0x80 }
	case "blank":
		return func(r rune) bool { return r == '\t' || unicode.Is(unicode.Zs, r) }
	case "cntrl":
		return unicode.IsControl
	case "digit":
		return unicode.IsDigit
	case "graph":
		return unicode.IsGraphic
	case "lower":
		return unicode.IsLower
	case "print":
		return unicode.IsPrint
	case "punct":
		return unicode.IsPunct
	case "space":
		return unicode.IsSpace
	case "upper":
		return unicode.IsUpper
	case "word":
		return func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }
	case "xdigit":
		return func(r rune) bool { return r < 0x80 && strings.ContainsRune("0123456789abcdefABCDEF", r) }
	}
	return nil
}
