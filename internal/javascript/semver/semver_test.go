package semver

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/javascript/original"
)

func TestSatisfies(t *testing.T) {
	plain, all, loose := Options{}, Options{Prereleases: true}, Options{Loose: true}
	tests := []struct {
		in      string
		options Options
		yes, no string // versions, separated by blanks
	}{
		{"^1.2.3", plain, "1.2.3 1.9.0", "1.2.2 2.0.0 1.3.0-beta 2.0.0-0"},
		{"^0.2.3", plain, "0.2.3 0.2.9", "0.3.0 1.0.0"},
		{"^0.0.3", plain, "0.0.3", "0.0.4"},
		{"^1.2.3-beta", plain, "1.2.3-beta 1.2.3-rc 1.2.3 1.3.0", "1.2.3-alpha 1.3.0-rc"},
		{"^1.2.3-beta", all, "1.3.0-rc", "2.0.0-rc"},
		{"~1.2", plain, "1.2.0 1.2.9", "1.3.0"},
		{"~>1", plain, "1.9.9", "2.0.0"},
		{"1.x", plain, "1.0.0", "2.0.0 1.0.0-beta"},
		{"1.x", all, "1.0.0-beta", "2.0.0-beta"},
		{"*", plain, "0.0.1 9.9.9", "1.0.0-beta"},
		{"*", all, "1.0.0-beta", "one 1.2"},
		{"", plain, "1.0.0", "1.0.0-beta"},
		{"1.2.3 - 2", plain, "1.2.3 2.9.9", "3.0.0 1.2.2"},
		{">=1 <2 || 3.0.0", plain, "1.5.0 3.0.0", "2.0.0 3.0.1"},
		{"> 1.0.0 <= 2.x", plain, "1.0.1 2.9.9", "1.0.0 3.0.0"},
		{"||", plain, "1.0.0", "1.0.0-a"},
		{"=1.2.3", plain, "1.2.3 v1.2.3 1.2.3+build", "=1.2.3 01.2.3"},
		{"=1.2.3", loose, "=1.2.3 01.2.3 v1.2.3", "1.2.4"},
		{"latest", plain, "", "1.0.0"},
		{"workspace:*", all, "", "1.0.0"},
		{"1.2.3.4", plain, "", "1.2.3"},
		{"<1.0.0-0", plain, "0.9.9", "1.0.0-0"},
		{"^99999999999999999999", plain, "", "1.0.0"},
	}
	for _, test := range tests {
		for v := range strings.FieldsSeq(test.yes) {
			if !Satisfies(v, test.in, test.options) {
				t.Errorf("%q %+v has no %s", test.in, test.options, v)
			}
		}
		for v := range strings.FieldsSeq(test.no) {
			if Satisfies(v, test.in, test.options) {
				t.Errorf("%q %+v has %s", test.in, test.options, v)
			}
		}
	}
}

func TestCompare(t *testing.T) {
	sorted := strings.Fields("0.0.0-0 0.0.1 1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.b 1.0.0-beta 1.0.0 1.2.0 1.10.0 2.0.0")
	parse := func(s string) Version {
		v, ok := Parse(s, Options{})
		if !ok {
			t.Fatalf("%s is no version", s)
		}
		return v
	}
	got := slices.Clone(sorted)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return parse(a).Compare(parse(b)) })
	if !slices.Equal(got, sorted) {
		t.Errorf("got %q", got)
	}
}

// question is one for node-semver.
type question struct {
	Version, Range string
	All, Loose     bool
}

// Random versions and ranges, read by npm's own library.
func TestOriginal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var questions []question
	for range 20_000 {
		questions = append(questions, question{version(r), randomRange(r), r.IntN(2) == 0, r.IntN(3) == 0})
	}
	const function = `q => require("semver").satisfies(q.Version, q.Range, {includePrerelease: q.All, loose: q.Loose})`
	for i, want := range original.Ask[question, bool](t, function, questions) {
		q := questions[i]
		if got := Satisfies(q.Version, q.Range, Options{Loose: q.Loose, Prereleases: q.All}); got != want {
			t.Errorf("%+v: %v, want %v", q, got, want)
		}
	}
}

// Random ranges and some that are all versions: npm's own library has a word for those.
func TestIsAll(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	ranges := strings.Split("*,x,X.x,,||,1 || *,>=0,>=0.0.0,>=0.x,>=0.0.0-0,^x,~*,=*,0.0.0 - *,* - x,>=0 <3,>=0 >=0.0.0,<*,>x,<0.0.0-0 || *,latest,1", ",")
	for range 2_000 {
		ranges = append(ranges, randomRange(r))
	}
	const function = `q => require("semver").validRange(q, {loose: true}) === "*"`
	for i, want := range original.Ask[string, bool](t, function, ranges) {
		in, ok := ParseRange(ranges[i], Options{Loose: true})
		if got := ok && in.IsAll(); got != want {
			t.Errorf("%q is all versions: %v, want %v", ranges[i], got, want)
		}
	}
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

func version(r *rand.Rand) string {
	var parts []string
	for range 3 {
		parts = append(parts, pick(r, "0", "1", "2", "3", "10"))
	}
	v := strings.Join(parts, ".")
	if r.IntN(4) == 0 {
		v += "-" + pick(r, "alpha", "beta.1", "0", "1", "rc.0", "x-y", "01")
	}
	if r.IntN(12) == 0 {
		v += "+build.1"
	}
	return pick(r, "", "", "", "", "v", "=") + v
}

// part is a version of which the end may be missing or wild.
func part(r *rand.Rand) string {
	numbers := strings.Split(strings.TrimLeft(version(r), "v="), ".")
	switch r.IntN(5) {
	case 0:
		return numbers[0]
	case 1:
		return numbers[0] + "." + numbers[1]
	case 2:
		return strings.Join(append(numbers[:1+r.IntN(2)], pick(r, "x", "*", "X")), ".")
	}
	return strings.Join(numbers, ".")
}

func randomRange(r *rand.Rand) string {
	var sets []string
	for range 1 + r.IntN(3) {
		var words []string
		for range 1 + r.IntN(2) {
			words = append(words, pick(r, "", "", "^", "~", ">=", ">", "<", "<=", "=", "v", "~>", ">= ", "^ ")+part(r))
		}
		if r.IntN(5) == 0 {
			words = []string{part(r), "-", part(r)}
		}
		sets = append(sets, strings.Join(words, " "))
	}
	if r.IntN(30) == 0 {
		sets = append(sets, pick(r, "", "*", "latest", "file:../x"))
	}
	return strings.Join(sets, pick(r, "||", " || "))
}

func FuzzSatisfies(f *testing.F) {
	f.Add("1.2.3-beta.1+b", "^1.2.3-alpha || >=2 <3 || 1 - 2.x", true)
	f.Add("v1", "~> 01.x || = || +", false)
	f.Add("", "x.1 ||", true)
	f.Fuzz(func(t *testing.T, version, in string, loose bool) {
		o := Options{Loose: loose}
		if Satisfies(version, in, o) && !Satisfies(version, in, Options{Loose: loose, Prereleases: true}) && !strings.Contains(version, "-") {
			t.Errorf("%q has %q, and with prereleases not", in, version)
		}
	})
}
