package pep440

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Version is a version as PEP 440 has it. The zero value is not a version; [Parse] makes them. Numbers are kept as digits, since no
// rule bounds them (a date and time as one number needs more than 64 bits).
type Version struct {
	epoch   string
	release []string
	pre     phase
	preN    string
	post    string // "" for none
	dev     string // "" for none
	local   []string
}

// phase is what a pre-release is one of, in the order that they come in.
type phase uint8

const (
	final phase = iota
	alpha
	beta
	candidate
)

// Parse reads a version in any spelling that PEP 440 lets pass. The error names the text.
func Parse(text string) (Version, error) {
	s := scanner{rest: strings.Trim(text, " \t\n\r\f\v")}
	v, ok := s.version()
	if ok {
		v.local, ok = s.local()
	}
	if !ok || s.rest != "" {
		return Version{}, fmt.Errorf("%q is no version", text)
	}
	return v, nil
}

// String gives the normal form: "1!2.0rc1.post2.dev3+local.1".
func (v Version) String() string {
	var b strings.Builder
	b.WriteString(v.Public())
	if len(v.local) > 0 {
		b.WriteByte('+')
		b.WriteString(strings.Join(v.local, "."))
	}
	return b.String()
}

// Public gives the normal form without the local label.
func (v Version) Public() string {
	var b strings.Builder
	if v.epoch != "0" {
		b.WriteString(v.epoch + "!")
	}
	b.WriteString(strings.Join(v.release, "."))
	switch v.pre {
	case alpha:
		b.WriteString("a" + v.preN)
	case beta:
		b.WriteString("b" + v.preN)
	case candidate:
		b.WriteString("rc" + v.preN)
	}
	if v.post != "" {
		b.WriteString(".post" + v.post)
	}
	if v.dev != "" {
		b.WriteString(".dev" + v.dev)
	}
	return b.String()
}

// IsPrerelease reports whether the version comes before a release: an alpha, beta, candidate or development version.
func (v Version) IsPrerelease() bool { return v.pre != final || v.dev != "" }

// Release gives the numbers of the release, at least n of them: "1.2" is 1, 2, 0 for n = 3. Numbers are in decimal, without leading zeros.
func (v Version) Release(n int) []string {
	numbers := slices.Clone(v.release)
	for len(numbers) < n {
		numbers = append(numbers, "0")
	}
	return numbers
}

// Compare orders versions: negative where v comes before w, zero where they are the same ("1.0" and "1").
func (v Version) Compare(w Version) int {
	if c := v.comparePublic(w); c != 0 {
		return c
	}
	return compareLocal(v.local, w.local)
}

func (v Version) comparePublic(w Version) int {
	if c := v.compareBase(w); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(v.preRank(), w.preRank()),
		compareNumbers(v.preN, w.preN),
		compareNumbers(v.post, w.post),
		compareDev(v.dev, w.dev),
	)
}

// compareBase compares epochs and releases, and nothing else.
func (v Version) compareBase(w Version) int {
	if c := compareNumbers(v.epoch, w.epoch); c != 0 {
		return c
	}
	for i := range max(len(v.release), len(w.release)) {
		if c := compareNumbers(number(v.release, i), number(w.release, i)); c != 0 {
			return c
		}
	}
	return 0
}

// firstPrerelease gives the first version that leads up to v: "<1.0" asks for none of those. Of a pre-release it is the version itself.
func (v Version) firstPrerelease() Version {
	if !v.IsPrerelease() {
		v.dev = "0"
	}
	return v
}

// isPostOf reports whether v is a post-release of w, which is none itself.
func (v Version) isPostOf(w Version) bool {
	return v.post != "" && w.post == "" && w.dev == "" && v.compareBase(w) == 0 && v.pre == w.pre && v.preN == w.preN
}

// preRank orders by the pre-release phase. A development version of a release comes before its alphas.
func (v Version) preRank() int {
	switch {
	case v.pre != final:
		return int(v.pre)
	case v.post == "" && v.dev != "":
		return 0
	default:
		return int(candidate) + 1
	}
}

// number gives the i-th number of a release, which has as many zeros behind it as one likes.
func number(release []string, i int) string {
	if i < len(release) {
		return release[i]
	}
	return "0"
}

// compareNumbers compares digits without leading zeros; no digits come before any.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// compareDev compares development numbers: without one comes last.
func compareDev(a, b string) int {
	if (a == "") != (b == "") {
		return -compareNumbers(a, b)
	}
	return compareNumbers(a, b)
}

// compareLocal compares local labels: numbers come after words, and a longer label after its beginning.
func compareLocal(a, b []string) int {
	return slices.CompareFunc(a, b, func(x, y string) int {
		switch xn, yn := isNumber(x), isNumber(y); {
		case xn && yn:
			return compareNumbers(x, y)
		case xn:
			return 1
		case yn:
			return -1
		default:
			return strings.Compare(x, y)
		}
	})
}

func isNumber(text string) bool {
	return text != "" && isDigit(text[0]) && strings.Trim(text, "0123456789") == ""
}
