package ledger_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/monoplan/monoplan/internal/bucket/buckettest"
	"github.com/monoplan/monoplan/ledger"
)

// S3 that answers wrongly: a clear error, the ledger unharmed, and what succeeded recorded at the next chance.
func TestS3ThatAnswersWrongly(t *testing.T) {
	for _, server := range buckettest.Servers() {
		t.Run(server.Name, func(t *testing.T) {
			var fault atomic.Value
			fault.Store("")
			buckettest.SetAWS(t, buckettest.Faulty(t, server.Start(t), func() string { return fault.Load().(string) }))
			t.Setenv("AWS_MAX_ATTEMPTS", "1")
			o := opener{Kind: "s3", At: "s3://" + buckettest.Name + "/faults"}
			store, _, err := o.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			m := newMachine(t, store, t.TempDir())
			for _, kind := range []string{"500", "503", "403", "torn", "lost"} {
				h, err := m.Take(t.Context(), "prod", claim("run "+kind, kind, "other "+kind))
				if err != nil {
					t.Fatal(err)
				}
				fault.Store(kind)
				err = h.Record(t.Context(), results(kind)...)
				_, readErr := m.Read(t.Context(), "prod")
				fault.Store("")
				if errors.As(err, new(*ledger.DeferredError)) == (err == nil) || err == nil && kind != "torn" {
					t.Errorf("%s: a record gives %v", kind, err)
				}
				refused := errors.As(readErr, new(*ledger.RefusedError))
				if refused != (kind == "403") || !refused && !errors.As(readErr, new(*ledger.UnreachableError)) {
					t.Errorf("%s: a read gives %v", kind, readErr)
				}
				if strings.Contains(errors.Join(err, readErr).Error(), buckettest.SecretKey) {
					t.Errorf("%s: the secret is in %v, %v", kind, err, readErr)
				}
				if err := errors.Join(h.Record(t.Context(), results("other "+kind)...), h.Release(t.Context())); err != nil {
					t.Fatalf("%s: at the next chance: %v", kind, err)
				}
			}
			elsewhere := newMachine(t, store, t.TempDir())
			s, err := elsewhere.Read(t.Context(), "prod")
			if err != nil || len(s.Services) != 10 || len(s.Locks) > 0 {
				t.Fatalf("%d services, locks %v, %v", len(s.Services), s.Locks, err)
			}
			for path, service := range s.Services {
				if service.Baseline == nil || service.Last != nil {
					t.Errorf("%s is %+v", path, service)
				}
			}
			if len(m.warnings) > 0 {
				t.Errorf("warnings: %v", m.warnings)
			}
		})
	}
}

// A remote that rejects the push, or is gone: the same.
func TestARemoteThatRefuses(t *testing.T) {
	p := remotePlace(t, fileRemote)
	o := p.machine()
	bare := strings.TrimPrefix(strings.TrimSpace(run(t, o.At, "git", "remote", "get-url", "origin")), "file://")
	store, end, err := o.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	m := newMachine(t, store, t.TempDir())
	for name, c := range map[string]struct {
		breaks, repairs func()
		want            any
	}{
		"a hook": {
			func() {
				write(t, filepath.Join(bare, "hooks", "pre-receive"), "#!/bin/sh\necho the policy says no >&2\nexit 1\n")
				_ = os.Chmod(filepath.Join(bare, "hooks", "pre-receive"), 0o755)
			},
			func() { _ = os.Remove(filepath.Join(bare, "hooks", "pre-receive")) },
			new(*ledger.RefusedError),
		},
		"gone": {
			func() { _ = os.Rename(bare, bare+".away") },
			func() { _ = os.Rename(bare+".away", bare) },
			new(*ledger.UnreachableError),
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := m.Take(t.Context(), "prod", claim("run "+name, name, "other "+name))
			if err != nil {
				t.Fatal(err)
			}
			c.breaks()
			err = h.Record(t.Context(), results(name)...)
			c.repairs()
			if !errors.As(err, new(*ledger.DeferredError)) || !errors.As(err, c.want) {
				t.Errorf("a record gives %v", err)
			}
			if name == "a hook" && !strings.Contains(err.Error(), "the policy says no") {
				t.Errorf("the remote's own words are not in: %v", err)
			}
			if err := errors.Join(h.Record(t.Context(), results("other "+name)...), h.Release(t.Context())); err != nil {
				t.Fatalf("at the next chance: %v", err)
			}
			s, err := p.ledger().Read(t.Context(), "prod")
			if err != nil || s.Services[name].Baseline == nil || s.Services["other "+name].Baseline == nil || len(s.Locks) > 0 {
				t.Errorf("it is %+v, %v", s, err)
			}
		})
	}
}

// From a shallow clone the ledger is read and written, and the clone stays as deep as it was. What a force-push drops stays
// reachable through the ledger, and can be fetched.
func TestAShallowClone(t *testing.T) {
	p := remotePlace(t, fileRemote)
	work := p.machine().At
	for _, name := range []string{"two", "three"} {
		write(t, filepath.Join(work, name), name)
		run(t, work, "git", "add", "-A")
		run(t, work, "git", "commit", "-q", "-m", name)
	}
	run(t, work, "git", "push", "-q", "origin", "main")
	url := strings.TrimSpace(run(t, work, "git", "remote", "get-url", "origin"))
	clone := filepath.Join(t.TempDir(), "shallow")
	run(t, "", "git", "clone", "-q", "--depth=2", url, clone)
	head := strings.TrimSpace(run(t, clone, "git", "rev-parse", "HEAD"))
	store, end, err := (opener{Kind: "git", At: clone, Remote: "origin"}).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	m := newMachine(t, store, t.TempDir())
	live := results("a")
	live[0].Deploy.Commit = head
	for range 3 {
		if err := m.Set(t.Context(), "prod", live, ""); err != nil {
			t.Fatal(err)
		}
		if err := p.ledger().Set(t.Context(), "prod", results("b"), ""); err != nil {
			t.Fatal(err)
		}
	}
	if depth := strings.TrimSpace(run(t, clone, "git", "rev-list", "--count", "HEAD")); depth != "2" {
		t.Errorf("the clone has %s commits of its branch", depth)
	}
	s, err := p.ledger().Read(t.Context(), "prod")
	if err != nil || len(s.Services) != 2 || s.Change.Serial != 6 {
		t.Fatalf("it is %+v, %v", s, err)
	}
	run(t, work, "git", "push", "-q", "--force", "origin", "HEAD~1:main")
	bare := strings.TrimPrefix(url, "file://")
	run(t, bare, "git", "-c", "gc.reflogExpire=now", "-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now")
	if kind := strings.TrimSpace(run(t, bare, "git", "cat-file", "-t", head)); kind != "commit" {
		t.Errorf("the deployed commit is a %s", kind)
	}
}

// A remote that lacks the history which a shallow clone lacks takes no commit of that clone. It gets every write all the same, and
// from a whole clone the commits too.
func TestAShallowCloneOfAnotherRepository(t *testing.T) {
	for _, engine := range []string{"git", "go-git"} {
		t.Run(engine, func(t *testing.T) {
			origin := repository(t)
			run(t, origin, "git", "commit", "-q", "--allow-empty", "-m", "second")
			head := strings.TrimSpace(run(t, origin, "git", "rev-parse", "HEAD"))
			state := filepath.Join(t.TempDir(), "state.git")
			run(t, "", "git", "init", "-q", "--bare", state)
			live := results("a")
			live[0].Deploy.Commit = head
			for i, depth := range []string{"--depth=1", "--depth=10"} {
				clone := filepath.Join(t.TempDir(), "clone")
				run(t, "", "git", "clone", "-q", depth, "file://"+origin, clone)
				run(t, clone, "git", "remote", "add", "state", "file://"+state)
				store, end, err := (opener{Kind: "git", At: clone, Engine: engine, Remote: "state"}).open(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer end()
				m := newMachine(t, store, t.TempDir())
				for range 2 {
					if err := m.Set(t.Context(), "prod", live, ""); err != nil {
						t.Fatal(err)
					}
				}
				s, err := m.Read(t.Context(), "prod")
				if err != nil || s.Services["a"].Baseline.Commit != head || s.Change.Serial != int64(2*i+2) {
					t.Errorf("%s: it is %+v, %v", depth, s, err)
				}
				cmd := exec.Command("git", "-C", state, "cat-file", "-e", head)
				if kept := cmd.Run() == nil; kept != (depth == "--depth=10") {
					t.Errorf("%s: the deployed commit is kept: %t", depth, kept)
				}
			}
			if log := run(t, state, "git", "rev-list", "--first-parent", "--count", "refs/monoplan/prod"); strings.TrimSpace(log) != "4" {
				t.Errorf("the log has %s writes", log)
			}
		})
	}
}
