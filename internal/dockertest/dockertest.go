// Package dockertest has what tests with a real Docker engine share.
//
// ./test finds or starts the engine and makes the base image (internal/check), and hands both over in the environment.
// Without them a test skips, and where CI=true it fails: a test that quietly did not run is worse than none.
//
// It goes by the docker command, not by the client that monoplan is built with: what a test looks at the engine with
// should not have the faults of what it tests.
package dockertest

import (
	"archive/tar"
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Engine is what tests know of the engine's base image.
type Engine struct {
	// Base is the name of an image with a Python, its headers, a C compiler and git.
	Base string
	// Python is its Python's version, as "3.11", and Glibc that of its C library, as "2.36".
	Python, Glibc string
}

// New gives the engine that tests use, or skips the test for the lack of one, which CI must not lack.
func New(t testing.TB) Engine {
	t.Helper()
	e := Engine{os.Getenv("MONOPLAN_TEST_DOCKER_BASE"), os.Getenv("MONOPLAN_TEST_DOCKER_PYTHON"), os.Getenv("MONOPLAN_TEST_DOCKER_GLIBC")}
	if e.Base == "" {
		Missing(t, "MONOPLAN_TEST_DOCKER_BASE names no base image (./test sets it with MONOPLAN_TEST_DOCKER=1)")
	}
	return e
}

// Missing skips a test for the lack of something, and fails it in CI.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Docker runs the docker command, which must succeed, and gives its output without the white space around it.
func Docker(t testing.TB, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "docker", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// Import unpacks archives, given by their paths and by where each belongs below the root ("var/task", "opt"), in a fresh container of the base
// without a network, as Lambda has them; runs a Python program there in /var/task, with the layer's packages in its path; and
// gives what it printed.
func (e Engine) Import(t testing.TB, archives map[string]string, program string) string {
	t.Helper()
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	script := "set -e; mkdir -p /in /var/task /opt/python; tar -xf - -C /in\n"
	for i, archive := range slices.Sorted(maps.Keys(archives)) {
		name := string(rune('a'+i)) + ".zip"
		content, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		add(t, w, name, content)
		script += "python3 -m zipfile -e /in/" + name + " /" + archives[archive] + "\n"
	}
	add(t, w, "program.py", []byte(program))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	script += "cd /var/task; PYTHONPATH=/var/task:/opt/python exec python3 -s -B /in/program.py\n"
	return e.run(t, &files, script)
}

func add(t testing.TB, w *tar.Writer, name string, content []byte) {
	t.Helper()
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
}

func (e Engine) run(t testing.TB, stdin io.Reader, script string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "docker", "run", "--rm", "-i", "--network", "none", e.Base, "sh", "-c", script)
	cmd.Stdin, cmd.Stderr = stdin, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("in a fresh container: %v\n%s%s", err, out, &stderr)
	}
	return strings.TrimSpace(string(out))
}
