package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// The demo's story holds: its plans are these, in both engines, and each command that it shows gives by hand what it
// gave in the demo.
func TestDemo(t *testing.T) {
	for _, engine := range []string{"git", "go-git"} {
		t.Run(engine, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "demo")
			told := runDemoIn(t, withoutPython(t), t.TempDir(), "--dir", dir, "--git-engine", engine)
			var plans []string
			for command, output := range commandsOf(told) {
				args := append(strings.Fields(command), "--git-engine", engine)
				if verb, _, _ := strings.Cut(command, " "); slices.Contains([]string{"package", "plan", "deploy"}, verb) {
					continue // by hand it has been done, and the ledger has it
				}
				if got := runIn(t, dir, args...); !strings.HasPrefix(output, "\n"+got) {
					t.Errorf("monoplan %s gives by hand\n%s\nand in the demo\n%s", command, got, output)
				}
				if strings.HasPrefix(command, "changed ") {
					names := runIn(t, dir, append(args, "--format", "names")...)
					plans = append(plans, strings.Join(strings.Fields(names), " "))
				}
			}
			want := "posts; posts web; users admin; posts users admin web; site"
			if got := strings.Join(plans, "; "); got != want {
				t.Errorf("the demo's plans are %s, want %s", got, want)
			}
			for _, part := range []string{"through libs/core -> libs/dates", "library-file", "nested-file", `ignore: ["/README.md"]`, "remove  web", "$ cd " + dir,
				"packaged  users ", "left      site ", "failed    posts  no Docker engine answers at unix:///nowhere",
				"unchanged  users ", "all inputs are as they were",
				"dev: 2 deployed, 1 failed, 1 skipped in ", "deploy  posts  services/posts  first-deploy  ", "dev: 2 deployed in ",
				"deploy  site  services/site  own-file  services/site/handler.js changed", "dev: nothing to deploy\n"} {
				if !strings.Contains(told, part) {
					t.Errorf("the demo does not show %q", part)
				}
			}
		})
	}
}

func TestDemoKeepsToItsDirectory(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"demo", "--dir", full}, process{Stdout: &stdout, Stderr: &stderr, Env: testEnvironment(), Dir: "/"})
	if code != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), "is not empty") {
		t.Errorf("in a directory of mine: %d, %q, %q", code, &stdout, &stderr)
	}
	if entries, err := os.ReadDir(full); err != nil || len(entries) != 1 {
		t.Errorf("my directory has %v, %v", entries, err)
	}

	temporary := t.TempDir()
	for _, c := range []struct {
		args []string
		left int
	}{{[]string{"--clean"}, 0}, {nil, 1}} {
		runDemoIn(t, withoutPython(t), temporary, c.args...)
		if entries, err := os.ReadDir(temporary); err != nil || len(entries) != c.left {
			t.Errorf("demo %q leaves %v, %v", c.args, entries, err)
		}
	}
}

// With a Python, and an index for its build tools, the demo packages all its Python services.
func TestDemoPackages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	told := runDemoIn(t, []string{noEngine}, t.TempDir(), "--dir", dir)
	if strings.Contains(told, "there is no Python") || strings.Contains(told, "installing poetry-core") {
		reason := "this machine does not build the demo's libraries"
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s:\n%s", reason, told)
		}
		t.Skip(reason)
	}
	for _, part := range []string{"monoplan: built core 1.0.0", "packaged  posts ", "unchanged  posts "} {
		if !strings.Contains(told, part) {
			t.Errorf("the demo does not show %q:\n%s", part, told)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(dir, ".monoplan", "store")); err != nil || len(entries) == 0 {
		t.Errorf("the demo's store has %v, %v", entries, err)
	}
}

// With an engine the demo builds in it, if that has the image already: it has none pulled.
func TestDemoPullsNothing(t *testing.T) {
	dockertest.New(t)
	told := runDemoIn(t, nil, t.TempDir(), "--clean")
	if strings.Contains(told, "pulling image") || !strings.Contains(told, "none is pulled") && !strings.Contains(told, "building in a container of ") {
		t.Errorf("the demo says\n%s", told)
	}
}

// noEngine keeps a test from this machine's Docker.
const noEngine = "DOCKER_HOST=unix:///nowhere"

// withoutPython is a PATH with git alone, and a home without anything.
func withoutPython(t *testing.T) []string {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(git, filepath.Join(bin, "git")); err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + bin, "HOME=" + t.TempDir(), "PYENV_ROOT=", noEngine}
}

// runDemoIn runs the demo with its own place for temporary files, in an environment that points git elsewhere.
func runDemoIn(t *testing.T, more []string, temporary string, args ...string) string {
	t.Helper()
	var stdout bytes.Buffer
	env := testEnvironment(append(more, "TMPDIR="+temporary, "GIT_DIR=/nowhere", "GIT_WORK_TREE=/nowhere", storeDirVariable+"=")...)
	code := run(t.Context(), append([]string{"demo"}, args...), process{Stdout: &stdout, Stderr: os.Stderr, Env: env, Dir: "/"})
	if code != exitFine {
		t.Fatalf("exit code %d", code)
	}
	return stdout.String()
}

func runIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var stdout bytes.Buffer
	if code := run(t.Context(), args, process{Stdout: &stdout, Stderr: os.Stderr, Env: testEnvironment(), Dir: dir}); code != exitFine {
		t.Fatalf("%q: exit code %d", args, code)
	}
	return stdout.String()
}

// commandsOf gives each command that the demo shows, with the text that follows it.
func commandsOf(told string) func(yield func(command, output string) bool) {
	return func(yield func(string, string) bool) {
		told, _, _ := strings.Cut(told, "\nThat was the tour")
		for _, part := range strings.Split(told, "\n    $ monoplan ")[1:] {
			command, output, _ := strings.Cut(part, "\n")
			if !yield(command, output) {
				return
			}
		}
	}
}
