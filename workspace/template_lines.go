package workspace

import (
	"bytes"
	"sort"
)

// sourceLines finds the line of a word in a value of several lines. YAML folds and indents such a value, and a parser
// tells only where it begins.
type sourceLines struct {
	data   []byte
	starts []int // where each line begins; nil until it is needed
}

// valueLines is where in the text a value is looked through for its words, in their order.
type valueLines struct {
	*sourceLines
	line    int // of the last word that was found
	at, end int // what is left of the value's lines; nothing of a value in one line
}

// of gives the lines of a value, when the next node begins in the line next. A value can end in that line, if nothing
// else can.
func (s *sourceLines) of(n *yamlNode, next int) *valueLines {
	v := &valueLines{sourceLines: s, line: n.line}
	if next > n.line {
		v.at, v.end = s.start(n.line), s.start(next+1)
	}
	return v
}

// start gives where a line begins, or where the text ends for one behind it.
func (s *sourceLines) start(line int) int {
	if s.starts == nil {
		s.starts = append(s.starts, 0)
		for i, b := range s.data {
			if b == '\n' {
				s.starts = append(s.starts, i+1)
			}
		}
	}
	if line > len(s.starts) {
		return len(s.data)
	}
	return s.starts[line-1]
}

// next gives the line of the next word. One that is not there as it reads (quoted values have escapes) is taken for
// being where the word before was, and ends the search, lest many of them cost a search each.
func (v *valueLines) next(word string) int {
	i := bytes.Index(v.data[v.at:v.end], []byte(word))
	if i < 0 {
		v.at = v.end
		return v.line
	}
	v.line = sort.SearchInts(v.starts, v.at+i+1)
	v.at += i + len(word)
	return v.line
}
