package gitdiff_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// worktreeLines lists how the working tree differs from a revision, without IDs of the new side: some differ only in
// whether they are known.
func worktreeLines(t *testing.T, r *repo, engine, rev string) ([]string, tree.Reader) {
	t.Helper()
	opened := r.open(engine)
	reader, changes, err := opened.Worktree(t.Context(), resolve(t, opened, rev).Tree)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%06o %06o %s %q", c.OldMode, c.NewMode, c.OldID, c.Path))
	}
	return lines, reader
}

// asIfAdded is what git says of the difference once everything that it does not ignore is added to an index.
func asIfAdded(r *repo, rev string) []string {
	r.t.Helper()
	index := filepath.Join(r.t.TempDir(), "index")
	if data, err := os.ReadFile(filepath.Join(r.git("rev-parse", "--absolute-git-dir"), "index")); err == nil {
		if err := os.WriteFile(index, data, 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	added := r.with("GIT_INDEX_FILE=" + index)
	added.git("-c", "advice.addEmbeddedRepo=false", "add", "-A", ":/")
	var lines []string
	for _, line := range rawLines(added.git("diff", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none", "--no-relative", rev)) {
		fields := strings.SplitN(line, " ", 5)
		lines = append(lines, strings.Join([]string{fields[0], fields[1], fields[2], fields[4]}, " "))
	}
	return lines
}

// equalWorktree compares an engine with git, in what differs and in what the reader shows.
func equalWorktree(t *testing.T, r *repo, engine, rev string) {
	t.Helper()
	want := asIfAdded(r, rev)
	got, reader := worktreeLines(t, r, engine, rev)
	equalLines(t, "worktree against "+rev, got, want)
	if reader.ID() != "" {
		t.Errorf("the reader says that it is %s", reader.ID())
	}
	var paths []string
	var entries []tree.Entry
	err := reader.List(t.Context(), func(e tree.Entry) error {
		paths = append(paths, e.Path)
		if e.Mode != tree.Submodule {
			entries = append(entries, e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(paths) {
		t.Errorf("not sorted: %q", paths)
	}
	looked, err := reader.Lookup(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range looked {
		if !e.Exists() || e.Path != paths[i] {
			t.Errorf("%q is listed, and looked up as %v", paths[i], e)
		}
	}
	top := r.git("rev-parse", "--show-toplevel")
	err = reader.Read(t.Context(), entries, func(i int, data []byte) error {
		path := filepath.Join(top, entries[i].Path)
		want, err := os.ReadFile(path)
		if target, isLink := os.Readlink(path); isLink == nil {
			want, err = []byte(target), nil
		}
		if err != nil || string(want) != string(data) {
			t.Errorf("%q: read %q, the disk has %q (%v)", entries[i].Path, data, want, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWorktree(t *testing.T) {
	chmod := func(t *testing.T, r *repo, path string, mode os.FileMode) {
		if err := os.Chmod(filepath.Join(r.dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	base := func(t *testing.T) *repo {
		r := newRepo(t)
		for _, path := range []string{"kept", "dir/kept", "dir/other", "gone/1", "gone/2", "mode", "with space/\"x\"\ny", "bytes\xff/\xfe", "z"} {
			r.write(path, "content of "+path+"\n")
		}
		r.link("kept", "link")
		r.commit("one")
		r.write("kept", "second content\n")
		r.commit("two")
		return r
	}
	cases := []struct {
		name   string
		change func(t *testing.T, r *repo)
	}{
		{"clean", func(*testing.T, *repo) {}},
		{"modified", func(t *testing.T, r *repo) { r.write("kept", "changed\n"); r.write("bytes\xff/\xfe", "changed") }},
		{"staged", func(t *testing.T, r *repo) { r.write("kept", "changed\n"); r.git("add", "kept") }},
		{"staged, and changed back", func(t *testing.T, r *repo) {
			r.write("kept", "changed\n")
			r.git("add", "kept")
			r.write("kept", "second content\n")
		}},
		{"as it was before", func(t *testing.T, r *repo) { r.write("kept", "content of kept\n") }},
		{"touched", func(t *testing.T, r *repo) {
			if err := os.Chtimes(filepath.Join(r.dir, "kept"), time.Now(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}},
		{"same size and time", func(t *testing.T, r *repo) {
			path := filepath.Join(r.dir, "kept")
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			// Only the time of the file's inode tells, of which git by default compares the seconds (Makefile, USE_NSEC).
			time.Sleep(1100 * time.Millisecond)
			r.write("kept", "SECOND content\n")
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		}},
		{"deleted", func(t *testing.T, r *repo) { r.remove("kept"); r.remove("gone") }},
		{"deleted from the index", func(t *testing.T, r *repo) { r.git("rm", "-q", "-r", "gone") }},
		{"untracked", func(t *testing.T, r *repo) {
			r.write("new", "n")
			r.write("new dir/\xff/deep", "n")
			r.write("dir/new\nline", "n")
			r.link("/outside", "new link")
		}},
		{"empty directories", func(t *testing.T, r *repo) {
			if err := os.MkdirAll(filepath.Join(r.dir, "empty/deep"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"mode", func(t *testing.T, r *repo) { chmod(t, r, "mode", 0o755) }},
		{"mode where it counts not", func(t *testing.T, r *repo) { r.git("config", "core.fileMode", "false"); chmod(t, r, "mode", 0o755) }},
		{"link retargeted", func(t *testing.T, r *repo) { r.link("dir", "link") }},
		{"link to file", func(t *testing.T, r *repo) { r.remove("link"); r.write("link", "kept") }},
		{"file to link", func(t *testing.T, r *repo) { r.link("dir", "kept") }},
		{"file to directory", func(t *testing.T, r *repo) { r.remove("kept"); r.write("kept/inside", "x") }},
		{"directory to file", func(t *testing.T, r *repo) { r.remove("gone"); r.write("gone", "x") }},
		{"directory to link", func(t *testing.T, r *repo) { r.remove("gone"); r.link("dir", "gone") }},
		{"directory to link out", func(t *testing.T, r *repo) {
			r.remove("gone")
			r.write("../outside/1", "outside")
			r.link("../outside", "gone")
		}},
		{"intent to add", func(t *testing.T, r *repo) {
			r.write("intended", "x")
			r.write("empty", "")
			r.git("add", "-N", "intended", "empty")
		}},
		{"ignored", func(t *testing.T, r *repo) {
			r.write(".gitignore", "*.log\n/build/\n!keep.log\ndir/*\n!dir/sub\ngone\nfoo/bar\ntrailing \\ \n\\#hash\n")
			for _, path := range []string{"a.log", "keep.log", "build/x", "deep/build/x", "dir/new", "dir/sub/x", "gone/new", "foo/bar/x",
				"deep/foo/bar/x", "#hash", "trailing  ", "build.txt"} {
				r.write(path, "x")
			}
			r.write("deep/.gitignore", "!a.log\n/anchored\nname/\nsome/where\n*.tmp\n")
			r.write("deep/er/.gitignore", "!*.tmp\n")
			for _, path := range []string{"deep/a.log", "deep/b.log", "deep/anchored", "deep/er/anchored", "deep/er/name/x", "deep/name", "deep/some/where",
				"deep/er/some/where", "deep/x.tmp", "deep/er/x.tmp", "anchored", "x.tmp"} {
				r.write(path, "x")
			}
			r.write("od[d]*/.gitignore", "hidden\r\n")
			r.write("od[d]*/hidden", "x")
			r.write("odd/hidden", "x")
		}},
		{"ignored elsewhere", func(t *testing.T, r *repo) {
			r.write(".git/info/exclude", "*.excluded\nboth\nbuild\n")
			r.write("../.config/git/ignore", "*.mine\n")
			r.write(".gitignore", "!both\n!build\n")
			for _, path := range []string{"a.excluded", "both", "a.mine", "deep/a.mine", "build/x", "deep/.gitignore"} {
				r.write(path, "x")
			}
		}},
		{"excludes file", func(t *testing.T, r *repo) {
			r.write("../gitconfig", "[core]\n\texcludesFile = ~/my ignores\n")
			r.write("../my ignores", "*.mine\n")
			r.write("a.mine", "x")
			r.write("b", "x")
		}},
		{"line ends", func(t *testing.T, r *repo) {
			r.git("config", "core.autocrlf", "true")
			r.write("z", "content of z\r\n")
		}},
		{"line ends that an attribute keeps", func(t *testing.T, r *repo) {
			r.write(".gitattributes", "z -text\n")
			r.git("add", ".gitattributes")
			r.git("config", "core.autocrlf", "true")
			r.write("z", "content of z\r\n")
		}},
		{"line ends of what is no text", func(t *testing.T, r *repo) {
			r.write("z", "content\x00 of z\n")
			r.git("add", "z")
			r.git("config", "core.autocrlf", "true")
			r.write("z", "content\x00 of z\r\n")
		}},
		{"links as files", func(t *testing.T, r *repo) {
			r.git("config", "core.symlinks", "false")
			for _, name := range []string{"link", "touched link", "new link"} {
				r.link("kept", name)
				r.git("add", name)
				r.remove(name)
			}
			r.git("commit", "-q", "-m", "links")
			r.git("checkout", "-q", ".")
			r.write("new link", "z")
			if err := os.Chtimes(filepath.Join(r.dir, "touched link"), time.Now(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}},
		{"other index", func(t *testing.T, r *repo) { r.git("update-index", "--index-version", "4"); r.write("kept", "x") }},
		{"submodules", func(t *testing.T, r *repo) {
			inner := r.at("inner")
			r.git("init", "-q", "inner")
			inner.write("f", "1")
			first := inner.commit("first")
			inner.write("f", "2")
			inner.commit("second")
			r.git("-c", "advice.addEmbeddedRepo=false", "add", "inner")
			r.git("commit", "-q", "-m", "with a submodule")
			inner.git("checkout", "-q", first)
		}},
		{"repository inside", func(t *testing.T, r *repo) {
			r.git("init", "-q", "inner")
			inner := r.at("inner")
			inner.write("f", "1")
			inner.commit("first")
		}},
		{"skipped in a sparse checkout", func(t *testing.T, r *repo) {
			r.git("update-index", "--skip-worktree", "gone/1", "gone/2")
			r.remove("gone")
		}},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := base(t)
			c.change(t, r)
			if i%2 == 0 {
				r = r.at("dir") // from where one stands must make no difference
			}
			eachEngine(t, func(t *testing.T, engine string) {
				if c.name == "skipped in a sparse checkout" {
					// To add is not what one does with those: the difference has none of them.
					lines, _ := worktreeLines(t, r, engine, "HEAD")
					equalLines(t, "worktree", lines, nil)
					return
				}
				if c.name == "line ends" {
					// What the disk has differs from what is read by its line ends alone.
					lines, reader := worktreeLines(t, r, engine, "HEAD")
					equalLines(t, "worktree", lines, nil)
					equalLines(t, "content", read(t, reader, "z"), []string{"content of z\n"})
					return
				}
				equalWorktree(t, r, engine, "HEAD")
				equalWorktree(t, r, engine, "HEAD~1")
			})
		})
	}
}

// A file that was taken out of the index and left where it was is not deleted: what the disk has counts.
func TestWorktreeUntrackedAgain(t *testing.T) {
	r := newRepo(t)
	r.write("f", "1")
	r.write("g", "1")
	r.commit("one")
	r.git("rm", "-q", "--cached", "f")
	modified := func(path string) string {
		return fmt.Sprintf("100644 100644 %s %q", r.git("rev-parse", "HEAD:"+path), path)
	}
	eachEngine(t, func(t *testing.T, engine string) {
		lines, reader := worktreeLines(t, r, engine, "HEAD")
		equalLines(t, "worktree", lines, nil)
		equalLines(t, "content", read(t, reader, "f"), []string{"1"})
	})
	r.write("f", "2")
	eachEngine(t, func(t *testing.T, engine string) {
		lines, reader := worktreeLines(t, r, engine, "HEAD")
		equalLines(t, "worktree", lines, []string{modified("f")})
		equalLines(t, "content", read(t, reader, "f"), []string{"2"})
	})
	r.remove(".git/index")
	eachEngine(t, func(t *testing.T, engine string) {
		lines, _ := worktreeLines(t, r, engine, "HEAD")
		equalLines(t, "without an index", lines, []string{modified("f")})
	})
}

// What git is told not to look at is what the disk has, all the same: in an index that can be read without git, and in
// one that cannot. What a sparse checkout leaves out is unchanged.
func TestWorktreeHidden(t *testing.T) {
	for _, form := range []string{"", "--split-index", "--index-version=4"} {
		t.Run(form, func(t *testing.T) {
			r := newRepo(t)
			for _, name := range []string{"assumed", "skipped", "both", "same", "deleted", "left-out", "far/left/out", "dir/x", "plain"} {
				r.write(name, "1")
			}
			r.commit("one")
			if form != "" {
				r.git(append([]string{"update-index"}, strings.Split(form, "=")...)...)
			}
			r.git("update-index", "--assume-unchanged", "assumed", "both", "same", "deleted", "dir/x")
			r.git("update-index", "--skip-worktree", "skipped", "both", "left-out", "far/left/out")
			for _, name := range []string{"assumed", "skipped", "both", "dir/x"} {
				r.write(name, "2")
			}
			r.write("same", "1")
			for _, name := range []string{"deleted", "left-out", "far"} {
				r.remove(name)
			}
			id := r.git("rev-parse", "HEAD:same")
			line := func(mode, name string) string { return fmt.Sprintf("100644 %s %s %q", mode, id, name) }
			eachEngine(t, func(t *testing.T, engine string) {
				if form == "--split-index" && engine == "go-git" {
					return // it says that it cannot read one
				}
				lines, reader := worktreeLines(t, r.at("dir"), engine, "HEAD")
				equalLines(t, "worktree", lines, []string{
					line("100644", "assumed"), line("100644", "both"), line("000000", "deleted"), line("100644", "dir/x"), line("100644", "skipped"),
				})
				equalLines(t, "content", read(t, reader, "assumed", "same"), []string{"2", "1"})
			})
		})
	}
}

func TestWorktreeConflict(t *testing.T) {
	r := newRepo(t)
	r.write("f", "1")
	r.write("deleted", "1")
	r.commit("one")
	r.git("checkout", "-q", "-b", "side")
	r.write("f", "side")
	r.remove("deleted")
	r.commit("side")
	r.git("checkout", "-q", "main")
	r.write("f", "main")
	r.write("deleted", "changed")
	r.commit("main")
	if out, err := r.tryGit(nil, "merge", "-q", "side"); err == nil {
		t.Fatal("no conflict:", out)
	}
	eachEngine(t, func(t *testing.T, engine string) {
		lines, reader := worktreeLines(t, r, engine, "HEAD")
		equalLines(t, "worktree", lines, []string{
			fmt.Sprintf("100644 100644 %s %q", r.git("rev-parse", "HEAD:f"), "f"),
		})
		if text := read(t, reader, "f")[0]; !strings.Contains(text, "<<<<<<<") {
			t.Errorf("f is %q", text)
		}
	})
}

func TestWorktreeDirectories(t *testing.T) {
	r := newRepo(t)
	for _, path := range []string{"gone/deep/f", "half/f", "half/g", "whole/f"} {
		r.write(path, path)
	}
	r.commit("one")
	r.remove("gone/deep/f")
	r.remove("half/f")
	r.write("new/deep/f", "new")
	eachEngine(t, func(t *testing.T, engine string) {
		_, reader := worktreeLines(t, r, engine, "HEAD")
		found, err := reader.Lookup(t.Context(), []string{"gone", "gone/deep", "half", "whole", "new", "new/deep", "half/f", "half/g", "."})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range found {
			got = append(got, fmt.Sprintf("%06o %s", e.Mode, e.Path))
		}
		equalLines(t, "lookup", got, []string{"000000 gone", "000000 gone/deep", "040000 half", "040000 whole", "040000 new", "040000 new/deep",
			"000000 half/f", "100644 half/g", "040000 ."})
		if whole, half := found[3], found[2]; whole.ID == "" || half.ID != "" {
			t.Errorf("whole is %v, half is %v", whole, half)
		}
	})
}

func TestWorktreeOfBare(t *testing.T) {
	r := newRepo(t)
	r.write("f", "1")
	r.commit("one")
	r.git("clone", "-q", "--bare", ".", "../bare.git")
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.at("../bare.git").open(engine)
		if _, _, err := opened.Worktree(t.Context(), resolve(t, opened, "HEAD").Tree); !errors.Is(err, gitdiff.ErrNoWorktree) {
			t.Error(err)
		}
	})
}

// What is behind a link that leads out is never read, even if the disk changes after the look at it.
func TestWorktreeReadsNothingOutside(t *testing.T) {
	r := newRepo(t)
	r.write("dir/f", "1")
	r.commit("one")
	r.write("dir/f", "changed")
	r.write("../secrets/f", "secret")
	eachEngine(t, func(t *testing.T, engine string) {
		r.remove("dir")
		r.write("dir/f", "changed")
		_, reader := worktreeLines(t, r, engine, "HEAD")
		r.remove("dir")
		r.link("../secrets", "dir")
		entries, err := reader.Lookup(t.Context(), []string{"dir/f"})
		if err != nil {
			t.Fatal(err)
		}
		err = reader.Read(t.Context(), entries, func(_ int, data []byte) error {
			t.Errorf("read %q", data)
			return nil
		})
		if err == nil {
			t.Error("no error")
		}
	})
}

// An ignore file that is not checked out holds where the index has it.
func TestWorktreeIgnoredBySkipped(t *testing.T) {
	r := newRepo(t)
	r.write("deep/.gitignore", "*.log\n")
	r.write("deep/kept", "1")
	r.commit("one")
	r.git("update-index", "--skip-worktree", "deep/.gitignore")
	r.remove("deep/.gitignore")
	for _, name := range []string{"a.log", "deep/a.log", "deep/er/a.log", "deep/b"} {
		r.write(name, "1")
	}
	eachEngine(t, func(t *testing.T, engine string) {
		lines, _ := worktreeLines(t, r, engine, "HEAD")
		equalLines(t, "worktree", lines, asIfAdded(r, "HEAD"))
	})
}

// A submodule that git is told not to look at is looked at all the same.
func TestHiddenSubmodules(t *testing.T) {
	for _, flag := range []string{"--assume-unchanged", "--skip-worktree"} {
		t.Run(flag, func(t *testing.T) {
			r := newRepo(t)
			for _, name := range []string{"same", "other", "edited", "unpopulated", "removed"} {
				r.git("init", "-q", name)
				r.at(name).write("f", "1")
				r.at(name).commit("first")
				r.at(name).write("f", "2")
				r.at(name).commit("second")
			}
			r.git("-c", "advice.addEmbeddedRepo=false", "add", "-A")
			r.commit("with submodules")
			want := func(name, mode string) string {
				return fmt.Sprintf("160000 %s %s %q", mode, r.git("rev-parse", "HEAD:"+name), name)
			}
			r.git("update-index", flag, "same", "other", "edited", "unpopulated", "removed")
			r.at("other").git("checkout", "-q", "HEAD~1")
			r.at("edited").write("f", "3")
			r.remove("unpopulated/.git")
			r.remove("removed")
			lines := []string{want("edited", "160000"), want("other", "160000")}
			if flag == "--assume-unchanged" {
				lines = append(lines, want("removed", "000000"))
			}
			eachEngine(t, func(t *testing.T, engine string) {
				got, reader := worktreeLines(t, r, engine, "HEAD")
				equalLines(t, "worktree", got, lines)
				entries, err := reader.Lookup(t.Context(), []string{"other"})
				if err != nil || entries[0].ID != r.at("other").git("rev-parse", "HEAD") {
					t.Errorf("%v, %v", entries, err)
				}
			})
		})
	}
}

// A submodule differs by what was done in it and not committed there, as git status says.
func TestDirtySubmodules(t *testing.T) {
	for name, change := range map[string]func(inner *repo){
		"clean":     func(inner *repo) { inner.write("f", "1") },
		"edited":    func(inner *repo) { inner.write("f", "2") },
		"deleted":   func(inner *repo) { inner.remove("f") },
		"staged":    func(inner *repo) { inner.write("g", "1"); inner.git("add", "g") },
		"untracked": func(inner *repo) { inner.write("deep/g", "1") },
		"ignored":   func(inner *repo) { inner.write("g.log", "1") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			r.git("init", "-q", "inner")
			inner := r.at("inner")
			inner.write("f", "1")
			inner.write(".gitignore", "*.log\n")
			inner.commit("first")
			r.write("own", "1")
			r.git("-c", "advice.addEmbeddedRepo=false", "add", "inner")
			r.commit("with a submodule")
			change(inner)
			var want []string
			if r.git("status", "--porcelain") != "" {
				want = []string{fmt.Sprintf("160000 160000 %s %q", inner.git("rev-parse", "HEAD"), "inner")}
			}
			if isClean := name == "clean" || name == "ignored"; isClean != (want == nil) {
				t.Fatalf("git says %q", want)
			}
			eachEngine(t, func(t *testing.T, engine string) {
				got, _ := worktreeLines(t, r.with("GIT_DIR="+filepath.Join(r.dir, ".git"), "GIT_WORK_TREE="+r.dir), engine, "HEAD")
				equalLines(t, "worktree", got, want)
			})
		})
	}
}
