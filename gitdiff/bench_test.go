package gitdiff_test

import (
	"fmt"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// BenchmarkDiff takes everything from opening a repository to the difference of two of its commits: 20 of 2,000 files.
func BenchmarkDiff(b *testing.B) {
	r := newRepo(b)
	for i := range 2000 {
		r.write(fmt.Sprintf("services/%d/src/handler.py", i), fmt.Sprint(i))
	}
	r.commit("one")
	for i := range 20 {
		r.write(fmt.Sprintf("services/%d/src/handler.py", i*97), "changed")
	}
	r.commit("two")
	r.git("gc", "-q")
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				opened, err := gitdiff.Open(b.Context(), r.dir, r.options(engine))
				if err != nil {
					b.Fatal(err)
				}
				results, err := opened.Resolve(b.Context(), []string{"HEAD~1", "HEAD"})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				pairs := []gitdiff.TreePair{{Old: results[0].Commit.Tree, New: results[1].Commit.Tree}}
				if err := opened.Diff(b.Context(), pairs, func(int, tree.Change) error { n++; return nil }); err != nil || n != 20 {
					b.Fatal(n, err)
				}
				if err := opened.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
