package stream

import (
	"encoding/json"
	"io"
	"time"
)

// JSON writes one object a line.
type JSON struct {
	encoder *json.Encoder
}

var _ Sink = (*JSON)(nil)

// NewJSON makes a sink of programs.
func NewJSON(w io.Writer) *JSON {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &JSON{encoder: e}
}

// Show writes the event.
func (j *JSON) Show(e Event) {
	e.Time = e.Time.UTC()
	_ = j.encoder.Encode(e) // every field has a JSON; the writer remembers what it could not write
}

// Aside writes nothing of its own.
func (j *JSON) Aside(write func()) { write() }

// Tick is of no interest to a program.
func (j *JSON) Tick(time.Time) {}
