package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestGenerate(t *testing.T) {
	for _, shape := range []string{"flat", "areas", "nested"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			s := size{files: 1000, services: 40, libraries: 10, changes: 30, shape: shape, seed: 7}
			var heads []string
			for _, name := range []string{"a", "b"} {
				dir := filepath.Join(t.TempDir(), name)
				if err := generate(dir, s, name == "a"); err != nil {
					t.Fatal(err)
				}
				files := lines(t, dir, "ls-tree", "-r", "--name-only", "base")
				services := slices.DeleteFunc(slices.Clone(files), func(path string) bool { return !strings.HasSuffix(path, "/serverless.yml") })
				if len(files) != s.files || len(services) != s.services {
					t.Errorf("%d files and %d services, want %d and %d", len(files), len(services), s.files, s.services)
				}
				if got := lines(t, dir, "diff", "--name-only", "--no-renames", "base", "main"); len(got) != s.changes {
					t.Errorf("%d changes, want %d", len(got), s.changes)
				}
				heads = append(heads, lines(t, dir, "rev-parse", "main")[0])
			}
			if heads[0] != heads[1] {
				t.Errorf("the same flags gave %s and %s", heads[0], heads[1])
			}
		})
	}
}

func TestWhatCannotBeGenerated(t *testing.T) {
	for want, s := range map[string]size{
		"no shape":     {files: 100, services: 1, libraries: 1, changes: 1, shape: "round"},
		"too few":      {files: 10, services: 5, libraries: 1, changes: 1, shape: "flat"},
		"must be":      {files: 10, libraries: 1, changes: 1, shape: "flat"},
		"there alread": {},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if s == (size{}) {
			dir = t.TempDir()
		}
		if err := generate(dir, s, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one with %q", s, err, want)
		}
	}
}

func lines(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return strings.Fields(string(out))
}
