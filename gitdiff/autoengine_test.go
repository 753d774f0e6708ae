package gitdiff_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

func TestAuto(t *testing.T) {
	r := oddRepo(t)
	if opened := r.open("auto"); opened.Name() != "auto" || opened.Fallback != nil {
		t.Errorf("%s, %v", opened.Name(), opened.Fallback)
	}
	none := r.with("PATH=" + t.TempDir())
	if opened := none.open("auto"); opened.Name() != "go-git" || !errors.Is(opened.Fallback, gitdiff.ErrNoGit) {
		t.Errorf("%s, %v", opened.Name(), opened.Fallback)
	}
	if _, err := gitdiff.Open(t.Context(), r.dir, none.options("git")); !errors.Is(err, gitdiff.ErrNoGit) {
		t.Error(err)
	}
	if _, err := gitdiff.Open(t.Context(), r.dir, r.options("hg")); err == nil {
		t.Error("an engine that there is not")
	}
}

// Where git could read another repository than the one in process, or none, or other objects, it is git alone that reads.
func TestAutoIsGitAlone(t *testing.T) {
	cases := map[string]func(r *repo) *repo{
		"named by the environment": func(r *repo) *repo { return r.with("GIT_DIR=" + r.dir + "/.git") },
		"a setting of the environment": func(r *repo) *repo {
			return r.with("GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.useReplaceRefs", "GIT_CONFIG_VALUE_0=false")
		},
		"bare": func(r *repo) *repo {
			r.git("clone", "-q", "--bare", ".", "../bare.git")
			return r.at("../bare.git")
		},
		"within the git directory": func(r *repo) *repo { return r.at(".git") },
		"a working tree elsewhere": func(r *repo) *repo {
			r.git("config", "core.worktree", "../..")
			return r.at("..")
		},
		"replaced objects": func(r *repo) *repo {
			r.git("replace", "HEAD", "HEAD~1")
			return r
		},
		"replaced objects, packed": func(r *repo) *repo {
			r.git("replace", "HEAD", "HEAD~1")
			r.git("pack-refs", "--all")
			return r
		},
		"grafts": func(r *repo) *repo {
			r.write(".git/info/grafts", r.git("rev-parse", "HEAD")+"\n")
			return r
		},
		"an extension": func(r *repo) *repo {
			r.git("config", "core.repositoryFormatVersion", "1")
			r.git("config", "extensions.partialClone", "nowhere")
			r.git("config", "extensions.compatObjectFormat", "sha256")
			return r
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := change(oddRepo(t))
			opened, err := gitdiff.Open(t.Context(), r.dir, r.options("auto"))
			if err != nil {
				if _, refused := r.tryGit(nil, "rev-parse", "HEAD"); refused == nil {
					t.Fatal(err)
				}
				return // git does not read it either
			}
			defer opened.Close()
			if opened.Name() != "git" {
				t.Errorf("read by %s", opened.Name())
			}
		})
	}
}

// A .git on the way that is none is where git ends.
func TestAutoAtABrokenDotGit(t *testing.T) {
	r := oddRepo(t)
	r.write("services/posts/.git", "gitdir: nowhere\n")
	within := r.at("services/posts")
	if _, err := within.tryGit(nil, "rev-parse", "HEAD"); err == nil {
		t.Fatal("git reads the repository above")
	}
	if _, err := gitdiff.Open(t.Context(), within.dir, within.options("auto")); err == nil {
		t.Error("read in process, where git refuses")
	}
}

// The variables that make a repository not plain are those that git itself keeps from other repositories.
func TestAutoKnowsGitsVariables(t *testing.T) {
	r := oddRepo(t)
	for name := range strings.Lines(r.git("rev-parse", "--local-env-vars") + "\n") {
		name = strings.TrimSpace(name)
		if opened, err := gitdiff.Open(t.Context(), r.dir, r.with(name+"=0").options("auto")); err == nil {
			if opened.Name() != "git" {
				t.Errorf("with %s it is read by %s", name, opened.Name())
			}
			opened.Close()
		}
	}
}

// What belongs to somebody else git refuses, and it is git that says so.
func TestAutoOfSomebodyElse(t *testing.T) {
	r := oddRepo(t)
	refused := r.with("GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(r.dir, ".git"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		refused = r
	}
	_, err := gitdiff.Open(t.Context(), r.dir, refused.options("auto"))
	var unsafe *gitdiff.UnsafeError
	if !errors.As(err, &unsafe) {
		t.Errorf("%v", err)
	}
	r.write("../gitconfig", "[safe]\n\tdirectory = "+r.dir+"\n")
	checkAnswers(t, refused, "auto", "HEAD~1", "HEAD")
}

// Of an ordinary plan nothing is left for git.
func TestAutoStartsNoGit(t *testing.T) {
	r := oddRepo(t)
	r.git("tag", "-a", "-m", "a tag", "tag")
	r.git("tag", "-a", "-m", "a tag of a tag", "tagged", "tag")
	r.git("branch", "feature/one", "HEAD~1")
	r.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
	r.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	first := r.git("rev-parse", "HEAD~1")
	for _, packed := range []bool{false, true} {
		if packed {
			r.git("gc", "-q")
			r.git("pack-refs", "--all")
		}
		opened := r.fakeGit("echo \"git $*\" >>" + r.dir + "/started; exit 1").open("auto")
		results, err := opened.Resolve(t.Context(), []string{"main", "refs/heads/nothing", "refs/tags/origin/main~1", "refs/heads/nothing^{commit}"})
		if err != nil {
			t.Fatal(err)
		}
		byGit, err := r.open("git").Resolve(t.Context(), []string{"main", "refs/heads/nothing", "refs/tags/origin/main~1", "refs/heads/nothing^{commit}"})
		if err != nil || !reflect.DeepEqual(results, byGit) {
			t.Errorf("%+v, and git says %+v, %v", results, byGit, err)
		}
		for _, rev := range []string{
			"HEAD", "@", "main", "heads/main", "refs/heads/main", "tag", "tagged", "tag~1", "tagged^{commit}~1", "feature/one",
			"origin/main", "origin", first, strings.ToUpper(first), "HEAD~1", "HEAD^", "main^0", "main~0~1",
		} {
			c := resolve(t, opened, rev)
			if want := r.git("rev-parse", rev+"^{commit}"); c.ID != want || c.Tree != r.git("rev-parse", rev+"^{tree}") {
				t.Errorf("%s is %+v, want %s", rev, c, want)
			}
		}
		one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
		equalLines(t, "diff", diff(t, opened, one.Tree, two.Tree), rawDiff(r, "HEAD~1", "HEAD"))
		equalLines(t, "list", list(t, opened.Tree(two.Tree)), listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", "HEAD")))
		equalLines(t, "read", read(t, opened.Tree(two.Tree), "same/one"), []string{"content of same/one"})
		if started, err := os.ReadFile(filepath.Join(r.dir, "started")); err == nil {
			t.Errorf("packed %v: %s", packed, started)
		}
	}
}

// What a revision may mean besides a reference is for git to say.
func TestAutoAsksForRevisions(t *testing.T) {
	r := oddRepo(t)
	r.git("remote", "add", "origin", r.dir)
	r.git("fetch", "-q", "origin")
	r.git("branch", "-q", "--set-upstream-to=origin/main")
	r.git("worktree", "add", "-q", "--detach", "../other", "HEAD~1")
	other := filepath.Base(filepath.Dir(r.git("rev-parse", "--git-path", "worktrees/other/HEAD")))
	r.git("update-ref", "refs/heads/worktrees/"+other+"/HEAD", "HEAD")
	r.git("branch", "description", "HEAD~1") // there is a file of this name
	opened := r.open("auto")
	for _, rev := range []string{
		"@{u}", "main@{upstream}", "HEAD@{0}", "@{1}", ":/two", "HEAD^{/one}", r.git("rev-parse", "--short", "HEAD"),
		"worktrees/" + other + "/HEAD", "main-worktree/HEAD", "description", "refs/tag-1-g" + r.git("rev-parse", "--short", "HEAD~1"), "tag-1-g" + r.git("rev-parse", "--short", "HEAD~1"),
	} {
		if c := resolve(t, opened, rev); c.ID != r.git("rev-parse", rev) {
			t.Errorf("%s is %+v", rev, c)
		}
	}
	var unknown *gitdiff.RevisionError
	results, err := opened.Resolve(t.Context(), []string{"HEAD", "nothing", "HEAD~7", "HEAD:a", "main", strings.Repeat("0", 40)})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if good := i == 0 || i == 4; good != (r.Err == nil) || !good && !errors.As(r.Err, &unknown) || unknown != nil && unknown.Rev == "" {
			t.Errorf("%s: %+v", r.Rev, r)
		}
	}
}

// Git goes on where reading in process ends, and nothing is told twice: here some of the trees and files are in a pack whose index has a
// form that is not read in process.
func TestAutoGoesOnThroughGit(t *testing.T) {
	r := newRepo(t)
	for i := range 40 {
		r.write(fmt.Sprintf("d%02d/f", i), fmt.Sprint(i))
	}
	r.commit("one")
	for i := range 40 {
		r.write(fmt.Sprintf("d%02d/f", i), fmt.Sprint("changed ", i))
	}
	r.commit("two")
	for i := 20; i < 40; i += 3 {
		for _, object := range []string{fmt.Sprintf("HEAD:d%02d", i), fmt.Sprintf("HEAD:d%02d/f", i)} {
			id := r.git("rev-parse", object)
			if _, err := r.tryGit([]byte(id+"\n"), "-c", "pack.indexVersion=1", "pack-objects", "-q", ".git/objects/pack/pack"); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.git("prune-packed")
	opened := r.open("auto")
	one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
	near := r.open("go-git")
	if err := everything(t.Context(), near, one, two)["Diff"]; err == nil {
		t.Fatal("all of it can be read in process")
	}
	want := rawDiff(r, "HEAD~1", "HEAD")
	equalLines(t, "diff", diff(t, opened, one.Tree, two.Tree), want)
	var got [][]string
	pairs := []gitdiff.TreePair{{Old: one.Tree, New: one.Tree}, {Old: one.Tree, New: two.Tree}, {New: one.Tree}, {Old: two.Tree, New: one.Tree}}
	for range pairs {
		got = append(got, nil)
	}
	err := opened.Diff(t.Context(), pairs, func(i int, c tree.Change) error {
		got[i] = append(got[i], c.Path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range 40 {
		all = append(all, fmt.Sprintf("d%02d/f", i))
	}
	for i, wanted := range [][]string{nil, all, all, all} {
		if !slices.Equal(got[i], wanted) {
			t.Errorf("pair %d: %q", i, got[i])
		}
	}
	r.remove(".git/index")
	equalLines(t, "read", read(t, opened.Tree(two.Tree), all...), func() (contents []string) {
		for i := range 40 {
			contents = append(contents, fmt.Sprint("changed ", i))
		}
		return contents
	}())
}

// Without a git that is recent enough it says what it cannot read.
func TestGitTooOld(t *testing.T) {
	r := oddRepo(t)
	old := r.fakeGit(`case "$*" in *--batch-command*) echo "error: unknown option ` + "\\`" + `batch-command'" >&2; exit 129;; esac`)
	if _, err := gitdiff.Open(t.Context(), r.dir, old.options("git")); !errors.Is(err, gitdiff.ErrGitTooOld) {
		t.Error(err)
	}
	checkAnswers(t, old, "auto", "HEAD~1", "HEAD")
	opened := old.open("auto")
	results, err := opened.Resolve(t.Context(), []string{"HEAD@{1}", "HEAD"})
	var problem *gitdiff.RevisionError
	if err != nil || !errors.As(results[0].Err, &problem) || problem.Kind != gitdiff.UnsupportedRevision || results[1].Err != nil {
		t.Errorf("%+v, %v", results, err)
	}
	one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
	for method, err := range everything(t.Context(), opened, one, two) {
		if err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	bare := old.with("GIT_DIR=" + r.dir + "/.git")
	if opened := bare.open("auto"); opened.Name() != "go-git" || !errors.Is(opened.Fallback, gitdiff.ErrGitTooOld) {
		t.Errorf("%s, %v", opened.Name(), opened.Fallback)
	}
	r.git("replace", "HEAD", "HEAD~1")
	_, err = gitdiff.Open(t.Context(), r.dir, old.options("auto"))
	var unsupported *gitdiff.UnsupportedError
	if !errors.Is(err, gitdiff.ErrGitTooOld) || !errors.As(err, &unsupported) {
		t.Errorf("neither engine reads it: %v", err)
	}
}

// A revision that is far away is asked of git where that need not read all the commits on the way.
func TestAutoFarAway(t *testing.T) {
	r := newRepo(t)
	var stream strings.Builder
	for i := range 300 {
		fmt.Fprintf(&stream, "commit refs/heads/main\nmark :%d\ncommitter C <c@example.com> %d +0000\ndata 1\nx", i+1, 1700000000+i)
		if i > 0 {
			fmt.Fprintf(&stream, "\nfrom :%d", i)
		}
		stream.WriteString("\n\n")
	}
	if _, err := r.tryGit([]byte(stream.String()), "fast-import", "--quiet"); err != nil {
		t.Fatal(err)
	}
	logged := r.fakeGit("echo \"$*\" >>" + r.dir + "/started")
	for _, graph := range []bool{false, true} {
		if graph {
			r.git("commit-graph", "write", "--reachable")
		}
		for rev, far := range map[string]bool{"HEAD~3": false, "HEAD~290": true, "main~100^~150": true} {
			r.remove("started")
			if c := resolve(t, logged.open("auto"), rev); c.ID != r.git("rev-parse", rev) {
				t.Errorf("%s is %+v", rev, c)
			}
			if _, err := os.Stat(filepath.Join(r.dir, "started")); (err == nil) != (far && graph) {
				t.Errorf("with a commit-graph %v, git started for %s: %v", graph, rev, err == nil)
			}
		}
	}
}
