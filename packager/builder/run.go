package builder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/monoplan/monoplan/internal/environ"
	"github.com/monoplan/monoplan/internal/python/buildsystem"
	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// run is one build, under way.
type run struct {
	build   Build
	system  buildsystem.System
	project string // its directory on the disk
	env     []string
	// out takes what is printed, and leaves secrets out. tail has the end of it.
	out  *secret.Writer
	tail *pep517.Tail
}

// said is the end of what was printed.
func (r *run) said() string {
	_ = r.out.Flush() // of a log that cannot be written, Build tells
	return r.tail.String()
}

// wheel calls the backend: the short way where there is one, or else in an environment that has what it asks for.
func (r *run) wheel(ctx context.Context, l *Local, python interpreter) (string, error) {
	file, short := r.wheelByTools(ctx, l, python)
	if short == nil || ctx.Err() != nil {
		return file, cause(ctx, short)
	}
	if !errors.Is(short, errNoTools) {
		fmt.Fprintf(r.out, "once more, in an environment of its own, since: %v\n", short)
	}
	file, err := r.wheelInEnvironment(ctx, l, python)
	var called, failed *BackendError
	if errors.As(short, &called) && errors.As(err, &failed) && failed.Installing {
		return "", short // what the backend said is worth more than that it cannot be installed once more
	}
	return file, err
}

func (r *run) wheelInEnvironment(ctx context.Context, l *Local, python interpreter) (string, error) {
	env, err := l.environment(ctx, r, python, r.system.Requires)
	if err != nil {
		return "", err
	}
	var more []string
	if err := r.hook(ctx, env, pep517.Requires, &more); err != nil {
		return "", err
	}
	if len(more) > 0 {
		if env, err = l.environment(ctx, r, python, slices.Concat(r.system.Requires, more)); err != nil {
			return "", err
		}
	}
	var name string
	if err := r.hook(ctx, env, pep517.Wheel, &name); err != nil {
		return "", err
	}
	return r.check(name)
}

// check gives the path of the wheel that the backend says it made.
func (r *run) check(name string) (string, error) {
	if err := pep517.CheckWheelName(name); err != nil {
		return "", r.failed(pep517.Wheel, fmt.Errorf("%w: %w", ErrNoWheel, err))
	}
	file := filepath.Join(r.build.Out, name)
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		return "", r.failed(pep517.Wheel, fmt.Errorf("%w: %s is not there", ErrNoWheel, name))
	}
	return file, nil
}

// hook calls one hook in an environment, and reads what it returned.
func (r *run) hook(ctx context.Context, env *environment, hook string, result any) error {
	settings := []string{"VIRTUAL_ENV=" + env.dir,
		"PATH=" + filepath.Dir(env.python()) + string(os.PathListSeparator) + environ.Get(r.env, "PATH")}
	return r.call(ctx, []string{env.python()}, settings, hook, r.system.Path, result)
}

// call calls a hook with an interpreter and settings of its own, and path before what the interpreter looks through.
func (r *run) call(ctx context.Context, python, settings []string, hook string, path []string, result any) error {
	file := filepath.Join(r.build.Temp, hook+".json")
	// A file of its own directory: that comes first in sys.path, where the project must not (PEP 517).
	program := filepath.Join(r.build.Temp, "hook", "hook.py")
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(program, []byte(pep517.Program), 0o644); err != nil {
		return err
	}
	cmd := command(ctx, python[0], append(python[1:len(python):len(python)], program)...)
	cmd.Dir = r.project
	cmd.Env = slices.Concat(r.env, settings, []string{"TMPDIR=" + r.build.Temp},
		pep517.VersionSettings(r.build.Version), pep517.CompilerSettings(filepath.Join(r.build.Temp, "source")))
	cmd.Stdin = bytes.NewReader(pep517.Request(hook, r.system.Backend, path, r.build.Out, file))
	cmd.Stdout, cmd.Stderr = r.out, r.out
	if err := cmd.Run(); err != nil {
		return r.failed(hook, cause(ctx, err))
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, result)
	}
	if err != nil {
		return r.failed(hook, err)
	}
	return nil
}

func (r *run) failed(hook string, err error) error {
	return &BackendError{Build: r.build, Step: pep517.HookName(hook), Err: err, Tail: r.said()}
}

// cause prefers why a process was ended to how.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// patience is how long a process that was told to end may take, and how long its pipes may stay open after it.
const patience = 5 * time.Second

// command makes a process that an interrupt ends with its children.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	endWithChildren(cmd)
	cmd.WaitDelay = patience
	return cmd
}
