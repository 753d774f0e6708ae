package packager

import (
	"testing"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/packager/closure"
)

// A circle is named from where it begins to where it ends, however it is reached; a diamond is none.
func TestCircles(t *testing.T) {
	for name, c := range map[string]struct {
		needs map[string][]string
		want  string
	}{
		"none":         {map[string][]string{"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": nil}, ""},
		"of two":       {map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"b"}}, "libs/b -> libs/c -> libs/b"},
		"of three":     {map[string][]string{"a": {"c"}, "b": {"a"}, "c": {"b"}}, "libs/a -> libs/c -> libs/b -> libs/a"},
		"of itself":    {map[string][]string{"a": {"a"}}, "libs/a -> libs/a"},
		"not of paths": {map[string][]string{"a": {"published"}, "published": {"a"}}, ""},
	} {
		var all closure.Closure
		for _, p := range []string{"a", "b", "c", "d", "published"} {
			needs, ok := c.needs[p]
			if !ok {
				continue
			}
			pkg := closure.Package{DependsOn: needs}
			pkg.Name = p
			if p != "published" {
				pkg.Source = lockfile.Source{Kind: lockfile.Directory, Path: "libs/" + p}
			}
			all.Packages = append(all.Packages, pkg)
		}
		got := ""
		if err := checkCircles(&all); err != nil {
			got = err.Error()
		}
		want := c.want
		if want != "" {
			want = "path dependencies need each other in a circle: " + want
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
