//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// measureGrowth compares monoplan with git on ever more files with the same number of changes, and on ever more changes
// of the same files, and draws the former.
func measureGrowth(ctx context.Context, l *lab, w io.Writer) error {
	c := &chart{
		title: "Files in the repository, 100 of them changed", unit: "ms",
		lines: []*line{{label: "git diff"}, {label: "monoplan, warm"}, {label: "monoplan, new head"}},
	}
	files := &table{columns: []string{"files", "services", "`git diff`", "warm", "10 % to 90 %", "new head", "cold"}}
	sizes := []int{10_000, 100_000, 1_000_000}
	if !l.million {
		sizes = sizes[:2]
	}
	for _, n := range sizes {
		r, err := l.measureGrown(ctx, n, 100)
		if err != nil {
			return err
		}
		files.add(fmt.Sprint(n), fmt.Sprint(r.services), milliseconds(r.diff.median()), "**"+milliseconds(r.warm.median())+"**",
			milliseconds(quantile(r.warm.times, 0.1))+" to "+milliseconds(quantile(r.warm.times, 0.9)),
			milliseconds(r.newHead.median()), milliseconds(r.cold.median()))
		c.ticks = append(c.ticks, thousands(n))
		for i, run := range []*command{r.diff, r.warm, r.newHead} {
			c.lines[i].points = append(c.lines[i].points, point{
				low: float64(quantile(run.times, 0.1)) / 1e6, median: float64(run.median()) / 1e6, high: float64(quantile(run.times, 0.9)) / 1e6,
			})
		}
	}
	changes := &table{columns: []string{"changed paths", "to deploy", "`git diff`", "warm", "− git", "× git"}}
	for _, n := range []int{1, 10, 100, 1_000, 10_000} {
		r, err := l.measureGrown(ctx, 100_000, n)
		if err != nil {
			return err
		}
		changes.add(fmt.Sprint(r.changed), fmt.Sprint(r.toDeploy), milliseconds(r.diff.median()), "**"+milliseconds(r.warm.median())+"**",
			milliseconds(r.warm.median()-r.diff.median()), ratio(r.warm.against(r.diff)))
	}
	if err := os.WriteFile(l.chart, []byte(c.svg()), 0o666); err != nil {
		return err
	}
	fmt.Fprint(w, "![Time of git diff and of monoplan over the number of files](growth.svg)\n\nMedians in milliseconds, with 100 changed paths; one file in fifty to a hundred is a service's marker.\n\n")
	files.write(w)
	fmt.Fprint(w, "The same with 100,000 files, 2,000 services, and more or fewer changes.\n\n")
	changes.write(w)
	return nil
}

// measureGrown measures a repository of some files, one service for each fifty of them, or each hundred where they are many.
func (l *lab) measureGrown(ctx context.Context, files, changes int) (*runs, error) {
	services := files / 50
	if files == 1_000_000 {
		services = files / 100
	}
	name := fmt.Sprintf("files-%s-changes-%d", thousands(files), changes)
	dir, err := "", error(nil)
	switch {
	case files == 1_000_000: // the others are cheap to make
		dir, err = l.oneMillion(ctx)
	default:
		dir, err = l.repository(ctx, name, "-files", fmt.Sprint(files), "-services", fmt.Sprint(services),
			"-libraries", fmt.Sprint(services/10), "-changes", fmt.Sprint(changes), "-checkout=false")
	}
	if err != nil {
		return nil, err
	}
	l.logf("measuring %s", name)
	r, err := l.newRuns(ctx, subject{name, dir, "base"})
	if err != nil {
		return nil, err
	}
	return r, l.compare(ctx, []*command{r.diff, r.warm, r.newHead, r.cold})
}

func thousands(n int) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%dM", n/1_000_000)
	}
	return fmt.Sprintf("%dk", n/1000)
}
