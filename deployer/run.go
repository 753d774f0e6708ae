package deployer

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Run deploys and removes services, phase after phase, and gives a result for each: first what is deployed, phases
// ascending, then what is removed, phases descending; within a phase in the given order.
//
// The error is what could be known before anything ran, and then nothing did: that of Check, or logs that cannot be
// written. What goes wrong later is in the results. A context that is done tells what runs to stop, and skips
// the rest.
func Run(ctx context.Context, c Config, services []Service) ([]Result, error) {
	services = slices.Clone(services)
	slices.SortStableFunc(services, Order)
	r := &run{Config: c, began: c.Now(), results: make([]Result, len(services))}
	if err := r.prepare(services); err != nil {
		return nil, err
	}
	defer r.logs.end()
	defer r.background.end()
	ctx, cancel := untilKilled(ctx, c.Kill)
	defer cancel()
	r.observe(RunStarted{Time: r.began, Run: c.Run, Stage: c.Stage, Logs: r.logs.dir, Services: services, LogsErr: r.logs.stale})
	for start, end := 0, 0; start < len(services); start = end {
		for end = start; end < len(services) && Order(services[start], services[end]) == 0; end++ {
		}
		r.phase(ctx, services[start:end], r.results[start:end])
	}
	now := c.Now()
	r.observe(RunEnded{Time: now, Duration: now.Sub(r.began), Results: r.results})
	return r.results, nil
}

// untilKilled gives a context that is done when all is to end at once, too.
func untilKilled(ctx context.Context, kill <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-kill:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// Order compares the phases of services: what is removed goes last and in reverse, for what uses it went before.
func Order(a, b Service) int {
	switch {
	case a.Remove != b.Remove && b.Remove:
		return -1
	case a.Remove != b.Remove:
		return 1
	case a.Remove:
		return cmp.Compare(b.Phase, a.Phase)
	}
	return cmp.Compare(a.Phase, b.Phase)
}

// run is the state of one call of Run.
type run struct {
	Config
	began   time.Time
	results []Result
	logs    logs
	shell   shell
	// failed is set by what makes later phases be skipped, with the phase.
	failed      bool
	failedPhase int
	background  background
	observing   sync.Mutex
}

// prepare finds out what can be known before anything runs.
func (r *run) prepare(services []Service) error {
	if err := Check(r.Config, services); err != nil {
		return err
	}
	var err error
	r.shell, err = findShell(r.Env)
	if err != nil {
		return err
	}
	r.logs, err = openLogs(r.Config)
	return err
}

// observe tells of events, one at a time.
func (r *run) observe(e Event) {
	if r.Observe == nil {
		return
	}
	r.observing.Lock()
	defer r.observing.Unlock()
	r.Observe(e)
}
