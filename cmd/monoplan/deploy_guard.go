package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
)

// checkShared refuses a ledger that is gone with the machine, where the machine is a CI's.
func (d *deploy) checkShared() error {
	if !d.app.isCI() || d.staged.ledger.shared || d.options.ledger.local {
		return nil
	}
	return &unsharedError{d.app.getenv("CI"), d.staged.ledger.String()}
}

// unsharedError is a ledger that only this machine has.
type unsharedError struct{ ci, place string }

func (e *unsharedError) Error() string {
	return fmt.Sprintf("CI=%s, and the ledger is on this machine alone (%s): what is deployed now would be forgotten with it", e.ci, e.place)
}

// checkForward refuses to deploy over, and to remove, what was deployed from a newer commit, or tried to be, and from one that
// cannot be told to be older.
func (d *deploy) checkForward(ctx context.Context) error {
	checked := map[string]error{}
	for _, s := range d.chosen {
		record := d.staged.stage.Services[s.Path]
		for _, deployed := range []*ledger.Deploy{record.Baseline, record.Last} {
			if deployed == nil || deployed.Commit == d.staged.head.ID {
				continue
			}
			err, ok := checked[deployed.Commit]
			if !ok {
				err = d.isForward(ctx, deployed.Commit)
				checked[deployed.Commit] = err
			}
			if err != nil {
				return fmt.Errorf("--forward-only: %s: %w", report.Quote(s.Name), err)
			}
		}
	}
	return nil
}

// isForward is an error where head is older than a commit, or where the history to tell is not here.
func (d *deploy) isForward(ctx context.Context, deployed string) error {
	head := d.staged.head.ID
	if _, err := d.commit(ctx, deployed); errors.As(err, new(*gitdiff.RevisionError)) {
		return &backwardError{deployed, head, true}
	} else if err != nil {
		return err
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
