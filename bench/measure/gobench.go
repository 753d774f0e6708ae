//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// measureGo runs the Go benchmarks, keeps what they print for benchstat, and makes a table of the medians.
func measureGo(ctx context.Context, l *lab, w io.Writer) error {
	dir, err := l.hundredThousand(ctx)
	if err != nil {
		return err
	}
	l.logf("running Go benchmarks")
	args := []string{"test", "-run", "^$", "-bench", ".", "-benchmem", "-count", "5", "-benchtime", "200ms", "-p", "1"}
	args = append(args, "./planner/...", "./workspace/...", "./gitdiff/...", "./internal/...", "./cmd/...")
	out, err := l.output(ctx, "", []string{"MONOPLAN_BENCH_REPOSITORY=" + dir}, "go", args...)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	kept := filepath.Join(l.dir, "benchmarks.txt")
	if err := os.WriteFile(kept, []byte(out), 0o666); err != nil {
		return err
	}
	l.logf("%s is for benchstat", kept)
	fmt.Fprintf(w, "Medians of five runs of `go %s`. The baselines are those of S100k.\n\n", strings.Join(args, " "))
	t := &table{columns: []string{"benchmark", "ms", "allocated, kB", "allocations"}}
	for _, b := range parseBenchmarks(out) {
		t.add("`"+b.name+"`", fmt.Sprintf("%.3f", b.median("ns/op")/1e6), fmt.Sprintf("%.0f", b.median("B/op")/1e3), fmt.Sprintf("%.0f", b.median("allocs/op")))
	}
	t.write(w)
	return nil
}

// benchmark is what several runs of one printed, by unit.
type benchmark struct {
	name   string
	values map[string][]float64
}

func (b *benchmark) median(unit string) float64 {
	values := slices.Sorted(slices.Values(b.values[unit]))
	if len(values) == 0 {
		return 0
	}
	return values[len(values)/2]
}

// parseBenchmarks reads the format that go test -bench prints (the Go project's "Benchmark Data Format"). The name has the
// package in front and not the number of processors behind.
func parseBenchmarks(out string) []*benchmark {
	var list []*benchmark
	known := map[string]*benchmark{}
	pkg := ""
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "pkg: "); ok {
			pkg = strings.TrimPrefix(name, "github.com/monoplan/monoplan/")
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := pkg + " " + strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		b := known[name]
		if b == nil {
			b = &benchmark{name: name, values: map[string][]float64{}}
			known[name], list = b, append(list, b)
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				b.values[fields[i+1]] = append(b.values[fields[i+1]], v)
			}
		}
	}
	return list
}
