package ledger

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// errNothing is what a mutation gives where there is nothing to write.
var errNothing = errors.New("nothing to write")

// attempts is how often a write is tried that others are faster than: with the longest pause between two, for minutes.
const attempts = 200

// maxPause is the longest pause before a write is tried again.
const maxPause = 2 * time.Second

// update changes a stage: it reads it (or begins with known, where that is not nil), lets mutate change a copy, and writes
// that, again from the start while others are faster. It gives the stage as it then is. What the journal has for the stage is
// written along with it. mutate has the change to fill in, and must bear being called again after a write of which it is
// not known whether it happened; its error ends the update.
//
// run is the run that updates, empty for none: its own lock does not end while nobody else has ended it.
func (l *Ledger) update(ctx context.Context, stage, run string, known *Stage, mutate func(*Stage, *Change) error) (*Stage, error) {
	for attempt := 0; ; attempt++ {
		if known == nil {
			var err error
			if known, err = l.read(ctx, stage); err != nil {
				return nil, err
			}
		}
		next, err := l.try(ctx, known, run, mutate)
		var moved *MovedError
		if err == nil || !errors.As(err, &moved) || len(moved.Services) > 0 || attempt == attempts {
			return next, err
		}
		known = nil
		if err := pause(ctx, attempt); err != nil {
			return nil, err
		}
	}
}

func (l *Ledger) try(ctx context.Context, known *Stage, run string, mutate func(*Stage, *Change) error) (*Stage, error) {
	next := known.clone()
	next.ended = l.settle(next, run)
	journal := l.journal(known.Name)
	entries, err := journal.read()
	switch {
	case err != nil && run == "":
		return nil, err
	case err != nil: // what a run has to write does not wait for what an earlier one could not
		l.options.Warn(err)
	}
	change := Change{Serial: known.Change.Serial + 1, ID: crand.Text(), Time: l.now(), Who: l.options.Who}
	var overtaken []journalEntry
	for _, e := range entries {
		if !e.apply(next) {
			overtaken = append(overtaken, e)
			continue
		}
		change.note(e.Path, e.Deploy.Commit)
	}
	switch err = mutate(next, &change); {
	case errors.Is(err, errNothing) && len(entries) > 0:
		change.Kind = Record // what the journal has
	case errors.Is(err, errNothing) && len(next.ended) > 0:
		// To this machine these locks were over already, and others have yet to know.
		change.Kind = Unlock
		for _, lock := range next.ended {
			change.Services = append(change.Services, lock.Services...)
		}
	case errors.Is(err, errNothing):
		return known, nil
	case err != nil:
		return nil, err
	}
	change.sort()
	next.Change, next.ended = change, nil
	if known.Change.Serial > 0 {
		next.Previous = &known.Change
	}
	version, err := l.store.Write(ctx, next)
	if err != nil {
		return nil, err
	}
	next.Version, next.Previous = version, nil
	for _, e := range overtaken {
		l.options.Warn(&OvertakenError{Stage: known.Name, Service: e.Path, Commit: e.Deploy.Commit})
	}
	if err := journal.remove(entries); err != nil {
		l.options.Warn(err)
	}
	return next, nil
}

// note adds a service to a change, and a commit that was recorded for it.
func (c *Change) note(service, commit string) {
	c.Services = append(c.Services, service)
	if commit != "" {
		c.Commits = append(c.Commits, commit)
	}
}

func (c *Change) sort() {
	slices.Sort(c.Services)
	c.Services = slices.Compact(c.Services)
	slices.Sort(c.Commits)
	c.Commits = slices.Compact(c.Commits)
}

// pause waits before another try: longer after each, and never as long as others that wait.
func pause(ctx context.Context, attempt int) error {
	longest := min(10*time.Millisecond<<min(attempt, 10), maxPause)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
