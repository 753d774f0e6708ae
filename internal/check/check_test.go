package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// events is what go test -json says, shortened: a test with subtests, a skip, a test that fails after its subtests
// passed, a package that does not build, and one without tests.
const events = `{"Action":"output","Package":"m/a","Test":"TestOne/x","Output":"=== RUN"}
{"Action":"pass","Package":"m/a","Test":"TestOne/x"}
{"Action":"output","Package":"m/a","Test":"TestOne/y","Output":"    a_test.go:7: the installed git makes no reftable repositories: exit status 129\n"}
{"Action":"skip","Package":"m/a","Test":"TestOne/y"}
{"Action":"pass","Package":"m/a","Test":"TestOne"}
{"Action":"pass","Package":"m/a","Test":"TestLate/z"}
{"Action":"output","Package":"m/a","Test":"TestLate","Output":"    a_test.go:9: too late\n"}
{"Action":"fail","Package":"m/a","Test":"TestLate"}
{"Action":"fail","Package":"m/a","Elapsed":1.5}
{"Action":"build-output","ImportPath":"m/b [m/b.test]","Output":"b.go:1: no\n"}
{"Action":"fail","Package":"m/b"}
{"Action":"skip","Package":"m/c"}
this is no event
`

func readEvents(t *testing.T, text string) *results {
	t.Helper()
	r := newResults()
	var w strings.Builder
	r.read(strings.NewReader(text), &w)
	if !strings.Contains(w.String(), "fail m/a") || strings.Contains(text, "no event") != strings.Contains(w.String(), "no event") {
		t.Errorf("the lines of packages are wrong: %q", w.String())
	}
	return r
}

func TestCounts(t *testing.T) {
	r := readEvents(t, events)
	c := &checker{ctx: t.Context(), ci: true}
	c.count(r)
	if c.passed != 2 || !slices.Equal(c.failures, []string{"m/a TestLate", "m/b"}) || len(c.skipped) != 1 {
		t.Errorf("%d passed, failed %q, skipped %v", c.passed, c.failures, c.skipped)
	}
	if got := c.skipped[0]; got.name != "m/a TestOne/y" || got.reason != "the installed git makes no reftable repositories: exit status 129" {
		t.Errorf("skipped %q", got)
	}
	if got := r.output[testID{pkg: "m/b"}]; got != "b.go:1: no\n" {
		t.Errorf("why m/b does not build is lost: %q", got)
	}
}

func TestNewerGitResolvesSkips(t *testing.T) {
	r := readEvents(t, events)
	if got := r.skippedByGit(); len(got) != 1 || !slices.Equal(got["m/a"], []string{"TestOne"}) {
		t.Fatalf("to be repeated: %q", got)
	}
	r.resolve(readEvents(t, `{"Action":"pass","Package":"m/a","Test":"TestOne/y"}
{"Action":"fail","Package":"m/a","Test":"TestOne/x"}
{"Action":"fail","Package":"m/a","Test":"TestOne"}
{"Action":"fail","Package":"m/a"}
`))
	c := &checker{ctx: t.Context()}
	c.count(r)
	if c.passed != 2 || !slices.Equal(c.failures, []string{"m/a TestLate", "m/a TestOne/x", "m/b"}) || len(c.skipped) != 0 {
		t.Errorf("%d passed, failed %q, skipped %v", c.passed, c.failures, c.skipped)
	}
}

func TestNothingIsSkippedInCI(t *testing.T) {
	for _, test := range []struct {
		ci     bool
		reason string
		want   int
	}{
		{false, "too slow", 0},
		{true, "too slow", 1},
		{true, "no reason given", 1},
		{true, "the installed git makes no reftable repositories: exit status 129", 0},
	} {
		c := &checker{ctx: t.Context(), ci: test.ci, skipped: []skip{{name: "m/a TestX", reason: test.reason}}}
		if got := c.summary(); got != test.want {
			t.Errorf("CI %t, skipped for %q: exit %d, want %d", test.ci, test.reason, got, test.want)
		}
	}
}

func TestFuzzTargetsAreFound(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"b/b_test.go":          "package b\n\nfunc FuzzB(f *testing.F) {}\n\nfunc FuzzA(f *testing.F) {}\n",
		"a/a_test.go":          "package a\n\n// func FuzzNot(\nfunc TestFuzzNeither(t *testing.T) {}\n",
		"a/a.go":               "package a\n\nfunc FuzzNo(f *testing.F) {}\n",
		"a/testdata/x_test.go": "package x\n\nfunc FuzzX(f *testing.F) {}\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
	got, err := fuzzTargets(".")
	if err != nil {
		t.Fatal(err)
	}
	if want := []target{{"./b", "FuzzA"}, {"./b", "FuzzB"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
