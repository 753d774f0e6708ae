//go:build unix

// Command compare times commands side by side, as whole processes, and prints a Markdown table.
//
// The commands take turns, and each turn begins with another one: what else the machine does then falls on all of
// them alike. The time is from before the process starts until it has ended; the processor's time is that of the process
// and of those that it waited for, on all processors, and says more where the machine was busy. The memory is the largest
// resident set of the process or of one that it waited for, as the kernel counts it.
//
// Commands come from standard input, one a line: a label, a tab, and the command's words, which blanks separate. The
// first is what the others are compared with.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	turns := flag.Int("turns", 21, "how often each command runs")
	dir := flag.String("C", ".", "the directory to run them in")
	flag.Parse()
	if err := compare(os.Stdin, os.Stdout, *dir, *turns); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// command is one that is timed, and what was measured.
type command struct {
	label string
	words []string
	times []time.Duration
	cpu   []time.Duration
	rss   int64 // bytes
}

func compare(in io.Reader, out io.Writer, dir string, turns int) error {
	commands, err := read(in)
	if err != nil {
		return err
	}
	for _, c := range commands { // once before it counts: caches of files, and monoplan's own
		if err := c.run(dir); err != nil {
			return err
		}
		c.times, c.cpu, c.rss = nil, nil, 0
	}
	for turn := range turns {
		for i := range commands {
			if err := commands[(i+turn)%len(commands)].run(dir); err != nil {
				return err
			}
		}
	}
	return table(out, commands)
}

func read(in io.Reader) ([]*command, error) {
	var commands []*command
	for lines := bufio.NewScanner(in); lines.Scan(); {
		label, words, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.TrimSpace(words) == "" {
			return nil, fmt.Errorf("%q is no label, tab and command", lines.Text())
		}
		commands = append(commands, &command{label: label, words: strings.Fields(words)})
	}
	if len(commands) == 0 {
		return nil, errors.New("no commands")
	}
	return commands, nil
}

func (c *command) run(dir string) error {
	var stderr bytes.Buffer
	cmd := exec.Command(c.words[0], c.words[1:]...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(c.words, " "), err, stderr.String())
	}
	c.times = append(c.times, took)
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.rss = max(c.rss, residentBytes(usage))
	}
	return nil
}

// residentBytes is in bytes where macOS counts bytes and Linux counts KiB (getrusage(2)).
func residentBytes(usage *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss * 1024
}

func table(w io.Writer, commands []*command) error {
	var b strings.Builder
	b.WriteString("| | median | 10 % to 90 % | against the first | processor | peak RSS |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	first := quantile(commands[0].times, 0.5)
	for _, c := range commands {
		median := quantile(c.times, 0.5)
		fmt.Fprintf(&b, "| %s | %s | %s to %s | %+.1f ms, ×%.2f | %s | %.0f MB |\n", c.label, milliseconds(median),
			milliseconds(quantile(c.times, 0.1)), milliseconds(quantile(c.times, 0.9)),
			float64((median-first).Microseconds())/1000, float64(median)/float64(first), milliseconds(quantile(c.cpu, 0.5)), float64(c.rss)/1e6)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func quantile(times []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
