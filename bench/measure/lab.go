//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// lab is where measurements are made: a directory with programs, repositories and tools, and how often to measure.
type lab struct {
	dir      string
	clones   []string
	base     string // the image to package in
	samples  []string
	chart    string // where the chart is written to
	turns    int
	budget   time.Duration
	million  bool
	out, log io.Writer
}

func (l *lab) logf(format string, args ...any) { fmt.Fprintf(l.log, "bench: "+format+"\n", args...) }

// build builds the programs out of the current directory, the one of the module.
func (l *lab) build(ctx context.Context) error {
	dir, err := filepath.Abs(l.dir)
	if err != nil {
		return err
	}
	l.dir = dir
	if l.chart == "" {
		l.chart = filepath.Join(dir, "growth.svg")
	}
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o777); err != nil {
		return err
	}
	_, err = l.output(ctx, "", []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-o", bin+"/", "./cmd/monoplan", "./bench/generate", "./bench/rawcopy", "./gitdiff/gogitdiff")
	if err != nil {
		return err
	}
	return install(l.program("monoplan"))
}

// install writes a program anew, as whoever downloads or installs it does: the linker writes through a mapping, which leaves it in the
// page cache in pages so small that it takes up to 1 ms longer to start.
func install(program string) error {
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	written := program + ".new"
	if err := os.WriteFile(written, data, 0o777); err != nil {
		return err
	}
	return os.Rename(written, program)
}

func (l *lab) program(name string) string { return filepath.Join(l.dir, "bin", name) }

// repository gives the directory of a generated repository, and makes it if it is not there.
func (l *lab) repository(ctx context.Context, name string, flags ...string) (string, error) {
	dir := filepath.Join(l.dir, name)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	l.logf("generating %s", name)
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", err
	}
	if _, err := l.output(ctx, "", nil, l.program("generate"), append(flags, part)...); err != nil {
		return "", err
	}
	return dir, os.Rename(part, dir)
}

// commitFiles makes a repository of one commit with files, by their names in it.
func (l *lab) commitFiles(ctx context.Context, name string, files map[string]string) error {
	dir := filepath.Join(l.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for file, text := range files {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"init", "-q", "."}, {"add", "-A"},
		{"-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false", "commit", "-qm", "one"},
	} {
		if _, err := l.output(ctx, dir, nil, "git", args...); err != nil {
			return err
		}
	}
	return nil
}

// output runs a command and gives what it prints; what it says on standard error is in the error.
func (l *lab) output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}

// count counts what a command prints, ended by NULs.
func (l *lab) count(ctx context.Context, dir, name string, args ...string) (int, error) {
	out, err := l.output(ctx, dir, nil, name, args...)
	return strings.Count(out, "\x00"), err
}

// machine says what the numbers were measured with.
func (l *lab) machine(ctx context.Context) string {
	version := func(name string, args ...string) string {
		out, err := l.output(ctx, "", nil, name, args...)
		if err != nil {
			return name + " of unknown version"
		}
		return strings.TrimSpace(out)
	}
	_, goVersion, _ := strings.Cut(version("go", "env", "GOVERSION"), "go")
	return fmt.Sprintf("%s, %d processors, %s, Go %s; load %s", version("uname", "-srm"), runtime.NumCPU(), version("git", "version"), goVersion, load())
}

// load is what the machine did in the last minute, where it says so.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(data), " ")
	return minute
}

// cacheOf gives the directory of monoplan's snapshots of a repository.
func cacheOf(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, ".git")); errors.Is(err, os.ErrNotExist) {
		return filepath.Join(dir, "monoplan") // a bare repository
	}
	return filepath.Join(dir, ".git", "monoplan")
}
