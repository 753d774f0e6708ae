package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/report"
)

// readPlan reads the plan file, and finds out whether it is of this repository.
func (d *deploy) readPlan(ctx context.Context) (report.PlanFile, error) {
	f, err := os.Open(d.app.resolve(d.options.plan))
	if err != nil {
		return report.PlanFile{}, err
	}
	defer f.Close()
	kept, err := report.ReadPlanFile(f)
	if err != nil {
		return kept, fmt.Errorf("%s: %w", d.options.plan, err)
	}
	if name := d.options.name; name != "" && name != kept.Plan.Stage {
		return kept, usage("leave --stage out, or make a plan for it", "the plan in %s is for %s, and not for %s",
			d.options.plan, report.Quote(kept.Plan.Stage), report.Quote(name))
	}
	found, err := d.repo.Resolve(ctx, []string{kept.Plan.Head.SHA})
	if err != nil {
		return kept, err
	}
	var revision *gitdiff.RevisionError
	if errors.As(found[0].Err, &revision) && revision.Kind == gitdiff.MissingObject {
		return kept, &foreignPlanError{d.options.plan, kept.Plan.Head.SHA}
	}
	return kept, found[0].Err
}

// foreignPlanError is a plan of a commit that the repository does not have.
type foreignPlanError struct{ file, commit string }

func (e *foreignPlanError) Error() string {
	return fmt.Sprintf("%s: the plan is of %s, which this repository does not have", e.file, short(e.commit))
}

// stalePlanError is a plan that does not hold any more.
type stalePlanError struct {
	file  string
	moved []string
}

func (e *stalePlanError) Error() string {
	return fmt.Sprintf("%s: the plan does not hold any more\n%s", e.file, strings.Join(e.moved, "\n"))
}

// isOfLedger reports whether the ledger is among what moved.
func (e *stalePlanError) isOfLedger() bool {
	for _, m := range e.moved {
		if strings.HasPrefix(m, "the ledger:") {
			return true
		}
	}
	return false
}
