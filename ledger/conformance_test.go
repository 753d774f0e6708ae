package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/monoplan/monoplan/ledger"
)

// stageOf makes a stage as a first write has it.
func stageOf(services int) *ledger.Stage {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &ledger.Stage{
		Name: "prod", Services: map[string]ledger.Service{},
		Change: ledger.Change{Serial: 1, ID: "first", Time: at, Kind: ledger.Set, Who: "Jörg <j@example.com>", Why: "a \"reason\"\nof two lines"},
		Locks:  []ledger.Lock{{Run: "7", Owner: "o", Host: "h", Commit: commitA, Taken: at, Expires: at.Add(time.Minute), Services: []string{"services/1"}}},
	}
	for i := range services {
		d := ledger.Deploy{
			Commit: fmt.Sprintf("%040x", i), Outcome: ledger.Succeeded, Time: at.Add(time.Duration(i) * time.Second), Run: "r",
			Artifact: strings.Repeat("c", 64), Configuration: strings.Repeat("d", 64), Environment: strings.Repeat("e", 64),
		}
		service := ledger.Service{Name: fmt.Sprint("ü", i), Type: "serverless", Phase: i % 3, Baseline: &d}
		if i%5 == 1 {
			failed := d
			failed.Outcome, failed.Dirty = ledger.Failed, true
			service.Last = &failed
		}
		s.Services[fmt.Sprintf("services/%d", i)] = service
	}
	return s
}

// bare is a stage without what its store adds.
func bare(s *ledger.Stage) *ledger.Stage {
	c := *s
	c.Version, c.Now, c.Previous = "", time.Time{}, nil
	return &c
}

func mustRead(t testing.TB, s ledger.Store, stage string) *ledger.Stage {
	t.Helper()
	read, err := s.Read(t.Context(), stage)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestStoreKeepsWhatItIsGiven(t *testing.T) {
	eachPlace(t, func(t *testing.T, p *place) {
		one, two := p.store(), p.store()
		if empty := mustRead(t, one, "prod"); empty.Version != "" || len(empty.Services) > 0 || empty.Name != "prod" {
			t.Fatalf("a stage that was never written is %+v", empty)
		}
		// Through the number of services at which git spreads them over files, both ways.
		version := ""
		for i, services := range []int{3, 300, 301, 2, 0} {
			next := stageOf(services)
			next.Change.Serial, next.Change.ID, next.Version = int64(i+1), fmt.Sprint("id", i), version
			var err error
			if version, err = one.Write(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			for _, s := range []ledger.Store{one, two} {
				read := mustRead(t, s, "prod")
				if !reflect.DeepEqual(bare(read), bare(next)) && services > 0 {
					t.Fatalf("%d services: read\n%+v\nwritten\n%+v", services, read, next)
				}
				if len(read.Services) != services || s == one && read.Version != version {
					t.Fatalf("%d services of %d, version %q of %q", len(read.Services), services, read.Version, version)
				}
			}
		}
	})
}

func TestStoreReplacesOnlyWhatWasRead(t *testing.T) {
	eachPlace(t, func(t *testing.T, p *place) {
		one, two := p.store(), p.store()
		wantMoved := func(what string, err error) {
			t.Helper()
			if moved := (*ledger.MovedError)(nil); !errors.As(err, &moved) {
				t.Fatalf("%s: %v", what, err)
			}
		}
		first := stageOf(2)
		version, err := one.Write(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		_, err = two.Write(t.Context(), stageOf(3))
		wantMoved("a second first write", err)
		next := stageOf(4)
		next.Change.Serial, next.Change.ID, next.Version, next.Previous = 2, "second", mustRead(t, two, "prod").Version, &first.Change
		if _, err := two.Write(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		late := stageOf(5)
		late.Version = version
		_, err = one.Write(t.Context(), late)
		wantMoved("a write over one that was not read", err)
		if n := len(mustRead(t, one, "prod").Services); n != 4 {
			t.Errorf("%d services", n)
		}
		other := stageOf(1)
		other.Name = "dev"
		if _, err := one.Write(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		if stages, err := two.Stages(t.Context()); err != nil || !slices.Equal(stages, []string{"dev", "prod"}) {
			t.Errorf("stages %q, %v", stages, err)
		}
		var ids []string
		for change, err := range one.Log(t.Context(), "prod") {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, change.ID)
		}
		if !slices.Equal(ids, []string{"second", "first"}) {
			t.Errorf("the log has %q", ids)
		}
	})
}

func TestWhatCannotBeReadIsNeverWritten(t *testing.T) {
	eachPlace(t, func(t *testing.T, p *place) {
		if err := p.ledger().Set(t.Context(), "prod", results("a"), ""); err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]any{
			`{"version": 2, "anything": [1, {"x": null}]}`:    new(*ledger.VersionError),
			`{"version": 1, "stage": "prod", "services": {}}`: new(*ledger.CorruptError),
			`{"version": 1, "stage": "other", "change": {}}`:  new(*ledger.CorruptError),
			`{"version": 1, "stage": "prod", "chan": {}}`:     new(*ledger.CorruptError),
			`{"stage": "prod", "change": {}, "services": {}}`: new(*ledger.CorruptError),
			`[]`: new(*ledger.CorruptError),
		} {
			p.overwrite(text)
			l := p.ledger()
			_, read := l.Read(t.Context(), "prod")
			written := l.Set(t.Context(), "prod", results("b"), "")
			_, taken := l.Take(t.Context(), "prod", claim("1", "c"))
			for _, err := range []error{read, written, taken} {
				if !errors.As(err, want) {
					t.Errorf("%s: the error is %v, want %T", text, err, want)
				}
			}
			_, again := p.ledger().Read(t.Context(), "prod")
			if !errors.As(again, want) {
				t.Errorf("%s: was written over: %v", text, again)
			}
		}
	})
}

// results are services that succeeded.
func results(paths ...string) []ledger.Result {
	var all []ledger.Result
	for _, path := range paths {
		all = append(all, ledger.Result{
			Target: ledger.Target{Path: path, Name: path, Type: "command"},
			Deploy: ledger.Deploy{Commit: commitA, Outcome: ledger.Succeeded},
		})
	}
	return all
}

func claim(run string, paths ...string) ledger.Claim {
	c := ledger.Claim{Run: run, Owner: "owner of " + run, Commit: commitA}
	for _, r := range results(paths...) {
		c.Targets = append(c.Targets, r.Target)
	}
	return c
}

// Writers of many machines: nothing is lost, and the log has each change once.
func TestNoUpdateIsLost(t *testing.T) {
	const machines, writes = 4, 5
	eachPlace(t, func(t *testing.T, p *place) {
		var wg sync.WaitGroup
		for m := range machines {
			l := p.ledger()
			wg.Go(func() {
				for w := range writes {
					if err := l.Set(t.Context(), "prod", results(fmt.Sprintf("%d-%d", m, w), fmt.Sprint("of ", m)), ""); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		l := p.ledger()
		s, err := l.Read(t.Context(), "prod")
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Services) != machines*writes+machines || s.Change.Serial != machines*writes {
			t.Errorf("%d services, serial %d", len(s.Services), s.Change.Serial)
		}
		serials := map[int64]bool{}
		for c, err := range l.Log(t.Context(), "prod") {
			if err != nil {
				t.Fatal(err)
			}
			serials[c.Serial] = true
		}
		if len(serials) != machines*writes {
			t.Errorf("the log has changes %v", slices.Sorted(maps.Keys(serials)))
		}
	})
}

// Runs that want the same service have it one at a time; runs that want others go side by side.
func TestLocksExclude(t *testing.T) {
	const runs = 4
	eachPlace(t, func(t *testing.T, p *place) {
		var mutex sync.Mutex
		inside, most := 0, 0
		var wg sync.WaitGroup
		for r := range runs {
			l := p.ledger()
			wg.Go(func() {
				own := fmt.Sprint("own ", r)
				for {
					h, err := l.Take(t.Context(), "prod", claim(fmt.Sprint(r), "shared", own))
					var locked *ledger.LockedError
					if errors.As(err, &locked) {
						if !slices.Equal(locked.Services, []string{"shared"}) || len(locked.Locks) != 1 {
							t.Errorf("locked: %v", locked)
						}
						time.Sleep(20 * time.Millisecond)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					mutex.Lock()
					inside++
					most = max(most, inside)
					mutex.Unlock()
					if err := h.Renew(t.Context()); err != nil {
						t.Error(err)
					}
					mutex.Lock()
					inside--
					mutex.Unlock()
					if err := errors.Join(h.Record(t.Context(), results("shared")...), h.Record(t.Context(), results(own)...), h.Release(t.Context())); err != nil {
						t.Error(err)
					}
					return
				}
			})
		}
		wg.Wait()
		if most != 1 {
			t.Errorf("%d runs had the service at once", most)
		}
		s, err := p.ledger().Read(t.Context(), "prod")
		if err != nil || len(s.Services) != runs+1 || len(s.Locks) > 0 {
			t.Errorf("%d services, locks %v, %v", len(s.Services), s.Locks, err)
		}
	})
}

// One write takes many records that come at once.
func TestRecordsShareWrites(t *testing.T) {
	eachPlace(t, func(t *testing.T, p *place) {
		var paths []string
		for i := range 20 {
			paths = append(paths, fmt.Sprint("s", i))
		}
		h, err := p.ledger().Take(t.Context(), "prod", claim("1", paths...))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, path := range paths {
			wg.Go(func() {
				if err := h.Record(context.WithoutCancel(t.Context()), results(path)...); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s, err := p.ledger().Read(t.Context(), "prod")
		if err != nil || len(s.Services) != len(paths) || len(s.Locks) > 0 {
			t.Fatalf("%d services, locks %v, %v", len(s.Services), s.Locks, err)
		}
		for path, service := range s.Services {
			if service.Baseline == nil || service.Last != nil || service.Baseline.Run != "1" {
				t.Errorf("%s: %+v", path, service)
			}
		}
	})
}
