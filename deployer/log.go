package deployer

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/secret"
)

// logFile is the log of one service. Writing to it never fails: a deploy is worth more than its log, and what could not
// be written is told at the end.
type logFile struct {
	path string
	// Writer takes what a command prints, and has it written without secrets.
	*secret.Writer

	mutex sync.Mutex
	file  *os.File // nil where there is none
	err   error
	size  int64
	// midLine says that what was written last does not end a line.
	midLine bool
	// last has the end of what was written in the current step, and cut says that there was more.
	last []byte
	cut  bool
}

func newLogFile(secrets *secret.Values) *logFile {
	l := &logFile{}
	l.Writer = secret.NewWriter(writerFunc(l.keep), secrets)
	return l
}

// writerFunc is a function that takes what is written, and never fails.
type writerFunc func(b []byte)

func (f writerFunc) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}

// lastSize is how many bytes of a step's output an error has, and logLimit how many a log has at most.
const (
	lastSize = 8 << 10
	logLimit = 256 << 20
)

// begin writes the line of a step.
func (l *logFile) begin(step Step, command string) {
	l.endOutput()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last, l.cut = nil, false
	line := fmt.Sprintf("--- %s", step)
	if command != "" {
		line += ": " + strings.ReplaceAll(command, "\n", "\n--- ")
	}
	l.write([]byte(line + "\n"))
}

// endOutput says that a command prints no more: what was held back is written, and the last line is ended.
func (l *logFile) endOutput() {
	_ = l.Flush() // never fails
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.midLine {
		l.write([]byte("\n"))
	}
}

// keep writes output, and remembers its end.
func (l *logFile) keep(b []byte) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.write(b)
	l.last = append(l.last, b...)
	if len(l.last) > 2*lastSize {
		l.last, l.cut = slices.Clone(l.last[len(l.last)-lastSize:]), true
	}
}

// write writes to the file, as far as that goes.
func (l *logFile) write(b []byte) {
	if len(b) == 0 || l.file == nil || l.err != nil || l.size >= logLimit {
		return
	}
	l.midLine = b[len(b)-1] != '\n'
	n, err := l.file.Write(b)
	l.size += int64(n)
	l.err = err
	if l.size >= logLimit {
		_, l.err = l.file.WriteString("\n--- the log is full: what follows was left out\n")
	}
}

// tail gives the last lines of the current step's output, whole ones where there was more.
func (l *logFile) tail() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	last := l.last[max(0, len(l.last)-lastSize):]
	if l.cut || len(l.last) > lastSize {
		if _, after, ok := bytes.Cut(last, []byte("\n")); ok {
			last = after
		}
	}
	return strings.TrimRight(strings.ToValidUTF8(string(last), "\ufffd"), "\n")
}

// close gives the first error that there was.
func (l *logFile) close() error {
	l.endOutput()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.file == nil {
		return l.err
	}
	err := l.file.Close()
	l.file = nil
	if l.err != nil {
		return l.err
	}
	return err
}
