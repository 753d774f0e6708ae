package tool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/planner"
)

// program writes a shell script that stands where a tool would.
func program(t *testing.T, path, script string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o777); err != nil {
		t.Fatal(err)
	}
	return path
}

// The project's own program comes first, then one in PATH, then npx.
func TestFind(t *testing.T) {
	root, bin, npx := t.TempDir(), t.TempDir(), t.TempDir()
	env := []string{"PATH=/nowhere", "PATH=" + bin + ":" + npx}
	if _, err := Find(planner.Lerna, root, env); !errors.As(err, new(*NotFoundError)) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
	check := func(want ...string) {
		t.Helper()
		found, err := Find(planner.Lerna, root, env)
		if err != nil || !slices.Equal(found.command, want) {
			t.Errorf("got %v, %v, want %q", found, err, want)
		}
	}
	path := program(t, filepath.Join(npx, "npx"), "")
	check(path, "--no-install", "lerna")
	path = program(t, filepath.Join(bin, "lerna"), "")
	check(path)
	path = program(t, filepath.Join(root, "node_modules", ".bin", "lerna"), "")
	check(path)
}

// The arguments are Seed's, and a program that fails is an error with what it said.
func TestRun(t *testing.T) {
	root := t.TempDir()
	env := []string{"PATH=" + os.Getenv("PATH")}
	for algorithm, want := range map[planner.Algorithm]string{
		planner.Lerna: "ls --since abc --all --json\n",
		planner.Pnpm:  "ls -r --depth -1 --json --filter ...[abc]\n",
	} {
		program(t, filepath.Join(root, "node_modules", ".bin", string(algorithm)), `echo "$@" > args; echo "$NX_DAEMON" >> args; echo '[]'`)
		found, err := Find(algorithm, root, env)
		if err != nil {
			t.Fatal(err)
		}
		if packages, err := found.Since(t.Context(), "abc"); err != nil || len(packages) > 0 {
			t.Errorf("%s: %v, %v", algorithm, packages, err)
		}
		if args, err := os.ReadFile(filepath.Join(root, "args")); err != nil || string(args) != want+"false\n" {
			t.Errorf("%s was run with %q, %v, want %q", algorithm, args, err, want)
		}
		program(t, filepath.Join(root, "node_modules", ".bin", string(algorithm)), "echo '[]'; echo no such commit >&2; exit 128")
		packages, err := found.Since(t.Context(), "abc")
		var failed *FailedError
		if !errors.As(err, &failed) || packages != nil || !strings.Contains(err.Error(), "no such commit") || !strings.Contains(err.Error(), "exit status 128") {
			t.Errorf("%s: got %v, %v, want what it said", algorithm, packages, err)
		}
	}
}
