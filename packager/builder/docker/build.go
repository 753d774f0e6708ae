package docker

import (
	"archive/tar"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/python/buildsystem"
	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

func hookProgram() string { return pep517.Program }

// The users of a container. Each build has its own, from firstBuilder on; installer makes environments for all of them.
const (
	installer    = 19999
	firstBuilder = 20000
	builders     = 40000
)

// run is one build, under way.
type run struct {
	*running
	build    builder.Build
	settings settings
	system   buildsystem.System
	user     int
	dir      string // the build's own, in the container
	tail     *pep517.Tail
	log      *secret.Writer
}

// Build stages the source, installs what it requires where the image does not have it, and calls the backend.
func (d *Docker) Build(ctx context.Context, b builder.Build) (string, error) {
	e, err := d.engine(ctx)
	if err != nil {
		return "", err
	}
	w := e.wants(b)
	c, err := d.container(ctx, w)
	if err != nil {
		return "", foreign(err, e, []builder.Build{b})
	}
	r := c.newRun(b, *d.settings)
	file, err := r.wheel(ctx)
	d.forgetIfLost(w, err)
	return file, errors.Join(err, r.log.Flush())
}

func (c *running) newRun(b builder.Build, s settings) *run {
	c.mu.Lock()
	number := c.builds
	c.builds++
	c.mu.Unlock()
	tail := pep517.NewTail(b.Log)
	return &run{
		running: c, build: b, settings: s, user: firstBuilder + number%builders, dir: fmt.Sprintf("%s/%d", workDir, number),
		tail: tail, log: secret.NewWriter(tail, s.secrets),
	}
}

// wheel calls the backend in an environment that has what it asks for.
func (r *run) wheel(ctx context.Context) (string, error) {
	if err := r.stage(ctx); err != nil {
		return "", err
	}
	python, err := r.python()
	if err != nil {
		return "", err
	}
	env, err := r.environment(ctx, r.settings, python, r.system.Requires, r)
	if err != nil {
		return "", err
	}
	name, more, err := r.hooks(ctx, env, true)
	if err == nil && len(more) > 0 {
		if r.system.Pure {
			if err := r.stage(ctx); err != nil { // what was staged is gone
				return "", err
			}
		}
		if env, err = r.environment(ctx, r.settings, python, slices.Concat(r.system.Requires, more), r); err != nil {
			return "", err
		}
		name, _, err = r.hooks(ctx, env, false)
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(r.build.Out, name), nil
}

// python gives the interpreter of the target, or where the wheel is the same with any, another.
func (r *run) python() (string, error) {
	if python := r.has.Pythons[r.build.Python]; python != "" {
		return python, nil
	}
	if r.system.Pure || r.build.Pure {
		if newest := newestOf(slices.Collect(maps.Keys(r.has.Pythons))); newest != "" {
			return r.has.Pythons[newest], nil
		}
	}
	reason := fmt.Sprintf("image %s has no Python %s", r.image.name, r.build.Python)
	return "", &builder.UnfitError{Builder: "docker", Build: r.build, Reason: reason}
}

// newestOf gives the newest of some versions of Python ("3.9", "3.12"), empty of none.
func newestOf(versions []string) string {
	if len(versions) == 0 {
		return ""
	}
	return slices.MaxFunc(versions, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) // all are of Python 3, so the longer number is the greater
	})
}

// stage sends the source, and reads how it is built.
func (r *run) stage(ctx context.Context) error {
	p, err := r.exec(ctx, r.user, r.log, "unpack", r.dir+"/source", r.dir+"/out", r.dir+"/work")
	if err != nil {
		return r.failed("staging", err)
	}
	defer p.close()
	pyproject, hatch := path.Join(r.build.Project, "pyproject.toml"), path.Join(r.build.Project, "hatch.toml")
	archive := &stream{to: tar.NewWriter(p.conn.Conn), kept: map[string][]byte{pyproject: nil, hatch: nil}, temp: r.build.Temp}
	err = archive.send(ctx, r.build.Source)
	if err == nil {
		err = p.conn.CloseWrite()
	}
	var sending *sendError
	if err != nil && !errors.As(err, &sending) {
		p.conn.Close() // it waits for more
		return fmt.Errorf("staging %s: %w", r.build, err)
	}
	code, exitErr := p.exit(ctx, r.running)
	switch {
	case exitErr != nil:
		return r.failed("staging", exitErr)
	case code == noSpace:
		return r.failed("staging", &SpaceError{r.inMemory})
	case code == killed:
		return r.failed("staging", r.lost(ctx, fmt.Errorf("exit code %d", code)))
	case code != 0:
		return r.failed("staging", fmt.Errorf("exit code %d", code))
	case err != nil:
		return r.failed("staging", err)
	}
	if r.system, err = buildsystem.Parse(archive.kept[pyproject], archive.kept[hatch]); err != nil {
		return fmt.Errorf("%s: %w", r.build, err)
	}
	return nil
}

// The exit codes of the agent that say something: ENOSPC, and SIGKILL as a shell has it.
const (
	noSpace = 28
	killed  = 137
)

// hooks calls the hooks of the backend. Where ask is set it asks first what else is required, and builds nothing if there is
// something. A backend that runs nothing of the project's is called for both in one process.
func (r *run) hooks(ctx context.Context, env string, ask bool) (name string, more []string, err error) {
	t := task{
		Directory: path.Join(r.dir, "source", r.build.Project), Unset: pep517.Unset(), Set: r.variables(env),
		Path: env + "/bin", Pack: r.dir + "/out", Remove: []string{r.dir},
	}
	hooks := []string{pep517.Wheel}
	switch {
	case ask && r.system.Pure:
		hooks = []string{pep517.Both}
	case ask:
		hooks = []string{pep517.Requires, pep517.Wheel}
	}
	nothing := "[]"
	for _, hook := range hooks {
		s := step{Command: []string{env + "/bin/python", hookFile}, Result: r.dir + "/work/" + hook + ".json"}
		s.Input = string(pep517.Request(hook, r.system.Backend, r.system.Path, r.dir+"/out", s.Result))
		if hook == pep517.Requires {
			s.Only = &nothing
		}
		t.Steps = append(t.Steps, s)
	}
	received := make(map[string]bool)
	s, err := r.run(ctx, r.user, t, r.log, func(h *tar.Header, content io.Reader) error {
		received[h.Name] = true
		return r.receive(h, content)
	})
	if err != nil && s.Step == unknown {
		return "", nil, r.failed("the backend", err)
	}
	hook := hooks[min(s.Step, len(hooks)-1)]
	if err == nil {
		name, more, err = returned(hook, s.Results)
	}
	if err == nil && len(more) == 0 && hook != pep517.Requires {
		err = pep517.CheckWheelName(name)
		if err == nil && !received[name] {
			err = fmt.Errorf("%s is not there", name)
		}
		if err != nil {
			err = fmt.Errorf("%w: %w", builder.ErrNoWheel, err)
		}
	}
	if err != nil {
		return "", nil, r.failed(pep517.HookName(hook), err)
	}
	return name, more, nil
}

// returned reads what the last hook has returned: what else is required, or the name of a wheel.
func returned(hook string, results []*string) (name string, more []string, err error) {
	result := "null"
	if last := len(results) - 1; last >= 0 && results[last] != nil {
		result = *results[last]
	}
	switch hook {
	case pep517.Requires:
		err = json.Unmarshal([]byte(result), &more)
	case pep517.Both:
		var both struct {
			Requires []string
			Wheel    string
		}
		err = json.Unmarshal([]byte(result), &both)
		name, more = both.Wheel, both.Requires
	default:
		err = json.Unmarshal([]byte(result), &name)
	}
	return name, more, err
}

// receive takes a file that the backend has left beside the wheel, or the wheel.
func (r *run) receive(h *tar.Header, content io.Reader) error {
	if h.Typeflag != tar.TypeReg || strings.Contains(h.Name, "/") || pep517.CheckWheelName(h.Name) != nil {
		return nil // nobody asks for it
	}
	out, err := os.OpenFile(filepath.Join(r.build.Out, h.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}

// variables are those of a hook.
func (r *run) variables(env string) map[string]string {
	v := r.settings.variables()
	for _, setting := range slices.Concat(pep517.Settings(), pep517.VersionSettings(r.build.Version), pep517.CompilerSettings(r.dir+"/source")) {
		name, value, _ := strings.Cut(setting, "=")
		v[name] = value
	}
	v["VIRTUAL_ENV"], v["HOME"], v["TMPDIR"] = env, r.dir+"/work", r.dir+"/work"
	return v
}

// failed says of an error which build it ended, at which step.
func (r *run) failed(step string, err error) error {
	if flushErr := r.log.Flush(); flushErr != nil {
		err = errors.Join(err, flushErr)
	}
	return &builder.BackendError{Build: r.build, Step: step, Err: err, Tail: r.tail.String()}
}

// environmentCall is an environment with build requirements, which builds share.
type environmentCall struct {
	once sync.Once
	err  error
	tail string
}

// environment gives the directory of an environment with some requirements: one of the image's, or one that is made by
// whoever needs it first.
func (c *running) environment(ctx context.Context, s settings, python string, requires []string, r *run) (string, error) {
	requires = slices.Compact(slices.Sorted(slices.Values(requires)))
	if pinned, ok := pep517.Pinned(requires); ok && len(pinned) > 0 {
		if name := strings.Join(pinned, "+"); slices.Contains(c.has.Environments, name) {
			return imageEnvs + "/" + name, nil
		}
	}
	name := strings.Join(append([]string{python}, requires...), "\x00")
	c.mu.Lock()
	call := c.environments[name]
	if call == nil {
		call = &environmentCall{}
		c.environments[name] = call
	}
	dir := fmt.Sprintf("%s/environment-%s", workDir, shortHash(name))
	c.mu.Unlock()
	call.once.Do(func() {
		call.err = c.install(ctx, s, python, dir, requires, r.log)
		call.tail = r.tail.String()
	})
	if call.err != nil {
		return "", &builder.BackendError{
			Build: r.build, Step: "installing " + strings.Join(requires, ", "), Installing: true, Err: call.err, Tail: call.tail,
		}
	}
	return dir, nil
}

// install makes an environment: with uv where the image has it, or else with the Python's own venv and pip.
func (c *running) install(ctx context.Context, s settings, python, dir string, requires []string, log io.Writer) error {
	t := task{Directory: workDir, Unset: pep517.Unset(), Set: s.variables()}
	home := workDir + "/installer"
	t.Set["HOME"], t.Set["UV_CACHE_DIR"], t.Set["PIP_CACHE_DIR"] = home, home+"/uv", home+"/pip"
	t.Set["UV_NO_PROGRESS"], t.Set["PIP_DISABLE_PIP_VERSION_CHECK"], t.Set["PIP_NO_INPUT"] = "1", "1", "1"
	s.installer(installer, &t)
	constraints := dir + ".constraints"
	t.addFile(constraints, strings.Join(pep517.Constraints(requires), "\n")+"\n")
	commands := [][]string{
		{python, "-I", "-m", "venv", "--without-pip", dir},
		append([]string{python, "-I", "-m", "pip", "--python", dir + "/bin/python", "install", "--constraint", constraints, "--"}, requires...),
	}
	if c.has.UV != "" {
		commands = [][]string{
			{c.has.UV, "venv", "--no-project", "--python", python, dir},
			append([]string{c.has.UV, "pip", "install", "--python", dir + "/bin/python", "--constraint", constraints, "--"}, requires...),
		}
	}
	if len(requires) == 0 {
		commands = commands[:1]
	}
	for _, command := range commands {
		t.Steps = append(t.Steps, step{Command: command})
	}
	_, err := c.run(ctx, installer, t, log, nil)
	return err
}
