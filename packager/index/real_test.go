package index

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/monoplan/monoplan/packager/store"
)

// six has the hash of a wheel that every index has and that never changes.
var six = Request{
	Package: "Six", Version: "1.16.0", File: "six-1.16.0-py2.py3-none-any.whl",
	Hashes: []string{"sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"},
}

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{Dir: t.TempDir(), Warn: func(err error) { t.Errorf("warning: %v", err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newClient(t *testing.T, config Config) *Client {
	t.Helper()
	if config.Store == nil {
		config.Store = newStore(t)
	}
	if config.Patience == (Patience{}) {
		config.Patience = Patience{Pause: time.Millisecond, Stall: 10 * time.Second}
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// realClient is a client for the index that the machine is set up with. The test is skipped where none answers.
func realClient(t *testing.T, config Config) *Client {
	t.Helper()
	environment, err := ReadEnvironment(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	config.Environment = environment
	config.Patience = Patience{Retries: 2, Stall: 20 * time.Second}
	c := newClient(t, config)
	_, err = c.Links(t.Context(), Request{Package: "six"})
	var connect *ConnectError
	if errors.As(err, &connect) && os.Getenv("CI") != "true" {
		t.Skipf("the index does not answer: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRealIndex(t *testing.T) {
	c := realClient(t, Config{})
	f, err := c.Fetch(t.Context(), six)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(f.Path); err != nil || info.Size() != 11053 || f.Cached || f.From == "" {
		t.Errorf("got %+v, %v", f, err)
	}
	again, err := c.Fetch(t.Context(), six)
	if err != nil || !again.Cached || again.Path != f.Path {
		t.Errorf("the second time: %+v, %v", again, err)
	}
}

// TestRealIndexResumes has the beginning of the file from a run that was killed.
func TestRealIndexResumes(t *testing.T) {
	c := realClient(t, Config{})
	whole, err := c.Fetch(t.Context(), six)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(whole.Path)
	if err != nil {
		t.Fatal(err)
	}
	e := &events{}
	c = realClient(t, Config{Report: e.add})
	w, _, err := c.store.Create(t.Context(), whole.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content[:4000]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	mustFetch(t, c, six)
	if started := e.of(Started); len(started) != 1 || started[0].Bytes != 4000 || len(e.of(Finished)) != 1 {
		t.Errorf("the events are %+v", e.all)
	}
}

func TestRealIndexIsNotBelieved(t *testing.T) {
	c := realClient(t, Config{})
	r := six
	r.Hashes = []string{hashOf([]byte("another"))}
	_, err := c.Fetch(t.Context(), r)
	if e := as[*HashError](t, err); e.Got != six.Hashes[0] {
		t.Errorf("the error is %v", err)
	}
	r = six
	r.Package, r.File = "no-such-package-of-monoplan", "no_such_package_of_monoplan-1-py3-none-any.whl"
	_, err = c.Fetch(t.Context(), r)
	as[*NotFoundError](t, err)
}
