//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOutcomeCell(t *testing.T) {
	measured := func(times ...time.Duration) outcome { return outcome{command: &command{times: times}} }
	ours, wrong := measured(100*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond), outcome{problem: "fails"}
	for _, c := range []struct {
		o, ours outcome
		want    string
	}{
		{ours, ours, "**0.200 (0.100)**"},
		{measured(5*time.Second, 3*time.Second, 4*time.Second), ours, "4.00 (3.00) ×20"},
		{wrong, ours, "fails"},
		{measured(time.Second), wrong, "1.00 (1.00)"},
	} {
		if got := c.o.cell(c.ours); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A way's repository has what its sample asks for, and each change gives the line another value.
func TestSamples(t *testing.T) {
	l := &lab{dir: t.TempDir(), samples: []string{"api", "light"}}
	a := &againstLab{lab: l}
	for _, s := range samples {
		files := a.files(s, "the lock\n", &way{files: map[string]string{"seed.yml": "{}\n"}})
		manifest := files["services/"+s.name+"/pyproject.toml"]
		for _, library := range s.libraries {
			if !strings.Contains(manifest, library+` = {path = "../../libs/`+library+`", develop = true}`) || files["libs/"+library+"/pyproject.toml"] == "" {
				t.Errorf("%s does without %s:\n%s", s.name, library, manifest)
			}
		}
		if files["seed.yml"] == "" || files["services/"+s.name+"/poetry.lock"] != "the lock\n" {
			t.Errorf("%s lacks files: %q", s.name, files)
		}
		if err := l.commitFiles(t.Context(), s.name, files); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(l.dir, s.name, "libs", "models", "models", "__init__.py")
		c := &changing{file: file, name: "VALUE"}
		for range 2 {
			if err := c.change(); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != "VALUE = 0\nVALUE = 1\nVALUE = 2\n" || c.value != 2 {
			t.Errorf("%v %q, and it says %d", err, got, c.value)
		}
	}
}
