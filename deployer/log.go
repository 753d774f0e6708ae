package deployer

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// logFile is the log of one service. Writing to it never fails: a deploy is worth more than its log, and what could not
// be written is told at the end.
type logFile struct {
	path    string
	secrets *secrets

	mutex sync.Mutex
	file  *os.File // nil where there is none
	err   error
	size  int64
	// held may be the beginning of a secret; last has the end of what was written in the current step.
	held, last []byte
}

// lastSize is how many bytes of a step's output an error has, and logLimit how many a log has at most.
const (
	lastSize = 8 << 10
	logLimit = 256 << 20
)

// begin writes the line of a step.
func (l *logFile) begin(step Step, command string) {
	l.flush()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last = nil
	line := fmt.Sprintf("--- %s", step)
	if command != "" {
		line += ": " + strings.ReplaceAll(command, "\n", "\n--- ")
	}
	l.write([]byte(line + "\n"))
}

// Write takes what a command prints.
func (l *logFile) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var clean []byte
	clean, l.held = l.secrets.hideIn(append(l.held, b...), false)
	l.keep(clean)
	return len(b), nil
}

// flush writes what was held back, for nothing follows.
func (l *logFile) flush() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	rest, _ := l.secrets.hideIn(l.held, true)
	l.held = nil
	l.keep(rest)
	if n := len(l.last); n > 0 && l.last[n-1] != '\n' {
		l.write([]byte("\n"))
	}
}

// keep writes output, and remembers its end.
func (l *logFile) keep(b []byte) {
	l.write(b)
	l.last = append(l.last, b...)
	if len(l.last) > 2*lastSize {
		l.last = append([]byte(nil), l.last[len(l.last)-lastSize:]...)
	}
}

// write writes to the file, as far as that goes.
func (l *logFile) write(b []byte) {
	if l.file == nil || l.err != nil || l.size >= logLimit {
		return
	}
	n, err := l.file.Write(b)
	l.size += int64(n)
	l.err = err
	if l.size >= logLimit {
		_, l.err = l.file.WriteString("\n--- the log is full: what follows was left out\n")
	}
}

// tail gives the last lines of the current step's output, whole ones if it is longer than is kept.
func (l *logFile) tail() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	last := l.last
	if len(last) > lastSize {
		last = last[len(last)-lastSize:]
		if _, after, ok := strings.Cut(string(last), "\n"); ok {
			last = []byte(after)
		}
	}
	return strings.TrimRight(strings.ToValidUTF8(string(last), "�"), "\n")
}

// close gives the first error that there was.
func (l *logFile) close() error {
	l.flush()
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
