// Package syntax says where a file is not what its format asks for. Every reader of Python's files has this error, so that whoever tells a
// person about it can name line and column without knowing which of them it was.
package syntax

import (
	"bytes"
	"fmt"
)

// Error is a place in a file, and what is wrong there.
type Error struct {
	Line, Column int // 1-based; the column counts bytes
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// ErrorAt makes the error for a place given as an offset into data.
func ErrorAt(data []byte, offset int, format string, args ...any) *Error {
	before := data[:min(max(offset, 0), len(data))]
	return &Error{
		Line:    1 + bytes.Count(before, []byte("\n")),
		Column:  len(before) - bytes.LastIndexByte(before, '\n'),
		Message: fmt.Sprintf(format, args...),
	}
}

// CutBOM cuts the byte order mark that some editors put in front of a file in UTF-8.
func CutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

// FileError is an error in a file.
type FileError struct {
	File string // its path, as far as whoever reads it knows it
	Err  error
}

func (e *FileError) Error() string {
	if _, placed := e.Err.(*Error); placed {
		return e.File + ":" + e.Err.Error()
	}
	return e.File + ": " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }
