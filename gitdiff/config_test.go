package gitdiff_test

import (
	"os"
	"path/filepath"
	"testing"
)

// Nothing that a user may have set changes what differs.
func TestUserConfigurationHasNoEffect(t *testing.T) {
	r := oddRepo(t)
	r.write("textual.txt", "one\n")
	r.write("copy.txt", "a file that is moved, and long enough to be known again\n")
	r.commit("three")
	r.write("textual.txt", "two\n")
	r.git("mv", "copy.txt", "moved.txt")
	r.write(".gitattributes", "*.txt diff=silent\n")
	r.commit("four")
	wantDiff := rawDiff(r, "HEAD~1", "HEAD")
	wantLog := gitLog(r, "HEAD~3", "HEAD")
	wantList := listedLines(r.git("ls-tree", "-r", "-z", "--full-tree", "HEAD"))
	r.write("textual.txt", "three\n")
	r.write("dirty.txt", "untracked\n")
	touched := filepath.Join(r.dir, "a.b")
	if err := os.Chtimes(touched, r.time(), r.time()); err != nil {
		t.Fatal(err)
	}
	wantWorktree := asIfAdded(r, "HEAD~2")

	r.write("../order", "z*\n")
	r.write("../gitconfig", `[core]
	quotePath = true
	pager = false
	abbrev = 4
	fsmonitor = /nowhere/monitor
	attributesFile = ../attributes
[color]
	ui = always
	diff = always
[diff]
	renames = copies
	noprefix = true
	mnemonicPrefix = true
	ignoreSubmodules = all
	submodule = log
	relative = true
	external = /nowhere/differ
	orderFile = `+filepath.Dir(r.dir)+`/order
	autoRefreshIndex = false
	indentHeuristic = true
	algorithm = histogram
	context = 0
	statGraphWidth = 1
	colorMoved = zebra
	wsErrorHighlight = all
[diff "silent"]
	textconv = echo the same
	command = /nowhere/differ
	binary = true
[log]
	showRoot = false
	follow = true
	diffMerges = first-parent
	showSignature = true
	date = relative
	decorate = full
[status]
	showUntrackedFiles = no
	submoduleSummary = true
[submodule "sub"]
	ignore = all
[alias]
	diff = log
	cat-file = log
[pager]
	diff = false
	ls-tree = false
[format]
	pretty = %s
`)
	hostile := r.with(
		"GIT_DIFF_OPTS=-u0", "GIT_EXTERNAL_DIFF=/nowhere/differ", "GIT_PAGER=false", "GIT_LITERAL_PATHSPECS=1",
		"GIT_FLUSH=0", "LC_ALL=de_DE.UTF-8", "LANGUAGE=de", "GIT_PAGER_IN_USE=1",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=diff.renames", "GIT_CONFIG_VALUE_0=true",
	).at("services")
	eachEngine(t, func(t *testing.T, engine string) {
		opened := hostile.open(engine)
		one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
		equalLines(t, "diff", diff(t, opened, one.Tree, two.Tree), wantDiff)
		equalLines(t, "list", list(t, opened.Tree(two.Tree)), wantList)
		equalLines(t, "log", logLines(t, opened, resolve(t, opened, "HEAD~3").ID, two.ID), wantLog)
		lines, _ := worktreeLines(t, hostile, engine, "HEAD~2")
		equalLines(t, "worktree", lines, wantWorktree)
	})
}

// The repository is only read: neither its index nor anything else is written.
func TestNothingIsWritten(t *testing.T) {
	r := oddRepo(t)
	if err := os.Chtimes(filepath.Join(r.dir, "a.b"), r.time(), r.time()); err != nil {
		t.Fatal(err)
	}
	snapshot := func() string {
		var all string
		err := filepath.Walk(filepath.Join(r.dir, ".git"), func(path string, info os.FileInfo, err error) error {
			if err == nil {
				all += path + " " + info.ModTime().String() + "\n"
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := snapshot()
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		one, two := resolve(t, opened, "HEAD~1"), resolve(t, opened, "HEAD")
		diff(t, opened, one.Tree, two.Tree)
		logLines(t, opened, one.ID, two.ID)
		worktreeLines(t, r, engine, "HEAD")
		if after := snapshot(); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
	})
}
