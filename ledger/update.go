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
// written before. mutate has the change to fill in, and must bear being called again after a write of which it is
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
	entries, err := l.journal(known.Name).read()
	switch {
	case err != nil && run == "":
		return nil, err
	case err != nil: // what a run has to write does not wait for what an earlier one could not
		l.options.Warn(err)
	}
	settled := false
	if len(entries) > 0 {
		written, err := l.writeJournal(ctx, known, next, entries)
		if err != nil {
			return nil, err
		}
		if settled = written != known; settled {
			written.ended = next.ended
			known, next = written, written.clone()
		}
	}
	change := l.newChange(known)
	switch err = mutate(next, &change); {
	case errors.Is(err, errNothing) && len(next.ended) > 0 && !settled:
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
	return l.write(ctx, known, next, change)
}

// writeJournal writes what the journal has into a stage, as a change of its own: beside others it would be in the log under their names. It
// gives the stage as it then is, known where nothing of it was to be written any more.
func (l *Ledger) writeJournal(ctx context.Context, known, next *Stage, entries []journalEntry) (*Stage, error) {
	change := l.newChange(known)
	change.Kind, change.Run, change.Why = Record, entries[0].Deploy.Run, "from the journal"
	var overtaken []journalEntry
	for _, e := range entries {
		if !e.apply(next, &change) {
			overtaken = append(overtaken, e)
		}
		if e.Deploy.Run != change.Run {
			change.Run = "" // of several
		}
	}
	if len(change.Services) > 0 {
		var err error
		if known, err = l.write(ctx, known, next, change); err != nil {
			return nil, err
		}
	}
	for _, e := range overtaken {
		l.options.Warn(&OvertakenError{Stage: known.Name, Service: e.Path, Commit: e.Deploy.Commit})
	}
	if err := l.journal(known.Name).remove(entries); err != nil {
		l.options.Warn(err)
	}
	return known, nil
}

// newChange begins the change that comes after a stage.
func (l *Ledger) newChange(known *Stage) Change {
	return Change{Serial: known.Change.Serial + 1, ID: crand.Text(), Time: l.now(), Who: l.options.Who}
}

// write replaces a stage by the one that a change makes of it, and gives that.
func (l *Ledger) write(ctx context.Context, known, next *Stage, change Change) (*Stage, error) {
	change.sort()
	written := *next
	written.Change, written.ended, written.Previous = change, nil, nil
	if known.Change.Serial > 0 {
		written.Previous = &known.Change
	}
	version, err := l.store.Write(ctx, &written)
	if err != nil {
		return nil, err
	}
	written.Version, written.Previous = version, nil
	return &written, nil
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
