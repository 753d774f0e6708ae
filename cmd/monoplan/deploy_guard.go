package main

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// checkForward refuses to deploy over, and to remove, what was deployed from a newer commit, or tried to be, to deploy what a newer one
// removed, and all that where it cannot be told which commit is newer.
func (d *deploy) checkForward(ctx context.Context) error {
	removed, err := d.removedBy(ctx)
	if err != nil {
		return err
	}
	checked := map[earlier]error{}
	for _, s := range d.chosen {
		var before []earlier
		for _, commit := range removed[s.Path] {
			before = append(before, earlier{commit, "removed it"})
		}
		record := d.staged.stage.Services[s.Path]
		for _, deployed := range []*ledger.Deploy{record.Baseline, record.Last} {
			if deployed != nil {
				before = append(before, earlier{deployed.Commit, "is deployed"})
			}
		}
		for _, e := range before {
			err, ok := checked[e]
			if !ok {
				err = d.isForward(ctx, e)
				checked[e] = err
			}
			if err != nil {
				return fmt.Errorf("--forward-only: %s: %w", report.Quote(s.Name), err)
			}
		}
	}
	return nil
}

// earlier is a commit with what it is, or did, to a service.
type earlier struct{ commit, did string }

// clockSlack is how far apart the clocks may be of who commits and of who deploys.
const clockSlack = 24 * time.Hour

// removedBy gives, by the paths of the chosen services of which nothing is remembered, the commits whose deploys removed them. A newer
// commit than head was deployed after head was made, so the log is read no further back.
func (d *deploy) removedBy(ctx context.Context) (map[string][]string, error) {
	var paths []string
	for _, s := range d.chosen {
		if _, ok := d.staged.stage.Services[s.Path]; !ok {
			paths = append(paths, s.Path)
		}
	}
	if len(paths) == 0 || d.staged.stage.Version == "" {
		return nil, nil
	}
	documents := d.repo.Documents()
	head, err := documents.Commit(ctx, d.staged.head.ID)
	if err = errors.Join(err, documents.Close()); err != nil {
		return nil, err
	}
	return d.staged.ledger.RemovedBy(ctx, d.staged.stage.Name, paths, head.Time.Add(-clockSlack))
}

// isForward is an error where head is older than a commit, or where the history to tell is not here.
func (d *deploy) isForward(ctx context.Context, e earlier) error {
	head := d.staged.head.ID
	if e.commit == head {
		return nil
	}
	if _, err := d.commit(ctx, e.commit); errors.As(err, new(*gitdiff.RevisionError)) {
		return &backwardError{e, head, true}
	} else if err != nil {
		return err
	}
	base, err := d.repo.MergeBase(ctx, e.commit, head)
	switch {
	case errors.Is(err, gitdiff.ErrNoMergeBase) && !d.repo.Shallow:
		return nil // another history altogether, of which neither is older
	case errors.Is(err, gitdiff.ErrNoMergeBase):
		return &backwardError{e, head, true}
	case err != nil:
		return err
	case base.ID == head:
		return &backwardError{e, head, false}
	}
	return nil
}

// backwardError is a head that is older than what a service was deployed from, or removed by, or may be.
type backwardError struct {
	earlier
	head    string
	unknown bool
}

func (e *backwardError) Error() string {
	if e.unknown {
		return fmt.Sprintf("whether %s, which %s, is newer than %s cannot be told: its history is not here", short(e.commit), e.did, short(e.head))
	}
	return fmt.Sprintf("%s, which %s, is newer than %s", short(e.commit), e.did, short(e.head))
}
