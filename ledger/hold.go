package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Target is a service that is to be deployed or removed.
type Target struct {
	// Path is the service's directory, relative to the repository; "." for the root.
	Path       string
	Name, Type string
	Phase      int
}

// Claim is what a run wants to hold.
type Claim struct {
	// Run names the run: no two have the same. Owner says for people who it is.
	Run, Owner string
	// Commit is what the run deploys, in lower-case hex.
	Commit string
	Why    string
	// Targets are the services, in any order.
	Targets []Target
	// Replaces has, by the path of a target, the paths under which the stage has what its deploy replaces: a service that moved is
	// deployed over itself. They are locked with it, as far as anything is remembered of them: who deploys them deploys the same. What is
	// remembered is not what is live any more from when the run may begin.
	Replaces map[string][]string
	// MayReplace has what a target may replace as well, one of several that may. That is not live for certain any more either, and is
	// not locked: it would keep runs with other services apart.
	MayReplace map[string][]string
	// For is how long the lock lasts from each renewal on; 0 for ten minutes.
	For time.Duration
	// Planned is the stage that the plan was made from: where what it had of the services is not so any more, the error is a
	// *MovedError. Nil does not look.
	Planned *Stage
	// Wait waits for services that others hold, until the context ends; Waiting, where it is not nil, is told each time
	// that others are in the way.
	Wait    bool
	Waiting func(*LockedError)
}

// defaultLength is how long a lock lasts: a run renews it three times as often, and a run that was killed on another machine
// keeps its services from others for so long.
const defaultLength = 10 * time.Minute

// waitPause is how long it is until a run that waits looks again.
const waitPause = 2 * time.Second

// Result is how a deploy or a removal ended.
type Result struct {
	Target
	// Deploy is what is remembered. Its Run and Time may be empty: they are then the hold's, and now.
	Deploy Deploy
	// Removed says that the service was removed from the stage: nothing is remembered of it. Of Deploy the log has the commit, which is
	// the one that does without the service.
	Removed bool
}

// Hold is a run that holds services of a stage. Its methods may be called by several goroutines.
type Hold struct {
	ledger *Ledger
	claim  Claim
	stage  string
	before map[string]Service // what was recorded of all that is held when the hold began
	alive  *liveness
	// gone says that a write found services no longer locked by this run.
	gone atomic.Bool

	queue   sync.Mutex
	pending []*recording
	// writing is held by the goroutine that writes.
	writing sync.Mutex
	known   *Stage
}

// recording is one call of Record.
type recording struct {
	results []Result
	done    bool
	err     error
}

// Take locks all services of a claim, or none. Its errors are those of the store, *LockedError, *MovedError, and the context's.
func (l *Ledger) Take(ctx context.Context, stage string, claim Claim) (*Hold, error) {
	claim.For = cmp.Or(claim.For, defaultLength)
	if !isCommit(claim.Commit) {
		return nil, fmt.Errorf("%q is not the full ID of a commit", claim.Commit)
	}
	for _, t := range claim.Targets {
		if err := checkTarget(t); err != nil {
			return nil, err
		}
	}
	claim.Targets = slices.SortedFunc(slices.Values(claim.Targets), func(a, b Target) int { return cmp.Compare(a.Path, b.Path) })
	alive, err := l.live(claim.Run)
	if err != nil {
		l.options.Warn(&LivenessError{err})
	}
	h := &Hold{ledger: l, claim: claim, stage: stage, alive: alive}
	for {
		h.known, err = l.update(ctx, stage, claim.Run, nil, h.take)
		var locked *LockedError
		if err == nil {
			return h, nil
		}
		if ctx.Err() != nil {
			h.abandon(ctx)
			return nil, err
		}
		if !errors.As(err, &locked) || !claim.Wait {
			break
		}
		if claim.Waiting != nil {
			claim.Waiting(locked)
		}
		if err = sleep(ctx, waitPause); err != nil {
			break
		}
	}
	alive.end()
	return nil, err
}

// abandonPatience is how long it may take to find out whether a lock was taken by a write that was interrupted.
const abandonPatience = 5 * time.Second

// abandon gives up a lock that may have been taken: of a write that was interrupted it is not known whether it happened.
func (h *Hold) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonPatience)
	defer cancel()
	if err := h.Release(ctx); err != nil {
		h.ledger.options.Warn(err)
	}
}

// take puts the lock into a stage.
func (h *Hold) take(s *Stage, c *Change) error {
	if _, ok := h.lock(s); ok {
		return errNothing // the write that seemed to fail did happen
	}
	paths := h.wanted(s)
	if err := s.free(paths); err != nil {
		return err
	}
	if h.claim.Planned != nil {
		if moved := s.differing(h.claim.Planned, paths); len(moved) > 0 {
			return &MovedError{Store: h.ledger.String(), Stage: s.Name, Services: moved}
		}
	}
	h.before = make(map[string]Service, len(paths))
	for _, path := range paths {
		h.before[path] = s.Services[path]
	}
	for _, t := range h.claim.Targets {
		service := s.Services[t.Path]
		service.Name, service.Type, service.Phase = t.Name, t.Type, t.Phase
		s.Services[t.Path] = service
		h.replace(s, t.Path, Deploy{Commit: h.claim.Commit, Time: c.Time, Run: h.claim.Run})
	}
	c.Kind, c.Run, c.Why, c.Services = Take, h.claim.Run, h.claim.Why, append(c.Services, paths...)
	s.addLock(Lock{
		Run: h.claim.Run, Owner: h.claim.Owner, Host: h.ledger.options.Host, Commit: h.claim.Commit,
		Taken: c.Time, Expires: c.Time.Add(h.claim.For), Services: paths,
	})
	return nil
}

// wanted gives the paths that the claim locks, in byte order. Of a path of which nothing is remembered nobody deploys anything.
func (h *Hold) wanted(s *Stage) []string {
	paths := make([]string, 0, len(h.claim.Targets))
	for _, t := range h.claim.Targets {
		paths = append(paths, t.Path)
		for _, replaced := range h.claim.Replaces[t.Path] {
			if _, ok := s.Services[replaced]; ok {
				paths = append(paths, replaced)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Keep renews the lock until the context ends, and gives nil then; earlier it ends with a *LostError alone. A store that cannot be
// reached for a while is no error as long as the lock lasts.
func (h *Hold) Keep(ctx context.Context) error {
	for {
		if sleep(ctx, h.claim.For/3) != nil {
			return nil
		}
		err := h.Renew(ctx)
		var lost *LostError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &lost):
			h.gone.Store(true)
			return err
		case err != nil:
			h.ledger.options.Warn(err)
		}
	}
}

// Renew moves the end of the lock. Its errors are those of the store, and *LostError. A store that does not answer gets a sixth of the
// lock's length: what is to be recorded waits for it, and the lock lasts long enough to try again.
func (h *Hold) Renew(ctx context.Context) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	patience := h.claim.For / 6
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the lock is not renewed: the ledger did not answer within %s", patience))
	defer cancel()
	return h.write(ctx, func(s *Stage, c *Change) error {
		lock, ok := h.lock(s)
		if !ok {
			return h.lost()
		}
		if end := c.Time.Add(h.claim.For); end.After(lock.Expires) {
			lock.Expires = end
		}
		c.Kind, c.Run, c.Services = Renew, h.claim.Run, append(c.Services, lock.Services...)
		s.addLock(lock)
		return nil
	})
}

// Record writes down how deploys ended, and gives their services free. When it gives nil, the ledger has it. What could not be
// written is in the journal of this machine, and the error a *DeferredError that wraps the reason; without that the
// error says why nothing was kept: a *LostError where another run has the service now. Calls of several goroutines share
// writes.
func (h *Hold) Record(ctx context.Context, results ...Result) error {
	r := &recording{results: h.completed(results)}
	for _, one := range r.results {
		if err := checkResult(one); err != nil {
			return err
		}
	}
	h.queue.Lock()
	h.pending = append(h.pending, r)
	h.queue.Unlock()

	h.writing.Lock()
	defer h.writing.Unlock()
	if r.done {
		return r.err
	}
	h.queue.Lock()
	batch := h.pending
	h.pending = nil
	h.queue.Unlock()
	h.record(ctx, batch)
	return r.err
}

// completed fills in what every result of a run has.
func (h *Hold) completed(results []Result) []Result {
	results = slices.Clone(results)
	now := h.ledger.now()
	for i := range results {
		d := &results[i].Deploy
		d.Run = cmp.Or(d.Run, h.claim.Run)
		if d.Time.IsZero() {
			d.Time = now
		}
		d.Time = d.Time.UTC().Truncate(time.Second)
	}
	return results
}

// record writes a batch, and tells each call how its own results fared.
func (h *Hold) record(ctx context.Context, batch []*recording) {
	var all []Result
	for _, r := range batch {
		all = append(all, r.results...)
	}
	lost, gone := map[string]bool{}, false
	known, err := h.ledger.update(ctx, h.stage, h.claim.Run, h.known, func(s *Stage, c *Change) (err error) {
		clear(lost)
		gone, err = h.apply(s, c, all, lost)
		return err
	})
	h.known = known // nil after an error: the next write reads
	if err == nil && gone {
		h.gone.Store(true)
	}
	for _, r := range batch {
		r.done = true
		r.err = h.outcome(r.results, lost, err)
	}
}

// replace spoils what the deploy of a service goes over.
func (h *Hold) replace(s *Stage, path string, by Deploy) {
	for _, replaced := range slices.Concat(h.claim.Replaces[path], h.claim.MayReplace[path]) {
		if s.Services[replaced].Baseline != nil { // else it is in doubt already
			s.spoil(replaced, by)
		}
	}
}

// clash says of a service that another run deploys, or has deployed, that this one did so too: which went over the other is
// not known.
func (h *Hold) clash(s *Stage, r Result) {
	if _, ok := s.Services[r.Path]; ok || !r.Removed {
		if !ok {
			s.Services[r.Path] = Service{Name: r.Name, Type: r.Type, Phase: r.Phase}
		}
		s.spoil(r.Path, r.Deploy)
	}
	h.replace(s, r.Path, r.Deploy)
}

// apply puts results into a stage. Those whose services another run holds, or has recorded since, are added to lost. gone says
// that this run did not hold one of the services any more, another or none.
func (h *Hold) apply(s *Stage, c *Change, results []Result, lost map[string]bool) (gone bool, err error) {
	lock, _ := h.lock(s)
	written := false
	for _, r := range results {
		touched := append([]string{r.Path}, h.claim.Replaces[r.Path]...)
		switch _, held := s.Holder(r.Path); {
		case !held && s.has(r):
			continue // the write that seemed to fail did happen
		case slices.ContainsFunc(touched, func(path string) bool { return h.isOthers(s, path) }):
			lost[r.Path], gone = true, true
			h.clash(s, r)
		default:
			gone = gone || slices.ContainsFunc(touched, func(path string) bool { return h.isUnlocked(s, path) })
			h.put(s, r)
		}
		lock = h.ended(lock, r.Path)
		written = true
		c.note(r.Path, r.Deploy.Commit)
	}
	if !written {
		return gone, errNothing
	}
	c.Kind, c.Run, c.Why = Record, h.claim.Run, h.claim.Why
	s.dropLock(h.claim.Run)
	if len(lock.Services) > 0 {
		s.addLock(lock)
	}
	return gone, nil
}

// isOthers reports whether another run has a service now, or has recorded it since this one took it.
func (h *Hold) isOthers(s *Stage, path string) bool {
	other, held := s.Holder(path)
	return held && other.Run != h.claim.Run || !held && !h.untouched(s, path)
}

// isUnlocked reports whether a service that this run took is locked no more.
func (h *Hold) isUnlocked(s *Stage, path string) bool {
	_, taken := h.before[path]
	_, held := s.Holder(path)
	return taken && !held
}

// ended gives the lock without a service that has ended, and without what that replaced, unless another service of it does so too.
func (h *Hold) ended(lock Lock, path string) Lock {
	lock = lock.without(path)
	for _, replaced := range h.claim.Replaces[path] {
		needed := slices.ContainsFunc(h.claim.Targets, func(t Target) bool {
			return lock.holds(t.Path) && (t.Path == replaced || slices.Contains(h.claim.Replaces[t.Path], replaced))
		})
		if !needed {
			lock = lock.without(replaced)
		}
	}
	return lock
}

// put records a result. What another run has said of the service meanwhile, having deployed it as well, stands beside it.
func (h *Hold) put(s *Stage, r Result) {
	said := s.Services[r.Path].Last
	s.put(r)
	if !r.Removed && said != nil && said.Run != h.claim.Run && !equal(said, h.before[r.Path].Last) {
		s.spoil(r.Path, *said)
	}
	h.replace(s, r.Path, r.Deploy)
}

// Lost gives a *LostError from when a write has found that services were taken from this run, be it that their results could be
// recorded: what it has not begun yet may be another run's. Until then it gives nil.
func (h *Hold) Lost() error {
	if !h.gone.Load() {
		return nil
	}
	return h.lost()
}

// untouched reports whether nobody has recorded a service since this run took it, be it that its lock has ended.
func (h *Hold) untouched(s *Stage, path string) bool {
	now, before := s.Services[path], h.before[path]
	byEnd := now.Last != nil && now.Last.Run == h.claim.Run
	return equal(now.Baseline, before.Baseline) && (byEnd || equal(now.Last, before.Last))
}

// outcome is the error of one call, after the write of the batch that it was in; a result that was not written goes to the journal.
func (h *Hold) outcome(results []Result, lost map[string]bool, failure error) error {
	var taken []string
	for _, r := range results {
		if lost[r.Path] {
			taken = append(taken, r.Path)
		}
	}
	if failure == nil && len(taken) > 0 {
		return &LostError{Stage: h.stage, Run: h.claim.Run, Services: taken}
	}
	if failure == nil {
		return nil
	}
	var entries []journalEntry
	var paths []string
	for _, r := range results {
		entries = append(entries, journalEntry{Result: r, Before: h.before[r.Path]})
		paths = append(paths, r.Path)
	}
	if err := h.ledger.journal(h.stage).add(entries); err != nil {
		return fmt.Errorf("%w; nor could it be kept here: %w", failure, err)
	}
	return &DeferredError{Stage: h.stage, Services: paths, Err: failure}
}

// Release gives up what is still held: nothing is remembered of it, since it was never begun. After it the hold is
// over. A lock that could not be removed lasts until its end on other machines, and on this one is known to be free.
func (h *Hold) Release(ctx context.Context) error {
	err := h.release(ctx)
	if err != nil {
		h.alive.leave()
		return err
	}
	h.alive.end()
	return nil
}

func (h *Hold) release(ctx context.Context) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	return h.write(ctx, func(s *Stage, c *Change) error {
		lock, ok := h.lock(s)
		if !ok {
			return errNothing
		}
		for _, path := range lock.Services {
			if service := s.Services[path]; service.Baseline == nil && service.Last == nil {
				delete(s.Services, path)
			}
		}
		c.Kind, c.Run, c.Services = Release, h.claim.Run, append(c.Services, lock.Services...)
		s.dropLock(h.claim.Run)
		return nil
	})
}

// write is an update by this hold. The caller holds writing.
func (h *Hold) write(ctx context.Context, mutate func(*Stage, *Change) error) error {
	known, err := h.ledger.update(ctx, h.stage, h.claim.Run, h.known, mutate)
	h.known = known
	return err
}

// lock gives the hold's own lock.
func (h *Hold) lock(s *Stage) (Lock, bool) {
	for _, l := range s.Locks {
		if l.Run == h.claim.Run {
			return l, true
		}
	}
	return Lock{Run: h.claim.Run}, false
}

func (h *Hold) lost() error {
	return &LostError{Stage: h.stage, Run: h.claim.Run, Services: slices.Sorted(maps.Keys(h.before))}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
