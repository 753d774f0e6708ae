package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report/stream"
)

// eventsVersion is the version of the contract in docs/events.schema.json.
const eventsVersion = 1

// show tells what happens in a run, to standard output and to the CI's job summary.
type show struct {
	deploy *deploy
	began  time.Time

	// waited says that the lock was not free at once.
	waited bool
	// stopped says that the run ended itself.
	stopped  atomic.Bool
	mu       sync.Mutex
	sink     stream.Sink
	summary  *stream.Markdown
	stderr   io.Writer
	finished chan struct{}
	ticking  sync.WaitGroup
}

// newShow chooses how a run is shown. Messages on standard error go through it too, so that a table on the same terminal
// is out of their way.
func (d *deploy) newShow() *show {
	a := d.app
	s := &show{deploy: d, began: time.Now(), stderr: a.Stderr, summary: &stream.Markdown{}, finished: make(chan struct{})}
	f, isFile := a.Stdout.(*os.File)
	isTerminal := isFile && term.IsTerminal(int(f.Fd()))
	switch {
	case d.options.format == "json":
		s.sink = stream.NewJSON(a.out)
	case isTerminal && !a.isCI() && a.getenv("TERM") != "dumb":
		s.sink = stream.NewLive(a.out, a.style(), func() (columns, rows int) {
			_, rows, _ = term.GetSize(int(f.Fd())) // of none the table shows one service
			return a.width(f), rows
		})
		s.ticking.Go(s.tick)
	default:
		s.sink = stream.NewLines(a.out, a.style(), stream.HostOf(a.getenv, "monoplan-"+d.run))
	}
	a.Stderr = s
	return s
}

// Write writes to standard error.
func (s *show) Write(b []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Aside(func() {
		_ = s.deploy.app.out.flush() // remembered, and said at the end
		n, err = s.stderr.Write(b)
	})
	_ = s.deploy.app.out.flush()
	return n, err
}

func (s *show) event(e stream.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Show(e)
	s.summary.Show(e)
	_ = s.deploy.app.out.flush() // remembered, and said at the end: a reader who went away stops no deploy
}

// tick keeps a table's times running.
func (s *show) tick() {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-s.finished:
			return
		case now := <-ticker.C:
			s.mu.Lock()
			s.sink.Tick(now)
			_ = s.deploy.app.out.flush()
			s.mu.Unlock()
		}
	}
}

// close ends what is shown, and adds the run to the CI's job summary.
func (s *show) close() {
	close(s.finished)
	s.ticking.Wait()
	s.deploy.app.Stderr = s.stderr
	name := s.deploy.app.getenv("GITHUB_STEP_SUMMARY")
	if name == "" || !s.summary.HasRun() {
		return
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		err = errors.Join(s.summary.Write(f), f.Close())
	}
	if err != nil {
		s.deploy.app.messages().warn("", 0, "the job summary: "+err.Error())
	}
}

// warn says what is no failure of a service.
func (s *show) warn(err error) { s.deploy.app.messages().warn("", 0, err.Error()) }

func (s *show) waiting(e *ledger.LockedError) {
	s.waited = true
	s.event(stream.Event{Kind: stream.LockWaiting, Time: time.Now(), Why: e.Error()})
}

// observe shows what the deployer tells.
func (s *show) observe(e deployer.Event) {
	switch e := e.(type) {
	case deployer.RunStarted:
		s.event(s.started(e.Time))
		if e.LogsErr != nil {
			s.warn(fmt.Errorf("the logs of old runs stay: %w", e.LogsErr))
		}
	case deployer.ServiceStarted:
		s.event(stream.Event{
			Kind: stream.ServiceStarted, Time: e.Time, Service: e.Service.Name, Path: e.Service.Path,
			Phase: &e.Service.Phase, Action: action(e.Service.Remove), Log: s.deploy.shown(e.Log),
		})
	case deployer.StepStarted:
		s.event(stream.Event{Kind: stream.StepStarted, Time: e.Time, Service: e.Service, Step: string(e.Step), Command: e.Command})
	case deployer.StepEnded:
		out := stream.Event{
			Kind: stream.StepEnded, Time: e.Time, Service: e.Service, Step: string(e.Step), Command: e.Command,
			Outcome: stream.Succeeded, Milliseconds: milliseconds(e.Duration),
		}
		if e.Err != nil {
			out.Outcome, out.Error = stream.Failed, e.Err.Error()
		}
		s.event(out)
	case deployer.ServiceEnded:
		s.event(s.ended(e))
	}
}

func (s *show) started(now time.Time) stream.Event {
	d := s.deploy
	unchanged := d.staged.plan.Count(planner.Skip)
	e := stream.Event{
		Kind: stream.RunStarted, Time: now, Version: eventsVersion, Run: d.run, Stage: d.staged.stage.Name, Head: d.staged.head.ID,
		Unchanged: &unchanged, Services: []stream.Service{},
	}
	for _, c := range d.chosen {
		e.Services = append(e.Services, stream.Service{Name: c.Name, Path: c.Path, Type: c.Type, Phase: c.Phase, Action: string(c.Action)})
	}
	return e
}

func (s *show) ended(e deployer.ServiceEnded) stream.Event {
	r := e.Result
	out := stream.Event{
		Kind: stream.ServiceEnded, Time: e.Time, Service: r.Service.Name, Path: r.Service.Path, Phase: &r.Service.Phase,
		Action: action(r.Service.Remove), Outcome: string(r.Outcome), SHA256: r.Artifact.SHA256, Log: s.deploy.shown(r.Log), LogFile: r.Log,
	}
	if r.Outcome == deployer.Skipped {
		out.Why = s.skipWords(r)
		return out
	}
	recorded := r.RecordErr == nil
	out.Recorded = &recorded
	out.Milliseconds = milliseconds(r.Duration())
	if r.Err != nil {
		out.Error = r.Err.Error()
		var step *deployer.StepError
		if errors.As(r.Err, &step) && step.Tail != "" {
			out.Tail = strings.Split(strings.TrimRight(step.Tail, "\n"), "\n")
		}
	}
	return out
}

func (s *show) skipWords(r deployer.Result) string {
	switch {
	case r.Why != deployer.RunInterrupted:
		return "an earlier phase failed"
	case s.stopped.Load():
		return "the run could not go on"
	}
	return "the run was interrupted"
}

func action(remove bool) string {
	if remove {
		return string(planner.Remove)
	}
	return string(planner.Deploy)
}

func milliseconds(d time.Duration) *int64 {
	ms := d.Milliseconds()
	return &ms
}

// nothing shows a run that has nothing to do.
func (s *show) nothing() {
	s.event(s.started(s.began))
	s.finish(nil, exitFine)
}

// verdict ends the run: with the exit code that its results ask for, or what stopped it, and a hint for each failure that
// has one.
func (s *show) verdict(ctx context.Context, results []deployer.Result, stopped error) error {
	code := exitFine
	for _, r := range results {
		switch {
		case r.Outcome == deployer.Failed:
			code = exitDeploy
		case r.RecordErr != nil && code == exitFine:
			code = exitFailed
		}
	}
	switch {
	case ctx.Err() != nil:
		code = exitInterrupted
	case stopped != nil:
		code = status(ctx, stopped)
	}
	s.finish(results, code)
	for _, r := range results {
		if hint := hintFor(r.Err); r.Outcome == deployer.Failed && hint != "" {
			s.deploy.app.messages().fail(r.Err, hint, exitDeploy)
		}
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case stopped != nil:
		return stopped
	case code != exitFine:
		return statusError(code)
	}
	return nil
}

func (s *show) finish(results []deployer.Result, code exitCode) {
	number := int(code)
	counts := stream.Counts{}
	for _, r := range results {
		counts.Add(string(r.Outcome))
	}
	now := time.Now()
	s.event(stream.Event{
		Kind: stream.RunEnded, Time: now, Run: s.deploy.run, Milliseconds: milliseconds(now.Sub(s.began)), Counts: &counts, ExitCode: &number,
	})
}

// shown gives a path as it is seen from the current directory.
func (d *deploy) shown(file string) string {
	if file == "" {
		return ""
	}
	return shownFrom(d.app.resolve(""), file)
}
