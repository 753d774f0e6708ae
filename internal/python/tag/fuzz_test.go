package tag_test

import (
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/tag"
)

func FuzzParseWheel(f *testing.F) {
	for _, seed := range []string{
		"a-1-py3-none-any.whl", "A.b_c-1!2.0rc1+x.1-02b-py2.py3-none-manylinux1_x86_64.manylinux_2_17_x86_64.whl", "a--py3-none-any.whl", strings.Repeat("a.", 50) + "-1-py3-none-any.whl",
	} {
		f.Add(seed)
	}
	ranking := tag.NewRanking(tag.CPython(12, tag.Manylinux(34, "x86_64")))
	f.Fuzz(func(t *testing.T, file string) {
		w, err := tag.ParseWheel(file)
		if err != nil {
			return
		}
		if w.Name == "" || len(w.Tags) == 0 || !strings.HasSuffix(file, ".whl") {
			t.Errorf("%q: %+v", file, w)
		}
		if rank, fits := ranking.Rank(w); fits && ranking.Compare(w, w) != 0 {
			t.Errorf("%q at %d is not as good as itself", file, rank)
		}
		for _, one := range w.Tags {
			name := "a-1-" + one.String() + ".whl"
			if again, err := tag.ParseWheel(name); err != nil || len(again.Tags) != 1 || again.Tags[0] != one {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}
