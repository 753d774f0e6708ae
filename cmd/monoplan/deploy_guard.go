package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// checkShared refuses a ledger that is gone with the machine, where the machine is a CI's.
func (d *deploy) checkShared() error {
	if d.app.getenv("CI") != "true" || d.staged.ledger.shared || d.options.ledger.local {
		return nil
	}
	return &unsharedError{d.staged.ledger.String()}
}

// unsharedError is a ledger that only this machine has.
type unsharedError struct{ place string }

func (e *unsharedError) Error() string {
	return fmt.Sprintf("CI=true, and the ledger is on this machine alone (%s): what is deployed now would be forgotten with it", e.place)
}

// checkDirty finds the planned services that the working tree would deploy if it were committed: what is deployed would
// not be what is recorded.
func (d *deploy) checkDirty(ctx context.Context) error {
	if len(d.chosen) == 0 {
		return nil
	}
	head := d.staged.head.ID
	p, err := d.plan(ctx, comparison{since: head, hasSince: true, head: "HEAD", worktree: true, onMissing: "fail", algorithm: d.options.algorithm}, false)
	if err != nil {
		return err
	}
	d.step("working tree")
	d.dirty = map[string]bool{}
	var files []string
	for _, s := range p.byFiles().Services {
		planned := slices.ContainsFunc(d.chosen, func(c planner.ServicePlan) bool { return c.Path == s.Path && c.Action == planner.Deploy })
		if !planned || s.Action == planner.Skip {
			continue
		}
		d.dirty[s.Path] = true
		for _, r := range s.Reasons {
			files = append(files, cmp.Or(r.File, s.Path)) // without a file all of it is gone
		}
	}
	if len(d.dirty) == 0 || d.options.allowDirty {
		return nil
	}
	slices.Sort(files)
	return &dirtyError{slices.Compact(files), len(d.dirty)}
}

// byFiles decides by the changed files alone: a service that is deployed whatever changed may have a clean tree. What a
// tool left behind that git does not track, as every deploy does, is no change of anybody's.
func (p *planned) byFiles() *planner.Plan {
	baseline := planner.Baseline{State: planner.Known, SHA: p.base.ID}
	left := make(map[string]bool)
	for _, c := range p.net {
		if c.Added() && workspace.IsWrittenByTool(c.Path) {
			left[c.Path] = true
		}
	}
	p.comparison.Changes = slices.DeleteFunc(p.comparison.Changes, func(c planner.Change) bool { return left[c.Path] })
	in := p.view.input("", baseline, false)
	in.Options.FilesAlone = true
	in.Comparisons = map[string]planner.Comparison{baseline.SHA: p.comparison}
	return planner.Make(in)
}

// dirtyError is a working tree that is not its commit.
type dirtyError struct {
	files    []string
	services int
}

func (e *dirtyError) Error() string {
	const most = 10
	shown := e.files[:min(most, len(e.files))]
	var quoted []string
	for _, f := range shown {
		quoted = append(quoted, report.Quote(f))
	}
	text := strings.Join(quoted, ", ")
	if rest := len(e.files) - len(shown); rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return fmt.Sprintf("the working tree is not the commit that would be recorded for %d of the planned services: %s", e.services, text)
}

// checkForward refuses to deploy what is older than what is deployed, and what cannot be told to be newer.
func (d *deploy) checkForward(ctx context.Context) error {
	checked := map[string]error{}
	for _, s := range d.chosen {
		record := d.staged.stage.Services[s.Path]
		if s.Action != planner.Deploy || record.Baseline == nil || record.Baseline.Commit == d.staged.head.ID {
			continue
		}
		deployed := record.Baseline.Commit
		err, ok := checked[deployed]
		if !ok {
			err = d.isForward(ctx, deployed)
			checked[deployed] = err
		}
		if err != nil {
			return fmt.Errorf("--forward-only: %s: %w", report.Quote(s.Name), err)
		}
	}
	return nil
}

// isForward is an error where head is older than a commit, or where the history to tell is not here.
func (d *deploy) isForward(ctx context.Context, deployed string) error {
	head := d.staged.head.ID
	if _, ok := d.staged.baselines[deployed]; !ok {
		return &backwardError{deployed, head, true}
	}
	base, err := d.repo.MergeBase(ctx, deployed, head)
	switch {
	case errors.Is(err, gitdiff.ErrNoMergeBase) && !d.repo.Shallow:
		return nil // another history altogether, of which neither is older
	case errors.Is(err, gitdiff.ErrNoMergeBase):
		return &backwardError{deployed, head, true}
	case err != nil:
		return err
	case base.ID == head:
		return &backwardError{deployed, head, false}
	}
	return nil
}

// backwardError is a head that is older than what is deployed, or may be.
type backwardError struct {
	deployed, head string
	unknown        bool
}

func (e *backwardError) Error() string {
	if e.unknown {
		return fmt.Sprintf("whether %s, which is deployed, is newer than %s cannot be told: its history is not here", short(e.deployed), short(e.head))
	}
	return fmt.Sprintf("%s, which is deployed, is newer than %s", short(e.deployed), short(e.head))
}
