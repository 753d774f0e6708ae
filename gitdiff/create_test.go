package gitdiff_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
)

func TestCreateAndCommit(t *testing.T) {
	ours, theirs := newRepo(t), newRepo(t)
	ours.remove(".git")
	if err := gitdiff.Create(ours.dir); err != nil {
		t.Fatal(err)
	}
	author := gitdiff.Author{Name: "A", Email: "a@example.com", When: time.Unix(1700000000, 0).UTC()}
	// git makes the same commits, with the same IDs.
	commit := func(message string) {
		t.Helper()
		id, err := gitdiff.CommitAll(ours.dir, message, author)
		if err != nil {
			t.Fatal(err)
		}
		theirs.git("add", "-A", "--force")
		same := theirs.with("GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
		if out, err := same.tryGit(nil, "-c", "user.useConfigOnly=true", "commit", "-q", "--allow-empty", "-m", message, "--date=1700000000 +0000"); err != nil {
			t.Fatal(out, err)
		}
		tree := theirs.git("rev-parse", "HEAD^{tree}")
		if got := ours.git("rev-parse", "HEAD^{tree}"); got != tree || ours.git("rev-parse", "main") != id {
			t.Errorf("%s: commit %s with tree %s, want tree %s", message, id, got, tree)
		}
		if status := ours.git("status", "--porcelain", "--ignored"); status != "" {
			t.Errorf("%s: status %q", message, status)
		}
	}
	for _, r := range []*repo{ours, theirs} {
		r.write("a", "1")
		r.write("a.b", "1")
		r.write("a-dir/x", "1")
		r.write("dir/with space/ü\xff", "1")
		r.write(".gitignore", "ignored\n")
		r.write("ignored", "1")
		r.link("a", "link")
		r.write("run", "#!/bin/sh\n")
		if err := os.Chmod(filepath.Join(r.dir, "run"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(r.dir, "empty/deep"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	commit("one")
	for _, r := range []*repo{ours, theirs} {
		r.remove("a-dir")
		r.remove("a")
		r.write("a/x", "a directory now")
		r.write("dir/with space/ü\xff", "2")
	}
	commit("two")
	commit("nothing")
	for _, r := range []*repo{ours, theirs} {
		entries, err := os.ReadDir(r.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != ".git" {
				r.remove(e.Name())
			}
		}
	}
	commit("the empty tree")

	ours.git("fsck", "--strict", "--no-dangling")
	if log := ours.git("log", "--format=%an <%ae> %at %cn %ct %s"); log != "A <a@example.com> 1700000000 A 1700000000 the empty tree\n"+
		"A <a@example.com> 1700000000 A 1700000000 nothing\nA <a@example.com> 1700000000 A 1700000000 two\nA <a@example.com> 1700000000 A 1700000000 one" {
		t.Error(log)
	}
	eachEngine(t, func(t *testing.T, engine string) {
		opened := ours.open(engine)
		one, two := resolve(t, opened, "HEAD~3").Tree, resolve(t, opened, "HEAD~2").Tree
		equalLines(t, "diff", diff(t, opened, one, two), rawDiff(ours, one, two))
	})
}

// The same files and author give the same commits on every machine.
func TestCommitIsReproducible(t *testing.T) {
	var ids []string
	for range 2 {
		dir := t.TempDir()
		if err := gitdiff.Create(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "f"), []byte("1"), 0o644); err != nil {
			t.Fatal(err)
		}
		id, err := gitdiff.CommitAll(dir, "one", gitdiff.Author{Name: "A", Email: "a@example.com", When: time.Unix(1700000000, 0).UTC()})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if ids[0] != ids[1] || ids[0] == "" {
		t.Error(ids)
	}
	if err := gitdiff.Create(t.TempDir() + "/below/what/is/not/there"); err != nil {
		t.Error(err)
	}
	if _, err := gitdiff.CommitAll(t.TempDir(), "no repository", gitdiff.Author{}); err == nil {
		t.Error("no error")
	}
}
