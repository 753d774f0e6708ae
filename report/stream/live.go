package stream

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/monoplan/monoplan/report"
)

// Live is Lines with a table below them of what runs: it is drawn anew with every event and every tick.
type Live struct {
	lines   *Lines
	w       io.Writer
	style   report.Style
	size    func() (columns, rows int)
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

// NewLive makes a sink of a terminal whose size is asked for whenever the table is drawn; it is 0 by 0 where it is not known.
func NewLive(w io.Writer, style report.Style, size func() (columns, rows int)) *Live {
	return &Live{lines: NewLines(w, style, Host{}), w: w, style: style, size: size}
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

// erase goes up to the table's first line and clears the screen below (ECMA-48: CPL, ED). Where a terminal has become narrower
// and has broken the table's lines in two, something of it stays: to go further up might take away what is there for good.
func (l *Live) erase() {
	if l.drawn > 0 {
		l.printf("\x1b[%dF\x1b[J", l.drawn)
		l.drawn = 0
	}
}

func (l *Live) draw() {
	const footer = 2 // the line of what waits, and the cursor's
	columns, rows := l.size()
	shown := l.running[:min(len(l.running), max(1, rows-footer))]
	for _, r := range shown {
		took := Duration(l.now.Sub(r.since).Truncate(100 * time.Millisecond))
		name := report.Quote(r.name)
		width := l.lines.width
		if columns > 0 { // the time is worth more than the end of a name
			width = min(width, columns-beside)
			name = report.Cut(name, max(1, columns-1-len("running      ")-len("  ")-utf8.RuneCountInString(took)))
		}
		line := fmt.Sprintf("%-11s  %s%s  %s", "running", name, strings.Repeat(" ", max(0, width-utf8.RuneCountInString(name))), took)
		if length := utf8.RuneCountInString(line) + len("  ") + len(r.step); r.step != "" && (columns <= 0 || length < columns) {
			line += "  " + r.step
		}
		l.line(line, columns, bold)
	}
	if rest := len(l.running) - len(shown) + l.waiting; rest > 0 && len(l.running) > 0 {
		l.line(fmt.Sprintf("%d more to go", rest), columns, faint)
	}
}

// line draws a line of the table, cut to the terminal's width.
func (l *Live) line(text string, columns int, colour string) {
	if columns > 0 {
		text = report.Cut(text, columns-1)
	}
	l.printf("%s\n", paint(l.style, text, colour))
	l.drawn++
}

func (l *Live) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(l.w, format, args...) // the writer remembers its error
}
