package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/planner"
)

// newRunName names a run by its time, so that names sort, and by what no other run has.
func newRunName() string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return time.Now().UTC().Format("20060102-150405-") + hex.EncodeToString(random[:])
}

// execute locks what was chosen, deploys it, and gives it free. From here on all that happens is shown as events.
func (d *deploy) execute(ctx context.Context) error {
	if survive := d.app.SurvivePipe; survive != nil {
		survive() // what deploys must not be left alone by a reader who goes away
	}
	show := d.newShow()
	defer show.close()
	if len(d.chosen) == 0 {
		if err := d.staged.ledger.Flush(ctx, d.staged.stage.Name); err != nil {
			return err
		}
		show.nothing()
		return nil
	}
	services, err := d.services(ctx, packageOptions{concurrency: d.options.concurrency})
	if err != nil {
		return err
	}
	config := d.config()
	if err := deployer.Check(config, services); err != nil {
		return err
	}
	hold, err := d.staged.ledger.Take(ctx, d.staged.stage.Name, d.claim(show))
	if err != nil {
		return err
	}
	d.step("lock")
	results, stopped, err := d.underLock(ctx, hold, show, config, services)
	if err != nil {
		return err
	}
	return show.verdict(ctx, results, stopped)
}

// underLock deploys while the lock is kept, and gives it up. A lock that is lost ends the run, for another run may deploy the same services, and
// so does a working tree that is not the planned commit any more; stopped then says why.
func (d *deploy) underLock(ctx context.Context, hold *ledger.Hold, show *show, config deployer.Config, services []deployer.Service) (results []deployer.Result, stopped, err error) {
	writing, end := d.app.writing(ctx)
	defer end()
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := func(err error) {
		show.stopped.Store(true)
		cancel(err)
	}
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		if err := hold.Keep(running); err != nil {
			stop(err)
		}
	}()
	config.Inherited = hold.Alive()
	config.Observe = show.observe
	config.BeforePhase = func(ctx context.Context, services []deployer.Service) {
		if err := d.checkPhase(ctx, services, show); err != nil {
			stop(err)
		}
	}
	config.Record = func(_ context.Context, r deployer.Result) error {
		ctx, cancel := inTime(writing)
		defer cancel()
		err := d.record(ctx, hold, r, show)
		if lost := hold.Lost(); lost != nil {
			stop(lost)
		}
		if err != nil {
			show.warn(err)
		}
		return err
	}
	results, err = deployer.Run(running, config, services)
	for _, r := range results {
		if r.LogErr != nil {
			show.warn(fmt.Errorf("the log of %s is not whole: %w", r.Service.Name, r.LogErr))
		}
	}
	if ctx.Err() == nil {
		stopped = context.Cause(running)
	}
	cancel(nil)
	<-kept
	// What was never begun is given free, whatever became of the rest.
	release, cancelRelease := inTime(writing)
	defer cancelRelease()
	if err := hold.Release(release); err != nil {
		show.warn(fmt.Errorf("giving up the lock: %w", err))
	}
	return results, stopped, err
}

// writePatience is how long the ledger may take to be written, and lastPatience how long after a second interrupt: what could not
// be written then is in the journal.
const (
	writePatience = 5 * time.Minute
	lastPatience  = 5 * time.Second
)

// writing gives a context for what a run writes into the ledger: one interrupt does not end it.
func (p process) writing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-ctx.Done():
			return
		case <-p.Kill:
		}
		select {
		case <-ctx.Done():
		case <-time.After(lastPatience):
			cancel(fmt.Errorf("the ledger did not answer within %s of the second interrupt", lastPatience))
		}
	}()
	return ctx, func() { cancel(nil) }
}

// inTime gives a context for one write.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, writePatience, fmt.Errorf("the ledger did not answer within %s", writePatience))
}

// record writes down how a service ended. What could not be written is in the journal, and is tried once more from there: an
// interrupt that is typed at a terminal ends a push as well, and that was not meant.
func (d *deploy) record(ctx context.Context, hold *ledger.Hold, r deployer.Result, show *show) error {
	result := d.result(r)
	if !r.Service.Remove && r.Outcome != deployer.Identical && !result.Deploy.Dirty {
		var warning error
		if result.Deploy.Dirty, warning = d.movedUnder(ctx, r.Service); warning != nil {
			show.warn(warning)
		}
	}
	if r.Outcome == deployer.Succeeded && !r.Service.Remove && !result.Deploy.Dirty {
		var warning error
		if result.Deploy.Dirty, warning = d.isStillAbsent(ctx, r.Service); warning != nil {
			show.warn(warning)
		}
	}
	err := hold.Record(ctx, result)
	if errors.As(err, new(*ledger.DeferredError)) && d.staged.ledger.Flush(ctx, d.staged.stage.Name) == nil {
		return nil
	}
	return err
}

// claim is what the run takes of the ledger.
func (d *deploy) claim(show *show) ledger.Claim {
	c := ledger.Claim{
		Run: d.run, Owner: d.app.owner(), Commit: d.staged.head.ID, Why: d.app.jobURL(), Planned: d.staged.stage,
		Wait: d.options.wait, Waiting: show.waiting, Replaces: map[string][]string{}, MayReplace: map[string][]string{},
	}
	for _, s := range d.chosen {
		c.Targets = append(c.Targets, ledgerTarget(s.Path, s.Name, s.Type, s.Phase))
	}
	for gone, successors := range d.successors {
		replaces := c.Replaces
		if successors.doubtful && len(successors.paths) > 1 {
			replaces = c.MayReplace
		}
		for _, path := range successors.paths {
			replaces[path] = append(replaces[path], gone)
		}
	}
	return c
}

func ledgerTarget(path, name, kind string, phase int) ledger.Target {
	return ledger.Target{Path: path, Name: name, Type: kind, Phase: phase}
}

// result is what the ledger remembers of a service that has ended.
func (d *deploy) result(r deployer.Result) ledger.Result {
	s := r.Service
	out := ledger.Result{Target: ledgerTarget(s.Path, s.Name, s.Type, s.Phase)}
	out.Deploy = ledger.Deploy{
		Commit: s.Commit, Time: r.Ended, Run: d.run, Artifact: r.Artifact.SHA256, Dirty: d.dirty[s.Path],
		Identical: r.Outcome == deployer.Identical,
	}
	switch r.Outcome {
	case deployer.Succeeded, deployer.Identical:
		out.Deploy.Outcome = ledger.Succeeded
		if out.Removed = s.Remove; out.Removed {
			out.Deploy.Commit = d.staged.head.ID // by which others know that no older one has to bring it back
		}
		if out.Deploy.Configuration = d.packaging.prints.configurations[s.Path]; out.Deploy.Configuration != "" {
			out.Deploy.Environment = d.packaging.prints.environment
		}
	case deployer.Interrupted:
		out.Deploy.Outcome = ledger.Interrupted
	default:
		out.Deploy.Outcome = ledger.Failed
	}
	return out
}

// config is what the run needs of the world outside.
func (d *deploy) config() deployer.Config {
	private := filepath.Join(d.repo.WorkTree, ".monoplan")
	origin := d.app.origin(d.repo.Branch())
	return deployer.Config{
		Root: d.repo.WorkTree, Env: d.app.Env, Stage: d.staged.stage.Name, Region: d.app.region(),
		App: d.repositoryName(), Run: d.run, Branch: origin.branch, PullRequest: origin.pullRequest, StageBranch: d.options.branch,
		Hooks: d.hooks(), Concurrency: d.options.concurrency,
		Logs: filepath.Join(private, "logs"), Private: private, Temp: d.temp.Dir,
		Grace: grace, Kill: d.app.Kill, Now: time.Now,
	}
}

// grace is how long a tool that was told to stop may take before it is killed: CIs kill all of a job soon after.
const grace = 2 * time.Minute

// temporary gives the directory for what is removed at the end.
func (d *deploy) temporary() (string, error) {
	if d.temp == nil {
		temp, err := durable.NewTemporary(d.app.getenv("TMPDIR"), "monoplan-deploy-")
		if err != nil {
			return "", err
		}
		d.temp = temp
	}
	return d.temp.Dir, nil
}

// close removes what the run needed.
func (d *deploy) close() error {
	var errs []error
	if d.staged != nil {
		errs = append(errs, d.staged.ledger.close())
	}
	if d.packaging != nil {
		errs = append(errs, d.packaging.close())
	}
	return errors.Join(append(errs, d.temp.Remove())...)
}

// isRemoval reports whether a service of the plan is to be removed.
func isRemoval(s planner.ServicePlan) bool { return s.Action == planner.Remove }
