package deployer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Output of any size is read and kept on disk; an error has its last lines only.
func TestHugeOutput(t *testing.T) {
	b := newBench(t)
	r := b.run(t.Context(), b.service("posts", 0, `head -c 20000000 /dev/zero | tr '\0' x; echo; seq 100000; exit 1`))[0]
	var step *StepError
	if !errors.As(r.Err, &step) || !strings.HasSuffix(step.Tail, "\n99999\n100000") || len(step.Tail) > lastSize || r.LogErr != nil {
		t.Fatalf("%v, %v", r.Err, r.LogErr)
	}
	first, _, _ := strings.Cut(step.Tail, "\n")
	if len(first) != 5 {
		t.Errorf("the tail begins with %q", first)
	}
	if info, err := os.Stat(r.Log); err != nil || info.Size() < 20_000_000+588_895 {
		t.Errorf("the log has %d bytes, %v", info.Size(), err)
	}
}

// A line that does not end is a line, and the next step begins on its own.
func TestNoNewline(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.BeforeDeploy = []string{"printf abc"}
	r := b.run(t.Context(), b.service("posts", 0, "printf 'x\\377y'; exit 2"))[0]
	if got, want := b.read(r.Log), "--- before_deploy: printf abc\nabc\n--- deploy: printf 'x\\377y'; exit 2\nx\xffy\n"; got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
	var step *StepError
	if !errors.As(r.Err, &step) || step.Tail != "x�y" || step.Status != 2 || step.Log != r.Log {
		t.Errorf("%+v", step)
	}
}

// Names of services are names of files, no two the same, and a run's logs are kept until there are enough later ones.
func TestLogs(t *testing.T) {
	b := newBench(t)
	var paths []string
	for i := range keptRuns + 2 {
		b.config.Run = fmt.Sprintf("20260101-%02d", i)
		a, dots, long := b.service("a", 0, "true"), b.service("dots", 0, "true"), b.service("long", 0, "true")
		a.Name, dots.Name, long.Name = "@shop/A b", "..", strings.Repeat("é", 300)
		upper := a
		upper.Name = "@shop/a B"
		paths = paths[:0]
		for _, r := range b.run(t.Context(), a, dots, long, upper) {
			if r.LogErr != nil {
				t.Fatal(r.LogErr)
			}
			paths = append(paths, strings.ToLower(r.Log))
			if filepath.Dir(r.Log) != filepath.Join(b.config.Logs, b.config.Run) {
				t.Errorf("the log is %s", r.Log)
			}
		}
		old := time.Now().Add(time.Duration(i-100) * time.Hour)
		if err := os.Chtimes(filepath.Join(b.config.Logs, b.config.Run), old, old); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(paths)
	if len(slices.Compact(paths)) != 4 {
		t.Errorf("two services share a log: %q", paths)
	}
	entries, err := os.ReadDir(b.config.Logs)
	if err != nil || len(entries) != keptRuns || entries[0].Name() != "20260101-02" {
		t.Errorf("%d runs are kept, %v, %v", len(entries), entries, err)
	}
	if got := b.read(filepath.Join(b.config.Private, ".gitignore")); got != "*\n" {
		t.Errorf(".gitignore has %q", got)
	}
}

// The logs of a run stay while it works, however many others begin, and those of one that was killed do not.
func TestLogsOfARunThatWorks(t *testing.T) {
	b := newBench(t)
	begin := func(run string) logs {
		t.Helper()
		c := b.config
		c.Run = run
		l, err := openLogs(c)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	long := begin("20260101-long")
	age := func() {
		t.Helper()
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(long.dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	age()
	for i := range keptRuns + 2 {
		begin(fmt.Sprintf("20260102-%02d", i)).end()
		if _, err := os.Stat(long.dir); err != nil {
			t.Fatalf("after %d other runs: %v", i+1, err)
		}
	}
	if err := long.running.Close(); err != nil { // as the end of the process does
		t.Fatal(err)
	}
	age()
	begin("20260103").end()
	if entries, err := os.ReadDir(b.config.Logs); err != nil || len(entries) != keptRuns {
		t.Errorf("%d runs are kept, %v", len(entries), err)
	}
	if _, err := os.Stat(long.dir); err == nil {
		t.Error("the logs of the run that was killed are kept")
	}
	if entries, err := os.ReadDir(filepath.Join(b.config.Logs, "20260103")); err != nil || len(entries) != 0 {
		t.Errorf("a run that ended leaves %v, %v", entries, err)
	}
}

// A log that cannot be written is told of, and the service is deployed all the same.
func TestLogFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this machine has no /dev/full")
	}
	b := newBench(t)
	dir := filepath.Join(b.config.Logs, b.config.Run)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(dir, "posts.log")); err != nil {
		t.Fatal(err)
	}
	r := b.run(t.Context(), b.service("posts", 0, "echo deployed"))[0]
	if r.Outcome != Succeeded || r.LogErr == nil {
		t.Errorf("%s, %v", r.Outcome, r.LogErr)
	}
}

// The directory of logs has to be there before anything runs.
func TestNoLogs(t *testing.T) {
	b := newBench(t)
	if err := os.WriteFile(filepath.Join(b.config.Root, ".monoplan"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if results, err := Run(context.Background(), b.config, []Service{b.service("posts", 0, "touch ran")}); err == nil {
		t.Errorf("got %v", results)
	}
	if _, err := os.Stat(filepath.Join(b.config.Root, "services/posts/ran")); err == nil {
		t.Error("it ran")
	}
}
