//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// command is one that is timed, and what was measured.
type command struct {
	label string
	dir   string
	env   []string
	words []string
	// before makes things ready for each run; it is not timed.
	before func() error
	// check looks at what the command printed in its first run, which does not count.
	check func(stdout string) error
	begun bool

	times, cpu []time.Duration
	peak       int64 // of the process alone, in bytes; 0 where that is not known
}

// compare lets commands take turns, as whole processes. Each turn begins with another one: what else the machine does
// falls on all of them alike. The time is from before the process starts until it has ended; the processor's time is that
// of the process and of those that it waited for, on all processors. A command that is so slow that its turns would take
// longer than the budget has fewer of them, but two.
func (l *lab) compare(ctx context.Context, commands []*command) error {
	for _, c := range commands {
		if err := c.begin(ctx); err != nil {
			return err
		}
	}
	for turn := range l.turns {
		for i := range commands {
			c := commands[(i+turn)%len(commands)]
			if turn >= 2 && total(c.times) >= l.budget {
				continue
			}
			if err := c.run(ctx, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin runs the command before it counts, if that has not been done: caches of files fill, and those of the programs; and
// checks its answer.
func (c *command) begin(ctx context.Context) error {
	if c.begun {
		return nil
	}
	stdout := new(bytes.Buffer)
	if err := c.run(ctx, stdout); err != nil {
		return err
	}
	if c.check != nil {
		if err := c.check(stdout.String()); err != nil {
			return fmt.Errorf("%s: %w", c.label, err)
		}
	}
	c.times, c.cpu, c.begun = nil, nil, true
	return nil
}

// run runs the command once, and notes what it took. Its output is thrown away where stdout is nil.
func (c *command) run(ctx context.Context, stdout *bytes.Buffer) error {
	cmd, stderr, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	if stdout != nil {
		cmd.Stdout = stdout
	}
	start := time.Now()
	err = cmd.Run()
	took := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(c.words, " "), err, stderr)
	}
	c.times = append(c.times, took)
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	return nil
}

func (c *command) prepare(ctx context.Context) (*exec.Cmd, *bytes.Buffer, error) {
	if c.before != nil {
		if err := c.before(); err != nil {
			return nil, nil, err
		}
	}
	cmd := exec.CommandContext(ctx, c.words[0], c.words[1:]...)
	stderr := new(bytes.Buffer)
	cmd.Dir, cmd.Stderr = c.dir, stderr
	cmd.WaitDelay = time.Second // what a shell has started may have its output still
	cmd.Env = append(os.Environ(), c.env...)
	return cmd, stderr, nil
}

// weigh runs each command three times more to see how much memory it takes.
func weigh(ctx context.Context, commands []*command) error {
	for _, c := range commands {
		for range 3 {
			if err := c.weigh(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// weigh looks at the process alone, without those that it starts. It looks all the time, since the last look before the
// process ends is what counts: that is why this run is not timed.
func (c *command) weigh(ctx context.Context) error {
	cmd, stderr, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return fmt.Errorf("%s: %w\n%s", strings.Join(c.words, " "), err, stderr)
			}
			return nil
		case <-time.After(200 * time.Microsecond):
			c.peak = max(c.peak, residentPeak(cmd.Process.Pid))
		}
	}
}

// residentPeak gives the largest resident set that a running process has had (proc_pid_status(5)), 0 where that cannot be
// read.
func residentPeak(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(data, []byte("\nVmHWM:"))
	var kilobytes int64
	if _, err := fmt.Sscan(string(after), &kilobytes); err != nil {
		return 0
	}
	return kilobytes * 1024
}

func (c *command) median() time.Duration { return quantile(c.times, 0.5) }

// against gives the ratio of two medians.
func (c *command) against(other *command) float64 {
	return float64(c.median()) / float64(other.median())
}

func total(times []time.Duration) time.Duration {
	var sum time.Duration
	for _, t := range times {
		sum += t
	}
	return sum
}

func quantile(times []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
