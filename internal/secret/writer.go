package secret

import (
	"io"
	"sync"
)

// Writer passes on what it gets without secrets. Flush passes on what was held back, for it might have been the beginning of
// one. It is safe for concurrent use.
type Writer struct {
	mutex  sync.Mutex
	to     io.Writer
	values *Values
	held   []byte
}

// NewWriter gives a writer that passes on to another.
func NewWriter(to io.Writer, values *Values) *Writer { return &Writer{to: to, values: values} }

func (w *Writer) Write(b []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var clean []byte
	clean, w.held = w.values.hideIn(append(w.held, b...), false)
	_, err := w.to.Write(clean)
	return len(b), err
}

// Flush passes on what was held back: nothing follows it.
func (w *Writer) Flush() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	rest, _ := w.values.hideIn(w.held, true)
	w.held = nil
	_, err := w.to.Write(rest)
	return err
}
