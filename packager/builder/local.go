package builder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/monoplan/monoplan/internal/python/buildsystem"
	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// Local builds on this machine, with the project's own backend in a virtual environment that is made for it.
type Local struct {
	env  []string
	temp string
	// secrets are those of env, which no log may have.
	secrets *secret.Values

	mu           sync.Mutex
	interpreters *interpreters
	environments map[string]*environment
	toolboxes    map[Tool]*toolbox // by the backend itself
}

var _ Builder = (*Local)(nil)

// NewLocal makes a builder that has its environments below temp, an existing directory. env is the process environment:
// PATH and what pyenv and uv go by find a Python, and the settings of pip or uv (index, proxy, certificates) say where
// build requirements come from.
func NewLocal(env []string, temp string) *Local {
	clean := pep517.CleanEnvironment(env)
	return &Local{
		env: clean, temp: temp, secrets: secret.In(env), environments: map[string]*environment{}, toolboxes: map[Tool]*toolbox{},
		interpreters: &interpreters{env: clean, tried: map[string]string{}},
	}
}

// Name gives "local".
func (l *Local) Name() string { return "local" }

// Accept looks for a Python of the target. Whether another one would do is known only when the sources are: then Build
// decides.
func (l *Local) Accept(ctx context.Context, builds []Build) error {
	for _, b := range builds {
		if _, ok := l.python(ctx, b.Python, true); !ok {
			return l.unfit(b, "there is no Python from 3.9 on in PATH")
		}
	}
	return ctx.Err()
}

func (l *Local) unfit(b Build, reason string) error {
	return &UnfitError{Builder: l.Name(), Build: b, Reason: reason}
}

func (l *Local) python(ctx context.Context, version string, anyDoes bool) (interpreter, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.interpreters.find(ctx, version, anyDoes)
}

// Identity gives nothing: this machine is not looked into.
func (l *Local) Identity(context.Context, Build) (string, error) { return "", nil }

// Build stages the source, installs what it requires, and calls the backend.
func (l *Local) Build(ctx context.Context, b Build) (string, error) {
	source := filepath.Join(b.Temp, "source")
	if err := os.Mkdir(source, 0o755); err != nil {
		return "", err
	}
	if err := stage(ctx, b.Source, source); err != nil {
		return "", fmt.Errorf("staging %s: %w", b, err)
	}
	project := filepath.Join(source, filepath.FromSlash(b.Project))
	system, err := readSystem(project)
	if err != nil {
		return "", fmt.Errorf("%s: %w", b, err)
	}
	python, ok := l.python(ctx, b.Python, system.Pure)
	if !ok {
		return "", l.unfit(b, fmt.Sprintf("it needs Python %s, which is not in PATH; its backend may give another wheel with another Python", b.Python))
	}
	tail := pep517.NewTail(b.Log)
	run := &run{build: b, system: system, project: project, env: l.env, tail: tail, out: secret.NewWriter(tail, l.secrets)}
	file, err := run.wheel(ctx, l, python)
	return file, errors.Join(err, run.out.Flush())
}

// readSystem reads a staged project's build system. One that setuptools builds need not have a pyproject.toml.
func readSystem(project string) (buildsystem.System, error) {
	var texts [2][]byte
	for i, name := range [...]string{"pyproject.toml", "hatch.toml"} {
		data, err := os.ReadFile(filepath.Join(project, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return buildsystem.System{}, err
		}
		texts[i] = data
	}
	return buildsystem.Parse(texts[0], texts[1])
}

// Close removes the environments and tools.
func (l *Local) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, e := range l.environments {
		errs = append(errs, os.RemoveAll(e.dir))
	}
	for _, b := range l.toolboxes {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	clear(l.environments)
	clear(l.toolboxes)
	return errors.Join(errs...)
}
