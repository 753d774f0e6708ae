package stream

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/monoplan/monoplan/report"
)

// Markdown collects a run for a job summary: a table of its services, failures with the end of their logs.
type Markdown struct {
	started Event
	ended   []Event
}

// Show takes an event down.
func (m *Markdown) Show(e Event) {
	switch e.Kind {
	case RunStarted:
		m.started = e
	case ServiceEnded:
		m.ended = append(m.ended, e)
	}
}

// HasRun reports whether there is a run to tell of.
func (m *Markdown) HasRun() bool { return m.started.Kind != "" }

// Write writes the summary in GitHub's Markdown.
func (m *Markdown) Write(w io.Writer) error {
	var b strings.Builder
	counts := tally{}
	for _, e := range m.ended {
		counts.add(e)
	}
	fmt.Fprintf(&b, "### monoplan: %s\n\n%s", cell(m.started.Stage), counts)
	if m.started.Unchanged != nil && *m.started.Unchanged > 0 {
		fmt.Fprintf(&b, ", %d unchanged", *m.started.Unchanged)
	}
	if m.started.Head != "" {
		fmt.Fprintf(&b, " at `%s`", m.started.Head)
	}
	b.WriteString("\n\n")
	if len(m.ended) > 0 {
		b.WriteString("| service | outcome | time | |\n| --- | --- | ---: | --- |\n")
	}
	for _, e := range m.ended {
		word, _ := outcomeWord(e)
		took := ""
		if e.Milliseconds != nil {
			took = Duration(time.Duration(*e.Milliseconds) * time.Millisecond)
		}
		first, _, _ := strings.Cut(e.Error, "\n")
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(e.Service), word, took, cell(first+e.Why))
	}
	for _, e := range m.ended {
		if len(e.Tail) > 0 {
			fmt.Fprintf(&b, "\n<details open><summary>%s</summary>\n\n%s\n</details>\n", html(e.Service), fenced(e.Tail))
		}
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// cell makes a text fit for a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "`", "\\`", "*", "\\*", "_", "\\_").Replace(report.Printable(s))
}

func html(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(report.Printable(s))
}

// fenced writes lines in a fence that none of them closes.
func fenced(lines []string) string {
	fence := "```"
	for _, line := range lines {
		for strings.Contains(line, fence) {
			fence += "`"
		}
	}
	var b strings.Builder
	b.WriteString(fence + "\n")
	for _, line := range lines {
		b.WriteString(report.Printable(line) + "\n")
	}
	b.WriteString(fence + "\n")
	return b.String()
}
