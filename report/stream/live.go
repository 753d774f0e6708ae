package stream

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/report"
)

// Live is Lines with a table below them of what runs: it is drawn anew with every event and every tick.
type Live struct {
	lines   *Lines
	w       io.Writer
	style   report.Style
	rows    int
	running []running
	waiting int
	now     time.Time
	drawn   int // lines of the table that are on the screen
}

var _ Sink = (*Live)(nil)

type running struct {
	name, step string
	since      time.Time
}

// NewLive makes a sink of a terminal with so many rows and the style's width.
func NewLive(w io.Writer, style report.Style, rows int) *Live {
	return &Live{lines: NewLines(w, style, Host{}), w: w, style: style, rows: rows}
}

// Show writes an event's lines above the table, and draws the table.
func (l *Live) Show(e Event) {
	l.now = e.Time
	l.erase()
	l.lines.Show(e)
	switch e.Kind {
	case RunStarted:
		l.waiting = len(e.Services)
	case ServiceStarted:
		l.waiting--
		l.running = append(l.running, running{e.Service, "", e.Time})
	case StepStarted:
		if i := l.find(e.Service); i >= 0 {
			l.running[i].step = e.Step
		}
	case ServiceEnded:
		if i := l.find(e.Service); i >= 0 {
			l.running = slices.Delete(l.running, i, i+1)
		} else {
			l.waiting--
		}
	}
	l.draw()
}

// Aside takes the table away for as long as something else is written.
func (l *Live) Aside(write func()) {
	l.erase()
	write()
	l.draw()
}

// Tick draws the table with how long each service runs by now.
func (l *Live) Tick(now time.Time) {
	l.now = now
	l.erase()
	l.draw()
}

func (l *Live) find(name string) int {
	return slices.IndexFunc(l.running, func(r running) bool { return r.name == name })
}

// erase goes up to the table's first line and clears the screen below (ECMA-48: CPL, ED).
func (l *Live) erase() {
	if l.drawn > 0 {
		l.printf("\x1b[%dF\x1b[J", l.drawn)
		l.drawn = 0
	}
}

func (l *Live) draw() {
	const footer = 2 // the line of what waits, and the cursor's
	shown := l.running[:min(len(l.running), max(1, l.rows-footer))]
	for _, r := range shown {
		name := report.Quote(r.name)
		line := fmt.Sprintf("%-11s  %s%s  %s", "running", name, strings.Repeat(" ", max(0, l.lines.width-len([]rune(name)))), Duration(l.now.Sub(r.since).Truncate(100*time.Millisecond)))
		if r.step != "" {
			line += "  " + r.step
		}
		l.line(paint(l.style, l.fit(line), bold))
	}
	if rest := len(l.running) - len(shown) + l.waiting; rest > 0 && len(l.running) > 0 {
		l.line(paint(l.style, l.fit(fmt.Sprintf("%d more to go", rest)), faint))
	}
}

func (l *Live) fit(line string) string {
	if l.style.Width <= 0 {
		return line
	}
	return report.Cut(line, l.style.Width-1)
}

func (l *Live) line(text string) {
	l.printf("%s\n", text)
	l.drawn++
}

func (l *Live) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(l.w, format, args...) // the writer remembers its error
}
