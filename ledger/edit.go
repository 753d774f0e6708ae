package ledger

import (
	"cmp"
	"slices"
)

// free is a *LockedError where any of the services is locked.
func (s *Stage) free(services []string) error {
	e := &LockedError{Stage: s.Name}
	for _, l := range s.Locks {
		before := len(e.Services)
		for _, path := range services {
			if l.holds(path) {
				e.Services = append(e.Services, path)
			}
		}
		if len(e.Services) > before {
			e.Locks = append(e.Locks, l)
		}
	}
	if len(e.Locks) == 0 {
		return nil
	}
	slices.Sort(e.Services)
	return e
}

// unlocked is a *LockedError where anything is locked.
func (s *Stage) unlocked() error {
	var all []string
	for _, l := range s.Locks {
		all = append(all, l.Services...)
	}
	return s.free(all)
}

// differing lists the services of which the two stages remember something else.
func (s *Stage) differing(other *Stage, services []string) []string {
	var found []string
	for _, path := range services {
		a, b := s.Services[path], other.Services[path]
		if !equal(a.Baseline, b.Baseline) || !equal(a.Last, b.Last) {
			found = append(found, path)
		}
	}
	return found
}

func equal(a, b *Deploy) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// addLock adds a lock, in place of one of the same run.
func (s *Stage) addLock(l Lock) {
	s.dropLock(l.Run)
	i, _ := slices.BinarySearchFunc(s.Locks, l.Run, func(l Lock, run string) int { return cmp.Compare(l.Run, run) })
	s.Locks = slices.Insert(s.Locks, i, l)
}

func (s *Stage) dropLock(run string) {
	s.Locks = slices.DeleteFunc(s.Locks, func(l Lock) bool { return l.Run == run })
}

// release takes a service out of the lock of a run, if it is in it.
func (s *Stage) release(run, service string) {
	lock, ok := s.Holder(service)
	if !ok || lock.Run != run {
		return
	}
	s.dropLock(run)
	if rest := lock.without(service); len(rest.Services) > 0 {
		s.addLock(rest)
	}
}

// without gives the lock without a service.
func (l Lock) without(service string) Lock {
	l.Services = slices.DeleteFunc(slices.Clone(l.Services), func(p string) bool { return p == service })
	return l
}

// interrupt ends a lock, or a part of one: what it held was interrupted.
func (s *Stage) interrupt(gone Lock) {
	i := slices.IndexFunc(s.Locks, func(l Lock) bool { return l.Run == gone.Run })
	rest := s.Locks[i]
	for _, path := range gone.Services {
		rest = rest.without(path)
		service := s.Services[path]
		service.Last = &Deploy{Commit: gone.Commit, Outcome: Interrupted, Time: gone.Taken, Run: gone.Run}
		s.Services[path] = service
	}
	s.dropLock(gone.Run)
	if len(rest.Services) > 0 {
		s.addLock(rest)
	}
}

// put records how a deploy ended. One that succeeded becomes the baseline, and any other leaves it.
func (s *Stage) put(r Result) {
	if r.Removed {
		delete(s.Services, r.Path)
		return
	}
	service := Service{Name: r.Name, Type: r.Type, Phase: r.Phase, Baseline: s.Services[r.Path].Baseline}
	d := r.Deploy
	if d.Outcome == Succeeded && !d.Dirty {
		service.Baseline = &d
	} else {
		service.Last = &d
	}
	s.Services[r.Path] = service
}

// spoil says of a service that another deploy went over what is recorded of it, or may have: what of it is live is not known.
func (s *Stage) spoil(path string, by Deploy) {
	service := s.Services[path]
	service.Last = &Deploy{Commit: by.Commit, Outcome: Interrupted, Time: by.Time, Run: by.Run}
	s.Services[path] = service
}

// has reports whether a result is recorded already.
func (s *Stage) has(r Result) bool {
	service, ok := s.Services[r.Path]
	if r.Removed {
		return !ok
	}
	return equal(service.Baseline, &r.Deploy) || equal(service.Last, &r.Deploy)
}
