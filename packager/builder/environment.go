package builder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/environ"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// environment is a virtual environment with build requirements in it. Builds that require the same share one.
type environment struct {
	dir  string
	once sync.Once
	err  error
	tail string
}

func (e *environment) python() string { return filepath.Join(e.dir, "bin", "python") }

// environment gives the environment with some requirements, made by whoever needs it first.
func (l *Local) environment(ctx context.Context, r *run, python interpreter, requires []string) (*environment, error) {
	requires = slices.Compact(slices.Sorted(slices.Values(requires)))
	name := environmentName(python, requires)
	l.mu.Lock()
	e := l.environments[name]
	if e == nil {
		e = &environment{dir: filepath.Join(l.temp, "env-"+name)}
		l.environments[name] = e
	}
	l.mu.Unlock()
	e.once.Do(func() {
		e.err = l.install(ctx, r, python, e, requires)
		e.tail = r.said()
	})
	if e.err != nil {
		return nil, &BackendError{Build: r.build, Step: "installing " + strings.Join(requires, ", "), Installing: true, Err: e.err, Tail: e.tail}
	}
	return e, nil
}

func environmentName(python interpreter, requires []string) string {
	named, _ := json.Marshal([]any{python.path, requires}) // strings always have a JSON
	sum := sha256.Sum256(named)
	return hex.EncodeToString(sum[:8])
}

// install makes an environment: with uv where it is installed, or else with the Python's own venv and pip.
func (l *Local) install(ctx context.Context, r *run, python interpreter, e *environment, requires []string) error {
	pinned := filepath.Join(r.build.Temp, "constraints.txt")
	if err := os.WriteFile(pinned, []byte(strings.Join(pep517.Constraints(requires), "\n")+"\n"), 0o644); err != nil {
		return err
	}
	steps := [][]string{
		{python.path, "-I", "-m", "venv", "--without-pip", e.dir},
		append([]string{python.path, "-I", "-m", "pip", "--python", e.python(), "install", "--constraint", pinned, "--"}, requires...),
	}
	if uv, err := environ.LookPath(l.env, "uv"); err == nil {
		steps = [][]string{
			{uv, "venv", "--no-project", "--python", python.path, e.dir},
			append([]string{uv, "pip", "install", "--python", e.python(), "--constraint", pinned, "--"}, requires...),
		}
	}
	if len(requires) == 0 {
		steps = steps[:1]
	}
	for _, s := range steps {
		cmd := command(ctx, s[0], s[1:]...)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.build.Temp, l.env, r.out, r.out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(s[0]), cause(ctx, err))
		}
	}
	return nil
}
