package gitdiff_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// checkAnswers asks for everything that an engine can tell of two commits, and compares with git.
func checkAnswers(t *testing.T, r *repo, engine, old, new string) {
	t.Helper()
	opened := r.open(engine)
	a, b := resolve(t, opened, old), resolve(t, opened, new)
	if a.ID != r.git("rev-parse", old+"^{commit}") || b.Tree != r.git("rev-parse", new+"^{tree}") {
		t.Errorf("%s and %s are %v and %v", old, new, a, b)
	}
	equalLines(t, "diff", diff(t, opened, a.Tree, b.Tree), rawDiff(r, old, new))
	equalLines(t, "list", list(t, opened.Tree(b.Tree)), listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", new)))
	entries, err := opened.Tree(b.Tree).Lookup(t.Context(), []string{"same/one"})
	if err != nil || !entries[0].Mode.IsFile() {
		t.Errorf("same/one: %v %v", entries, err)
	}
	equalLines(t, "read", read(t, opened.Tree(b.Tree), "same/one"), []string{"content of same/one"})
}

func TestLayouts(t *testing.T) {
	cases := []struct {
		name string
		make func(t *testing.T) *repo
	}{
		{"loose", func(t *testing.T) *repo { return oddRepo(t) }},
		{"packed", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("tag", "-a", "-m", "packed as well", "packed")
			r.git("gc", "-q")
			r.git("pack-refs", "--all")
			return r
		}},
		{"several packs and loose objects", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("repack", "-q", "-d")
			r.write("later", "1")
			r.commit("later")
			r.git("repack", "-q", "-d")
			r.write("later", "2")
			r.commit("last")
			return r
		}},
		{"commit-graph and multi-pack index", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("repack", "-q", "-d")
			r.git("commit-graph", "write", "--reachable")
			r.git("multi-pack-index", "write")
			return r
		}},
		{"subdirectory", func(t *testing.T) *repo { return oddRepo(t).at("deep/1/2") }},
		{"git directory", func(t *testing.T) *repo { return oddRepo(t).at(".git") }},
		{"bare", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("clone", "-q", "--bare", ".", "../bare.git")
			return r.at("../bare.git")
		}},
		{"clone that borrows objects", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("clone", "-q", "--shared", "--no-checkout", ".", "../borrower")
			r.git("clone", "-q", "--shared", "--no-checkout", "../borrower", "../second borrower")
			return r.at("../second borrower")
		}},
		{"relative alternates", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("clone", "-q", "--shared", "--no-checkout", ".", "../borrower")
			r.write("../borrower/.git/objects/info/alternates", "# a comment\n../../../repo/.git/objects\n")
			return r.at("../borrower")
		}},
		{"linked worktree", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("worktree", "add", "-q", "-b", "linked", "../linked", "HEAD~1")
			linked := r.at("../linked")
			linked.write("same/more", "more")
			linked.git("add", "same/more")
			linked.git("commit", "-q", "-m", "linked")
			return linked
		}},
		{"detached HEAD", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("update-ref", "--no-deref", "HEAD", "HEAD")
			r.git("checkout", "-q", "--detach")
			return r
		}},
		{"submodule", func(t *testing.T) *repo {
			inner, outer := oddRepo(t), newRepo(t)
			outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.dir, "inner")
			outer.commit("a submodule")
			return outer.at("inner")
		}},
		{"separate git directory", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("init", "-q", "--separate-git-dir", "../elsewhere")
			return r
		}},
		{"behind a symbolic link", func(t *testing.T) *repo {
			r := oddRepo(t)
			if err := os.Symlink(r.dir, r.dir+"-link"); err != nil {
				t.Fatal(err)
			}
			return r.at(r.dir + "-link/services")
		}},
		{"settings of a worktree", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("config", "extensions.worktreeConfig", "true")
			r.git("config", "--worktree", "core.worktree", r.dir)
			return r
		}},
		{"index of version 4", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.git("update-index", "--index-version", "4")
			return r
		}},
		{"no index", func(t *testing.T) *repo {
			r := oddRepo(t)
			r.remove(".git/index")
			return r
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.make(t)
			eachEngine(t, func(t *testing.T, engine string) {
				checkPlace(t, r, engine)
				checkAnswers(t, r, engine, "HEAD~1", "HEAD")
				checkAnswers(t, r, engine, "HEAD", "HEAD~1")
			})
		})
	}
}

// checkPlace compares where the parts of a repository are with what git rev-parse says.
func checkPlace(t *testing.T, r *repo, engine string) {
	t.Helper()
	opened := r.open(engine)
	gitDir := r.git("rev-parse", "--absolute-git-dir")
	common := r.git("rev-parse", "--git-common-dir")
	if !filepath.IsAbs(common) {
		common = filepath.Join(r.dir, common)
	}
	if common, err := filepath.EvalSymlinks(common); err != nil || opened.GitDir != gitDir || opened.CommonDir != common {
		t.Errorf("git directory %s, common %s; want %s, %s", opened.GitDir, opened.CommonDir, gitDir, common)
	}
	top, err := r.tryGit(nil, "rev-parse", "--show-toplevel")
	if err != nil {
		top = ""
	}
	if opened.WorkTree != strings.TrimSuffix(top, "\n") {
		t.Errorf("work tree %q, want %q", opened.WorkTree, top)
	}
	prefix := strings.TrimSuffix(r.git("rev-parse", "--show-prefix"), "/")
	if prefix == "" {
		prefix = "."
	}
	if opened.Prefix != prefix {
		t.Errorf("prefix %q, want %q", opened.Prefix, prefix)
	}
	if engine != "auto" && opened.Name() != engine || opened.Shallow || opened.Partial || opened.Fallback != nil {
		t.Errorf("%+v", opened)
	}
}

// What the environment says goes before what is found.
func TestEnvironmentNamesTheRepository(t *testing.T) {
	r := oddRepo(t)
	elsewhere := t.TempDir()
	bare := newRepo(t)
	bare.git("clone", "-q", "--bare", r.dir, "../bare.git")
	eachEngine(t, func(t *testing.T, engine string) {
		explicit := r.with("GIT_DIR="+r.dir+"/.git", "GIT_WORK_TREE="+r.dir).at(elsewhere)
		if opened := explicit.open(engine); opened.WorkTree != r.dir || opened.Prefix != "." {
			t.Errorf("%+v", opened)
		}
		checkAnswers(t, explicit, engine, "HEAD~1", "HEAD")

		relative := r.with("GIT_DIR=../.git", "GIT_WORK_TREE=..").at("services")
		checkPlace(t, relative, engine)
		checkAnswers(t, relative, engine, "HEAD~1", "HEAD")
		equalWorktree(t, relative, engine, "HEAD~1")

		// Without GIT_WORK_TREE the directory itself is the top.
		checkPlace(t, r.with("GIT_DIR="+r.dir+"/.git"), engine)
		checkPlace(t, r.with("GIT_WORK_TREE="+filepath.Join(r.dir, "services")).at("services/posts"), engine)

		ofBare := r.with("GIT_DIR=" + filepath.Join(filepath.Dir(bare.dir), "bare.git"))
		checkAnswers(t, ofBare, engine, "HEAD~1", "HEAD")

		objects := filepath.Join(t.TempDir(), "of any name")
		if err := os.CopyFS(objects, os.DirFS(r.dir+"/.git/objects")); err != nil {
			t.Fatal(err)
		}
		hollow := r.at(t.TempDir())
		if err := os.CopyFS(hollow.dir+"/.git", os.DirFS(r.dir+"/.git")); err != nil {
			t.Fatal(err)
		}
		hollow.remove(".git/objects")
		checkAnswers(t, hollow.with("GIT_OBJECT_DIRECTORY="+objects), engine, "HEAD~1", "HEAD")
		if relative, err := filepath.Rel(hollow.dir, objects); err != nil {
			t.Error(err)
		} else {
			checkAnswers(t, hollow.with("GIT_OBJECT_DIRECTORY="+relative), engine, "HEAD~1", "HEAD")
		}
		if err := os.MkdirAll(hollow.dir+"/.git/objects", 0o755); err != nil {
			t.Fatal(err)
		}
		checkAnswers(t, hollow.with("GIT_ALTERNATE_OBJECT_DIRECTORIES="+t.TempDir()+":"+objects), engine, "HEAD~1", "HEAD")
	})
}

// Git names the git directory of a linked worktree to its hooks, and not its top: what they run in a directory below is in that
// worktree all the same. Elsewhere the current directory is the top, as git has it.
func TestHookOfLinkedWorktree(t *testing.T) {
	r := oddRepo(t)
	r.git("worktree", "add", "-q", "--detach", "../linked")
	top := filepath.Join(filepath.Dir(r.dir), "linked")
	r.at(top).write("services/new", "1")
	gitDir := r.at(top).git("rev-parse", "--absolute-git-dir")
	eachEngine(t, func(t *testing.T, engine string) {
		for _, dir := range []string{".", "services"} {
			hook := r.with("GIT_DIR=" + gitDir).at(filepath.Join(top, dir))
			if opened := hook.open(engine); opened.WorkTree != top || opened.Prefix != dir {
				t.Errorf("%s: %+v", dir, opened)
			}
			got, _ := worktreeLines(t, hook, engine, "HEAD~1")
			equalLines(t, dir, got, asIfAdded(r.at(top), "HEAD~1"))
		}
		elsewhere := r.with("GIT_DIR=" + gitDir).at(t.TempDir())
		checkPlace(t, elsewhere, engine)
	})
}

func TestNotARepository(t *testing.T) {
	r := oddRepo(t)
	r.write("below/.git/HEAD", "no git directory")
	r.write("broken/.git", "gitdir: ../nothing\n")
	plain := r.at(t.TempDir())
	ceiling := r.with("GIT_CEILING_DIRECTORIES=" + r.dir).at("services/posts")
	named := r.with("GIT_DIR=" + plain.dir)
	eachEngine(t, func(t *testing.T, engine string) {
		for name, r := range map[string]*repo{"plain": plain, "ceiling": ceiling, "named": named} {
			if _, err := gitdiff.Open(t.Context(), r.dir, r.options(engine)); !errors.Is(err, gitdiff.ErrNotRepository) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A directory that is called .git and is none leaves the search to go on.
		checkAnswers(t, r.at("below"), engine, "HEAD~1", "HEAD")
		if _, err := gitdiff.Open(t.Context(), filepath.Join(r.dir, "nowhere"), r.options(engine)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a directory that is not there: %v", err)
		}
	})
}

func TestSHA256(t *testing.T) {
	probe := newRepo(t)
	if _, err := probe.tryGit(nil, "init", "-q", "--object-format=sha256", "../probe"); err != nil {
		t.Skip("the installed git makes no sha256 repositories:", err)
	}
	r := oddRepo(t, "--object-format=sha256")
	checkPlace(t, r, "git")
	checkAnswers(t, r, "git", "HEAD~1", "HEAD")
	equalLines(t, "from nothing", diff(t, r.open("git"), "", resolve(t, r.open("git"), "HEAD").Tree),
		rawDiff(r, r.git("hash-object", "-t", "tree", os.DevNull), "HEAD"))
	expectUnsupported(t, r, "sha256")
}

func TestReftable(t *testing.T) {
	probe := newRepo(t)
	if _, err := probe.tryGit(nil, "init", "-q", "--ref-format=reftable", "../probe"); err != nil {
		t.Skip("the installed git makes no reftable repositories:", err)
	}
	r := oddRepo(t, "--ref-format=reftable")
	checkPlace(t, r, "git")
	checkAnswers(t, r, "git", "HEAD~1", "HEAD")
	expectUnsupported(t, r, "reftable")
	checkReplaced(t, r)
}

func TestReplacesObjects(t *testing.T) {
	r := newRepo(t)
	r.commit("one")
	r.commit("two")
	checkReplaced(t, r)
}

// checkReplaced replaces an object, and asks whether any is replaced before and after.
func checkReplaced(t *testing.T, r *repo) {
	t.Helper()
	expect := func(r *repo, want bool) {
		t.Helper()
		if got := r.open("git").ReplacesObjects(); got != want {
			t.Errorf("replaces objects: %v, want %v", got, want)
		}
	}
	expect(r, false)
	r.git("replace", "HEAD", "HEAD~1")
	expect(r, true)
	r.git("pack-refs", "--all")
	expect(r, true)
	r.git("replace", "-d", r.git("rev-parse", "HEAD"))
	expect(r, false)
	expect(r.with("GIT_REPLACE_REF_BASE=refs/elsewhere"), true)
}

// Whatever installed git makes them, a repository that says it is of such a kind is refused.
func TestGoGitRefusesWhatItCannotRead(t *testing.T) {
	for what, change := range map[string]func(*repo){
		"reftable":        func(r *repo) { r.git("config", "extensions.refStorage", "reftable") },
		"newfangled":      func(r *repo) { r.git("config", "extensions.newfangled", "true") },
		"format version":  func(r *repo) { r.git("config", "core.repositoryFormatVersion", "2") },
		"replace refs":    func(r *repo) { r.git("replace", "HEAD", "HEAD~1") },
		"grafts":          func(r *repo) { r.write(".git/info/grafts", r.git("rev-parse", "HEAD")+"\n") },
		"compatobjectfor": func(r *repo) { r.git("config", "extensions.compatObjectFormat", "sha256") },
	} {
		r := newRepo(t)
		r.commit("one")
		r.commit("two")
		change(r)
		expectUnsupported(t, r, what)
	}
	r := oddRepo(t)
	r.git("replace", "HEAD~1", r.git("commit-tree", "-m", "in its place", "HEAD^{tree}"))
	r.git("pack-refs", "--all")
	expectUnsupported(t, r, "replace refs")
	checkAnswers(t, r, "git", "HEAD~1", "HEAD")
	checkAnswers(t, r.with("GIT_NO_REPLACE_OBJECTS=1"), "go-git", "HEAD~1", "HEAD")
}

// A pack whose index go-git cannot read is not damaged.
func TestGoGitRefusesOldPacks(t *testing.T) {
	r := newRepo(t)
	r.write("f", "1")
	r.commit("one")
	r.git("-c", "pack.indexVersion=1", "repack", "-adq")
	_, err := r.open("go-git").Resolve(t.Context(), []string{"HEAD"})
	if unsupported := new(gitdiff.UnsupportedError); !errors.As(err, &unsupported) {
		t.Errorf("%v", err)
	}
}

func expectUnsupported(t *testing.T, r *repo, what string) {
	t.Helper()
	_, err := gitdiff.Open(t.Context(), r.dir, r.options("go-git"))
	var unsupported *gitdiff.UnsupportedError
	if !errors.As(err, &unsupported) || !strings.Contains(err.Error(), what) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestShallow(t *testing.T) {
	origin := oddRepo(t)
	origin.write("third", "3")
	third := origin.commit("three")
	first := origin.git("rev-parse", "HEAD~2")
	origin.git("clone", "-q", "--depth=2", "--no-checkout", "file://"+origin.dir, "../shallow")
	r := origin.at("../shallow")
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		if !opened.Shallow || opened.Partial {
			t.Errorf("%+v", opened)
		}
		checkAnswers(t, r, engine, "HEAD~1", third)
		results, err := opened.Resolve(t.Context(), []string{first, "HEAD~2"})
		if err != nil {
			t.Fatal(err)
		}
		for i, kind := range []gitdiff.RevisionKind{gitdiff.MissingObject, gitdiff.UnknownRevision} {
			var problem *gitdiff.RevisionError
			if !errors.As(results[i].Err, &problem) || problem.Kind != kind {
				t.Errorf("%+v", results[i])
			}
		}
		// Where history is cut, the log has the whole tree.
		orphan := r.git("commit-tree", "-m", "orphan", "HEAD^{tree}")
		equalLines(t, "log", logLines(t, opened, orphan, third), gitLog(r, orphan, third))
		if _, err := opened.MergeBase(t.Context(), third, orphan); !errors.Is(err, gitdiff.ErrNoMergeBase) || !strings.Contains(err.Error(), "shallow") {
			t.Errorf("merge base: %v", err)
		}
	})
}

func TestPartialClone(t *testing.T) {
	origin := oddRepo(t)
	origin.git("config", "uploadpack.allowFilter", "true")
	origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
	clone := func(t *testing.T, name string) *repo {
		origin.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+origin.dir, "../"+name)
		return origin.at("../" + name)
	}
	objects := func(r *repo) string {
		return r.with("GIT_NO_LAZY_FETCH=1").git("count-objects", "-v")
	}
	paths := []string{"same/one", "same/three", "mode"}
	eachEngine(t, func(t *testing.T, engine string) {
		r := clone(t, "partial-"+engine)
		before := objects(r)
		opened := r.open(engine)
		if !opened.Partial {
			t.Error("not partial")
		}
		// Trees are there: everything but contents works, and nothing is fetched for it.
		one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
		equalLines(t, "diff", diff(t, opened, one.Tree, two.Tree), rawDiff(origin, "HEAD~1", "HEAD"))
		reader := opened.Tree(two.Tree)
		equalLines(t, "list", list(t, reader), list(t, origin.open("git").Tree(two.Tree)))
		entries, err := reader.Lookup(t.Context(), paths)
		if err != nil {
			t.Fatal(err)
		}
		err = reader.Read(t.Context(), entries, func(int, []byte) error { return nil })
		var partial *gitdiff.PartialError
		if !errors.As(err, &partial) || partial.Remote != "origin" || engine == "git" && partial.Missing != len(paths) {
			t.Errorf("read: %v", err)
		}
		missing := strings.Repeat("12", 20)
		results, err := opened.Resolve(t.Context(), []string{missing, "HEAD"})
		var problem *gitdiff.RevisionError
		if err != nil || !errors.As(results[0].Err, &problem) || problem.Kind != gitdiff.MissingObject || results[1].Err != nil {
			t.Errorf("a missing commit: %v %v", results, err)
		}
		if after := objects(r); after != before {
			t.Errorf("objects were fetched:\n%s\nbefore:\n%s", after, before)
		}
	})
	t.Run("fetched", func(t *testing.T) {
		r := clone(t, "fetched")
		opened := r.openWithNetwork(t, "git")
		reader := opened.Tree(resolve(t, opened, "HEAD").Tree)
		equalLines(t, "contents", read(t, reader, paths...), read(t, origin.open("git").Tree(reader.ID()), paths...))
		if packs := objects(r); !strings.Contains(packs, "packs: 2") {
			t.Errorf("it was not one fetch:\n%s", packs)
		}
	})
	t.Run("trees missing too", func(t *testing.T) {
		origin.git("clone", "-q", "--filter=tree:0", "--no-checkout", "file://"+origin.dir, "../treeless")
		r := origin.at("../treeless")
		eachEngine(t, func(t *testing.T, engine string) {
			opened := r.open(engine)
			one, two := resolve(t, opened, "HEAD~1").Tree, resolve(t, opened, "HEAD").Tree
			lacks := func(what string, err error) {
				t.Helper()
				var partial *gitdiff.PartialError
				if !errors.As(err, &partial) || partial.Remote != "origin" || partial.Asked || partial.InProcess != (engine == "go-git") {
					t.Errorf("%s of trees that are missing: %v", what, err)
				}
			}
			lacks("a difference", opened.Diff(t.Context(), []gitdiff.TreePair{{Old: one, New: two}}, func(int, tree.Change) error { return nil }))
			lacks("a list", opened.Tree(two).List(t.Context(), func(tree.Entry) error { return nil }))
			_, err := opened.Tree(two).Lookup(t.Context(), []string{"a"})
			lacks("a look", err)
			_, _, err = opened.Worktree(t.Context(), one)
			lacks("a working tree", err)
		})
	})
	for _, filter := range []string{"tree:0", "tree:1"} {
		t.Run("trees fetched, "+filter, func(t *testing.T) {
			name := "../" + strings.ReplaceAll(filter, ":", "-")
			origin.git("clone", "-q", "--filter="+filter, "--no-checkout", "file://"+origin.dir, name)
			r := origin.at(name)
			opened := r.openWithNetwork(t, "git")
			one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
			equalLines(t, "diff", diff(t, opened, one.Tree, two.Tree), rawDiff(origin, "HEAD~1", "HEAD"))
			if packs := objects(r); !strings.Contains(packs, "packs: 2") {
				t.Errorf("it was not one fetch:\n%s", packs)
			}
			equalLines(t, "list", list(t, opened.Tree(two.Tree)), list(t, origin.open("git").Tree(two.Tree)))
			equalLines(t, "contents", read(t, opened.Tree(two.Tree), paths...), read(t, origin.open("git").Tree(two.Tree), paths...))
		})
	}
}
