package history_test

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
)

const sample = `Everything that the format has.

-- commit base --
symlink current v1
submodule vendor/dep a1
branch release
tag v1.0
-- plain.txt --
one
-- dir/run.sh --
#!/bin/sh
-- odd %22%0A%FF name --
two
-- commit side --
exec dir/run.sh
-- commit main from base --
move dir moved
delete current
-- commit merge from main,side --
-- commit alone orphan --
-- other.txt --
three
-- commit last from merge --
noexec moved/run.sh
-- worktree --
delete plain.txt
-- moved/new.txt --
four
-- plan base..worktree --merge-base --
deploy services/a as a type sam own-file services/a/x%20y x3
    path-dependency libs/b/c via libs/a > libs/b
skip services/b
skip services/c not-in-commit
remove services/d
warning does not parse
-- plan none..last --
usage try again
`

func TestBuildMakesTheRepository(t *testing.T) {
	h, err := history.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "repository")
	if err := h.Build(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"ls-tree", "-r", "--name-only", "-z", "base"}, "current\x00dir/run.sh\x00odd \"\n\xff name\x00plain.txt\x00vendor/dep\x00"},
		{[]string{"ls-tree", "side", "dir/run.sh", "current", "vendor/dep"}, "" +
			"120000 blob 28c218c44b49222f91536daf5b4d9871638edc8e\tcurrent\n" +
			"100755 blob 1a2485251c33a70432394c93fb89330ef214bfc9\tdir/run.sh\n" +
			"160000 commit a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\tvendor/dep\n"},
		{[]string{"log", "--format=%s:%P", "--no-abbrev-commit", "-1", "alone"}, "alone:\n"},
		{[]string{"rev-list", "--count", "last"}, "5\n"},
		{[]string{"cat-file", "-t", "v1.0"}, "tag\n"},
		{[]string{"rev-list", "--count", "release...base"}, "0\n"},
		{[]string{"status", "--porcelain"}, " D plain.txt\n?? moved/new.txt\n"},
	} {
		if out := git(t, dir, test.args...); out != test.want {
			t.Errorf("git %v: %q, want %q", test.args, out, test.want)
		}
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), history.Environment()...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

func TestParseReadsPlans(t *testing.T) {
	h, err := history.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := []history.Plan{
		{
			Base: "base", Head: "worktree", Flags: []string{"--merge-base"},
			Warnings: []string{"does not parse"},
			Decisions: []history.Decision{
				{Action: "deploy", Path: "services/a", Name: "a", Type: "sam", Reasons: []history.Reason{
					{Rule: "own-file", File: "services/a/x y", Files: 3},
					{Rule: "path-dependency", File: "libs/b/c", Files: 1, Via: []string{"libs/a", "libs/b"}},
				}},
				{Action: "skip", Path: "services/b", Reasons: []history.Reason{{Rule: "unchanged"}}},
				{Action: "skip", Path: "services/c", Reasons: []history.Reason{{Rule: "not-in-commit"}}},
				{Action: "remove", Path: "services/d", Reasons: []history.Reason{{Rule: "not-in-commit"}}},
			},
		},
		{Base: "none", Head: "last", Flags: []string{}, Errors: []string{"try again"}, Usage: true},
	}
	if !reflect.DeepEqual(h.Plans, want) {
		t.Errorf("got  %+v\nwant %+v", h.Plans, want)
	}
}

func TestFormatIsReadBack(t *testing.T) {
	first, err := history.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	second, err := history.Parse(first.Format())
	if err != nil {
		t.Fatalf("%v in\n%s", err, first.Format())
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("got\n%s\nwant\n%s", second.Format(), first.Format())
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"no comment\n", "no commit"},
		{"-- commit a --\n", "comment"},
		{"x\n-- file --\n", "before the first commit"},
		{"x\n-- commit a b --\n", "want: commit NAME"},
		{"x\n-- commit a --\nremove x\n", `"remove x" is no change of a tree`},
		{"x\n-- commit a --\ndelete a%2\n", "broken escape"},
		{"x\n-- commit a --\n-- worktree --\ntag x\n", "has no refs"},
		{"x\n-- commit a --\n-- plan a --\n", "want: plan BASE..HEAD"},
		{"x\n-- commit a --\n-- plan a..a --\ndeploy s own-file f y3\n", "is not xN"},
		{"x\n-- commit a --\n-- plan a..a --\ndeploy s own-file f via a < b\n", "is not via"},
	} {
		if _, err := history.Parse([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.text, err, test.want)
		}
	}
}

func TestTreesNamesWhatIsNotThere(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"x\n-- commit a --\ndelete b\n", "commit a: delete b: nothing there"},
		{"x\n-- commit a --\n-- commit b --\nmove c d\n", "commit b: move c: nothing there"},
		{"x\n-- commit a from b --\n", "commit a: no commit b"},
		{"x\n-- commit a --\nexec f\n", "exec f: no such file"},
		{"x\n-- commit a --\n-- commit a --\n", "twice"},
	} {
		h, err := history.Parse([]byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Trees(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.text, err, test.want)
		}
	}
}
