package glob

import (
	"cmp"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/javascript/original"
)

func TestMatch(t *testing.T) {
	dot := Options{Dot: true}
	base := Options{Dot: true, MatchBase: true}
	tests := []struct {
		compile func(string, Options) *Pattern
		pattern string
		options Options
		yes, no string // paths, separated by blanks
	}{
		{Minimatch, "packages/*", Options{}, "packages/a packages/a.b", "packages packages/a/b packages/.a"},
		{Minimatch, "packages/**", Options{}, "packages/a packages/a/b", "packages packages/.a/b"},
		{Minimatch, "**/package.json", Options{}, "package.json a/package.json a/b/package.json", "a/.b/package.json"},
		{Minimatch, "!packages/a", Options{}, "packages/b x", "packages/a"},
		{Minimatch, "!!a", Options{}, "a", "b"},
		{Minimatch, "#a", Options{}, "", "a #a"},
		{Minimatch, "*.md", base, "x.md a/b/x.md .x.md", "x.mdx"},
		{Minimatch, "docs/*", base, "docs/x docs/.x", "a/docs/x"},
		{Minimatch, "{a,b{c,d}}/*", Options{}, "a/x bc/x bd/x", "b/x"},
		{Minimatch, "v{1..3}", Options{}, "v1 v2 v3", "v4 v{1..3}"},
		{Minimatch, "v{08..10}", Options{}, "v08 v09 v10", "v8"},
		{Minimatch, "{a}", Options{}, "{a}", "a"},
		{Minimatch, "[!a-c]x", Options{}, "dx", "ax .x"},
		{Minimatch, "[[:digit:]]", Options{}, "1", "a"},
		{Minimatch, "@(a|b).js", Options{}, "a.js b.js", "c.js"},
		{Minimatch, "!(a)", Options{}, "a b", "(a)"}, // a "!" in front always negates
		{Minimatch, "x!(a|b)", Options{}, "xc x xaa", "xa xb"},
		{Minimatch, "+(ab|c)", Options{}, "ab abc ccab", "a"},
		{Minimatch, "(a|b)", Options{}, "(a|b)", "a"},
		{Minimatch, "[a", Options{}, "[a", "a"},
		{Minimatch, `a\*`, Options{}, "a*", "ab"},
		{Picomatch, "packages/**", Options{}, "packages packages/a packages/a/b", "packages/.a"},
		{Picomatch, "*/**", Options{}, "a/b a/b/c", "a"},
		{Picomatch, "./packages/*/package.{json,yaml,json5}", Options{}, "packages/a/package.json packages/a/package.json5", "packages/a/package.js"},
		{Picomatch, "**/test/**", dot, "test/x a/test/b a/.test/test/x", "a/tests/x"},
		{Picomatch, "!**/*.md", dot, "a/x.js", "a/x.md"},
		{Picomatch, "!(a)", Options{}, "b", "a"},
		{Picomatch, "(a|b)/*", Options{}, "a/x b/x", "c/x"},
		{Picomatch, "[^a]", Options{}, "b", "a"},
		{Picomatch, "[!a]", Options{}, "a !", "b"},
		{Picomatch, "[!a]", Options{Posix: true}, "b !", "a"},
		{Picomatch, "x/[id]", Options{}, "x/i x/[id]", "x/id x/[i]"},
		{Picomatch, "[a-d]", Options{}, "b", "[a-d]"},
		{Picomatch, "x/!(a)", Options{}, "x/b x/ab", "x/a"},
		{Picomatch, "x/!(a)/y", Options{}, "x/b/y", "x/a/y x/ab/y"}, // what begins so is none
		{Minimatch, "x/!(a)/y", Options{}, "x/b/y x/ab/y", "x/a/y"},
		{Minimatch, "a//*", Options{}, "a/b", "a"},
	}
	for _, test := range tests {
		p := test.compile(test.pattern, test.options)
		for path := range strings.FieldsSeq(test.yes) {
			if !p.Match(path) {
				t.Errorf("%q %+v does not match %q", test.pattern, test.options, path)
			}
		}
		for path := range strings.FieldsSeq(test.no) {
			if p.Match(path) {
				t.Errorf("%q %+v matches %q", test.pattern, test.options, path)
			}
		}
	}
}

// question is one for a library of JavaScript.
type question struct {
	Pattern, Path string
	Dot, Base     bool
}

// Random patterns, matched by the originals.
func TestOriginals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var questions []question
	for range 20_000 {
		q := question{Pattern: randomPattern(r), Path: randomPath(r), Dot: r.IntN(2) == 0}
		q.Base = q.Dot && r.IntN(2) == 0
		questions = append(questions, q)
	}
	tests := map[string]struct {
		function string
		compile  func(string, Options) *Pattern
	}{
		"minimatch":  {`q => require("minimatch").minimatch(q.Path, q.Pattern, {dot: q.Dot, matchBase: q.Base})`, Minimatch},
		"minimatch3": {`q => require("minimatch3")(q.Path, q.Pattern, {dot: q.Dot, matchBase: q.Base})`, Minimatch},
		"micromatch": {`q => require("micromatch").isMatch(q.Path, q.Pattern, {dot: q.Dot})`, Picomatch},
		"picomatch":  {`q => require("picomatch").isMatch(q.Path, q.Pattern, {dot: q.Dot, posix: true})`, Picomatch},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for i, want := range original.Ask[question, bool](t, test.function, questions) {
				q := questions[i]
				o := Options{Dot: q.Dot, MatchBase: q.Base && strings.HasPrefix(name, "minimatch"), Posix: name == "picomatch"}
				if got := test.compile(q.Pattern, o).Match(q.Path); got != want {
					t.Errorf("%+v: %v, want %v", q, got, want)
				}
			}
		})
	}
}

func pick(r *rand.Rand, words string) string {
	of := strings.Fields(words)
	return of[r.IntN(len(of))]
}

const names = "a b ab .a x.js x.test.js packages .hid a.b test foo-bar é a1 10 [id] [ab]"

func randomPath(r *rand.Rand) string {
	var parts []string
	for range 1 + r.IntN(4) {
		parts = append(parts, pick(r, names))
	}
	return strings.Join(parts, "/")
}

// randomPattern leaves out what nobody writes: groups beside stars, where the originals differ among themselves or from
// what they say.
func randomPattern(r *rand.Rand) string {
	var parts []string
	for range 1 + r.IntN(4) {
		name := pick(r, names)
		switch r.IntN(16) {
		case 0, 1:
			parts = append(parts, "*")
		case 2, 3:
			parts = append(parts, "**")
		case 4:
			parts = append(parts, name+"*")
		case 5:
			parts = append(parts, pick(r, "*.js *.test.* .* *.* *-*"))
		case 6:
			parts = append(parts, pick(r, "? ?? a? [ab] [^a] [a-c]* a[1-3]"))
		case 7:
			parts = append(parts, pick(r, "@ ? +")+"("+pick(r, "a b packages")+"|"+pick(r, "ab test é")+")"+pick(r, "b .js x"))
		case 8:
			parts = append(parts, "{"+name+","+pick(r, names)+"}")
		case 9:
			parts = append(parts, pick(r, "[ab] [id] [!a] [!a]* [ab]* [!a-c]"))
		case 10:
			if n := len(parts); n == 0 || parts[n-1] != "**" {
				parts = append(parts, pick(r, "!(a) !(a|ab) x!(a) !(packages) !(a).js !(x).js"))
			}
		default:
			parts = append(parts, name)
		}
	}
	pattern := cmp.Or(strings.Join(parts, "/"), "a")
	if r.IntN(8) == 0 {
		return "!" + pattern
	}
	return pattern
}

func FuzzMatch(f *testing.F) {
	f.Add("{a,b{1..3},+(c|!(d))}/**/[!x-z]*", "a/b/c")
	f.Add("!(((", "a")
	f.Add(`[\]{,}`, "[")
	f.Add("{1..2..0}{-1..}*(a|)", "")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if len(pattern) > 30 || len(path) > 30 {
			return // backtracking takes its time
		}
		for _, compile := range []func(string, Options) *Pattern{Minimatch, Picomatch} {
			p := compile(pattern, Options{})
			if p.Match(path) && compile(pattern, Options{}).Match(path) != p.Match(path) {
				t.Errorf("%q matches %q, and does not", pattern, path)
			}
		}
	})
}
