package workspace

import (
	"slices"
	"testing"

	"github.com/monoplan/monoplan/internal/tree"
)

func TestResolve(t *testing.T) {
	r := files{
		"services/a/handler.py": "",
		"services/b@":           "a",
		"libs/core/x.py":        "",
		"libs/alias@":           "core",
		"libs/up@":              "../services/a",
		"libs/out@":             "../../elsewhere",
		"libs/absolute@":        "/etc",
		"loop/a@":               "b",
		"loop/b@":               "a",
		"vendor/sub#":           "",
	}.Tree()
	tests := []struct {
		dir, path string
		want      string
		mode      tree.Mode
		links     []string
		outside   bool
		nowhere   bool
	}{
		{dir: "services/a", path: "../../libs/core", want: "libs/core", mode: tree.Dir},
		{dir: "services/a", path: "../../libs/core/", want: "libs/core", mode: tree.Dir},
		{dir: "services/a", path: "./../a/handler.py", want: "services/a/handler.py", mode: tree.File},
		{dir: "services/a", path: "", want: "services/a", mode: tree.Dir},
		{dir: ".", path: "libs", want: "libs", mode: tree.Dir},
		{dir: "services", path: "..", want: ".", mode: tree.Dir},
		{dir: "services", path: "b/handler.py", want: "services/a/handler.py", mode: tree.File, links: []string{"services/b"}},
		{dir: ".", path: "libs/alias/x.py", want: "libs/core/x.py", mode: tree.File, links: []string{"libs/alias"}},
		// "..", after a link, is the parent of what the link leads to.
		{dir: ".", path: "libs/up/..", want: "services", mode: tree.Dir, links: []string{"libs/up"}},
		{dir: ".", path: "libs/out", outside: true, links: []string{"libs/out"}},
		{dir: ".", path: "libs/absolute", outside: true, links: []string{"libs/absolute"}},
		{dir: "services/a", path: "../../..", outside: true},
		{dir: "services/a", path: "/etc", outside: true},
		{dir: "services/a", path: "../../libs/gone/y", want: "libs/gone/y"},
		{dir: "services/a", path: "gone/../../../../..", outside: true},
		{dir: "services/a", path: "dist/../../../libs/core/x.py", want: "libs/core/x.py", mode: tree.File},
		{dir: "services/a", path: "dist/js/../../../../libs/alias", want: "libs/core", mode: tree.Dir, links: []string{"libs/alias"}},
		{dir: "services/a", path: "dist/../gone/..", want: "services/a", mode: tree.Dir},
		{dir: ".", path: "libs/core/x.py/y", nowhere: true},
		{dir: ".", path: "libs/core/x.py/..", nowhere: true},
		{dir: ".", path: "vendor/sub", want: "vendor/sub", mode: tree.Submodule},
		{dir: ".", path: "vendor/sub/deep/file", want: "vendor/sub", mode: tree.Submodule},
		{dir: ".", path: "vendor/sub/deep/../../../libs", want: "libs", mode: tree.Dir},
	}
	for _, test := range tests {
		t.Run(test.dir+" "+test.path, func(t *testing.T) {
			got := newLookups(t.Context(), r, nil).resolve(test.dir, test.path)
			if got.entry.Path != test.want || got.entry.Mode != test.mode ||
				got.outside != test.outside || got.nowhere != test.nowhere || !slices.Equal(got.links, test.links) {
				t.Errorf("got %+v", got)
			}
		})
	}
	t.Run("a loop of links names nothing", func(t *testing.T) {
		if got := newLookups(t.Context(), r, nil).resolve("loop", "a/x"); !got.nowhere {
			t.Errorf("got %+v", got)
		}
	})
}
