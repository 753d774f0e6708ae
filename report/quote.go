package report

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote gives a path or a name as a person can read it: as it is where that is safe and clear, else as a Go string in
// double quotes, with control characters, invisible ones and bytes that are not UTF-8 escaped. A terminal that prints
// the result obeys no file name.
func Quote(s string) string {
	if s == "" || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") || strings.HasPrefix(s, `"`) {
		return strconv.Quote(s)
	}
	for i, r := range s {
		if ' ' <= r && r < 0x7f {
			continue // most names are ASCII, of which no table has to be asked
		}
		if !strconv.IsPrint(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return strconv.Quote(s)
		}
	}
	return s
}

// Printable takes control characters out of a text that may quote a file name or another program: a terminal obeys none of it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// columns is how many columns of a terminal a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

// runeColumns follows Unicode Standard Annex #11 as far as file names need it: combining marks take no column of their
// own, East Asian wide characters and emoji take two.
func runeColumns(r rune) int {
	switch {
	case r < unicode.MaxLatin1: // most names, without a search of tables
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		r >= 0x3000 && r <= 0x303E, r >= 0xFF01 && r <= 0xFF60, r >= 0x1F300 && r <= 0x1FAFF:
		return 2
	}
	return 1
}

// Cut shortens a text to a number of columns, with an ellipsis where it was cut.
func Cut(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	n := 1
	for i, r := range s {
		if n += runeColumns(r); n > width {
			return s[:i] + "…"
		}
	}
	return s
}
