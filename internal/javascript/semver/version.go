// Package semver reads versions and ranges as npm does (github.com/npm/node-semver, README).
//
// Which package a dependency means is decided by npm's own reading of a range: what "1.x" does with a prerelease, that
// "=1.2.3" is no version, that "||" has the empty range on both sides. Libraries of Go read most ranges alike and
// differ on one in ten of the strange ones, and a range that is misread is a dependent that is not deployed. The tests
// hold this package against node-semver.
package semver

import (
	"cmp"
	"strconv"
	"strings"
)

// Options are how a version or a range is read.
type Options struct {
	// Loose takes versions as people write them: "=v1.2.3beta", "01.2.3".
	Loose bool
	// Prereleases lets a range take prereleases that none of its bounds names.
	Prereleases bool
}

// Version is a version, build metadata left out.
type Version struct {
	numbers    [3]uint64
	prerelease []identifier
}

// identifier is a part of a prerelease: a number, or else a text.
type identifier struct {
	text   string
	number uint64
	isText bool
}

// largest is the largest number that JavaScript counts to by ones.
const largest = 1<<53 - 1

// longest is the longest text that is read as a version.
const longest = 256

// Parse reads a version.
func Parse(text string, o Options) (Version, bool) {
	text = strings.TrimSpace(text)
	if len(text) > longest {
		return Version{}, false
	}
	if o.Loose {
		text = strings.TrimLeft(text, "v= \t")
	} else {
		text = strings.TrimPrefix(text, "v")
	}
	p, ok := parsePartial(text, o)
	if !ok || p.count < 3 || p.wild[0] || p.wild[1] || p.wild[2] {
		return Version{}, false
	}
	return p.Version, true
}

// Compare orders versions: a prerelease before its release, numbers before texts.
func (v Version) Compare(w Version) int {
	for i, n := range v.numbers {
		if c := cmp.Compare(n, w.numbers[i]); c != 0 {
			return c
		}
	}
	switch {
	case len(v.prerelease) == 0 || len(w.prerelease) == 0:
		return cmp.Compare(len(w.prerelease), len(v.prerelease))
	}
	for i, a := range v.prerelease {
		if i == len(w.prerelease) {
			return 1
		}
		if c := a.compare(w.prerelease[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(v.prerelease), len(w.prerelease))
}

func (a identifier) compare(b identifier) int {
	switch {
	case a.isText != b.isText && a.isText:
		return 1
	case a.isText != b.isText:
		return -1
	case a.isText:
		return strings.Compare(a.text, b.text)
	}
	return cmp.Compare(a.number, b.number)
}

// partial is a version of which parts may be missing or wild.
type partial struct {
	Version
	wild  [3]bool // x, X, * or missing
	count int     // of parts that are there
}

// parsePartial reads "1", "1.x", "1.2.3-beta+build" and the like, to its end.
func parsePartial(text string, o Options) (partial, bool) {
	p := partial{wild: [3]bool{true, true, true}}
	for p.count < 3 {
		end := strings.IndexFunc(text, func(r rune) bool { return r != '*' && r != 'x' && r != 'X' && (r < '0' || r > '9') })
		if end < 0 {
			end = len(text)
		}
		n, wild, ok := parseNumber(text[:end], o)
		if !ok {
			return p, false
		}
		p.numbers[p.count], p.wild[p.count] = n, wild
		p.count++
		text = text[end:]
		if p.count == 3 || !strings.HasPrefix(text, ".") {
			break
		}
		text = text[1:]
	}
	if text == "" {
		return p, true
	}
	if p.count < 3 {
		return p, false
	}
	return p, p.parseTail(text, o)
}

func parseNumber(text string, o Options) (n uint64, wild, ok bool) {
	switch {
	case text == "x", text == "X", text == "*":
		return 0, true, true
	case !o.Loose && len(text) > 1 && text[0] == '0':
		return 0, false, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, false, err == nil && n <= largest
}

// parseTail reads the prerelease and the build metadata behind the three numbers.
func (p *partial) parseTail(text string, o Options) bool {
	text, build, hasBuild := strings.Cut(text, "+")
	if hasBuild {
		for part := range strings.SplitSeq(build, ".") {
			if part == "" || !isIdentifier(part) {
				return false
			}
		}
	}
	if text == "" {
		return true
	}
	text, dashed := strings.CutPrefix(text, "-")
	if !dashed && !o.Loose {
		return false
	}
	for part := range strings.SplitSeq(text, ".") {
		id, ok := parseIdentifier(part, o)
		if !ok {
			return false
		}
		p.prerelease = append(p.prerelease, id)
	}
	return true
}

func parseIdentifier(part string, o Options) (identifier, bool) {
	if part == "" || !isIdentifier(part) {
		return identifier{}, false
	}
	if strings.Trim(part, "0123456789") != "" {
		return identifier{text: part, isText: true}, true
	}
	if !o.Loose && len(part) > 1 && part[0] == '0' {
		return identifier{}, false
	}
	n, err := strconv.ParseUint(part, 10, 64)
	if err != nil || n > largest {
		return identifier{text: part, isText: true}, true
	}
	return identifier{number: n}, true
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}
