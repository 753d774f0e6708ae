package main

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/monoplan/monoplan/internal/environ"
	"github.com/monoplan/monoplan/report"
)

// process is what the command has of the world outside.
type process struct {
	Stdout, Stderr io.Writer
	// Env is the environment, as os.Environ gives it.
	Env []string
	// Dir is the current directory.
	Dir string
	// Kill is closed by the second interrupt; nil where none can come.
	Kill <-chan struct{}
	// SurvivePipe makes writing to a standard output that nobody reads any more an error, where it would end the program; nil
	// where it is one anyway.
	SurvivePipe func()
}

// getenv gives a variable, empty where it is not set.
func (p process) getenv(name string) string { return environ.Get(p.Env, name) }

// isCI reports whether the machine is a CI's: almost all of them set CI to true, some to 1.
func (p process) isCI() bool {
	ci := strings.ToLower(p.getenv("CI"))
	return ci != "" && ci != "false" && ci != "0"
}

// style is how text on standard output is to look: plain lines as long as they are for a file or a pipe; on a terminal
// as wide as that is, and in colour unless NO_COLOR (no-color.org) or a terminal that knows none says otherwise.
func (p process) style() report.Style {
	f, ok := p.Stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return report.Style{}
	}
	return report.Style{Width: p.width(f), Colour: p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"}
}

// width asks the terminal first, then COLUMNS (POSIX, Base Definitions 8.3).
func (p process) width(f *os.File) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	if width, err := strconv.Atoi(p.getenv("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return 80
}

// output is standard output with a memory: what could not be written is an error of the command, be it that the writer
// did not look.
type output struct {
	buffer *bufio.Writer
	err    error
}

func newOutput(w io.Writer) *output { return &output{buffer: bufio.NewWriterSize(w, 1<<16)} }

func (o *output) Write(b []byte) (int, error) {
	n, err := o.buffer.Write(b)
	o.note(err)
	return n, err
}

// flush gives the first error there was.
func (o *output) flush() error {
	o.note(o.buffer.Flush())
	return o.err
}

func (o *output) note(err error) {
	if o.err == nil && err != nil {
		o.err = &outputError{err}
	}
}

// outputError is a standard output that does not take what is written.
type outputError struct{ err error }

func (e *outputError) Error() string { return "writing to standard output: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }
