package tool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	dir := t.TempDir()
	at := func(format string) string { return strings.ReplaceAll(format, "DIR", dir) }
	lerna := at(`[{"name": "b", "version": "1.0.0", "private": false, "location": "DIR/packages/b"}, {"name": "a", "location": "DIR/packages/a"}]`)
	pnpm := at(`[{"path": "DIR", "name": "root"}, {"path": "DIR/packages/x"}]`)
	for _, c := range []struct {
		out  string
		want []Package
	}{
		{"[]\n", []Package{}},
		{lerna, []Package{{"packages/a", "a"}, {"packages/b", "b"}}},
		{pnpm, []Package{{".", "root"}, {"packages/x", ""}}},
	} {
		got, err := parse([]string{"lerna"}, dir, c.out, false)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.out, got, err, c.want)
		}
	}
}

// What is not understood whole is an error: none of this may pass for "nothing changed".
func TestParseIsStrict(t *testing.T) {
	dir := t.TempDir()
	for out, problem := range map[string]string{
		"":                                  "printed nothing",
		" \n":                               "printed nothing",
		"null":                              "no list",
		"{}":                                "no list",
		`{"error": {"code": "ERR"}}`:        "no list",
		"[":                                 "no list",
		"lerna notice\n[]":                  "no list",
		"[]\n[]":                            "more in its output",
		"[] trailing":                       "more in its output",
		`[{"name": "a"}]`:                   "without its directory",
		`[{"name": "a", "path": "rel"}]`:    "without its directory",
		`[{"name": 1, "path": "/x"}]`:       "no list",
		`[{"name": "a", "path": "/other"}]`: "not in the workspace",
		`["a"]`:                             "no list",
		fmt.Sprintf(`[{"path": "%[1]s/a"}, {"path": "%[1]s/a"}]`, dir): "twice",
	} {
		packages, err := parse([]string{"lerna"}, dir, out, false)
		var wrong *OutputError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Problem, problem) {
			t.Errorf("%q: got %v, %v, want an error with %q", out, packages, err, problem)
		}
	}
}

// pnpm prints a list for each project that has a lock file of its own.
func TestParseSeveralLists(t *testing.T) {
	dir := t.TempDir()
	out := strings.ReplaceAll(`[{"path": "DIR/b"}] [{"path": "DIR/a"}]`, "DIR", dir)
	if got, err := parse([]string{"pnpm"}, dir, out, true); err != nil || !slices.Equal(got, []Package{{"a", ""}, {"b", ""}}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := parse([]string{"pnpm"}, dir, out+" ERR", true); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`[{"name": "a", "location": "/w/a"}]`)
	f.Add(`[{"path": "/w"}, {"path": "/w/../x"}]`)
	f.Add("[]")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, out string) {
		packages, err := parse([]string{"lerna"}, dir, strings.ReplaceAll(out, "/w", dir), true)
		if err != nil && packages != nil {
			t.Errorf("both packages and an error: %v, %v", packages, err)
		}
		for _, p := range packages {
			if p.Path == "" || strings.HasPrefix(p.Path, "/") || p.Path == ".." || strings.HasPrefix(p.Path, "../") {
				t.Errorf("%q is not in the workspace", p.Path)
			}
		}
	})
}
