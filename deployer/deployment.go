package deployer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// deployment is one service on its way.
type deployment struct {
	*run
	service Service
	env     *environment
	log     *logFile
	begun   bool
	// err is the first thing that went wrong, and ends the service.
	err    error
	result Result
}

func (r *run) deployment(s Service) *deployment { return &deployment{run: r, service: s} }

// begin opens what the service needs.
func (d *deployment) begin() {
	d.begun = true
	d.result = Result{Service: d.service, Started: d.Now()}
	d.env, d.err = d.newEnvironment(d.service)
	d.log = d.logs.open(d.service.Name, d.env.secrets)
	d.result.Log = d.log.path
	d.observe(ServiceStarted{Time: d.result.Started, Service: d.service, Log: d.log.path})
}

// prepare runs the hooks that prepare the working tree.
func (d *deployment) prepare(ctx context.Context) {
	d.hooks(ctx, StepBeforeCompile, d.Hooks.BeforeCompile)
	d.hooks(ctx, StepCompile, d.Hooks.Compile)
	d.hooks(ctx, StepBeforeBuild, d.Hooks.BeforeBuild)
}

// finish does the rest, and has it recorded.
func (d *deployment) finish(ctx context.Context) Result {
	identical := d.pack(ctx)
	switch {
	case identical:
	case d.service.Remove:
		d.hooks(ctx, StepBeforeRemove, d.Hooks.BeforeRemove)
		d.tool(ctx, StepRemove)
		d.hooks(ctx, StepAfterRemove, d.Hooks.AfterRemove)
	default:
		d.hooks(ctx, StepBeforeDeploy, d.Hooks.BeforeDeploy)
		d.tool(ctx, StepDeploy)
		d.hooks(ctx, StepAfterDeploy, d.Hooks.AfterDeploy)
	}
	d.end(ctx, identical)
	return d.result
}

// end says how it went, and has it recorded.
func (d *deployment) end(ctx context.Context, identical bool) {
	d.result.LogErr = errors.Join(d.log.close(), d.env.remove())
	d.result.Err = withoutSecrets(d.err, d.env.secrets)
	d.result.Ended = d.Now()
	switch {
	case d.err == nil && identical:
		d.result.Outcome = Identical
	case d.err == nil:
		d.result.Outcome = Succeeded
	case errors.Is(d.err, errStopped):
		d.result.Outcome = Interrupted
	default:
		d.result.Outcome = Failed
	}
	if d.Record != nil {
		d.result.RecordErr = d.Record(context.WithoutCancel(ctx), d.result)
	}
	d.observe(ServiceEnded{Time: d.Now(), Result: d.result})
}

// pack packages the service, and reports whether what it gives is deployed already.
func (d *deployment) pack(ctx context.Context) (identical bool) {
	if d.service.Package == nil || d.service.Remove {
		return false
	}
	d.step(ctx, StepPackage, "", func(log io.Writer) error {
		packaged, err := d.service.Package(ctx, log)
		if err != nil {
			if ctx.Err() != nil {
				return errors.Join(errStopped, err)
			}
			return fmt.Errorf("%s: %w", d.service.Name, err)
		}
		d.result.Artifact, identical = packaged.Artifact, packaged.Identical
		d.env.setArtifact(packaged.Artifact)
		return nil
	})
	return identical
}

// hooks runs the commands of a hook, one after another, at the repository's root.
func (d *deployment) hooks(ctx context.Context, step Step, commands []string) {
	for _, text := range commands {
		d.command(ctx, step, Command{Shell: text}, d.Root)
	}
}

// tool runs what deploys or removes the service, in its directory.
func (d *deployment) tool(ctx context.Context, step Step) {
	if d.err != nil {
		return
	}
	t := d.target(d.service, nil)
	if err := t.directory(); err != nil {
		d.err = fmt.Errorf("%s: %w", d.service.Name, err)
		return
	}
	env, err := d.forTools(ctx, t.Dir)
	if err != nil {
		d.err = &StepError{Service: d.service.Name, Step: step, Err: err, Log: d.log.path}
		return
	}
	t.find.env = env
	commands, err := Commands(t)
	if err != nil {
		d.err = fmt.Errorf("%s: %w", d.service.Name, err)
		return
	}
	for _, c := range commands {
		d.command(ctx, step, c, t.Dir)
	}
}

// command runs one command.
func (d *deployment) command(ctx context.Context, step Step, c Command, dir string) {
	d.step(ctx, step, c.String(), func(log io.Writer) error {
		env, err := d.forCommand(ctx, c, dir)
		if err != nil {
			return err
		}
		argv, err := d.argv(c, env, dir)
		if err != nil {
			return err
		}
		return d.process(argv, dir, env, log).run(ctx)
	})
}

func (d *deployment) process(argv []string, dir string, env []string, output io.Writer) process {
	return process{
		argv: argv, dir: filepath.FromSlash(dir), env: env, output: output,
		grace: d.Grace, kill: d.Kill, inherited: d.Inherited, background: &d.background,
	}
}

// step runs a part of the service's deploy, unless something went wrong before, and makes what goes wrong in it d.err.
func (d *deployment) step(ctx context.Context, step Step, command string, do func(log io.Writer) error) {
	if d.err != nil {
		return
	}
	command = d.env.secrets.Hide(command)
	if ctx.Err() != nil {
		d.err = &StepError{Service: d.service.Name, Step: step, Command: command, Status: -1, Err: errStopped, Log: d.log.path}
		return
	}
	started := d.Now()
	d.observe(StepStarted{Time: started, Service: d.service.Name, Step: step, Command: command})
	d.log.begin(step, command)
	err := do(d.log)
	d.log.endOutput()
	var ended *processError
	if command != "" && err != nil {
		e := &StepError{Service: d.service.Name, Step: step, Command: command, Status: -1, Err: err, Tail: d.log.tail(), Log: d.log.path}
		if errors.As(err, &ended) {
			e.Status, e.Signal, e.Err = ended.status, ended.signal, ended.err
		}
		err = e
	}
	d.err = withoutSecrets(err, d.env.secrets)
	now := d.Now()
	d.observe(StepEnded{Time: now, Service: d.service.Name, Step: step, Command: command, Duration: now.Sub(started), Err: d.err})
}
