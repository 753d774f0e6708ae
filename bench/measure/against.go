//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measureAgainst packages two services by monoplan and by other ways, each beginning with nothing, with nothing changed, with one
// line of code changed, and one line of a library. What each makes is imported, and asked for the lines that changed.
func measureAgainst(ctx context.Context, l *lab, w io.Writer) error {
	chosen := slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return !slices.Contains(l.samples, s.name) })
	if len(chosen) < len(l.samples) {
		return fmt.Errorf("there are no samples %q", l.samples)
	}
	a := &againstLab{lab: l, node: filepath.Join(l.dir, "peers", "osls", "node_modules")}
	if err := a.install(ctx); err != nil {
		return err
	}
	cleanup, err := a.startContainer(ctx)
	if err != nil {
		return err
	}
	defer cleanup()
	fmt.Fprintf(w, "Seconds, medians of up to %d turns, in brackets the least; then how often monoplan's median goes into it.\n\n", l.turns)
	for _, s := range chosen {
		if err := a.compareWays(ctx, s, w); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "Versions: %s.\n", strings.Join(a.versions(ctx), ", "))
	return nil
}

// againstLab is the lab with what this part needs besides.
type againstLab struct {
	*lab
	// poetry and sam are directories of programs, and node the packages of osls.
	poetry, sam, node string
	// container is the one that the way of copying and installing has.
	container string
}

// The runs of each way, in the order of the table's columns.
var kinds = []string{"first", "nothing changed", "a line of code", "a line of a library"}

// outcome is one cell of the table: what was measured, or why nothing was.
type outcome struct {
	*command
	problem string
}

// compareWays lets all ways package a sample in turns, those that give the right answer.
func (a *againstLab) compareWays(ctx context.Context, s sample, w io.Writer) error {
	lock, err := a.lock(ctx, s)
	if err != nil {
		return err
	}
	var ways []*way
	var all [][]outcome
	var commands []*command
	for _, make := range []func(*againstLab, sample) *way{monoplanWay, copiedWay, exportedWay, oslsWay, samWay} {
		way := make(a, s)
		if err := a.commitFiles(ctx, way.dir, a.files(s, lock, way)); err != nil {
			return err
		}
		ways = append(ways, way)
		if way.prepare != nil {
			if err := way.prepare(ctx); err != nil {
				return err
			}
		}
		a.logf("%s by %s", s.name, way.label)
		outcomes, err := a.outcomes(ctx, s, way)
		if err != nil {
			return err
		}
		all = append(all, outcomes)
		for _, o := range outcomes {
			if o.problem == "" {
				commands = append(commands, o.command)
			}
		}
	}
	rest := *a.lab
	rest.turns--
	if err := rest.compare(ctx, commands); err != nil {
		return err
	}
	t := &table{columns: append([]string{"`" + s.name + "`"}, kinds...)}
	for i, way := range ways {
		row := []string{way.label}
		for run, o := range all[i] {
			row = append(row, o.cell(all[0][run]))
		}
		t.add(row...)
	}
	t.write(w)
	return nil
}

// outcomes has each run of a way once, in their order, and looks at what it makes.
func (a *againstLab) outcomes(ctx context.Context, s sample, way *way) ([]outcome, error) {
	top := filepath.Join(a.dir, way.dir)
	code := &changing{file: filepath.Join(top, "services", s.name, "handler.py"), name: "CHANGED"}
	library := &changing{file: filepath.Join(top, "libs", "models", "models", "__init__.py"), name: "VALUE"}
	befores := []func() error{way.forget, nil, code.change, library.change}
	var all []outcome
	for i, run := range kinds {
		c := &command{label: way.label + ", " + run, dir: filepath.Join(top, way.in), env: way.env, words: way.words, before: befores[i]}
		c.check = func(string) error { return a.imports(ctx, way, code.value, library.value) }
		o := outcome{command: c}
		if o.problem = a.try(ctx, c); o.problem == "" {
			a.logf("%s: %s s", run, seconds(c.median()))
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		all = append(all, o)
	}
	return all, nil
}

// try runs a command once, which counts, since some take minutes; and says in a word what is wrong with what it makes.
func (a *againstLab) try(ctx context.Context, c *command) (problem string) {
	err := c.run(ctx, nil)
	if err == nil {
		err = c.check("")
	}
	c.begun = true
	if err == nil {
		return ""
	}
	said := strings.Split(strings.TrimSpace(err.Error()), "\n")
	a.logf("%s: %s", c.label, said[len(said)-1])
	var wrong *wrongError
	if errors.As(err, &wrong) {
		return wrong.what
	}
	return "fails"
}

// cell gives the text of a cell, with how it compares with monoplan's.
func (o outcome) cell(ours outcome) string {
	switch {
	case o.problem != "":
		return o.problem
	case o.command == ours.command:
		return "**" + o.seconds() + "**"
	case ours.problem != "":
		return o.seconds()
	}
	return o.seconds() + " " + ratio(o.against(ours.command))
}

func (o outcome) seconds() string {
	return seconds(o.median()) + " (" + seconds(slices.Min(o.times)) + ")"
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.3f", d.Seconds())
	}
	return fmt.Sprintf("%.2f", d.Seconds())
}

// wrongError says what is wrong with what was made.
type wrongError struct {
	what   string
	detail string
}

func (e *wrongError) Error() string { return e.what + ": " + e.detail }

// imports imports what a way has made, in a fresh container without a network and with none of the image's own packages, and
// compares the values of the lines that changed.
func (a *againstLab) imports(ctx context.Context, way *way, code, library int) error {
	zip, err := way.artifact(ctx)
	if err != nil {
		return err
	}
	const script = `cat >/tmp/a.zip && python3 -m zipfile -e /tmp/a.zip /tmp/a &&
		python3 -I -S -c 'import sys; sys.path.insert(0, "/tmp/a"); import handler, models; print(handler.CHANGED, models.VALUE)'`
	got, err := a.outputOf(ctx, zip, "docker", "run", "--rm", "-i", "--network", "none", "--tmpfs", "/tmp:exec", a.base, "sh", "-c", script)
	if err != nil {
		return &wrongError{"cannot be imported", err.Error()}
	}
	if want := fmt.Sprintf("%d %d", code, library); strings.TrimSpace(got) != want {
		return &wrongError{"has the old line", fmt.Sprintf("it has %s, and %s is right", strings.TrimSpace(got), want)}
	}
	return nil
}
