//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"time"
)

// circumstance is a way in which a machine is slower than the one at hand.
type circumstance struct {
	label string
	env   []string
	// shim is what the command is started by, with as many words of its own.
	shim   []string
	before func() error
}

// measureSlow measures how much a processor less, a cold disk and slow directories cost monoplan, and git beside it.
func measureSlow(ctx context.Context, l *lab, w io.Writer) error {
	dir, err := l.hundredThousand(ctx)
	if err != nil {
		return err
	}
	circumstances, missing := l.circumstances(ctx, dir)
	t := &table{columns: []string{"", "`git diff`", "warm", "− git", "`git ls-tree`", "cold", "× `ls-tree`", "warm, go-git engine"}}
	for _, how := range circumstances {
		l.logf("measuring %s", how.label)
		r, err := l.newRuns(ctx, subject{"S100k", dir, "base"})
		if err != nil {
			return err
		}
		commands := []*command{r.diff, r.warm, r.list, r.cold, r.warmGoGit}
		for _, c := range commands {
			c.env, c.before = how.env, how.before
			c.words = append(append([]string{}, how.shim...), c.words...)
		}
		if err := l.compare(ctx, commands); err != nil {
			return err
		}
		t.add(how.label, milliseconds(r.diff.median()), "**"+milliseconds(r.warm.median())+"**", milliseconds(r.warm.median()-r.diff.median()),
			milliseconds(r.list.median()), "**"+milliseconds(r.cold.median())+"**", ratio(r.cold.against(r.list)), milliseconds(r.warmGoGit.median()))
	}
	fmt.Fprint(w, "S100k, from base; medians in milliseconds. In the rows with strace, what it costs by itself is in the first of them; the\nothers delay each system call that names a file, of all processes, as a network's file system does.\n\n")
	t.write(w)
	for _, what := range missing {
		fmt.Fprintf(w, "Not measured: %s.\n", what)
	}
	return nil
}

// circumstances gives those that this machine can show, and says what it cannot.
func (l *lab) circumstances(ctx context.Context, dir string) (list []circumstance, missing []string) {
	list = []circumstance{
		{label: "as it is"},
		{label: "`GOMAXPROCS=1`", env: []string{"GOMAXPROCS=1"}},
	}
	if one, err := exec.LookPath("taskset"); err == nil {
		list = append(list, circumstance{label: "one processor for all (`taskset`)", shim: []string{one, "-c", "0"}})
	}
	evict := func() error { return l.evict(dir) }
	if err := evict(); err == nil {
		list = append(list, circumstance{label: "repository and program not in memory", before: evict})
	} else {
		l.logf("%v", err)
		missing = append(missing, "a cold disk, which this system cannot be asked for")
	}
	shim := []string{"strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=%file"}
	_, err := l.output(ctx, "", nil, shim[0], append(shim[1:len(shim):len(shim)], "-e", "inject=%file:delay_enter=1", "git", "version")...)
	if err != nil {
		l.logf("%v", err)
		return list, append(missing, "slow directories, for want of strace, or of the right to trace")
	}
	list = append(list, circumstance{label: "under strace", shim: shim})
	for _, delay := range []time.Duration{time.Millisecond, 5 * time.Millisecond} {
		list = append(list, circumstance{
			label: fmt.Sprintf("the same, with %s for each name", delay),
			shim:  append(shim[:len(shim):len(shim)], "-e", fmt.Sprintf("inject=%%file:delay_enter=%d", delay.Microseconds())),
		})
	}
	return list, missing
}

// evict drops what the machine keeps in memory of the repository's git directory, and of monoplan's program.
func (l *lab) evict(dir string) error {
	if err := evictFile(l.program("monoplan")); err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(dir, ".git"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		return evictFile(path)
	})
}
