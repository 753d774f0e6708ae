package pep517

import (
	"io"
	"strings"
	"sync"
)

// Tail is a writer that passes on what it gets, and remembers the last lines. It is safe for concurrent use.
type Tail struct {
	mu   sync.Mutex
	log  io.Writer
	kept []byte
}

// NewTail keeps the end of what goes to a log, which may be nil.
func NewTail(log io.Writer) *Tail {
	if log == nil {
		log = io.Discard
	}
	return &Tail{log: log}
}

// keptLines and keptBytes bound what an error quotes of a log.
const (
	keptLines = 20
	keptBytes = 8 << 10
)

func (t *Tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if len(t.kept) > 2*keptBytes {
		t.kept = append([]byte(nil), t.kept[len(t.kept)-keptBytes:]...)
	}
	return t.log.Write(b)
}

// String gives the last lines.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	return strings.Join(lines[max(0, len(lines)-keptLines):], "\n")
}
