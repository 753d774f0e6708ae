package gitdiff_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
)

// remoteOf makes a history of five commits and a sixth that was pushed away, and gives the repository, the URL of one
// that serves it, and the commits, latest first.
func remoteOf(t *testing.T) (r *repo, url string, commits []string) {
	t.Helper()
	r = newRepo(t)
	for i := range 5 {
		r.write(fmt.Sprintf("f%d", i), fmt.Sprint(i))
		r.write("changing", strings.Repeat(fmt.Sprint(i), 1000))
		commits = append([]string{r.commit(fmt.Sprint(i))}, commits...)
	}
	r.git("checkout", "-q", "--detach")
	r.write("changing", "on no branch any more")
	commits = append(commits, r.commit("gone"))
	r.git("checkout", "-q", "main")
	for _, setting := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		r.git("config", setting, "true")
	}
	return r, "file://" + r.dir, commits
}

// A baseline that a clone lacks is fetched by its ID; the clone's depth and its configuration stay as they were.
func TestFetchCommits(t *testing.T) {
	r, url, commits := remoteOf(t)
	r.write("../gitconfig", "[protocol \"file\"]\n\tallow = always\n")
	for _, depth := range []string{"", "--depth=2"} {
		eachEngine(t, func(t *testing.T, engine string) {
			clone := r.at(filepath.Join(t.TempDir(), "clone"))
			r.git(append(strings.Fields("clone -q --single-branch "+depth), url, clone.dir)...)
			config, err := os.ReadFile(filepath.Join(clone.dir, ".git/config"))
			if err != nil {
				t.Fatal(err)
			}
			before := clone.git("log", "--format=%H")
			opened := clone.openWithNetwork(t, engine)
			head := resolve(t, opened, "HEAD")
			missing := []string{commits[5]}
			if depth != "" {
				missing = append(missing, commits[3])
			}
			for _, id := range missing {
				if found, err := opened.Resolve(t.Context(), []string{id}); err != nil || found[0].Err == nil {
					t.Fatalf("%s is there already: %v %v", id, found, err)
				}
			}
			if err := opened.FetchCommits(t.Context(), "origin", missing); err != nil {
				t.Fatal(err)
			}
			for _, id := range missing {
				base := resolve(t, opened, id)
				equalLines(t, id, diff(t, opened, base.Tree, head.Tree), rawDiff(r, id, "HEAD"))
				equalLines(t, id, read(t, opened.Tree(base.Tree), "changing"), []string{r.git("cat-file", "blob", id+":changing")})
			}
			if after := clone.git("log", "--format=%H"); after != before {
				t.Errorf("the history was\n%s\nand is\n%s", before, after)
			}
			if is := clone.git("rev-parse", "--is-shallow-repository"); is != fmt.Sprint(depth != "") {
				t.Errorf("shallow: %s", is)
			}
			if now, err := os.ReadFile(filepath.Join(clone.dir, ".git/config")); err != nil || string(now) != string(config) {
				t.Errorf("the configuration is now\n%s\n%v", now, err)
			}
			clone.git("fsck", "--no-dangling")
		})
	}
}

// Files are borrowed from one remote, so what another has comes with its files.
func TestFetchCommitsOfTwoRemotes(t *testing.T) {
	r, url, commits := remoteOf(t)
	r.write("../gitconfig", "[protocol \"file\"]\n\tallow = always\n")
	other := r.at(filepath.Join(t.TempDir(), "other"))
	r.git("clone", "-q", url, other.dir)
	other.write("changing", "in the other alone")
	apart := other.commit("apart")
	for _, setting := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		other.git("config", setting, "true")
	}
	eachEngine(t, func(t *testing.T, engine string) {
		clone := r.at(filepath.Join(t.TempDir(), "clone"))
		r.git("clone", "-q", "--single-branch", url, clone.dir)
		clone.git("remote", "add", "other", "file://"+other.dir)
		opened := clone.openWithNetwork(t, engine)
		for _, from := range []struct{ remote, id string }{{"origin", commits[5]}, {"other", apart}} {
			if err := opened.FetchCommits(t.Context(), from.remote, []string{from.id}); err != nil {
				t.Fatal(err)
			}
		}
		equalLines(t, "origin", read(t, opened.Tree(resolve(t, opened, commits[5]).Tree), "changing"), []string{"on no branch any more"})
		equalLines(t, "other", read(t, opened.Tree(resolve(t, opened, apart).Tree), "changing"), []string{"in the other alone"})
	})
}

// What a partial clone leaves out of a reference is fetched with it, be it that the clone has had its commits before; and no more.
func TestFetchTipOfPartialClone(t *testing.T) {
	r, url, _ := remoteOf(t)
	first := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "--orphan", "documents")
	r.git("rm", "-rqf", ".")
	r.write("a.json", "1")
	r.write("deep/b.json", "2")
	r.git("add", "-A")
	tip := r.git("commit-tree", "-p", first, "-m", "documents", r.git("write-tree"))
	r.git("update-ref", "refs/documents/x", tip)
	for _, filter := range []string{"blob:none", "tree:0"} {
		for _, known := range []bool{false, true} {
			eachEngine(t, func(t *testing.T, engine string) {
				clone := r.at(filepath.Join(t.TempDir(), "clone"))
				r.git("clone", "-q", "--no-checkout", "--branch=main", "--filter="+filter, url, clone.dir)
				if known {
					clone.git("fetch", "-q", "origin", "refs/documents/x:refs/kept")
				}
				d := openDocuments(t, clone, engine)
				found, err := d.FetchTip(t.Context(), "origin", "refs/documents/x", "refs/mine")
				if err != nil || found != tip {
					t.Fatalf("%q, %v", found, err)
				}
				var files []string
				document, err := d.Commit(t.Context(), tip)
				if err == nil {
					err = d.Files(t.Context(), document.Tree, func(path string, data []byte) error {
						files = append(files, path+" "+string(data))
						return nil
					})
				}
				if err != nil {
					t.Fatal(err)
				}
				equalLines(t, "files", files, []string{"a.json 1", "deep/b.json 2"})
				if out := clone.with("GIT_NO_LAZY_FETCH=1").git("rev-list", "--objects", "--no-walk", "--missing=print", "main"); !strings.Contains(out, "?") {
					t.Error("more was fetched than the documents")
				}
			})
		}
	}
}

func TestFetchCommitsFails(t *testing.T) {
	r, url, _ := remoteOf(t)
	r.git("remote", "add", "origin", url)
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		var process *gitdiff.ProcessError
		nowhere := strings.Repeat("12", 20)
		if err := opened.FetchCommits(t.Context(), "origin", []string{nowhere}); !errors.As(err, &process) || !strings.Contains(err.Error(), nowhere) {
			t.Errorf("a commit that the remote lacks: %v", err)
		}
		if err := opened.FetchCommits(t.Context(), "nowhere", []string{nowhere}); !errors.As(err, &process) {
			t.Errorf("no such remote: %v", err)
		}
		if err := opened.FetchCommits(t.Context(), "origin", []string{"main"}); err == nil || errors.As(err, &process) {
			t.Errorf("a branch: %v", err)
		}
	})
}

func TestBranch(t *testing.T) {
	r := newRepo(t)
	r.commit("one")
	for _, branch := range []string{"main", "feature/x"} {
		r.git("checkout", "-q", "-B", branch)
		if got := r.open("git").Branch(); got != branch {
			t.Errorf("%q, want %q", got, branch)
		}
	}
	r.git("checkout", "-q", "--detach")
	if got := r.open("git").Branch(); got != "" {
		t.Errorf("%q on no branch", got)
	}
}
