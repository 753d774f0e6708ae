package gitdiff_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// logLines lists, sorted, every change of a log.
func logLines(t *testing.T, r *gitdiff.Repository, base, head string) []string {
	t.Helper()
	var lines []string
	err := r.Log(t.Context(), base, head, func(c tree.Change) error {
		lines = append(lines, changeLine(c))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// gitLog is what git log says of the same.
func gitLog(r *repo, base, head string) []string {
	r.t.Helper()
	out := r.git("-c", "log.showRoot=true", "log", "--format=", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", base+".."+head)
	lines := rawLines(strings.TrimLeft(strings.ReplaceAll(out, "\x00\x00", "\x00"), "\x00"))
	slices.Sort(lines)
	return lines
}

// tangle is a history of random commits with up to three parents, some of which have none. Some share their dates; none
// is older than its parents, since git takes dates for the order of history.
func tangle(t *testing.T, seed uint64) (*repo, []string) {
	const commits = 80
	r := newRepo(t)
	random := rand.New(rand.NewPCG(seed, 0))
	var stream bytes.Buffer
	for n := 1; n <= commits; n++ {
		fmt.Fprintf(&stream, "reset refs/heads/c%d\ncommit refs/heads/c%d\nmark :%d\ncommitter C <c> %d +0000\ndata 1\nx\n", n, n, n,
			1700000000+n/5*60)
		parents := random.Perm(min(n-1, 6))
		parents = parents[:min(len(parents), 1+random.IntN(3))]
		if random.IntN(15) == 0 {
			parents = nil
		}
		for i, back := range parents {
			fmt.Fprintf(&stream, "%s :%d\n", []string{"from", "merge", "merge"}[i], n-1-back)
		}
		fmt.Fprintf(&stream, "M 100644 inline f%d\ndata 2\n%02d\n", random.IntN(8), n)
	}
	if _, err := r.tryGit(stream.Bytes(), "fast-import", "--quiet"); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, commits)
	for n := range ids {
		ids[n] = r.git("rev-parse", fmt.Sprint("refs/heads/c", n+1))
	}
	return r, ids
}

func TestMergeBaseAndLog(t *testing.T) {
	r, ids := tangle(t, 7)
	random := rand.New(rand.NewPCG(3, 4))
	type pair struct {
		a, b, base string
		log        []string
	}
	var pairs []pair
	for range 60 {
		p := pair{a: ids[random.IntN(len(ids))], b: ids[random.IntN(len(ids))]}
		out, _ := r.tryGit(nil, "merge-base", p.a, p.b)
		p.base = strings.TrimSpace(out)
		p.log = gitLog(r, p.a, p.b)
		pairs = append(pairs, p)
	}
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		for _, p := range pairs {
			equalLines(t, fmt.Sprintf("log of %s..%s", p.a, p.b), logLines(t, opened, p.a, p.b), p.log)
			base, err := opened.MergeBase(t.Context(), p.a, p.b)
			switch {
			case p.base == "":
				if !errors.Is(err, gitdiff.ErrNoMergeBase) {
					t.Errorf("%s and %s: %v, %v", p.a, p.b, base, err)
				}
			case err != nil || base.ID != p.base || base.Tree != r.git("rev-parse", p.base+"^{tree}"):
				t.Errorf("%s and %s: %v, %v; want %s", p.a, p.b, base, err, p.base)
			}
		}
	})
}

// A change and its revert are both in the log, and in no difference.
func TestLogHasReverts(t *testing.T) {
	r := newRepo(t)
	r.write("f", "1")
	first := r.commit("first")
	r.write("f", "2")
	r.commit("change")
	r.git("revert", "--no-edit", "HEAD")
	head := r.git("rev-parse", "HEAD")
	eachEngine(t, func(t *testing.T, engine string) {
		opened := r.open(engine)
		if lines := logLines(t, opened, first, head); len(lines) != 2 {
			t.Errorf("%q", lines)
		}
		equalLines(t, "difference", diff(t, opened, resolve(t, opened, first).Tree, resolve(t, opened, head).Tree), nil)
		equalLines(t, "nothing", logLines(t, opened, head, head), nil)
		equalLines(t, "backwards", logLines(t, opened, head, first), nil)
	})
}
