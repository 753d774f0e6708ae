package gitignore

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
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

// What git itself makes of random patterns and paths is the measure.
func TestMatchAsGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("git is the oracle of this test: ", err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		patterns, paths := randomPatterns(random), randomPaths(random)
		want := askGit(t, git, patterns, paths)
		var numbered []Line
		for i, p := range patterns {
			numbered = append(numbered, Line{p, i + 1})
		}
		m := parse(numbered)
		for _, path := range paths {
			ignored, line := m.Match(path, false)
			if !ignored {
				line = 0
			}
			if line != want[path] {
				t.Errorf("patterns %q, path %q: got line %d, git has %d", patterns, path, line, want[path])
			}
		}
	}
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func randomPatterns(r *rand.Rand) []string {
	pieces := []string{"a", "b", "ab", "*", "**", "?", "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]", "c", "/", "/", "/", `\a`, `\*`, ".", "[", "]", " ", `\ `, "\xff"}
	var patterns []string
	for range 1 + r.IntN(4) {
		p := pick(r, []string{"", "", "", "!", "/", "**/"})
		for range 1 + r.IntN(5) {
			p += pick(r, pieces)
		}
		patterns = append(patterns, p+pick(r, []string{"", "", "", "/", "/**"}))
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

// askGit gives, for each path, the number of the pattern by which git ignores it.
func askGit(t *testing.T, git string, patterns, paths []string) map[string]int {
	dir := t.TempDir()
	run := func(stdin string, args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil && args[0] != "check-ignore" { // which fails where it ignores nothing
			t.Fatalf("git %q: %v", args, err)
		}
		return out
	}
	run("", "init", "--quiet")
	exclude := filepath.Join(dir, ".git", "info", "exclude")
	if err := os.WriteFile(exclude, []byte(strings.Join(patterns, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	out := run(strings.Join(paths, "\x00")+"\x00", "check-ignore", "--no-index", "--stdin", "-z", "-v")
	ignored := make(map[string]int)
	for fields := bytes.Split(out, []byte{0}); len(fields) >= 4; fields = fields[4:] {
		line, err := strconv.Atoi(string(fields[1]))
		if err != nil {
			t.Fatalf("git check-ignore printed %q", fields[:4])
		}
		if !strings.HasPrefix(string(fields[2]), "!") {
			ignored[string(fields[3])] = line
		}
	}
	return ignored
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
