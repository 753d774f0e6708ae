package python

import (
	"bytes"
	"fmt"
)

// SyntaxError says where a file is not what its format asks for.
type SyntaxError struct {
	Line, Column int // 1-based; the column counts bytes
	Message      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// syntaxErrorAt makes the error for a place given as an offset into data.
func syntaxErrorAt(data []byte, offset int, format string, args ...any) *SyntaxError {
	before := data[:min(max(offset, 0), len(data))]
	return &SyntaxError{
		Line:    1 + bytes.Count(before, []byte("\n")),
		Column:  len(before) - bytes.LastIndexByte(before, '\n'),
		Message: fmt.Sprintf(format, args...),
	}
}

// utf8BOM is what some editors put in front of a file.
var utf8BOM = []byte("\xef\xbb\xbf")
