package gitdiff_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// fakeGit puts a git in front of the real one: a shell script that may end, and else becomes it.
func (r *repo) fakeGit(script string) *repo {
	r.t.Helper()
	dir := r.t.TempDir()
	real := ""
	for _, at := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(at, "git")); err == nil {
			real = filepath.Join(at, "git")
			break
		}
	}
	text := "#!/bin/sh\nreal='" + real + "'\n" + script + "\nexec \"$real\" \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
	return r.with("PATH=" + dir + ":" + os.Getenv("PATH"))
}

func TestUnsafeDirectory(t *testing.T) {
	r := oddRepo(t)
	refused := r.with("GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	_, err := gitdiff.Open(t.Context(), r.dir, refused.options("git"))
	var unsafe *gitdiff.UnsafeError
	if !errors.As(err, &unsafe) || !strings.Contains(unsafe.Words, "detected dubious ownership") || !strings.Contains(unsafe.Words, "safe.directory") {
		t.Errorf("%v", err)
	}
	r.write("../gitconfig", "[safe]\n\tdirectory = "+r.dir+"\n")
	checkAnswers(t, refused, "git", "HEAD~1", "HEAD")
}

func TestUnsafeBareRepository(t *testing.T) {
	r := oddRepo(t)
	r.git("clone", "-q", "--bare", ".", "../bare.git")
	r.write("../gitconfig", "[safe]\n\tbareRepository = explicit\n")
	bare := r.at("../bare.git")
	if _, err := bare.tryGit(nil, "rev-parse", "HEAD"); err == nil {
		t.Skip("the installed git has no safe.bareRepository")
	}
	_, err := gitdiff.Open(t.Context(), bare.dir, bare.options("git"))
	var unsafe *gitdiff.UnsafeError
	if !errors.As(err, &unsafe) || !strings.Contains(unsafe.Words, "bare repository") {
		t.Errorf("%v", err)
	}
}

// everything asks for all that an engine has, and gives the first error.
func everything(ctx context.Context, r *gitdiff.Repository, one, two gitdiff.Commit) map[string]error {
	errs := map[string]error{}
	reader := r.Tree(two.Tree)
	_, errs["Resolve"] = r.Resolve(ctx, []string{"HEAD", "HEAD~1"})
	errs["Diff"] = r.Diff(ctx, []gitdiff.TreePair{{Old: one.Tree, New: two.Tree}}, func(int, tree.Change) error { return nil })
	errs["List"] = reader.List(ctx, func(tree.Entry) error { return nil })
	entries, err := reader.Lookup(ctx, []string{"same/one"})
	errs["Lookup"] = err
	if err == nil {
		errs["Read"] = reader.Read(ctx, entries, func(int, []byte) error { return nil })
	}
	_, errs["MergeBase"] = r.MergeBase(ctx, one.ID, two.ID)
	errs["Log"] = r.Log(ctx, one.ID, two.ID, func(tree.Change) error { return nil })
	_, _, errs["Worktree"] = r.Worktree(ctx, one.Tree)
	return errs
}

// A git that dies half way is an error that has its words, and never a short answer.
func TestGitDies(t *testing.T) {
	r := oddRepo(t)
	for i := range 1000 {
		r.write(fmt.Sprintf("many/file with a name of some length %d", i), "x")
	}
	r.commit("many")
	r.remove(".git/index") // it would be listed without git
	opened := r.open("git")
	one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
	cases := []struct {
		command, method, death string
	}{
		{"diff-tree", "Diff", `"$real" "$@" | head -c 20000; echo broken pipe dream >&2; exit 1`},
		{"diff-tree", "Diff", `"$real" "$@" | head -c 20000; exit 0`},
		{"diff-tree", "Diff", `kill -9 $$`},
		{"ls-tree", "List", `"$real" "$@" | head -c 20000; echo broken pipe dream >&2; exit 1`},
		{"ls-tree", "List", `"$real" "$@" | head -c 20000; exit 0`},
		{"ls-tree", "List", `kill -9 $$`},
		{"merge-base", "MergeBase", `kill -9 $$`},
		{"merge-base", "MergeBase", `exit 1`},
		{"rev-list", "Log", `kill -9 $$`},
		{"diff-index", "Worktree", `"$real" "$@" | head -c 60; exit 0`},
		{"diff-index", "Worktree", `kill -9 $$`},
		{"ls-files", "Worktree", `echo broken pipe dream >&2; exit 128`},
		{"ls-files", "Worktree", `"$real" "$@"; echo "warning: could not open directory 'dream/': broken pipe dream" >&2; exit 0`},
	}
	for _, c := range cases {
		fake := r.fakeGit(`case "$*" in *` + c.command + `*) ` + c.death + `;; esac`)
		opened := fake.open("git")
		err := everything(t.Context(), opened, one, two)[c.method]
		var died *gitdiff.ProcessError
		if c.death == `exit 1` {
			if !errors.Is(err, gitdiff.ErrNoMergeBase) {
				t.Errorf("%v: %v", c, err)
			}
			continue
		}
		if !errors.As(err, &died) || strings.Contains(c.death, "dream") && !strings.Contains(err.Error(), "broken pipe dream") {
			t.Errorf("%v: %v", c, err)
		}
	}
	t.Run("cat-file", func(t *testing.T) {
		// It greets, and dies at the first real question.
		fake := r.fakeGit(`case "$*" in *batch-command*) read ask; read flush; printf '%s\nflush\n' "$ask" | "$real" "$@"; echo gone >&2; exit 3;; esac`)
		opened := fake.open("git")
		for method, err := range everything(t.Context(), opened, one, two) {
			var died *gitdiff.ProcessError
			switch method {
			case "Resolve", "Lookup":
				if !errors.As(err, &died) || !strings.Contains(err.Error(), "gone") {
					t.Errorf("%s: %v", method, err)
				}
			}
		}
	})
	t.Run("and comes back", func(t *testing.T) {
		mark := filepath.Join(t.TempDir(), "died")
		fake := r.fakeGit(`case "$*" in *diff-tree*) if test ! -e '` + mark + `'; then touch '` + mark + `'; exit 1; fi;; esac`)
		opened := fake.open("git")
		pairs := []gitdiff.TreePair{{Old: one.Tree, New: two.Tree}}
		if err := opened.Diff(t.Context(), pairs, func(int, tree.Change) error { return nil }); err == nil {
			t.Error("no error")
		}
		equalLines(t, "diff", diff(t, opened, one.Tree, two.Tree), rawDiff(r, one.Tree, two.Tree))
	})
}

// A git that answers nonsense is an error too.
func TestGitTalksNonsense(t *testing.T) {
	r := oddRepo(t)
	r.remove(".git/index")
	opened := r.open("git")
	one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
	for command, method := range map[string]string{"ls-tree": "List", "rev-list": "Log", "diff-tree": "Diff", "ls-files": "Worktree"} {
		fake := r.fakeGit(`case "$*" in *` + command + `*) echo "what do you mean"; exit 0;; esac`)
		if err := everything(t.Context(), fake.open("git"), one, two)[method]; err == nil {
			t.Errorf("%s: no error", command)
		}
	}
}

func TestCorruptObjects(t *testing.T) {
	cases := []struct {
		name, object string
		methods      []string
	}{
		{"commit", "HEAD", []string{"Resolve"}},
		{"root tree", "HEAD^{tree}", []string{"Diff", "List", "Lookup"}},
		{"subtree", "HEAD:a", []string{"Diff", "List"}},
		{"blob", "HEAD:same/one", []string{"Read"}},
	}
	damages := map[string]func(path string) error{
		"missing":   os.Remove,
		"truncated": func(path string) error { return os.Truncate(path, 20) },
		"empty":     func(path string) error { return os.Truncate(path, 0) },
		"garbage":   func(path string) error { return os.WriteFile(path, []byte("garbage in place of an object"), 0o644) },
	}
	for _, c := range cases {
		for name, damage := range damages {
			t.Run(c.name+" "+name, func(t *testing.T) {
				t.Parallel()
				r := oddRepo(t)
				sound := r.open("git")
				one, two := resolve(t, sound, "HEAD~1"), resolve(t, sound, "HEAD")
				r.remove(".git/index") // else it tells what is in the tree
				id := r.git("rev-parse", c.object)
				path := filepath.Join(r.dir, ".git/objects", id[:2], id[2:])
				if err := os.Chmod(path, 0o644); err != nil {
					t.Fatal(err)
				}
				if err := damage(path); err != nil {
					t.Fatal(err)
				}
				eachEngine(t, func(t *testing.T, engine string) {
					opened := r.open(engine)
					errs := everything(t.Context(), opened, one, two)
					if results, err := opened.Resolve(t.Context(), []string{"HEAD"}); err == nil {
						errs["Resolve"] = results[0].Err
					}
					for _, method := range c.methods {
						if errs[method] == nil {
							t.Errorf("%s: no error", method)
						}
					}
				})
			})
		}
	}
}

func TestCancelled(t *testing.T) {
	r := oddRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the user has had enough")
		cancel(reason)
		for method, err := range everything(ctx, opened, one, two) {
			if method != "Lookup" && method != "Read" && !errors.Is(err, reason) {
				t.Errorf("%s: %v", method, err)
			}
		}
		for method, err := range everything(t.Context(), opened, one, two) {
			if err != nil {
				t.Errorf("%s, after that: %v", method, err)
			}
		}
	})
	r.remove(".git/index")
	for name, hang := range map[string]string{"a git that hangs": "exec sleep 100", "what a script runs hangs": "sleep 100"} {
		t.Run(name, func(t *testing.T) {
			hung := r.fakeGit(`case "$*" in *ls-tree*) ` + hang + `;; esac`)
			opened := hung.open("git")
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := opened.Tree(resolve(t, opened, "HEAD").Tree).List(ctx, func(tree.Entry) error { return nil })
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 30*time.Second {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	}
}

func TestCloseTwice(t *testing.T) {
	r := oddRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		if err := errors.Join(opened.Close(), opened.Close()); err != nil {
			t.Error(err)
		}
	})
}
