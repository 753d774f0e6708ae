package stream

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/monoplan/monoplan/report"
)

// Lines writes a line when a service has ended, its log folded below it where the CI can fold, the end of its log where
// it failed, and a summary.
type Lines struct {
	w      io.Writer
	style  report.Style
	host   Host
	width  int // of the names
	stage  string
	counts tally
	// failures are said again at the end, where a reader of a long log looks first.
	failures []Event
	paths    map[string]string
}

var _ Sink = (*Lines)(nil)

// NewLines makes a sink of logs. The host is the CI that shows them; its zero value is none.
func NewLines(w io.Writer, style report.Style, host Host) *Lines {
	return &Lines{w: w, style: style, host: host, paths: map[string]string{}}
}

// beside is how much of a terminal's line is kept for what stands beside a name: an outcome and a time.
const beside = 25

// Show writes what there is to say of an event.
func (l *Lines) Show(e Event) {
	switch e.Kind {
	case RunStarted:
		l.stage = e.Stage
		for _, s := range e.Services {
			l.width = max(l.width, len([]rune(report.Quote(s.Name))))
			l.paths[s.Name] = s.Path
		}
		if l.style.Width > 0 { // on a narrow terminal times stand in their line rather than below each other
			l.width = max(0, min(l.width, l.style.Width-beside))
		}
	case LockWaiting:
		l.printf("waiting for %s\n", report.Printable(e.Why))
	case ServiceEnded:
		l.counts.add(e)
		if e.Outcome == Failed || e.Outcome == Interrupted || e.Recorded != nil && !*e.Recorded {
			l.failures = append(l.failures, e)
		}
		l.service(e)
	case RunEnded:
		l.end(e)
	}
}

// Aside writes nothing of its own.
func (l *Lines) Aside(write func()) { write() }

// Tick is nothing that a log shows.
func (l *Lines) Tick(time.Time) {}

// service writes the line of a service that has ended, and what of its log belongs below.
func (l *Lines) service(e Event) {
	title := l.title(e)
	failed := e.Outcome == Failed || e.Outcome == Interrupted
	if e.LogFile == "" || !l.host.folds() {
		l.printf("%s\n", title)
		if failed {
			l.tail(e)
		}
		return
	}
	l.host.open(l.w, e.Service, title, failed, e.Time)
	l.log(e.LogFile)
	l.host.close(l.w, e.Service, e.Time)
	if failed {
		l.host.annotate(l.w, e)
	}
}

// title is a service's one line.
func (l *Lines) title(e Event) string {
	word, colour := outcomeWord(e)
	name := report.Quote(e.Service)
	text := paint(l.style, fmt.Sprintf("%-11s", word), colour) + "  " + name
	details := []string{}
	switch {
	case e.Error != "":
		first, _, _ := strings.Cut(e.Error, "\n")
		details = append(details, report.Printable(strings.TrimPrefix(first, e.Service+": ")))
	case e.Why != "":
		details = append(details, report.Printable(e.Why))
	}
	if e.Milliseconds != nil {
		details = append([]string{Duration(time.Duration(*e.Milliseconds) * time.Millisecond)}, details...)
	}
	if len(details) > 0 {
		text += strings.Repeat(" ", max(0, l.width-len([]rune(name)))) + "  " + strings.Join(details, "  ")
	}
	return text
}

// outcomeWord says an outcome as a person does.
func outcomeWord(e Event) (word, colour string) {
	switch {
	case e.Recorded != nil && !*e.Recorded && e.Outcome == Succeeded:
		return "unrecorded", red
	case e.Outcome == Succeeded && e.Action == "remove":
		return "removed", green
	case e.Outcome == Succeeded:
		return "deployed", green
	case e.Outcome == Identical:
		return "identical", faint
	case e.Outcome == Skipped:
		return "skipped", yellow
	}
	return e.Outcome, red
}

func (l *Lines) tail(e Event) {
	for _, line := range e.Tail {
		l.printf("    %s\n", report.Printable(line))
	}
	if e.Log != "" {
		l.printf("    %s\n", paint(l.style, "its log is "+report.Quote(e.Log), faint))
	}
}

// log copies a log, line by line: none of them may pass for a command to the CI.
func (l *Lines) log(path string) {
	f, err := os.Open(path)
	if err != nil {
		l.printf("%s\n", report.Printable(err.Error()))
		return
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			l.printf("%s\n", l.host.escape(report.Printable(strings.TrimRight(line, "\r\n"))))
		}
		if err != nil {
			return
		}
	}
}

// end writes the summary.
func (l *Lines) end(e Event) {
	if l.counts != (tally{}) {
		l.printf("\n")
	}
	for _, f := range l.failures {
		l.printf("%s\n", paint(l.style, failure(f), red))
	}
	if len(l.failures) > 0 {
		l.printf("\n")
	}
	took := ""
	if e.Milliseconds != nil && l.counts != (tally{}) {
		took = " in " + Duration(time.Duration(*e.Milliseconds)*time.Millisecond)
	}
	l.printf("%s: %s%s\n", report.Quote(l.stage), l.counts, took)
}

// failure says of a service that did not end well what there is to know in a line.
func failure(e Event) string {
	text := report.Quote(e.Service) + " " + e.Outcome
	if e.Outcome == Succeeded || e.Outcome == Identical {
		done := "deployed"
		if e.Action == "remove" {
			done = "removed"
		}
		text = report.Quote(e.Service) + " is " + done + ", and the ledger does not know"
	}
	if e.Error != "" {
		first, _, _ := strings.Cut(e.Error, "\n")
		text += ": " + report.Printable(strings.TrimPrefix(first, e.Service+": "))
	}
	if e.Log != "" {
		text += " (" + report.Quote(e.Log) + ")"
	}
	return text
}

// tally counts outcomes, with what was removed apart from what was deployed.
type tally struct {
	Counts
	removed int
}

func (c *tally) add(e Event) {
	if e.Outcome == Succeeded && e.Action == "remove" {
		c.removed++
		return
	}
	c.Add(e.Outcome)
}

// String lists the outcomes that there were: "2 deployed, 1 failed".
func (c tally) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{
		{c.Succeeded, "deployed"}, {c.removed, "removed"}, {c.Identical, "identical"}, {c.Failed, "failed"},
		{c.Interrupted, "interrupted"}, {c.Skipped, "skipped"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return "nothing to deploy"
	}
	return strings.Join(parts, ", ")
}

func (l *Lines) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(l.w, format, args...) // the writer remembers its error
}
