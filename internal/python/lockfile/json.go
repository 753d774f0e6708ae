package lockfile

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// appendJSON writes a value byte by byte as Python's json.dumps(value, sort_keys=True) does: blanks after commas and colons, nothing but
// ASCII, keys sorted by their characters.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case object:
		return appendObject(b, slices.Sorted(maps.Keys(v)), func(key string) any { return v[key] })
	case *toml.Value:
		return appendTOML(b, v)
	default:
		return append(b, "null"...)
	}
}

func appendObject(b []byte, keys []string, get func(key string) any) []byte {
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendString(b, key)
		b = append(b, ": "...)
		b = appendJSON(b, get(key))
	}
	return append(b, '}')
}

func appendTOML(b []byte, v *toml.Value) []byte {
	switch {
	case v == nil:
		return append(b, "null"...)
	case v.IsTable():
		var keys []string
		for _, key := range v.Entries() {
			keys = append(keys, key.Name)
		}
		slices.Sort(keys) // by bytes, which is by characters in UTF-8
		return appendObject(b, keys, func(key string) any { return v.Get(key) })
	case v.IsArray():
		b = append(b, '[')
		for i, item := range v.Elements() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendTOML(b, item)
		}
		return append(b, ']')
	case v.IsText():
		text, _ := v.Text()
		return appendString(b, text)
	case v.IsBool():
		return strconv.AppendBool(b, v.IsTrue())
	default:
		return append(b, pythonNumber(v.Literal())...)
	}
}

// appendString writes a string with every character that is not printable ASCII escaped.
func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ' && r < utf8.RuneSelf && r != 0x7f:
			b = append(b, byte(r))
		case r == 0x7f:
			b = append(b, 0x7f) // which Python's json leaves as it is
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"')
}

// pythonNumber writes a number of TOML as Python's json does: whole numbers in decimal, others as repr() has them.
func pythonNumber(literal string) string {
	text := strings.ReplaceAll(strings.TrimPrefix(literal, "+"), "_", "")
	if n, ok := new(big.Int).SetString(text, 0); ok {
		return n.String()
	}
	switch text {
	case "inf":
		return "Infinity"
	case "-inf":
		return "-Infinity"
	case "nan", "-nan":
		return "NaN"
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return pythonFloat(f)
}

// pythonFloat is repr(): the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
func pythonFloat(f float64) string {
	exponent := strconv.FormatFloat(f, 'e', -1, 64)
	_, power, _ := strings.Cut(exponent, "e")
	if n, err := strconv.Atoi(power); err == nil && n >= -4 && n < 16 {
		plain := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(plain, ".") {
			plain += ".0"
		}
		return plain
	}
	return exponent
}
