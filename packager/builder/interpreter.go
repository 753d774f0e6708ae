package builder

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/environ"
)

// interpreter is a Python of this machine.
type interpreter struct {
	path    string
	version string // "3.12"
}

// interpreters finds the Pythons of this machine: those in PATH, and those that pyenv and uv keep.
type interpreters struct {
	env []string
	// tried has what each file said of its version, "" for one that is no Python.
	tried map[string]string
}

// oldest is the oldest Python that builds for others.
const oldest = 9

// find gives the Python of a version, or where anyDoes is set another one that is there.
func (i *interpreters) find(ctx context.Context, version string, anyDoes bool) (interpreter, bool) {
	for _, path := range i.candidates(version) {
		if i.version(ctx, path) == version {
			return interpreter{path, version}, true
		}
	}
	if !anyDoes {
		return interpreter{}, false
	}
	for _, path := range i.candidates("") {
		var minor int
		found := i.version(ctx, path)
		if n, _ := fmt.Sscanf(found, "3.%d", &minor); n == 1 && minor >= oldest {
			return interpreter{path, found}, true
		}
	}
	return interpreter{}, false
}

// candidates lists files that may be a Python of a version, or of any.
func (i *interpreters) candidates(version string) []string {
	var files []string
	names := []string{"python3", "python"}
	if version != "" {
		names = append([]string{"python" + version}, names...)
	}
	home := environ.Get(i.env, "HOME")
	pyenv := environ.Get(i.env, "PYENV_ROOT")
	if pyenv == "" {
		pyenv = filepath.Join(home, ".pyenv")
	}
	dirs := i.directories(filepath.Join(pyenv, "shims"))
	for _, name := range names {
		for _, dir := range dirs {
			files = append(files, filepath.Join(dir, name))
		}
	}
	for _, pattern := range []string{
		filepath.Join(pyenv, "versions", version+"*", "bin", "python3"),
		filepath.Join(home, ".local", "share", "uv", "python", "cpython-"+version+"*", "bin", "python3"),
	} {
		found, _ := filepath.Glob(pattern) // the pattern is sound unless the home directory has one of its own
		slices.Reverse(found)
		files = append(files, found...)
	}
	return files
}

// directories lists those of PATH, each once. What pyenv puts there only leads, in a tenth of a second for each question, to the
// versions that it keeps, or on along PATH.
func (i *interpreters) directories(shims string) []string {
	var dirs, seen []string
	for _, dir := range filepath.SplitList(environ.Get(i.env, "PATH")) {
		place, err := filepath.EvalSymlinks(dir)
		if err != nil || dir == shims || slices.Contains(seen, place) {
			continue
		}
		dirs, seen = append(dirs, dir), append(seen, place)
	}
	return dirs
}

// version asks a file for its version, once.
func (i *interpreters) version(ctx context.Context, path string) string {
	if v, ok := i.tried[path]; ok {
		return v
	}
	v := ""
	if _, err := exec.LookPath(path); err == nil {
		cmd := command(ctx, path, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
		cmd.Env = i.env
		if out, err := cmd.Output(); err == nil {
			v = strings.TrimSpace(string(out))
		}
	}
	if ctx.Err() == nil {
		i.tried[path] = v
	}
	return v
}
