package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestGenerate(t *testing.T) {
	for _, shape := range []string{"flat", "areas", "deep", "nested"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			s := size{files: 1000, services: 40, libraries: 10, changes: 30, manifests: 4, baselines: 3, shape: shape, seed: 7}
			var heads []string
			for _, name := range []string{"a", "b"} {
				dir := filepath.Join(t.TempDir(), name)
				if err := generate(dir, "services", s, name == "a"); err != nil {
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
				if got := lines(t, dir, "diff", "--name-only", "base", "main", "--", "*/pyproject.toml"); len(got) != s.manifests {
					t.Errorf("%d manifests changed, want %d", len(got), s.manifests)
				}
				if got := lines(t, dir, "diff", "--name-only", "base-3", "base-2"); len(got) == 0 || len(got) > 10 {
					t.Errorf("a release has the changes %q", got)
				}
				heads = append(heads, lines(t, dir, "rev-parse", "main")[0])
			}
			if heads[0] != heads[1] {
				t.Errorf("the same flags gave %s and %s", heads[0], heads[1])
			}
		})
	}
}

// What has to be rebuilt is told again, from what the manifests say.
func TestGeneratePackages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "packages")
	s := size{files: 1000, services: 100, changes: 5, seed: 7}
	if err := generate(dir, "packages", s, true); err != nil {
		t.Fatal(err)
	}
	dependencies := map[string][]string{}
	manifests, err := filepath.Glob(filepath.Join(dir, "packages", "*", "package.json"))
	if err != nil || len(manifests) != s.services {
		t.Fatalf("%d packages, %v", len(manifests), err)
	}
	for _, path := range manifests {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Name         string
			Dependencies map[string]string
		}
		if err := json.Unmarshal(data, &p); err != nil {
			t.Fatal(err)
		}
		dependencies[p.Name] = slices.Sorted(maps.Keys(p.Dependencies))
	}
	want := map[string]bool{}
	for _, path := range lines(t, dir, "diff", "--name-only", "base", "main") {
		want["@bench/"+strings.Split(path, "/")[1]] = true
	}
	if len(want) != s.changes {
		t.Errorf("%d packages have changed", len(want))
	}
	for again := true; again; {
		again = false
		for name, on := range dependencies {
			if !want[name] && slices.ContainsFunc(on, func(d string) bool { return want[d] }) {
				want[name], again = true, true
			}
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, ".git", "expected-packages"))
	if err != nil || !slices.Equal(strings.Fields(string(got)), slices.Sorted(maps.Keys(want))) || len(want) == s.changes {
		t.Errorf("%v, expected are\n%sbut there should be %d", err, got, len(want))
	}
	if files := lines(t, dir, "ls-files"); len(files) != s.files {
		t.Errorf("%d files", len(files))
	}
}

func TestWhatCannotBeGenerated(t *testing.T) {
	for want, s := range map[string]size{
		"no shape":     {files: 100, services: 1, libraries: 1, changes: 1, shape: "round"},
		"too few":      {files: 10, services: 5, libraries: 1, changes: 1, shape: "flat"},
		"must be":      {files: 10, libraries: 1, changes: 1, shape: "flat"},
		"more than":    {files: 100, services: 1, libraries: 1, changes: 5, manifests: 2, shape: "flat"},
		"there alread": {},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if s == (size{}) {
			dir = t.TempDir()
		}
		if err := generate(dir, "services", s, false); err == nil || !strings.Contains(err.Error(), want) {
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
