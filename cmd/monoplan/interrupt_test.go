package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// An interrupted plan is no plan: here git hangs, and the command is told to end.
func TestInterrupt(t *testing.T) {
	dir := repositoryOfTwo(t)
	bin, started := t.TempDir(), filepath.Join(t.TempDir(), "started")
	script := "#!/bin/sh\n: >" + started + "\nexec sleep 60\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), "monoplan", "changed", "-C", dir, "--since", "none", "--git-engine=git")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Env = testEnvironment("PATH=" + bin + ":" + os.Getenv("PATH"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if _, err := os.Stat(started); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != int(exitInterrupted) || stdout.Len() > 0 {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", signal, code, &stdout, &stderr)
		}
		if got, want := stderr.String(), "monoplan: error: interrupted\n"; got != want {
			t.Errorf("%v: stderr %q, want %q", signal, got, want)
		}
		if err := os.Remove(started); err != nil {
			t.Fatal(err)
		}
	}
}

// A command that was interrupted before it began does nothing.
func TestInterruptedBefore(t *testing.T) {
	dir := repositoryOfTwo(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"changed", "--since", "none", "--no-cache"}, process{Stdout: &stdout, Stderr: &stderr, Env: testEnvironment(), Dir: dir})
	if code != exitInterrupted || stdout.Len() > 0 {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
}
