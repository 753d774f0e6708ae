package ledger

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"time"
)

// Options are what a Ledger needs of the world outside.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Who makes changes, for the log; Host is the machine's name.
	Who, Host string
	// Dir is a directory of this machine, for the journal and for what tells that a lock's holder was killed. Empty is for none:
	// then what cannot be recorded is lost, and the lock of a killed run lasts until its end.
	Dir string
	// Warn is told what is no error of a call: a journal that cannot be read, or an entry of it that was overtaken. It may be nil.
	Warn func(error)
}

// Ledger is a store with the logic of deploys above it. It may be used by several goroutines.
type Ledger struct {
	store   Store
	options Options
	// ahead is how far the store's clock is ahead of this machine's, a time.Duration; 0 where the store tells no time.
	ahead atomic.Int64
}

// New makes a ledger of a store. It reads nothing.
func New(store Store, options Options) *Ledger {
	if options.Warn == nil {
		options.Warn = func(error) {}
	}
	return &Ledger{store: store, options: options}
}

// String is the store's place, for people.
func (l *Ledger) String() string { return l.store.String() }

// Read gives a stage for planning: locks that have ended are gone, with the services that they held counted as
// interrupted, and what the journal of this machine has is in it. It is not the caller's to change: others may read it as well.
func (l *Ledger) Read(ctx context.Context, stage string) (*Stage, error) {
	s, err := l.read(ctx, stage)
	if err != nil {
		return nil, err
	}
	entries, err := l.journal(stage).read()
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 && len(s.Locks) == 0 {
		return s, nil
	}
	s = s.clone()
	l.settle(s, "")
	for _, e := range entries {
		if known := s.has(e.Result); e.apply(s, &Change{}) && !known {
			s.Journaled = append(s.Journaled, e.Path)
		}
	}
	slices.Sort(s.Journaled)
	return s, nil
}

// Flush records what the journal of this machine has for a stage. Where it has nothing, nothing is read or written.
func (l *Ledger) Flush(ctx context.Context, stage string) error {
	entries, err := l.journal(stage).read()
	if err != nil || len(entries) == 0 {
		return err
	}
	_, err = l.update(ctx, stage, "", nil, func(*Stage, *Change) error { return errNothing })
	return err
}

// Log gives the changes of a stage, the latest first, for as far back as the store has them.
func (l *Ledger) Log(ctx context.Context, stage string) iter.Seq2[Change, error] {
	if err := checkStage(stage); err != nil {
		return func(yield func(Change, error) bool) { yield(Change{}, err) }
	}
	return l.store.Log(ctx, stage)
}

// RemovedBy gives the commits whose deploys removed services from a stage, by the paths of those of the given ones that nobody recorded
// or forgot afterwards, as far as the log tells, back to a time, and the journal of this machine.
func (l *Ledger) RemovedBy(ctx context.Context, stage string, paths []string, since time.Time) (map[string][]string, error) {
	entries, err := l.journal(stage).read()
	if err != nil {
		return nil, err
	}
	removed := map[string][]string{}
	for _, e := range entries {
		if e.Removed && slices.Contains(paths, e.Path) {
			removed[e.Path] = []string{e.Deploy.Commit}
		}
	}
	sought := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return removed[path] != nil })
	for c, err := range l.Log(ctx, stage) {
		if err != nil {
			return nil, err
		}
		if len(sought) == 0 || c.Time.Before(since) {
			break
		}
		if c.Kind.IsAboutLocks() || c.Kind == Unlock {
			continue
		}
		sought = slices.DeleteFunc(sought, func(path string) bool {
			_, found := slices.BinarySearch(c.Services, path)
			if found && c.Kind == Record {
				removed[path] = c.Commits
			}
			return found
		})
	}
	return removed, nil
}

// Stages lists the stages that the store has, in byte order.
func (l *Ledger) Stages(ctx context.Context) ([]string, error) { return l.store.Stages(ctx) }

func (l *Ledger) read(ctx context.Context, stage string) (*Stage, error) {
	if err := checkStage(stage); err != nil {
		return nil, err
	}
	s, err := l.store.Read(ctx, stage)
	if err == nil && !s.Now.IsZero() {
		l.ahead.Store(int64(s.Now.Sub(l.options.Now())))
	}
	return s, err
}

// now is the time by which locks end: the store's, where it has told one. A run may go on for long after it read the stage.
func (l *Ledger) now() time.Time {
	return l.options.Now().Add(time.Duration(l.ahead.Load())).UTC().Truncate(time.Second)
}

// settle ends the locks that have expired, or whose holders are dead, but for that of one run: what they held was
// interrupted. It gives those locks.
func (l *Ledger) settle(s *Stage, but string) (ended []Lock) {
	now := l.now()
	for _, lock := range slices.Clone(s.Locks) {
		if lock.Run != but && (!now.Before(lock.Expires) || l.isDead(lock)) {
			s.interrupt(lock)
			ended = append(ended, lock)
		}
	}
	return ended
}
