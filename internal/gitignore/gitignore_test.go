package gitignore

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parse leaves aside the patterns that can match nothing, as git does.
func parse(lines []Line) *Matcher {
	m, _ := Parse(lines)
	return m
}

func TestMatch(t *testing.T) {
	tests := []struct {
		patterns []string
		path     string
		line     int // the pattern that ignores the path, 0 for none
	}{
		{[]string{"*.md"}, "README.md", 1},
		{[]string{"*.md"}, "docs/README.md", 1},
		{[]string{"/*.md"}, "docs/README.md", 0},
		{[]string{"docs/*.md"}, "docs/deep/README.md", 0},
		{[]string{"docs/**/*.md"}, "docs/deep/README.md", 1},
		{[]string{"docs/**/*.md"}, "docs/README.md", 1},
		{[]string{"docs/**"}, "docs/a/b", 1},
		{[]string{"docs/**"}, "docs", 0},
		{[]string{"**/docs"}, "docs/a", 1},
		{[]string{".github/"}, ".github/workflows/ci.yml", 1},
		{[]string{".github/"}, ".github", 0},
		{[]string{"*.md", "!README.md"}, "README.md", 0},
		{[]string{"docs/", "!docs/keep.md"}, "docs/keep.md", 1},
		{[]string{"docs/*", "!docs/keep.md"}, "docs/keep.md", 0},
		{[]string{"# comment", `\#file`}, "#file", 2},
		{[]string{`\!file`}, "!file", 1},
		{[]string{`name\ `}, "name ", 1},
		{[]string{"name  "}, "name", 1},
		{[]string{"a[b-d]e"}, "ace", 1},
		{[]string{"a[!b-d]e"}, "ace", 0},
		{[]string{"a[]]e"}, "a]e", 1},
		{[]string{"v[[:digit:]]"}, "v7", 1},
		{[]string{"open[class"}, "open[class", 0},
		{[]string{`end\`}, `end\`, 0},
		{[]string{"\xff*"}, "\xff\xfe", 1},
		{[]string{"a**b"}, "axxb", 1},
		{[]string{"x/a**b"}, "x/a/b", 0},
	}
	for _, test := range tests {
		var patterns []Line
		for i, p := range test.patterns {
			patterns = append(patterns, Line{p, i + 1})
		}
		ignored, line := parse(patterns).Match(test.path, false)
		if !ignored {
			line = 0
		}
		if line != test.line {
			t.Errorf("%q on %q: got line %d, want %d", test.patterns, test.path, line, test.line)
		}
	}
}

// oracle is a repository whose git is asked what it ignores. Its directories are the only ones there.
type oracle struct {
	git, dir string
}

var oracleDirs = []string{"a", "a/b", "ab", "b/c", "c/a/b", "x y"}

func newOracle(t *testing.T) *oracle {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("git is the oracle of this test: ", err)
	}
	o := &oracle{git, t.TempDir()}
	o.run(t, "", "init", "--quiet")
	for _, dir := range oracleDirs {
		if err := os.MkdirAll(filepath.Join(o.dir, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func (o *oracle) run(t *testing.T, stdin string, args ...string) []byte {
	cmd := exec.CommandContext(t.Context(), o.git, args...)
	cmd.Dir = o.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1 && args[0] == "check-ignore") { // it ignores nothing
		t.Fatalf("git %q: %v", args, err)
	}
	return out
}

// compare checks what the patterns say of each path against what git says.
func (o *oracle) compare(t *testing.T, patterns, paths []string) {
	t.Helper()
	want := o.ask(t, patterns, paths)
	var lines []Line
	for i, p := range patterns {
		lines = append(lines, Line{p, i + 1})
	}
	m := parse(lines)
	for _, path := range paths {
		ignored, line := m.Match(path, isOracleDir(path))
		if !ignored {
			line = -line
		}
		if line != want[path] {
			t.Errorf("patterns %q, path %q: got line %d, git has %d", patterns, path, line, want[path])
		}
	}
}

func isOracleDir(path string) bool {
	return slices.ContainsFunc(oracleDirs, func(dir string) bool { return strings.HasPrefix(dir+"/", path+"/") })
}

// ask gives, for each path, the number of the pattern that decided: negative for one that takes the path back.
func (o *oracle) ask(t *testing.T, patterns, paths []string) map[string]int {
	t.Helper()
	exclude := filepath.Join(o.dir, ".git", "info", "exclude")
	if err := os.WriteFile(exclude, []byte(strings.Join(patterns, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	out := o.run(t, strings.Join(paths, "\x00")+"\x00", "check-ignore", "--no-index", "--stdin", "-z", "-v")
	decided := make(map[string]int)
	for fields := bytes.Split(out, []byte{0}); len(fields) >= 4; fields = fields[4:] {
		line, err := strconv.Atoi(string(fields[1]))
		if err != nil {
			t.Fatalf("git check-ignore printed %q", fields[:4])
		}
		if strings.HasPrefix(string(fields[2]), "!") {
			line = -line
		}
		decided[string(fields[3])] = line
	}
	return decided
}

func TestNames(t *testing.T) {
	for pattern, want := range map[string]bool{
		"seed.yml": true, "/conf/seed.yml": true, "conf/": true, "/conf": true,
		"*.yml": false, "seed.???": false, "/*/seed.yml": false, "!seed.yml": false, "/seed.yml": false, "seed.yml/": false, "other": false,
	} {
		m := parse([]Line{{pattern, 1}})
		if got := m.Names("conf/seed.yml"); got != want {
			t.Errorf("%q: got %v", pattern, got)
		}
	}
	if (*Matcher)(nil).Names("seed.yml") {
		t.Error("no patterns name something")
	}
}

// What git itself makes of random patterns and paths is the measure.
func TestMatchAsGit(t *testing.T) {
	o := newOracle(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		o.compare(t, randomPatterns(random), append(randomPaths(random), oracleDirs...))
	}
}

// The patterns that git's own matcher treats in ways of their own, on paths made for them.
func TestWildmatchAsGit(t *testing.T) {
	o := newOracle(t)
	paths := append([]string{
		"foo", "bar", "foo/bar", "foo/baz/bar", "foobar", "fo", "-", "]", "[", "\\", "ab]", "a]b", "a-c", "acrt", "ball", "ten",
		"foo-bar", "deep/foo/bar/baz", "XXX/adobe/courier", "a/b/c/d", ".foo", "foo/.bar", "t", "T", "5", "#", "!", "!x", "#x",
		"a\tb", "a\nb", "a\rb", "*", "**", "?", "a*b", "foo ", "foo\\", "é", "a\xff", "[ab]", "a[", "[[", "a/[", "--", "^", "_",
	}, oracleDirs...)
	for _, p := range []string{
		"***", "****/foo", "foo/***", "foo**", "**foo", "foo**bar", "foo/**/bar", "foo/**/**/bar", "**/bar/*", "**/**", "**/", "/**",
		"/**/", "/*/", "*/*", "*/**/*", "**/*/**", "foo/*", "foo/*/", "/foo", "/foo/", "foo/", "//foo", "foo//", "foo//bar", "/", "//", "!", "!!",
		"[]]", "[]-]", "[!]a-]", "[^]a-]", "[]a]b", "[ab]]", "[[]", "[a-", "[a", "[", "a[]b", "[]", "[!]", "[!", "[--a]", "[a-c-e]", "[c-a]",
		"[\\]]", "[\\\\]", "[\\a-\\c]", "[a\\-c]", "[-a]", "[a-]", "[,-.]", "[[-\\]]", "[\\", "[a/b]", "foo[/]bar", "foo[!x]bar", "foo?bar",
		"[[:alpha:]]", "[[:alpha:][:digit:]]", "[[:upper:]", "[[:nothing:]]", "[[:alpha]]", "[[:]", "[[::]]", "[a[:digit:]b]", "[![:alpha:]]",
		"[[:digit:]-z]", "[[:]a]", "[:alpha:]", "[[:ALPHA:]]", `\`, `\\`, `foo\`, `foo\\`, `\f\o\o`, `\*`, `\**`, `a\*b`, `\?`, `\[ab\]`, `\!x`, `\#x`, "#x", "!x",
		"foo ", `foo\ `, `foo\  `, "foo  ", "   ", `\ `, "x\\ y", "foo\r", "foo/**\\/bar", "**\\/bar", "\\/foo", "foo\\/bar", "*foo/", "*.foo", "*", "?", "??", ".*", "\xff", "?\xff", "a?", "é", "??",
	} {
		for _, patterns := range [][]string{{p}, {"*", "!" + p}} {
			o.compare(t, patterns, paths)
		}
	}
}

// Each class holds the bytes that it holds for git.
func TestClassesAsGit(t *testing.T) {
	o := newOracle(t)
	var paths []string
	for b := 1; b < 256; b++ {
		if b != '/' {
			paths = append(paths, "x"+string([]byte{byte(b)})+"x")
		}
	}
	for name := range classes {
		o.compare(t, []string{"x[[:" + name + ":]]x"}, paths)
	}
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

var starsBehindName = regexp.MustCompile(`(?s)[^/*]\*\*`)

func randomPatterns(r *rand.Rand) []string {
	pieces := []string{"a", "b", "ab", "*", "**", "?", "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]", "c", "/", "/", "/", `\a`, `\*`, ".", "[", "]", " ", `\ `, "\xff"}
	var patterns []string
	for range 1 + r.IntN(4) {
		p := pick(r, []string{"", "", "", "!", "/", "**/"})
		for range 1 + r.IntN(5) {
			p += pick(r, pieces)
		}
		p += pick(r, []string{"", "", "", "/", "/**"})
		// Git 2.39 takes the "**" of "/a**" and "a**/b" for a whole segment, against its manual.
		if !starsBehindName.MatchString(p) {
			patterns = append(patterns, p)
		}
	}
	return patterns
}

func randomPaths(r *rand.Rand) []string {
	names := []string{"a", "b", "c", "ab", "abc", "ba", "a*", "[", "x y", "a ", ".a", "\xff", "*"}
	var paths []string
	for range 80 {
		var segments []string
		for range 1 + r.IntN(4) {
			segments = append(segments, pick(r, names))
		}
		paths = append(paths, strings.Join(segments, "/"))
	}
	return paths
}

func FuzzMatch(f *testing.F) {
	f.Add("docs/**/*.md", "docs/a/b.md", false)
	f.Add("!a[!]-x]\\", "ab", true)
	f.Add("[[:alpha:]/", "a/b", false)
	f.Fuzz(func(t *testing.T, text, path string, isDir bool) {
		m := parse([]Line{{text, 7}})
		ignored, line := m.Match(path, isDir)
		if ignored && line != 7 {
			t.Errorf("%q on %q: ignored by line %d", text, path, line)
		}
		// What is below an ignored directory is ignored with it.
		if below, _ := m.Match(path+"/x", false); ignored && isDir && !below {
			t.Errorf("%q ignores the directory %q, but not what is in it", text, path)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	m := parse([]Line{{"*.md", 1}, {".github/", 2}, {"docs/**/*.png", 3}, {"/LICENSE", 4}})
	b.ReportAllocs()
	for b.Loop() {
		m.Match("services/group/posts/src/handlers/create.py", false)
	}
}
