package environ

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

func TestGet(t *testing.T) {
	env := []string{"A=1", "B=x=y", "A=2", "Path=p", "EMPTY="}
	path := ""
	if runtime.GOOS == "windows" {
		path = "p"
	}
	for name, want := range map[string]string{"A": "2", "B": "x=y", "EMPTY": "", "PATH": path, "C": ""} {
		if got := Get(env, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A program is that of the environment, and never one of the current directory.
func TestLookPath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	program := filepath.Join(dir, "monoplan-tool.exe")
	if err := os.WriteFile(program, nil, 0o777); err != nil {
		t.Fatal(err)
	}
	list := func(dirs string) []string { return []string{"PATH=" + dirs} }
	got, err := LookPath(list("."+string(os.PathListSeparator)+dir), filepath.Base(program))
	if err != nil || got != program {
		t.Errorf("got %s, %v", got, err)
	}
	for _, dirs := range []string{"", ".", filepath.Join(dir, "none")} {
		if got, err := LookPath(list(dirs), filepath.Base(program)); !errors.Is(err, exec.ErrNotFound) {
			t.Errorf("%q: got %s, %v", dirs, got, err)
		}
	}
}
