package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// testEnvironment is what the process has, without the settings that the tests are about.
func testEnvironment(more ...string) []string {
	env := append(os.Environ(), gitEnvironment()...)
	return append(append(env, "NO_COLOR=", "COLUMNS="), more...)
}

// repositoryOfTwo makes a repository with two services in one commit.
func repositoryOfTwo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"posts", "users"} {
		service := filepath.Join(dir, "services", name)
		if err := os.MkdirAll(service, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(service, "serverless.yml"), []byte("service: "+name+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "-m", "one"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Env = dir, testEnvironment()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	return dir
}
