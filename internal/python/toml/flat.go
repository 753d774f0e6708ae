package toml

import "strings"

// FlatTables goes through an array of inline tables, one a line, of plain strings and whole numbers, as locks list files, and makes no
// values: yield gets the table's number in the array, each key, and its text or digits. It reports false, perhaps after some, where
// the array is not of that kind; the caller then has Elements.
func (v *Value) FlatTables(yield func(table int, key, text string)) bool {
	if v == nil || v.kind != rawValue || !v.open {
		return false
	}
	rest := string(v.data) // of which all texts are parts
	for table := 0; ; table++ {
		line, after, found := strings.Cut(rest, "\n")
		if !found {
			return line == "]"
		}
		rest = after
		line = strings.TrimLeft(line, " ")
		line, closed := strings.CutSuffix(line, ",")
		if !closed || len(line) < 2 || line[0] != '{' || line[len(line)-1] != '}' {
			return false
		}
		if !flatTable(table, line[1:len(line)-1], yield) {
			return false
		}
	}
}

// flatTable reads `key = "text", key = 12`.
func flatTable(table int, rest string, yield func(table int, key, text string)) bool {
	for {
		key, after, found := strings.Cut(strings.TrimLeft(rest, " "), " = ")
		if !found || !isBareKey(key) {
			return false
		}
		var text string
		if len(after) > 0 && after[0] == '"' {
			end := strings.IndexByte(after[1:], '"')
			if end < 0 || strings.IndexByte(after[1:1+end], '\\') >= 0 {
				return false
			}
			text, rest = after[1:1+end], after[end+2:]
		} else {
			end := strings.IndexAny(after, ", ")
			if end < 0 {
				end = len(after)
			}
			if text, rest = after[:end], after[end:]; len(text) == 0 || !isNumber(text) {
				return false
			}
		}
		yield(table, key, text)
		if rest = strings.TrimLeft(rest, " "); len(rest) == 0 {
			return true
		}
		if rest[0] != ',' {
			return false
		}
		rest = rest[1:]
	}
}
