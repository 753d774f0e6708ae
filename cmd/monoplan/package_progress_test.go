package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/builder/docker"
)

// Why there is no image is told with the end of what was written meanwhile: no more of it than helps, and on a terminal too.
func TestFallBackTells(t *testing.T) {
	var log []string
	for i := range 40 {
		log = append(log, fmt.Sprintf("line %d", i))
	}
	log = append(log, "ERROR: no matching distribution for uv\x1b[0m", strings.Repeat("x", 10000))
	image := &docker.ImageError{Image: "monoplan-builder:1", Step: "making it from base", Err: errors.New("exit code 1"), Tail: strings.Join(log, "\r\n")}
	for _, terminal := range []bool{false, true} {
		var stderr bytes.Buffer
		a := &app{process: process{Stderr: &stderr}}
		p := a.newProgress()
		p.terminal = terminal
		p.fallBack(image)
		said := stderr.String()
		for _, want := range []string{
			"monoplan: building on this machine: image monoplan-builder:1: making it from base: exit code 1\n",
			"\nmonoplan:   line 32\n", "\nmonoplan:   ERROR: no matching distribution for uv\ufffd[0m\n",
		} {
			if !strings.Contains(said, want) {
				t.Errorf("terminal %v: %q does not say %q", terminal, said, want)
			}
		}
		if strings.Contains(said, "line 31") || len(said) > 2000 || strings.Contains(said, "\ufffd\n") {
			t.Errorf("terminal %v: too much is said: %q", terminal, said)
		}
	}
	var stderr bytes.Buffer
	(&app{process: process{Stderr: &stderr}}).newProgress().fallBack(errors.New("nobody answers"))
	if want := "monoplan: building on this machine: nobody answers\n"; stderr.String() != want {
		t.Errorf("got %q", &stderr)
	}
	stderr.Reset()
	(&app{process: process{Stderr: &stderr}, jsonMessages: true}).newProgress().fallBack(image)
	if stderr.Len() > 0 {
		t.Errorf("with messages in JSON it says %q", &stderr)
	}
}
