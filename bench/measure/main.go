//go:build unix

// Command measure makes the tables and the chart of docs/performance.md. It is started by bench/run.
//
// A measurement compares whole processes: monoplan, git and others answer a question about the same two commits, turn by
// turn (see turns.go), and what is printed is the median of each, how far the turns spread, and ratios of one run. No
// limit is held against a time: a test that does so fails on somebody's busy machine.
//
// What is measured is split into parts, each a section of the page. Everything that they need is made or installed in
// one directory outside the repository, and is there the next time.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// part is one section of the page.
type part struct {
	name, title string
	measure     func(ctx context.Context, l *lab, w io.Writer) error
}

var parts = []part{
	{"sizes", "Repositories of all sizes", measureSizes},
	{"growth", "Growth", measureGrowth},
	{"peers", "The same question to others", measurePeers},
	{"slow", "Slow machines", measureSlow},
	{"packaging", "Packaging", measurePackaging},
	{"against", "Packaging by others", measureAgainst},
	{"go", "Go benchmarks", measureGo},
}

func main() {
	l := &lab{out: os.Stdout, log: os.Stderr}
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	chosen := flag.String("parts", strings.Join(names, ","), "what to measure")
	write := flag.Bool("write", false, "write the results into docs/performance.md and docs/growth.svg")
	flag.IntVar(&l.turns, "turns", 21, "how often each command runs")
	flag.DurationVar(&l.budget, "budget", 20*time.Second, "how long all turns of one command may take; it has two in any case")
	flag.BoolVar(&l.million, "1m", true, "measure with a million files, too")
	flag.StringVar(&l.base, "base-image", "public.ecr.aws/sam/build-python"+samplePython+":latest-x86_64", "the `image` to package in, with a Python "+samplePython+", for the part against")
	packaged := flag.String("samples", "api,light", "which samples to package, for the part against")
	flag.StringVar(&l.dir, "dir", filepath.Join(os.TempDir(), "monoplan-bench"), "where repositories and tools are kept")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: bench/run [flags] [clone of a repository to measure in ...]")
		flag.PrintDefaults()
	}
	flag.Parse()
	l.clones, l.samples = flag.Args(), strings.Split(*packaged, ",")
	if *write {
		l.chart = chartFile
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, l, strings.Split(*chosen, ","), *write); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, l *lab, chosen []string, write bool) error {
	for _, name := range chosen {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("no part is called %q", name)
		}
	}
	if err := l.build(ctx); err != nil {
		return err
	}
	for _, p := range parts {
		if !slices.Contains(chosen, p.name) {
			continue
		}
		start := time.Now()
		var text strings.Builder
		fmt.Fprintf(&text, "%s.\n\n", l.machine(ctx))
		if err := p.measure(ctx, l, &text); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(l.out, "## %s\n\n%s\n", p.title, text.String())
		if write {
			if err := writeSection(page, p.name, p.title, text.String()); err != nil {
				return err
			}
		}
		l.logf("%s took %.0f s", p.name, time.Since(start).Seconds())
	}
	return nil
}
