package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/ledger"
)

// faulty is a store that fails when it is told to, before it has written or after.
type faulty struct {
	ledger.Store
	before, after error
}

func (f *faulty) Read(ctx context.Context, stage string) (*ledger.Stage, error) {
	if f.before != nil {
		return nil, f.before
	}
	return f.Store.Read(ctx, stage)
}

func (f *faulty) Write(ctx context.Context, next *ledger.Stage) (string, error) {
	if f.before != nil {
		return "", f.before
	}
	version, err := f.Store.Write(ctx, next)
	if err == nil && f.after != nil {
		return "", f.after
	}
	return version, err
}

func (f *faulty) Log(ctx context.Context, stage string) iter.Seq2[ledger.Change, error] {
	return f.Store.Log(ctx, stage)
}

// machine is a machine with a store that may fail, a directory of its own, and the warnings that it gave.
type machine struct {
	*ledger.Ledger
	store    *faulty
	dir      string
	warnings []error
}

func newMachine(t *testing.T, store ledger.Store, dir string) *machine {
	m := &machine{store: &faulty{Store: store}, dir: dir}
	m.Ledger = ledger.New(m.store, ledger.Options{
		Now: time.Now, Who: "tester", Host: "machine", Dir: dir, Warn: func(err error) { m.warnings = append(m.warnings, err) },
	})
	return m
}

// journal has a hold record results while the store is gone.
func (m *machine) journal(t *testing.T, h *ledger.Hold, results ...ledger.Result) {
	t.Helper()
	m.store.before = errGone
	if err := h.Record(t.Context(), results...); err == nil {
		t.Fatal("it was recorded without a store")
	}
	m.store.before = nil
}

var errGone = &ledger.UnreachableError{Store: "test", Err: errors.New("gone")}

// What succeeded while the store was gone counts here at once, and is recorded at the next chance.
func TestWhatCouldNotBeRecordedIsNotForgotten(t *testing.T) {
	store := ledger.File(filepath.Join(t.TempDir(), "ledger.json"))
	m := newMachine(t, store, t.TempDir())
	h, err := m.Take(t.Context(), "prod", claim("1", "a", "b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	m.store.before = errGone
	err = h.Record(t.Context(), results("a")...)
	var deferred *ledger.DeferredError
	if !errors.As(err, &deferred) || !errors.Is(err, errGone) {
		t.Fatalf("a record without a store: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	m.store.before = context.Canceled
	if err := h.Record(cancelled, results("b")...); !errors.As(err, &deferred) {
		t.Fatalf("an interrupted record: %v", err)
	}
	if err := h.Release(t.Context()); err == nil {
		t.Error("a release without a store succeeded")
	}
	m.store.before = nil

	// The run is over, and another one begins on this machine.
	again := newMachine(t, store, m.dir)
	s, err := again.Read(t.Context(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	if a, b, c := s.Services["a"], s.Services["b"], s.Services["c"]; a.Baseline == nil || b.Baseline == nil || c.Baseline != nil || c.Last == nil {
		t.Errorf("here it counts as %+v", s.Services)
	}
	if !slices.Equal(s.Journaled, []string{"a", "b"}) {
		t.Errorf("only here is %q", s.Journaled)
	}
	elsewhere := newMachine(t, store, t.TempDir())
	if s, err := elsewhere.Read(t.Context(), "prod"); err != nil || s.Services["a"].Baseline != nil {
		t.Errorf("elsewhere it counts as %+v, %v", s, err)
	}
	if err := again.Flush(t.Context(), "prod"); err != nil {
		t.Fatal(err)
	}
	if s, err := elsewhere.Read(t.Context(), "prod"); err != nil || s.Services["a"].Baseline == nil || s.Services["b"].Baseline == nil || s.Journaled != nil {
		t.Errorf("after the next chance it is %+v, %v", s, err)
	}
	if left, err := filepath.Glob(filepath.Join(m.dir, "journal-*.json")); err != nil || len(left) > 0 {
		t.Errorf("the journal is still there: %v, %v", left, err)
	}
	if len(m.warnings)+len(again.warnings) > 0 {
		t.Errorf("warnings: %v, %v", m.warnings, again.warnings)
	}
}

// What was recorded from the journal is in the log as what it is, whatever had it recorded.
func TestTheJournalIsInTheLog(t *testing.T) {
	store := ledger.File(filepath.Join(t.TempDir(), "ledger.json"))
	m := newMachine(t, store, t.TempDir())
	h, err := m.Take(t.Context(), "prod", claim("1", "a"))
	if err != nil {
		t.Fatal(err)
	}
	m.journal(t, h, results("a")...)
	if _, err := m.Take(t.Context(), "prod", claim("2", "b")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for c, err := range m.Log(t.Context(), "prod") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s %s %q %d %s", c.Serial, c.Kind, c.Run, c.Services, len(c.Commits), c.Why))
	}
	want := []string{`3 take 2 ["b"] 0 `, `2 record 1 ["a"] 1 from the journal`, `1 take 1 ["a"] 0 `}
	if !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}

// Who removed a service is in the log, or in the journal as long as it is not in the log.
func TestWhoRemoved(t *testing.T) {
	m := newMachine(t, ledger.File(filepath.Join(t.TempDir(), "ledger.json")), t.TempDir())
	if err := m.Set(t.Context(), "prod", results("a", "b", "c"), ""); err != nil {
		t.Fatal(err)
	}
	removals := results("a", "b")
	for i := range removals {
		removals[i].Removed = true
	}
	h, err := m.Take(t.Context(), "prod", claim("1", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Record(t.Context(), removals[0]); err != nil {
		t.Fatal(err)
	}
	m.journal(t, h, removals[1])
	paths, commit := []string{"a", "b", "c", "d"}, removals[0].Deploy.Commit
	for range 2 {
		got, err := m.RemovedBy(t.Context(), "prod", paths, time.Now().Add(-time.Hour))
		if want := map[string][]string{"a": {commit}, "b": {commit}}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("it is %v, %v", got, err)
		}
		if err := m.Flush(t.Context(), "prod"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.RemovedBy(t.Context(), "prod", paths, time.Now().Add(time.Hour)); err != nil || len(got) > 0 {
		t.Errorf("of what is longer ago it is %v, %v", got, err)
	}
}

// What went into the ledger from the journal while its run went on is not the run's any more, and so not interrupted with it.
func TestTheJournalUnlocks(t *testing.T) {
	store := ledger.File(filepath.Join(t.TempDir(), "ledger.json"))
	m := newMachine(t, store, t.TempDir())
	h, err := m.Take(t.Context(), "prod", claim("1", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	m.journal(t, h, results("a")...)
	if err := m.Flush(t.Context(), "prod"); err != nil {
		t.Fatal(err)
	}
	elsewhere := newMachine(t, store, t.TempDir())
	taken, err := elsewhere.Unlock(t.Context(), "prod", "", nil, "its machine is gone")
	if err != nil || len(taken) != 1 || !slices.Equal(taken[0].Services, []string{"b"}) {
		t.Errorf("unlocked: %+v, %v", taken, err)
	}
	s, err := elsewhere.Read(t.Context(), "prod")
	if err != nil || s.Services["a"].Last != nil || s.Services["b"].Last == nil {
		t.Errorf("it is %+v, %v", s, err)
	}
}

// A deploy that somebody else has recorded over meanwhile does not come back from the journal.
func TestTheJournalIsOvertaken(t *testing.T) {
	store := ledger.File(filepath.Join(t.TempDir(), "ledger.json"))
	m := newMachine(t, store, t.TempDir())
	h, err := m.Take(t.Context(), "prod", claim("1", "a"))
	if err != nil {
		t.Fatal(err)
	}
	m.journal(t, h, results("a")...)
	elsewhere := newMachine(t, store, t.TempDir())
	if _, err := elsewhere.Unlock(t.Context(), "prod", "", nil, ""); err != nil {
		t.Fatal(err)
	}
	later := results("a")
	later[0].Deploy.Commit = strings.Repeat("b", 40)
	if err := elsewhere.Set(t.Context(), "prod", later, ""); err != nil {
		t.Fatal(err)
	}
	if err := m.Flush(t.Context(), "prod"); err != nil {
		t.Fatal(err)
	}
	s, err := m.Read(t.Context(), "prod")
	if err != nil || s.Services["a"].Baseline.Commit != later[0].Deploy.Commit {
		t.Errorf("it is %+v, %v", s, err)
	}
	var overtaken *ledger.OvertakenError
	if len(m.warnings) != 1 || !errors.As(m.warnings[0], &overtaken) || overtaken.Service != "a" {
		t.Errorf("warnings: %v", m.warnings)
	}
}

// A run that was unlocked records what has ended, as long as nobody else has the service, and knows that it is to begin
// nothing more.
func TestUnlockedRun(t *testing.T) {
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: time.Now})
	h, err := l.Take(t.Context(), "prod", claim("1", "a", "b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Record(t.Context(), results("a")...); err != nil || h.Lost() != nil {
		t.Fatalf("while it holds: %v, %v", err, h.Lost())
	}
	if _, err := l.Unlock(t.Context(), "prod", "", nil, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Record(t.Context(), results("b")...); err != nil {
		t.Errorf("what had ended was not recorded: %v", err)
	}
	var lost *ledger.LostError
	if !errors.As(h.Lost(), &lost) {
		t.Errorf("it goes on: %v", h.Lost())
	}
	other, err := l.Take(t.Context(), "prod", claim("2", "c"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Record(t.Context(), results("c")...); !errors.As(err, &lost) {
		t.Errorf("it recorded what another run holds: %v", err)
	}
	if err := errors.Join(other.Release(t.Context()), h.Release(t.Context())); err != nil {
		t.Error(err)
	}
}

// A write of which nobody knows whether it happened is neither lost nor done twice.
func TestAnAnswerIsLost(t *testing.T) {
	store := ledger.File(filepath.Join(t.TempDir(), "ledger.json"))
	m := newMachine(t, store, t.TempDir())
	h, err := m.Take(t.Context(), "prod", claim("1", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	m.store.after = errGone
	var deferred *ledger.DeferredError
	if err := h.Record(t.Context(), results("a")...); !errors.As(err, &deferred) {
		t.Fatal(err)
	}
	m.store.after = nil
	if err := h.Record(t.Context(), results("b")...); err != nil {
		t.Fatal(err)
	}
	if err := h.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := m.Read(t.Context(), "prod")
	if err != nil || s.Services["a"].Baseline == nil || s.Services["b"].Baseline == nil || len(s.Locks) > 0 || len(m.warnings) > 0 {
		t.Errorf("it is %+v, %v, warnings %v", s, err, m.warnings)
	}
}

// clocked is a store that tells its time with each answer, as S3 does.
type clocked struct {
	ledger.Store
	now *time.Time
}

func (c clocked) Read(ctx context.Context, stage string) (*ledger.Stage, error) {
	s, err := c.Store.Read(ctx, stage)
	if err != nil {
		return nil, err
	}
	told := *s
	told.Now = *c.now
	return &told, nil
}

// A run that goes on for longer than a lock lasts keeps it by renewing it, though it reads the store's time only once, and
// whatever this machine takes for the time.
func TestALockIsRenewedByTheStoresClock(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		store := clocked{ledger.File(filepath.Join(t.TempDir(), "ledger.json")), &clock}
		open := func(ahead time.Duration) *ledger.Ledger {
			return ledger.New(store, ledger.Options{Now: func() time.Time { return clock.Add(ahead) }, Dir: t.TempDir()})
		}
		h, err := open(ahead).Take(t.Context(), "prod", claim("1", "a"))
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			clock = clock.Add(200 * time.Second)
			if err := h.Renew(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var locked *ledger.LockedError
		if _, err := open(0).Take(t.Context(), "prod", claim("2", "a")); !errors.As(err, &locked) {
			t.Errorf("with a clock %v ahead: another run took what was renewed just now: %v", ahead, err)
		}
		clock = clock.Add(11 * time.Minute)
		if _, err := open(-ahead).Take(t.Context(), "prod", claim("3", "a")); err != nil {
			t.Errorf("with a clock %v ahead: the lock does not end: %v", ahead, err)
		}
	}
}

// A lock ends at its time: another run then has what it held, which counts as interrupted, and the first one's
// record is refused.
func TestALockEnds(t *testing.T) {
	store := ledger.File(filepath.Join(t.TempDir(), "ledger.json"))
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	open := func(clock *time.Time) *ledger.Ledger {
		return ledger.New(store, ledger.Options{Now: func() time.Time { return *clock }, Who: "tester", Dir: t.TempDir()})
	}
	clock, behind := now, now.Add(-time.Hour)
	one, late := open(&clock), open(&behind)
	h, err := one.Take(t.Context(), "prod", claim("1", "a"))
	if err != nil {
		t.Fatal(err)
	}
	var locked *ledger.LockedError
	clock = now.Add(9 * time.Minute)
	if _, err := one.Take(t.Context(), "prod", claim("2", "a")); !errors.As(err, &locked) {
		t.Fatalf("before its end: %v", err)
	}
	if err := h.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A clock that jumps back moves no end to an earlier time.
	clock = now.Add(-time.Hour)
	if err := h.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock = now.Add(18 * time.Minute)
	if _, err := one.Take(t.Context(), "prod", claim("2", "a")); !errors.As(err, &locked) {
		t.Fatalf("before its new end: %v", err)
	}
	clock = now.Add(20 * time.Minute)
	if _, err := late.Take(t.Context(), "prod", claim("3", "a")); !errors.As(err, &locked) {
		t.Fatalf("a clock that is behind took the lock: %v", err)
	}
	s, err := one.Read(t.Context(), "prod")
	if err != nil || len(s.Locks) > 0 || s.Services["a"].Last == nil || s.Services["a"].Last.Outcome != ledger.Interrupted {
		t.Fatalf("after its end: %+v, %v", s, err)
	}
	other, err := one.Take(t.Context(), "prod", claim("2", "a"))
	if err != nil {
		t.Fatal(err)
	}
	var lost *ledger.LostError
	if err := h.Record(t.Context(), results("a")...); !errors.As(err, &lost) {
		t.Errorf("the first run recorded over the second: %v", err)
	}
	if err := h.Renew(t.Context()); !errors.As(err, &lost) {
		t.Errorf("the first run renewed: %v", err)
	}
	if err := errors.Join(other.Record(t.Context(), results("a")...), other.Release(t.Context())); err != nil {
		t.Error(err)
	}
}

// A plan does not hold for a service that somebody recorded since.
func TestAPlanThatMoved(t *testing.T) {
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: time.Now})
	if err := l.Set(t.Context(), "prod", results("a", "b"), ""); err != nil {
		t.Fatal(err)
	}
	planned, err := l.Read(t.Context(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	other := results("b")
	other[0].Deploy.Commit = strings.Repeat("b", 40)
	if err := l.Set(t.Context(), "prod", other, ""); err != nil {
		t.Fatal(err)
	}
	c := claim("1", "a")
	c.Planned = planned
	if h, err := l.Take(t.Context(), "prod", c); err != nil || h.Release(t.Context()) != nil {
		t.Errorf("what did not move: %v", err)
	}
	c = claim("2", "a", "b")
	c.Planned = planned
	var moved *ledger.MovedError
	if _, err := l.Take(t.Context(), "prod", c); !errors.As(err, &moved) || len(moved.Services) != 1 || moved.Services[0] != "b" {
		t.Errorf("what moved: %v", err)
	}
	now, err := l.Read(t.Context(), "prod")
	if err != nil || now.Fingerprint([]string{"a"}) != planned.Fingerprint([]string{"a"}) || now.Fingerprint([]string{"b"}) == planned.Fingerprint([]string{"b"}) {
		t.Errorf("fingerprints do not tell what moved: %v", err)
	}
}

// A journal that cannot be written is said beside the reason, and nothing is claimed.
func TestNoJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	m := newMachine(t, ledger.File(filepath.Join(t.TempDir(), "ledger.json")), dir)
	h, err := m.Take(t.Context(), "prod", claim("1", "a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "not a directory")
	m.store.before = errGone
	err = h.Record(t.Context(), results("a")...)
	var journal *ledger.JournalError
	if !errors.Is(err, errGone) || !errors.As(err, &journal) || errors.As(err, new(*ledger.DeferredError)) {
		t.Errorf("neither store nor journal: %v", err)
	}
}

// A machine that cannot keep the sign that a run works says what that means, and the run goes on.
func TestNoSignOfLife(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "runs"), "not a directory")
	m := newMachine(t, ledger.File(filepath.Join(t.TempDir(), "ledger.json")), dir)
	h, err := m.Take(t.Context(), "prod", claim("1", "a"))
	if err != nil {
		t.Fatal(err)
	}
	var liveness *ledger.LivenessError
	if len(m.warnings) != 1 || !errors.As(m.warnings[0], &liveness) || !strings.Contains(liveness.Error(), "stays locked until its lock ends: mkdir ") {
		t.Errorf("warnings: %v", m.warnings)
	}
	if err := h.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

// A run that lost its services and ends all the same says so of them, be it before or after the other has recorded them: which
// of the two is live nobody knows.
func TestTwoRunsDeployedTheSame(t *testing.T) {
	for _, c := range []struct {
		name             string
		firstEndsAtFirst bool
		removed          bool
	}{{"first, then second", true, false}, {"second, then first", false, false}, {"removed by the second", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			clock := time.Now()
			l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: func() time.Time {
				clock = clock.Add(time.Second)
				return clock
			}})
			if err := l.Set(t.Context(), "prod", results("a"), ""); err != nil {
				t.Fatal(err)
			}
			first, err := l.Take(t.Context(), "prod", claim("1", "a"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Unlock(t.Context(), "prod", "", nil, ""); err != nil {
				t.Fatal(err)
			}
			second, err := l.Take(t.Context(), "prod", claim("2", "a"))
			if err != nil {
				t.Fatal(err)
			}
			endFirst := func() {
				var lost *ledger.LostError
				if err := first.Record(t.Context(), results("a")...); !errors.As(err, &lost) {
					t.Errorf("the first run: %v", err)
				}
			}
			if c.firstEndsAtFirst {
				endFirst()
			}
			ended := results("a")
			ended[0].Removed = c.removed
			if err := errors.Join(second.Record(t.Context(), ended...), second.Release(t.Context())); err != nil {
				t.Fatal(err)
			}
			if !c.firstEndsAtFirst {
				endFirst()
			}
			s, err := l.Read(t.Context(), "prod")
			if err != nil {
				t.Fatal(err)
			}
			a := s.Services["a"]
			if a.Last == nil || a.Last.Outcome != ledger.Interrupted || a.Last.Run != "1" || (a.Baseline == nil) != c.removed || a.Name != "a" {
				t.Errorf("it is remembered as %+v", a)
			}
		})
	}
}

// What a deploy goes over under another path is not what is live any more, from when it may have begun. It is locked until then,
// unless a person takes that lock away: then both were deployed, and which went over the other is not known.
func TestDeployReplaces(t *testing.T) {
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: time.Now})
	deploy := func(run string, replaces map[string][]string, paths ...string) *ledger.Hold {
		c := claim(run, paths...)
		c.Replaces = replaces
		h, err := l.Take(t.Context(), "prod", c)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	last := func(path string) string {
		s, err := l.Read(t.Context(), "prod")
		if err != nil {
			t.Fatal(err)
		}
		if last := s.Services[path].Last; last != nil {
			return last.Run + " " + string(last.Outcome)
		}
		return ""
	}
	if err := deploy("1", nil, "old", "other").Record(t.Context(), results("old", "other")...); err != nil {
		t.Fatal(err)
	}
	over := map[string][]string{"new": {"old"}, "third": {"never"}}
	h := deploy("2", over, "new", "third")
	if got := last("old"); got != "2 interrupted" {
		t.Errorf("while it is replaced: %q", got)
	}
	if _, err := l.Unlock(t.Context(), "prod", "2", []string{"old"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := deploy("3", nil, "old").Record(t.Context(), results("old")...); err != nil || last("old") != "" {
		t.Fatal(err, last("old"))
	}
	var lost *ledger.LostError
	if err := h.Record(t.Context(), results("new", "third")...); !errors.As(err, &lost) || !slices.Equal(lost.Services, []string{"new"}) || h.Lost() == nil {
		t.Fatal(err)
	}
	if got := last("old"); got != "2 interrupted" {
		t.Errorf("after it was replaced: %q", got)
	}
	if s, err := l.Read(t.Context(), "prod"); err != nil || last("other")+last("third") != "" || last("new") != "2 interrupted" || len(s.Locks) > 0 || s.Services["never"].Last != nil {
		t.Errorf("others: %+v, %v", s.Services, err)
	}
	if err := deploy("4", nil, "old").Record(t.Context(), results("old")...); err != nil || last("old") != "" {
		t.Errorf("deployed again: %q, %v", last("old"), err)
	}
}

// Who deploys a service over another path, and who deploys that path, are never both at it. The path is free when all that replaces it
// has ended, and what only may replace it does not lock it.
func TestReplacedIsLocked(t *testing.T) {
	clock := time.Now()
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: func() time.Time { return clock }})
	if err := l.Set(t.Context(), "prod", results("old", "doubtful"), ""); err != nil {
		t.Fatal(err)
	}
	over := func(run string, paths ...string) ledger.Claim {
		c := claim(run, paths...)
		c.Replaces = map[string][]string{"new": {"old", "never"}, "second": {"old"}}
		c.MayReplace = map[string][]string{"new": {"doubtful"}}
		return c
	}
	take := func(c ledger.Claim) *ledger.Hold {
		t.Helper()
		h, err := l.Take(t.Context(), "prod", c)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	isLocked := func(c ledger.Claim) {
		t.Helper()
		var locked *ledger.LockedError
		if _, err := l.Take(t.Context(), "prod", c); !errors.As(err, &locked) || !slices.Equal(locked.Services, []string{"old"}) {
			t.Errorf("run %s: %v", c.Run, err)
		}
	}
	state := func() *ledger.Stage {
		t.Helper()
		s, err := l.Read(t.Context(), "prod")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	planned := state()
	before := take(claim("1", "old"))
	isLocked(over("2", "new"))
	if err := before.Record(t.Context(), results("old")...); err != nil {
		t.Fatal(err)
	}
	stale := over("3", "new")
	stale.Planned = planned
	clock = clock.Add(time.Second)
	if err := take(claim("4", "old")).Record(t.Context(), results("old")...); err != nil {
		t.Fatal(err)
	}
	var moved *ledger.MovedError
	if _, err := l.Take(t.Context(), "prod", stale); !errors.As(err, &moved) || !slices.Equal(moved.Services, []string{"old"}) {
		t.Errorf("what it replaces was recorded since it was planned: %v", err)
	}

	h := take(over("5", "new", "second"))
	if err := h.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := state(); len(s.Locks) != 1 || !slices.Equal(s.Locks[0].Services, []string{"new", "old", "second"}) || s.Services["doubtful"].Last == nil {
		t.Errorf("it holds %+v of %+v", s.Locks, s.Services)
	}
	if err := h.Record(t.Context(), results("new")...); err != nil {
		t.Fatal(err)
	}
	isLocked(claim("6", "old"))
	if err := h.Record(t.Context(), results("second")...); err != nil {
		t.Fatal(err)
	}
	s := state()
	if old := s.Services["old"]; len(s.Locks) > 0 || old.Baseline.Run != "4" || old.Last == nil || old.Last.Run != "5" || s.Services["new"].Last != nil {
		t.Errorf("locks %+v, services %+v", s.Locks, s.Services)
	}

	// Who never begins, and who is killed, gives it free as well.
	if err := take(over("7", "new")).Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	take(over("8", "new"))
	clock = clock.Add(time.Hour)
	s = state()
	if old := s.Services["old"]; len(s.Locks) > 0 || old.Baseline.Run != "4" || old.Last.Run != "8" || s.Services["new"].Last.Run != "8" {
		t.Errorf("after the lock has ended: %+v", s.Services)
	}
}
