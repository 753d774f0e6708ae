//go:build unix

package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCompare(t *testing.T) {
	l := &lab{turns: 5, budget: time.Hour}
	before, checked := 0, ""
	fast := &command{label: "fast", words: []string{"git", "version"}, before: func() error { before++; return nil }}
	slow := &command{label: "slow", words: []string{"sleep", "0.05"}}
	fast.check = func(stdout string) error { checked = stdout; return nil }
	if err := l.compare(t.Context(), []*command{fast, slow}); err != nil {
		t.Fatal(err)
	}
	if len(fast.times) != 5 || len(slow.times) != 5 || before != 6 || !strings.HasPrefix(checked, "git version") {
		t.Errorf("%d and %d turns, made ready %d times, checked %q", len(fast.times), len(slow.times), before, checked)
	}
	if slow.median() < 50*time.Millisecond || slow.against(slow) != 1 {
		t.Errorf("a sleep of 50 ms took %v, which is %v of itself", slow.median(), slow.against(slow))
	}
	if err := weigh(t.Context(), []*command{slow}); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && slow.peak < 100_000 {
		t.Errorf("sleep had %d bytes", slow.peak)
	}
}

// A command beyond its budget has two turns, the others have all of theirs.
func TestCompareWithinBudget(t *testing.T) {
	l := &lab{turns: 5, budget: time.Millisecond}
	slow := &command{label: "slow", words: []string{"sleep", "0.01"}}
	if err := l.compare(t.Context(), []*command{slow}); err != nil {
		t.Fatal(err)
	}
	if len(slow.times) != 2 {
		t.Errorf("%d turns", len(slow.times))
	}
}

func TestCompareFailures(t *testing.T) {
	for _, c := range []*command{
		{label: "a", words: []string{"git", "no-such-command"}},
		{label: "b", words: []string{"git", "version"}, check: func(string) error { return fmt.Errorf("not what was expected") }},
		{label: "c", words: []string{"git", "version"}, before: func() error { return fmt.Errorf("not ready") }},
	} {
		l := &lab{turns: 1}
		if err := l.compare(t.Context(), []*command{c}); err == nil {
			t.Errorf("%s passed", c.label)
		}
	}
}

func TestQuantile(t *testing.T) {
	times := []time.Duration{5, 1, 4, 2, 3}
	if got := []time.Duration{quantile(times, 0), quantile(times, 0.5), quantile(times, 0.9), quantile(times[:1], 0.5)}; !slices.Equal(got, []time.Duration{1, 3, 5, 5}) {
		t.Errorf("%v", got)
	}
}
