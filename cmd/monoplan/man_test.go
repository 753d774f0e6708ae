//go:build man

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestManPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pages")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"man", dir}, process{Stdout: &stdout, Stderr: &stderr, Env: os.Environ(), Dir: "."}); code != exitFine {
		t.Fatalf("exit code %d, %s", code, stderr.String())
	}
	for _, name := range []string{"monoplan.1", "monoplan-explain.1"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "monoplan-man.1")); err == nil {
		t.Error("the hidden command has a page")
	}
	page, err := os.ReadFile(filepath.Join(dir, "monoplan-changed.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`(?m)^\.TH "?MONOPLAN-CHANGED"? "?1`, `monoplan changed --since <commit>`, `(?m)^\\fB--since`} {
		if !regexp.MustCompile(want).Match(page) {
			t.Errorf("monoplan-changed.1 has no %s:\n%s", want, page)
		}
	}
}
