package gitdiff_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
)

// What is not checked out, and was not deleted, in an index that can be read without git and in one that cannot.
func TestAbsent(t *testing.T) {
	for _, form := range []string{"", "--split-index", "--index-version=4"} {
		t.Run(form, func(t *testing.T) {
			r := newRepo(t)
			for _, name := range []string{"kept", "deleted", "left/out", "left/kept", "left/far/out", "left/shadowed"} {
				r.write(name, "1")
			}
			for _, name := range []string{"empty", "full", "gone", "skipped", "unpopulated"} {
				r.git("init", "-q", name)
				r.at(name).write("f", "1")
				r.at(name).commit("first")
			}
			r.git("-c", "advice.addEmbeddedRepo=false", "add", "-A")
			r.commit("one")
			if form != "" {
				r.git(append([]string{"update-index"}, strings.Split(form, "=")...)...)
			}
			r.git("update-index", "--skip-worktree", "left/out", "left/kept", "left/far/out", "left/shadowed", "skipped")
			for _, name := range []string{"deleted", "left/out", "left/far", "gone", "skipped", "empty/f", "empty/.git", "unpopulated/.git"} {
				r.remove(name)
			}
			r.write("untracked", "1")
			var want []string
			for _, name := range []string{"empty", "left/far/out", "left/out", "skipped", "unpopulated"} {
				fields := strings.Fields(r.git("ls-tree", "HEAD", name))
				want = append(want, fmt.Sprintf("%s %s %q", fields[0], fields[2], name))
			}
			eachEngine(t, func(t *testing.T, engine string) {
				if form == "--split-index" && engine == "go-git" {
					return // it says that it cannot read one
				}
				entries, err := r.at("left").open(engine).Absent(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, e := range entries {
					got = append(got, entryLine(e))
				}
				equalLines(t, "absent", got, want)
			})
		})
	}
}

func TestAbsentOfBare(t *testing.T) {
	r := newRepo(t)
	r.commit("one")
	r.git("clone", "-q", "--bare", ".", "../bare.git")
	eachEngine(t, func(t *testing.T, engine string) {
		if _, err := r.at("../bare.git").open(engine).Absent(t.Context()); !errors.Is(err, gitdiff.ErrNoWorktree) {
			t.Error(err)
		}
	})
}
