// Package tool asks a project's own Lerna or pnpm which packages changed.
//
// monoplan answers that question itself, and is held against these programs in its tests. A project may trust nothing but
// the program that it has installed, though: its own version, with its own settings and plugins. Then this package runs
// it, with the arguments that Seed uses.
//
// Such a program is easily misunderstood. One that is missing, that fails, or that prints what nobody expects has not
// said that nothing changed, so all of these are errors, and output is taken only if every part of it is understood.
package tool

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/environ"
	"github.com/monoplan/monoplan/planner"
)

// Tool is the program, found.
type Tool struct {
	algorithm planner.Algorithm
	// command is the program with the arguments that lead to it.
	command []string
	dir     string
	env     []string
}

// NotFoundError says that a program is nowhere.
type NotFoundError struct {
	Program string
	// Bin is the directory of the project's own programs, where it was looked for first.
	Bin string
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s is neither in %s nor in PATH, and there is no npx", e.Program, e.Bin)
}

// FailedError says that a program ended with an error, and what it printed about that.
type FailedError struct {
	Command []string
	Err     error
	Said    string
}

func (e *FailedError) Error() string {
	text := fmt.Sprintf("%s: %v", strings.Join(e.Command, " "), e.Err)
	if e.Said != "" {
		text += "\n" + e.Said
	}
	return text
}

func (e *FailedError) Unwrap() error { return e.Err }

// Find finds the program of an algorithm that knows packages: in the node_modules/.bin of the workspace's root, else in
// PATH, else by npx, which installs nothing. env is the environment, as os.Environ gives it. The error is a
// *NotFoundError.
func Find(algorithm planner.Algorithm, root string, env []string) (*Tool, error) {
	// Nx, inside of Lerna, leaves a daemon behind unless it is told not to.
	if !slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, "NX_DAEMON=") }) {
		env = append(slices.Clip(env), "NX_DAEMON=false")
	}
	t := &Tool{algorithm: algorithm, dir: root, env: env}
	program := string(algorithm)
	bin := filepath.Join(root, "node_modules", ".bin")
	if path, ok := executable(filepath.Join(bin, program)); ok {
		t.command = []string{path}
		return t, nil
	}
	if path, ok := lookPath(program, root, env); ok {
		t.command = []string{path}
		return t, nil
	}
	if path, ok := lookPath("npx", root, env); ok {
		t.command = []string{path, "--no-install", program}
		return t, nil
	}
	return nil, &NotFoundError{program, bin}
}

// lookPath looks a program up in the PATH of an environment, whose relative directories are those of dir.
func lookPath(program, dir string, env []string) (string, bool) {
	for _, part := range filepath.SplitList(environ.Get(env, "PATH")) {
		if !filepath.IsAbs(part) {
			part = filepath.Join(dir, part)
		}
		if found, ok := executable(filepath.Join(part, program)); ok {
			return found, true
		}
	}
	return "", false
}

func executable(path string) (string, bool) {
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// All lists every package of the workspace. The errors are those of Since.
func (t *Tool) All(ctx context.Context) ([]Package, error) {
	if t.algorithm == planner.Lerna {
		return t.list(ctx, "ls", "--all", "--json")
	}
	return t.list(ctx, "ls", "-r", "--depth", "-1", "--json")
}

// Since lists the packages that changed since a commit, and those that depend on them, with the arguments that Seed uses.
// The errors are *FailedError and *OutputError, and the context's.
func (t *Tool) Since(ctx context.Context, commit string) ([]Package, error) {
	if t.algorithm == planner.Lerna {
		return t.list(ctx, "ls", "--since", commit, "--all", "--json")
	}
	return t.list(ctx, "ls", "-r", "--depth", "-1", "--json", "--filter", "...["+commit+"]")
}

func (t *Tool) list(ctx context.Context, args ...string) ([]Package, error) {
	words := slices.Concat(t.command, args)
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.dir, t.env, &stdout, &stderr
	// Interrupted, it ends its own children; what does not listen is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		// pnpm says on standard output what was wrong where JSON was asked for.
		said := strings.TrimSpace(strings.TrimSpace(stderr.String()) + "\n" + strings.TrimSpace(stdout.String()))
		return nil, &FailedError{words, err, said}
	}
	return parse(words, t.dir, stdout.String(), t.algorithm == planner.Pnpm)
}
