package gitdiff_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
)

// revisionRepo has branches, a merge, tags of every kind, an upstream, and short shas that several objects share.
func revisionRepo(t *testing.T) *repo {
	r := newRepo(t)
	r.write("dir/file", "one")
	r.commit("one")
	r.git("tag", "light")
	r.git("tag", "-a", "-m", "annotated", "noted")
	r.git("tag", "-a", "-m", "tag of a tag", "twice", "noted")
	r.git("tag", "-a", "-m", "of a tree", "treetag", "HEAD^{tree}")
	r.git("tag", "-a", "-m", "of a blob", "blobtag", "HEAD:dir/file")
	for i := range 5 {
		r.write("dir/file", fmt.Sprint("main ", i))
		r.commit(fmt.Sprint("main ", i))
	}
	r.git("checkout", "-q", "-b", "side/branch", "HEAD~2")
	r.write("side", "side")
	r.commit("side")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--no-ff", "-m", "merge", "side/branch")
	r.git("remote", "add", "origin", "../nowhere")
	r.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
	r.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	r.git("branch", "-q", "--set-upstream-to=origin/main", "main")
	r.git("branch", "-q", "--set-upstream-to=main", "side/branch")
	r.git("branch", "both", "HEAD~1")
	r.git("tag", "both", "HEAD~3")
	r.git("branch", "deadbeef", "HEAD~2")
	return r
}

func TestResolve(t *testing.T) {
	r := revisionRepo(t)
	head := r.git("rev-parse", "HEAD")
	revs := []string{
		"HEAD", "@", "main", "heads/main", "refs/heads/main", "light", "noted", "twice", "tags/twice", "twice^{}", "twice^{commit}",
		"twice^{tag}", "twice~0", "noted^0", "HEAD~3", "HEAD~", "HEAD^", "HEAD^2", "HEAD^2~1", "HEAD~1^1", "@~2", "HEAD~0",
		"HEAD^^", "HEAD^{commit}", "HEAD^{object}", head, strings.ToUpper(head), head[:7], head[:9] + "~1", head + "^2",
		"@{u}", "@{upstream}", "main@{u}", "main@{UPSTREAM}~1", "HEAD@{u}", "side/branch@{u}", "@{u}^{commit}", "origin", "origin/main",
		"remotes/origin/HEAD", "both", "heads/both", "deadbeef", "v1-3-g" + head[:8], "ORIG_HEAD",
	}
	question := []string{"rev-parse"}
	for _, rev := range revs {
		question = append(question, rev+"^{commit}", rev+"^{tree}")
	}
	want := strings.Fields(r.git(question...))
	eachEngine(t, func(t *testing.T, engine string) {
		results, err := r.open(engine).Resolve(t.Context(), revs)
		if err != nil {
			t.Fatal(err)
		}
		for i, rev := range revs {
			got, want := results[i], gitdiff.Commit{ID: want[2*i], Tree: want[2*i+1]}
			if got.Err != nil || got.Rev != rev || got.Commit != want {
				t.Errorf("%s: got %+v, want %+v", rev, got, want)
			}
		}
	})
}

func TestRevisionErrors(t *testing.T) {
	r := revisionRepo(t)
	head := r.git("rev-parse", "HEAD")
	blob := r.git("rev-parse", "HEAD:dir/file")
	shared := sharePrefix(t, r)
	missing := strings.Repeat("1234", 10)
	cases := []struct {
		rev  string
		kind gitdiff.RevisionKind
	}{
		{"", gitdiff.UnknownRevision},
		{"nothing", gitdiff.UnknownRevision},
		{"HEAD~100", gitdiff.UnknownRevision},
		{"HEAD^3", gitdiff.UnknownRevision},
		{"HEAD^{", gitdiff.UnknownRevision},
		{"HEAD^{what}", gitdiff.UnknownRevision},
		{"HEAD..main", gitdiff.UnknownRevision},
		{"^HEAD", gitdiff.UnknownRevision},
		{"--all", gitdiff.UnknownRevision},
		{"HEAD\nHEAD", gitdiff.UnknownRevision},
		{"HEAD\x00", gitdiff.UnknownRevision},
		{"HEAD missing", gitdiff.UnknownRevision},
		{"config", gitdiff.UnknownRevision},
		{"../HEAD", gitdiff.UnknownRevision},
		{"12345678", gitdiff.UnknownRevision},
		{"HEAD:nothing", gitdiff.UnknownRevision},
		{"both@{u}", gitdiff.UnknownRevision},
		{"nothing@{u}", gitdiff.UnknownRevision},
		{missing + "~1", gitdiff.UnknownRevision},
		{"treetag", gitdiff.NotCommit},
		{"blobtag", gitdiff.NotCommit},
		{"HEAD^{tree}", gitdiff.NotCommit},
		{"HEAD:", gitdiff.NotCommit},
		{"HEAD:dir", gitdiff.NotCommit},
		{"HEAD:dir/file", gitdiff.NotCommit},
		{"twice:dir/file", gitdiff.NotCommit},
		{blob, gitdiff.NotCommit},
		{blob[:10], gitdiff.NotCommit},
		{shared, gitdiff.AmbiguousRevision},
		{missing, gitdiff.MissingObject},
		{missing + missing[:24], gitdiff.MissingObject},
	}
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		for _, c := range cases {
			// With a good one beside it, which must not be harmed.
			results, err := opened.Resolve(t.Context(), []string{c.rev, "HEAD"})
			if err != nil {
				t.Fatalf("%q: %v", c.rev, err)
			}
			var problem *gitdiff.RevisionError
			if !errors.As(results[0].Err, &problem) || problem.Kind != c.kind || problem.Rev != c.rev {
				t.Errorf("%q: got %+v (%v), want kind %d", c.rev, results[0], results[0].Err, c.kind)
			}
			if results[1].Err != nil || results[1].Commit.ID != head {
				t.Errorf("beside %q: HEAD is %+v", c.rev, results[1])
			}
		}
	})
}

// sharePrefix writes blobs until two share a prefix of their IDs, which it gives.
func sharePrefix(t *testing.T, r *repo) string {
	t.Helper()
	var input strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&input, "blob\ndata <<E\n%d\nE\n", i)
	}
	if out, err := r.tryGit([]byte(input.String()), "fast-import", "--quiet"); err != nil {
		t.Fatal(out, err)
	}
	seen := map[string]int{}
	for line := range strings.Lines(r.git("cat-file", "--batch-all-objects", "--batch-check")) {
		if strings.Contains(line, "commit") || strings.Contains(line, " tag ") {
			seen[line[:5]] = -1 << 20
		}
		if seen[line[:5]]++; seen[line[:5]] == 2 {
			return line[:5]
		}
	}
	t.Fatal("no two objects share a prefix")
	return ""
}

// A commit is meant by a short sha that it shares with blobs alone.
func TestShortShaPrefersCommits(t *testing.T) {
	r := newRepo(t)
	var input strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&input, "blob\ndata <<E\n%d\nE\n", i)
	}
	for i := range 300 {
		fmt.Fprintf(&input, "commit refs/heads/main\ncommitter C <c> %d +0000\ndata 0\n", 1700000000+i)
	}
	if _, err := r.tryGit([]byte(input.String()), "fast-import", "--quiet"); err != nil {
		t.Fatal(err)
	}
	kinds := map[string][]string{}
	ids := map[string]string{}
	for line := range strings.Lines(r.git("cat-file", "--batch-all-objects", "--batch-check")) {
		fields := strings.Fields(line)
		kinds[line[:4]] = append(kinds[line[:4]], fields[1])
		if fields[1] == "commit" {
			ids[line[:4]] = fields[0]
		}
	}
	checked := 0
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		for prefix, id := range ids {
			if len(kinds[prefix]) < 2 || strings.Count(strings.Join(kinds[prefix], " "), "commit") != 1 {
				continue
			}
			checked++
			if got := resolve(t, opened, prefix); got.ID != id {
				t.Errorf("%s: got %s, want %s", prefix, got.ID, id)
			}
		}
	})
	if checked == 0 {
		t.Fatal("no commit shares four digits with a blob")
	}
}

func TestUnsupportedRevisionsSaySo(t *testing.T) {
	r := revisionRepo(t)
	revs := []string{"HEAD@{1}", "@{-1}", "main@{yesterday}", ":/side", "HEAD^{/main 3}", "@{push}", ":dir/file"}
	results, err := r.open("go-git").Resolve(t.Context(), revs)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		var problem *gitdiff.RevisionError
		if !errors.As(result.Err, &problem) || problem.Kind != gitdiff.UnsupportedRevision {
			t.Errorf("%s: %+v", result.Rev, result)
		}
	}
	opened := r.open("git")
	for _, rev := range []string{"HEAD@{1}", ":/side", "HEAD^{/main 3}"} {
		if got, want := resolve(t, opened, rev).ID, r.git("rev-parse", rev); got != want {
			t.Errorf("%s: got %s, want %s", rev, got, want)
		}
	}
}

func TestUnbornHead(t *testing.T) {
	r := newRepo(t)
	eachEngine(t, func(t *testing.T, engine string) {
		results, err := r.open(engine).Resolve(t.Context(), []string{"HEAD", "@", "HEAD~1", "nothing"})
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results {
			if errors.Is(result.Err, gitdiff.ErrNoCommits) != (result.Rev != "nothing") {
				t.Errorf("%s: %v", result.Rev, result.Err)
			}
		}
	})
}

// A date before the reflog begins stands for nothing, though git takes the first entry for it: in a fresh clone that is head.
func TestDatesInTheReflog(t *testing.T) {
	r := newRepo(t)
	r.write("file", "one")
	r.commit("one")
	r.write("file", "two")
	r.commit("two")
	before := r.git("rev-parse", "HEAD~1")
	r.write(".git/logs/HEAD", fmt.Sprintf("%040d %s a <a@example.com> 1600000000 +0000\tone\n%s %s a <a@example.com> 1700000000 +0000\ttwo\n",
		0, before, before, r.git("rev-parse", "HEAD")))
	revs := []string{"HEAD@{2020-01-01}", "HEAD@{2022-01-01 00:00:00}~0", "HEAD@{1}", "HEAD@{one.week.ago}", "HEAD@{1500000000}"}
	results, err := r.open("git").Resolve(t.Context(), revs)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", before, before, r.git("rev-parse", "HEAD"), ""} {
		var problem *gitdiff.RevisionError
		if want == "" {
			if !errors.As(results[i].Err, &problem) || problem.Kind != gitdiff.UnknownRevision || !strings.Contains(problem.Detail, "only goes back to") {
				t.Errorf("%s: %v", revs[i], results[i].Err)
			}
		} else if results[i].Err != nil || results[i].Commit.ID != want {
			t.Errorf("%s: %+v, want %s", revs[i], results[i], want)
		}
	}
}
