package deployer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Runner is a tool that deploys. It says which commands do it, and runs none.
type Runner interface {
	// Commands gives the commands that deploy a target, or remove it, in their order. They run in its directory. The
	// error is a *ToolError where the tool is not installed, a *NoCommandError, a *StackNameError, or an *UnnamedStackError.
	Commands(t Target) ([]Command, error)
}

// Target is what a tool has to know of a service.
type Target struct {
	Service Service
	// Stage and Region are those of the run; Region may be empty.
	Stage, Region string
	// Dir is the service's directory, absolute.
	Dir string
	// find finds programs.
	find finder
}

// runners has the tools, by the types of services.
func runners() map[string]Runner {
	return map[string]Runner{
		Serverless: serverlessRunner{}, SAM: samRunner{}, CDK: cdkRunner{}, SST: sstRunner{}, OwnCommand: commandRunner{},
	}
}

// Commands gives the commands that deploy or remove a service.
func Commands(t Target) ([]Command, error) {
	if s := t.Service; !s.Deploy.IsZero() || !s.Withdraw.IsZero() && s.Remove {
		return commandRunner{}.Commands(t)
	}
	if r := runners()[t.Service.Type]; r != nil {
		return r.Commands(t)
	}
	return nil, &NoCommandError{t.Service}
}

// own gives the command that stands instead of the tool's.
func (t Target) own() Command { return t.Service.own() }

func (s Service) own() Command {
	if s.Remove {
		return s.Withdraw
	}
	return s.Deploy
}

// target gives what a tool has to know of a service. env is where programs are looked for.
func (c Config) target(s Service, env []string) Target {
	top := c.Root
	if s.Checkout != "" {
		top = s.Checkout
	}
	t := Target{Service: s, Stage: c.Stage, Region: c.Region, Dir: filepath.Join(top, filepath.FromSlash(s.Path))}
	t.find = finder{env: env, dirs: upTo(top, t.Dir)}
	if top != c.Root {
		// What a removed service was deployed with may be installed in the working tree only.
		t.find.dirs = append(t.find.dirs, upTo(c.Root, filepath.Join(c.Root, filepath.FromSlash(s.Path)))...)
	}
	return t
}

// has reports whether the service's directory has a file.
func (t Target) has(name string) bool {
	_, err := os.Lstat(filepath.Join(t.Dir, name))
	return !errors.Is(err, fs.ErrNotExist)
}

// argv gives the program of a command and its arguments. A program that is named without a path is looked for where the tools are.
func (d *deployment) argv(c Command, env []string, dir string) ([]string, error) {
	if c.Shell != "" {
		return d.shell.argv(c.Shell), nil
	}
	program := c.Args[0]
	switch {
	case filepath.IsAbs(program):
		return c.Args, nil
	case program != filepath.Base(program):
		return append([]string{filepath.Join(dir, filepath.FromSlash(program))}, c.Args[1:]...), nil
	}
	path, err := d.target(d.service, env).find.find(program)
	if err != nil {
		return nil, err
	}
	return append([]string{path}, c.Args[1:]...), nil
}
