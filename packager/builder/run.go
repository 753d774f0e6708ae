package builder

import (
	"context"
	_ "embed" // for hook.py
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/internal/python/buildsystem"
)

//go:embed hook.py
var hookProgram string

// run is one build, under way.
type run struct {
	build   Build
	system  buildsystem.System
	project string // its directory on the disk
	env     []string
	tail    *tail
}

// wheel calls the backend in an environment that has what it asks for.
func (r *run) wheel(ctx context.Context, l *Local, python interpreter) (string, error) {
	env, err := l.environment(ctx, r, python, r.system.Requires)
	if err != nil {
		return "", err
	}
	var more []string
	if err := r.hook(ctx, env, "requires", &more); err != nil {
		return "", err
	}
	if len(more) > 0 {
		if env, err = l.environment(ctx, r, python, slices.Concat(r.system.Requires, more)); err != nil {
			return "", err
		}
	}
	var name string
	if err := r.hook(ctx, env, "wheel", &name); err != nil {
		return "", err
	}
	if name == "" || filepath.Base(name) != name || !strings.HasSuffix(name, ".whl") {
		return "", r.failed("build_wheel", fmt.Errorf("%w: it says %q", errNoWheel, name))
	}
	file := filepath.Join(r.build.Out, name)
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		return "", r.failed("build_wheel", fmt.Errorf("%w: %s is not there", errNoWheel, name))
	}
	return file, nil
}

// hook calls one hook, and reads what it returned.
func (r *run) hook(ctx context.Context, env *environment, hook string, result any) error {
	file := filepath.Join(r.build.Temp, hook+".json")
	request, err := json.Marshal(map[string]any{
		"hook": hook, "backend": r.system.Backend, "path": append([]string{}, r.system.Path...),
		"out": r.build.Out, "result": file,
	})
	if err != nil {
		return err
	}
	// A file of its own directory: that comes first in sys.path, where the project must not (PEP 517).
	program := filepath.Join(r.build.Temp, "hook", "hook.py")
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(program, []byte(hookProgram), 0o644); err != nil {
		return err
	}
	cmd := command(ctx, env.python(), program)
	cmd.Dir = r.project
	cmd.Env = append(slices.Clone(r.env), "VIRTUAL_ENV="+env.dir, "TMPDIR="+r.build.Temp,
		"PATH="+filepath.Dir(env.python())+string(os.PathListSeparator)+variable(r.env, "PATH"),
		// A source without its history: these tell the version to backends that would ask version control.
		"SETUPTOOLS_SCM_PRETEND_VERSION="+r.build.Version, "PBR_VERSION="+r.build.Version)
	cmd.Stdin = strings.NewReader(string(request))
	cmd.Stdout, cmd.Stderr = r.tail, r.tail
	if err := cmd.Run(); err != nil {
		return r.failed(hookName(hook), cause(ctx, err))
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, result)
	}
	if err != nil {
		return r.failed(hookName(hook), err)
	}
	return nil
}

func hookName(hook string) string {
	if hook == "requires" {
		return "get_requires_for_build_wheel"
	}
	return "build_wheel"
}

func (r *run) failed(step string, err error) error {
	return &BackendError{Build: r.build, Step: step, Err: err, Tail: r.tail.String()}
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
