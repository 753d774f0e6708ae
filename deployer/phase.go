package deployer

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// phase deploys or removes the services of one phase, and gives their results.
func (r *run) phase(ctx context.Context, services []Service, results []Result) {
	if r.BeforePhase != nil && !r.failed && ctx.Err() == nil && !services[0].Remove {
		r.BeforePhase(ctx, services)
	}
	if r.failed || ctx.Err() != nil {
		why := PhaseFailed
		if ctx.Err() != nil {
			why = RunInterrupted
		}
		for i, s := range services {
			results[i] = r.skip(s, why)
		}
		return
	}
	begun := make([]*deployment, len(services))
	for i, s := range services {
		if begun[i] = r.deployment(s); r.hasPreparation(s) && ctx.Err() == nil {
			begun[i].begin()
			begun[i].prepare(ctx)
		}
	}
	var group errgroup.Group
	group.SetLimit(max(1, r.Concurrency))
	for i, d := range begun {
		group.Go(func() error {
			if !d.begun && ctx.Err() != nil {
				results[i] = r.skip(d.service, RunInterrupted)
				return nil
			}
			if !d.begun {
				d.begin()
			}
			results[i] = d.finish(ctx)
			return nil
		})
	}
	_ = group.Wait() // each service's error is in its result
	for _, result := range results {
		if result.Err != nil || result.RecordErr != nil {
			r.failed, r.failedPhase = true, result.Service.Phase
		}
	}
}

// hasPreparation reports whether there are hooks that prepare the working tree for a service.
func (r *run) hasPreparation(s Service) bool {
	return !s.Remove && len(r.Hooks.BeforeCompile)+len(r.Hooks.Compile)+len(r.Hooks.BeforeBuild) > 0
}

// skip gives the result of a service that is never begun.
func (r *run) skip(s Service, why SkipReason) Result {
	result := Result{Service: s, Outcome: Skipped, Why: why}
	if why == PhaseFailed {
		result.Phase = r.failedPhase
	}
	r.observe(ServiceEnded{Time: r.Now(), Result: result})
	return result
}
