//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// page is where results are written to with -write, and chartFile where the chart is, beside it.
const (
	page      = "docs/performance.md"
	chartFile = "docs/growth.svg"
)

// writeSection puts a part's text between its two marks in a page, and where it has none at the end, with a heading.
func writeSection(file, name, title, text string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := fmt.Sprintf("<!-- measured: %s -->\n", name), fmt.Sprintf("<!-- end of %s -->\n", name)
	before, rest, ok := strings.Cut(string(data), begin)
	after := ""
	if ok {
		if _, after, ok = strings.Cut(rest, end); !ok {
			return fmt.Errorf("%s has %q, but no %q", file, strings.TrimSpace(begin), strings.TrimSpace(end))
		}
	} else {
		before += fmt.Sprintf("\n## %s\n\n", title)
	}
	return os.WriteFile(file, []byte(before+begin+"\n"+strings.TrimSpace(text)+"\n\n"+end+after), 0o666)
}

// table is a Markdown table whose first column is text and whose others are numbers.
type table struct {
	columns []string
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "| %s |\n| --- |%s\n", strings.Join(t.columns, " | "), strings.Repeat(" ---: |", len(t.columns)-1))
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
	fmt.Fprintln(w)
}

func milliseconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.0f", float64(d.Microseconds())/1000)
}

func megabytes(bytes int64) string {
	if bytes == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", float64(bytes)/1e6)
}

func ratio(r float64) string {
	if r >= 10 {
		return fmt.Sprintf("×%.0f", r)
	}
	return fmt.Sprintf("×%.2f", r)
}

// detail is a table of all that was measured of some commands.
func detail(w io.Writer, commands []*command) {
	t := &table{columns: []string{"", "median, ms", "10 % to 90 %", "against the first", "processor, ms", "turns"}}
	for _, c := range commands {
		t.add(c.label, milliseconds(c.median()), milliseconds(quantile(c.times, 0.1))+" to "+milliseconds(quantile(c.times, 0.9)),
			ratio(c.against(commands[0])), milliseconds(quantile(c.cpu, 0.5)), fmt.Sprint(len(c.times)))
	}
	t.write(w)
}
