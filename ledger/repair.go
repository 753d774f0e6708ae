package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Set writes down what is live, as a person says: each result counts as a deploy that ended so. The services must not be
// locked.
func (l *Ledger) Set(ctx context.Context, stage string, results []Result, why string) error {
	for _, r := range results {
		if err := checkResult(r); err != nil {
			return err
		}
	}
	_, err := l.update(ctx, stage, "", nil, func(s *Stage, c *Change) error {
		var paths []string
		for _, r := range results {
			paths = append(paths, r.Path)
		}
		if err := s.free(paths); err != nil {
			return err
		}
		c.Kind, c.Why = Set, why
		for _, r := range results {
			if r.Deploy.Time.IsZero() {
				r.Deploy.Time = c.Time
			}
			s.put(r)
			c.note(r.Path, r.Deploy.Commit)
		}
		return nil
	})
	return err
}

// Forget removes what is remembered of services. It gives the paths of those that there were; the others are no error. They
// must not be locked.
func (l *Ledger) Forget(ctx context.Context, stage string, services []string, why string) ([]string, error) {
	var forgotten []string
	_, err := l.update(ctx, stage, "", nil, func(s *Stage, c *Change) error {
		forgotten = nil
		if err := s.free(services); err != nil {
			return err
		}
		for _, path := range services {
			if _, ok := s.Services[path]; ok {
				delete(s.Services, path)
				forgotten = append(forgotten, path)
			}
		}
		if len(forgotten) == 0 {
			return errNothing
		}
		c.Kind, c.Why, c.Services = Forget, why, append(c.Services, forgotten...)
		return nil
	})
	return forgotten, err
}

// Unlock takes locks away, and counts what they held as interrupted: those of a run, or of every run where it is
// empty. Where services are named it takes only those, and leaves the rest of a lock. It gives what was taken, with the locks
// that had ended by themselves, of which others may not know yet.
func (l *Ledger) Unlock(ctx context.Context, stage, run string, services []string, why string) ([]Lock, error) {
	var taken []Lock
	_, err := l.update(ctx, stage, "", nil, func(s *Stage, c *Change) error {
		held := asked(s.Locks, run, services)
		for _, lock := range held {
			s.interrupt(lock) // what had ended counts as that already
		}
		if taken = slices.Concat(asked(s.ended, run, services), held); len(taken) == 0 {
			return errNothing
		}
		c.Kind, c.Why = Unlock, why
		for _, lock := range taken {
			c.Services = append(c.Services, lock.Services...)
		}
		return nil
	})
	return taken, err
}

// asked gives of locks those of a run, with no services but those that are named; an empty run is every one, and no names are all.
func asked(locks []Lock, run string, services []string) []Lock {
	var found []Lock
	for _, lock := range locks {
		if len(services) > 0 {
			lock.Services = slices.DeleteFunc(slices.Clone(lock.Services), func(p string) bool { return !slices.Contains(services, p) })
		}
		if len(lock.Services) > 0 && (run == "" || lock.Run == run) {
			found = append(found, lock)
		}
	}
	return found
}

// ErrNotEmpty says that a stage that was to be copied to has records already.
var ErrNotEmpty = errors.New("the stage has records there already")

// CopyTo copies what is remembered of a stage to another ledger. Nothing may be locked here, and nothing be remembered there,
// unless replace says that it is to go. The log there has where it came from, and why. It gives how many services were copied.
func (l *Ledger) CopyTo(ctx context.Context, to *Ledger, stage string, replace bool, why string) (int, error) {
	from, err := l.Read(ctx, stage)
	if err != nil {
		return 0, err
	}
	if err := from.unlocked(); err != nil {
		return 0, err
	}
	origin := "copied from " + l.String()
	if why != "" {
		origin += ": " + why
	}
	_, err = to.update(ctx, stage, "", nil, func(s *Stage, c *Change) error {
		if err := s.unlocked(); err != nil {
			return err
		}
		if len(s.Services) > 0 && !replace {
			return fmt.Errorf("%s: %w", to, ErrNotEmpty)
		}
		s.Services = maps.Clone(from.Services)
		c.Kind, c.Why = Copy, origin
		for path, service := range s.Services {
			c.note(path, "")
			if service.Baseline != nil {
				c.note(path, service.Baseline.Commit)
			}
		}
		return nil
	})
	return len(from.Services), err
}
