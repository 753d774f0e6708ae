package gitdiff_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
)

func openDocuments(t *testing.T, r *repo, engine string) *gitdiff.Documents {
	t.Helper()
	opened, err := gitdiff.Open(t.Context(), r.dir, r.options(engine))
	if err != nil {
		t.Fatal(err)
	}
	d := opened.Documents()
	t.Cleanup(func() { _, _ = d.Close(), opened.Close() })
	return d
}

// What is written is what git reads, directories in git's order, and what is removed is gone.
func TestDocuments(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		r := newRepo(t)
		r.write("file", "x")
		head := r.commit("first")
		d := openDocuments(t, r, engine)
		at := gitdiff.Author{Name: "A <\n> B", Email: "a@example.com", When: time.Unix(1_700_000_000, 0).UTC()}
		files := map[string][]byte{"a.json": []byte("1"), "a/x": []byte("2"), "a/y": []byte("3"), "a0": {}}
		first, tree, err := d.Write(t.Context(), gitdiff.NewDocument{Files: files, Parents: []string{head}, Message: "one", Author: at})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Move(t.Context(), "refs/monoplan/x", "", first); err != nil {
			t.Fatal(err)
		}
		second, _, err := d.Write(t.Context(), gitdiff.NewDocument{
			Base: tree, Files: map[string][]byte{"a/x": nil, "a/y": nil, "b": []byte("4")}, Parents: []string{first, head}, Message: "two", Author: at,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Move(t.Context(), "refs/monoplan/x", first, second); err != nil {
			t.Fatal(err)
		}
		r.git("fsck", "--strict")
		if got, want := r.git("ls-tree", "-r", "--name-only", "refs/monoplan/x~1"), "a.json\na/x\na/y\na0"; got != want {
			t.Errorf("the first has %q", got)
		}
		if got := r.git("ls-tree", "-r", "--name-only", "refs/monoplan/x"); got != "a.json\na0\nb" {
			t.Errorf("the second has %q", got)
		}
		if got := r.git("log", "-1", "--format=%an|%ae|%ct|%s|%P", "refs/monoplan/x"); got != "A  B|a@example.com|1700000000|two|"+first+" "+head {
			t.Errorf("the second is %q", got)
		}
		var moved *gitdiff.RefMovedError
		if err := d.Move(t.Context(), "refs/monoplan/x", first, first); !errors.As(err, &moved) || moved.Now != second {
			t.Errorf("a reference that moved: %v", err)
		}
		r.git("pack-refs", "--all")
		if err := d.Move(t.Context(), "refs/monoplan/x", "", first); !errors.As(err, &moved) {
			t.Errorf("a reference that is packed: %v", err)
		}
		if err := d.Move(t.Context(), "refs/monoplan/x", second, first); err != nil || r.git("rev-parse", "refs/monoplan/x") != first {
			t.Errorf("a reference that is packed was not moved: %v", err)
		}
	})
}

// A lock that a killed monoplan left is removed; one of git's own is not, and is named.
func TestALockThatWasLeft(t *testing.T) {
	r := newRepo(t)
	r.write("file", "x")
	head := r.commit("first")
	d := openDocuments(t, r, "git")
	mark := filepath.Join(r.dir, ".git", "monoplan", "refs%2Fmonoplan%2Fx")
	lock := filepath.Join(r.dir, ".git", "refs", "monoplan", "x.lock")
	r.write(".git/monoplan/refs%2Fmonoplan%2Fx", head+"\n")
	if err := os.MkdirAll(filepath.Dir(lock), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(mark, lock); err != nil {
		t.Fatal(err)
	}
	if err := d.Move(t.Context(), "refs/monoplan/other", "", head); err != nil {
		t.Fatal(err)
	}
	if err := d.Move(t.Context(), "refs/monoplan/x", "", head); err != nil {
		t.Fatalf("the lock of a killed writer, after one of another reference: %v", err)
	}
	r.write(".git/refs/monoplan/x.lock", "")
	var locked *gitdiff.RefLockedError
	if err := d.Move(t.Context(), "refs/monoplan/x", head, head); !errors.As(err, &locked) || !strings.HasSuffix(locked.Path, "x.lock") {
		t.Errorf("somebody else's lock: %v", err)
	}
	if _, err := os.Stat(lock); err != nil {
		t.Errorf("somebody else's lock was removed: %v", err)
	}
}

// A remote that all is pushed to takes a reference by itself too.
func TestPushToMirror(t *testing.T) {
	r := newRepo(t)
	r.write("file", "x")
	head := r.commit("first")
	r.git("init", "-q", "--bare", "../mirror.git")
	r.git("remote", "add", "--mirror=push", "origin", "../mirror.git")
	d := openDocuments(t, r, "git")
	if err := d.Push(t.Context(), "origin", "refs/monoplan/x", "", head); err != nil {
		t.Fatal(err)
	}
	if got := r.git("ls-remote", "origin"); got != head+"\trefs/monoplan/x" {
		t.Errorf("the mirror has %q", got)
	}
}

// No hook of the repository runs for a reference of monoplan's, though git moves some here when it fetches and pushes; those of the remote do.
func TestHooksOfTheRepository(t *testing.T) {
	r := newRepo(t)
	r.write("file", "x")
	head := r.commit("first")
	r.git("init", "-q", "--bare", "../remote.git")
	remote := filepath.Join(filepath.Dir(r.dir), "remote.git")
	r.git("remote", "add", "origin", remote)
	said := filepath.Join(t.TempDir(), "said")
	for dir, hook := range map[string]string{filepath.Join(r.dir, ".git"): "reference-transaction", remote: "pre-receive"} {
		script := "#!/bin/sh\necho " + hook + " >> '" + said + "'\n"
		if err := os.WriteFile(filepath.Join(dir, "hooks", hook), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const ref, mirror = "refs/heads/monoplan/prod", "refs/monoplan-remote/origin/heads/monoplan/prod"
	d := openDocuments(t, r, "git")
	if err := d.Push(t.Context(), "origin", ref, "", head); err != nil {
		t.Fatal(err)
	}
	if tip, err := d.FetchTip(t.Context(), "origin", ref, mirror); err != nil || tip != head {
		t.Fatalf("%q, %v", tip, err)
	}
	if err := os.Remove(filepath.Join(remote, filepath.FromSlash(ref))); err != nil {
		t.Fatal(err)
	}
	if tip, err := d.FetchTip(t.Context(), "origin", ref, mirror); err != nil || tip != "" {
		t.Fatalf("%q, %v", tip, err)
	}
	if got, err := os.ReadFile(said); err != nil || string(got) != "pre-receive\n" {
		t.Errorf("hooks that ran: %q, %v", got, err)
	}
}

// A git that speaks to a remote is told to end, so that it takes its lock files away, and is killed only where it does not.
func TestInterruptedPush(t *testing.T) {
	for _, stubborn := range []string{"", "stubborn"} {
		r := newRepo(t)
		r.write("file", "x")
		head := r.commit("first")
		began, told := filepath.Join(t.TempDir(), "began"), filepath.Join(t.TempDir(), "told")
		script := `trap 'touch "` + told + `"; exit 1' TERM; touch "` + began + `"; while :; do sleep 0.02; done`
		if stubborn != "" {
			script = `trap '' TERM; touch "` + began + `"; while :; do sleep 0.02; done`
		}
		d := openDocuments(t, r.fakeGit(`case "$*" in *push*) `+script+`;; esac`), "git")
		ctx, cancel := context.WithCancelCause(t.Context())
		enough := errors.New("enough")
		go func() {
			for t.Context().Err() == nil {
				if _, err := os.Stat(began); err == nil {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			cancel(enough)
		}()
		if err := d.Push(ctx, "origin", "refs/monoplan/x", "", head); !errors.Is(err, enough) {
			t.Errorf("%s: %v", stubborn, err)
		}
		if _, err := os.Stat(told); (err == nil) != (stubborn == "") {
			t.Errorf("%s: told to end: %v", stubborn, err)
		}
	}
}

// A process that was killed may leave a git that still moves the reference: whoever fetches it next waits for that one.
func TestFetchTipWaitsForALock(t *testing.T) {
	r := newRepo(t)
	r.write("file", "x")
	head := r.commit("first")
	r.git("update-ref", "refs/monoplan/prod", head)
	r.git("clone", "-q", "--bare", ".", "../remote.git")
	r.git("push", "-q", "../remote.git", "refs/monoplan/prod")
	r.git("remote", "add", "origin", filepath.Join(filepath.Dir(r.dir), "remote.git"))
	lock := ".git/refs/monoplan-remote/origin/monoplan/prod.lock"
	r.write(lock, "")
	removed := time.AfterFunc(time.Second, func() { r.remove(lock) })
	defer removed.Stop()
	d := openDocuments(t, r, "git")
	tip, err := d.FetchTip(t.Context(), "origin", "refs/monoplan/prod", "refs/monoplan-remote/origin/monoplan/prod")
	if err != nil || tip != head {
		t.Errorf("%q, %v", tip, err)
	}
}

// A monoplan that was killed while it moved the reference keeps nobody from fetching it.
func TestFetchTipAfterAKilledMove(t *testing.T) {
	r := newRepo(t)
	r.write("file", "x")
	head := r.commit("first")
	r.git("clone", "-q", "--bare", ".", "../remote.git")
	r.git("push", "-q", "../remote.git", "HEAD:refs/monoplan/prod")
	r.git("remote", "add", "origin", filepath.Join(filepath.Dir(r.dir), "remote.git"))
	const as = "refs/monoplan-remote/origin/monoplan/prod"
	mark, lock := filepath.Join(r.dir, ".git", "monoplan", url.PathEscape(as)), filepath.Join(r.dir, ".git", as+".lock")
	for _, path := range []string{mark, lock} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(mark, []byte(head+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(mark, lock); err != nil {
		t.Fatal(err)
	}
	tip, err := openDocuments(t, r, "git").FetchTip(t.Context(), "origin", "refs/monoplan/prod", as)
	if err != nil || tip != head {
		t.Errorf("%q, %v", tip, err)
	}
}

// A reference whose file is damaged is none, though an older one of its name is packed.
func TestTipsOfADamagedReference(t *testing.T) {
	r := newRepo(t)
	r.write("file", "x")
	head := r.commit("first")
	r.git("update-ref", "refs/monoplan/whole", head)
	r.git("update-ref", "refs/monoplan/damaged", head)
	r.git("pack-refs", "--all")
	r.write(".git/refs/monoplan/damaged", "no commit\n")
	d := openDocuments(t, r, "git")
	tips, err := d.Tips(t.Context(), "refs/monoplan/")
	if err != nil || len(tips) != 1 || tips["refs/monoplan/whole"] != head {
		t.Errorf("%v, %v", tips, err)
	}
}
