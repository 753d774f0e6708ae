package ledger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/monoplan/monoplan/ledger"
)

var commitA = strings.Repeat("a", 40)

func TestARunIsRemembered(t *testing.T) {
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: time.Now, Who: "somebody"})
	posts := ledger.Target{Path: "services/posts", Name: "posts", Type: "serverless"}
	h, err := l.Take(t.Context(), "prod", ledger.Claim{Run: "1", Owner: "one", Commit: commitA, Targets: []ledger.Target{posts}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Take(t.Context(), "prod", ledger.Claim{Run: "2", Commit: commitA, Targets: []ledger.Target{posts}})
	if locked := (*ledger.LockedError)(nil); !errors.As(err, &locked) {
		t.Fatalf("a second run took the service: %v", err)
	}
	if err := h.Record(t.Context(), ledger.Result{Target: posts, Deploy: ledger.Deploy{Commit: commitA, Outcome: ledger.Succeeded}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := l.Read(t.Context(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Services["services/posts"]; got.Baseline == nil || got.Baseline.Commit != commitA || got.Last != nil || len(s.Locks) > 0 {
		t.Errorf("it is remembered as %+v, locks %v", got, s.Locks)
	}
	var kinds []ledger.Kind
	for c, err := range l.Log(t.Context(), "prod") {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, c.Kind)
	}
	if len(kinds) != 2 || kinds[0] != ledger.Record || kinds[1] != ledger.Take {
		t.Errorf("the log has %v", kinds)
	}
}

// A name that cannot be a stage's is told the rule that it breaks.
func TestNamesOfStages(t *testing.T) {
	l := ledger.New(ledger.File(filepath.Join(t.TempDir(), "ledger.json")), ledger.Options{Now: time.Now})
	for name, why := range map[string]string{
		"prod": "", "pr-17": "", "1.2_x": "", strings.Repeat("a", 128): "",
		"a/b": "it may have letters", "-a": "beginning with a letter", "é": "it may have letters", "": "it is empty",
		"a..b": "two dots in a row", "a.": "end with a dot", "prod.lock": "end with .lock", strings.Repeat("a", 300): "it has 300 letters, and may have 128",
	} {
		_, err := l.Read(t.Context(), name)
		var refused *ledger.NameError
		switch {
		case why == "" && err != nil:
			t.Errorf("%q: %v", name, err)
		case why != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), why)):
			t.Errorf("%q: %v, want %q", name, err, why)
		}
	}
}

// A symbolic link is as good as the file that it leads to, be that there or not.
func TestLinkedFile(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "shared", "ledger.json"), filepath.Join(dir, "ledger.json")
	if err := os.Symlink(filepath.Join("shared", "ledger.json"), link); err != nil {
		t.Skip("this file system has no symbolic links:", err)
	}
	options := ledger.Options{Now: time.Now}
	if _, err := ledger.New(ledger.File(link), options).Take(t.Context(), "prod", claim("1", "a")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
	var locked *ledger.LockedError
	if _, err := ledger.New(ledger.File(file), options).Take(t.Context(), "prod", claim("2", "a")); !errors.As(err, &locked) {
		t.Errorf("who names the file does not see what who names the link wrote: %v", err)
	}
	if _, err := os.Stat(file + ".lock"); err != nil {
		t.Errorf("the lock is not beside the file: %v", err)
	}
}

// interruptedStore is a store whose next write happens, and is interrupted before anybody can tell.
type interruptedStore struct {
	ledger.Store
	interrupt func()
}

func (s *interruptedStore) Write(ctx context.Context, next *ledger.Stage) (string, error) {
	version, err := s.Store.Write(ctx, next)
	if s.interrupt != nil && err == nil {
		s.interrupt()
		s.interrupt = nil
		return "", context.Cause(ctx)
	}
	return version, err
}

// Who is interrupted while taking services holds none, be it that the store has the lock already.
func TestInterruptedTake(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	store := &interruptedStore{ledger.File(filepath.Join(t.TempDir(), "ledger.json")), interrupt}
	l := ledger.New(store, ledger.Options{Now: time.Now})
	if _, err := l.Take(ctx, "prod", claim("1", "a")); !errors.Is(err, context.Canceled) {
		t.Fatalf("it was not interrupted: %v", err)
	}
	s, err := l.Read(t.Context(), "prod")
	if err != nil || len(s.Locks) > 0 || len(s.Services) > 0 || s.Change.Serial != 2 {
		t.Errorf("it left %+v, %v", s, err)
	}
}

// silentStore takes a write while it is silent, and does not answer.
type silentStore struct {
	ledger.Store
	silent atomic.Bool
	asked  chan struct{}
}

func (s *silentStore) Write(ctx context.Context, next *ledger.Stage) (string, error) {
	if !s.silent.Load() {
		return s.Store.Write(ctx, next)
	}
	s.asked <- struct{}{}
	<-ctx.Done()
	return "", context.Cause(ctx)
}

// A renewal that the store does not answer keeps nothing from being recorded, and is tried again before the lock ends.
func TestASilentRenewal(t *testing.T) {
	store := &silentStore{Store: ledger.File(filepath.Join(t.TempDir(), "ledger.json")), asked: make(chan struct{})}
	warned := make(chan error, 10)
	l := ledger.New(store, ledger.Options{Now: time.Now, Who: "tester", Host: "machine", Warn: func(err error) { warned <- err }})
	c := claim("1", "a")
	c.For = 3 * time.Second
	h, err := l.Take(t.Context(), "prod", c)
	if err != nil {
		t.Fatal(err)
	}
	store.silent.Store(true)
	go func() { _ = h.Keep(t.Context()) }()
	<-store.asked
	store.silent.Store(false)
	recorded := make(chan error)
	go func() { recorded <- h.Record(t.Context(), results("a")...) }()
	select {
	case err := <-recorded:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits for the renewal")
	}
	if err := <-warned; !strings.Contains(err.Error(), "did not answer within") {
		t.Errorf("the warning is %v", err)
	}
}
