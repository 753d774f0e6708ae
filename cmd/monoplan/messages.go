package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/monoplan/monoplan/report"
)

// messages says on standard error what is not the answer itself: errors, hints and warnings. A script that asked for
// JSON gets each of them as one JSON object on a line of its own.
type messages struct {
	w    io.Writer
	json bool
}

// messageJSON is an error or a warning as a script reads it.
type messageJSON struct {
	Error    string `json:"error,omitempty"`
	Warning  string `json:"warning,omitempty"`
	Hint     string `json:"hint,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	ExitCode int    `json:"exit_code,omitempty"`
}

// fail says what was wrong, and if there is a hint what to do next.
func (m messages) fail(err error, hint string, code exitCode) {
	if m.json {
		at := positionOf(err)
		m.object(messageJSON{Error: err.Error(), Hint: hint, File: at.file, Line: at.line, Column: at.column, ExitCode: int(code)})
		return
	}
	for line := range strings.Lines(err.Error()) {
		m.line("error", line)
	}
	if hint != "" {
		m.line("hint", hint)
	}
}

// warn says what the plan was widened for, or what its reader should know. The file may be empty and the line 0.
func (m messages) warn(file string, line int, text string) {
	if m.json {
		m.object(messageJSON{Warning: text, File: file, Line: line})
		return
	}
	switch {
	case file == "":
		m.line("warning", text)
	case line == 0:
		m.line("warning", report.Quote(file)+": "+text)
	default:
		m.line("warning", fmt.Sprintf("%s:%d: %s", report.Quote(file), line, text))
	}
}

func (m messages) line(kind, text string) {
	fmt.Fprintf(m.w, "monoplan: %s: %s\n", kind, report.Printable(strings.TrimRight(text, "\n")))
}

func (m messages) object(v messageJSON) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // strings and numbers always have a JSON
	_, _ = m.w.Write(b.Bytes())
}
