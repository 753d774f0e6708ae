//go:build unix

package main

import (
	"strings"
	"testing"
	"time"
)

func TestCompare(t *testing.T) {
	var out strings.Builder
	if err := compare(strings.NewReader("git\tgit version\nagain\tgit version\n"), &out, t.TempDir(), 3); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[2], "| git | ") || !strings.Contains(lines[2], "+0.0 ms, ×1.00") || strings.Contains(lines[2], " 0 MB") {
		t.Errorf("got\n%s", out.String())
	}
}

func TestCompareFails(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "no commands",
		"no tab":                       "no label",
		"label\t \n":                   "no label",
		"wrong\tgit --no-such-flag":    "git --no-such-flag: exit status",
		"absent\tno-such-command-here": "not found",
	} {
		if err := compare(strings.NewReader(in), &strings.Builder{}, t.TempDir(), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", in, err, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	times := []time.Duration{5, 1, 4, 2, 3}
	for q, want := range map[float64]time.Duration{0: 1, 0.1: 1, 0.5: 3, 0.9: 5, 1: 5} {
		if got := quantile(times, q); got != want {
			t.Errorf("%v: got %d, want %d", q, got, want)
		}
	}
}
