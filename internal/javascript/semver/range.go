package semver

import (
	"slices"
	"strings"
)

// Range is a set of versions.
type Range struct {
	// sets are alternatives, in each of which every comparator must hold.
	sets    [][]comparator
	options Options
}

// comparator is a bound. One without an operator takes any version.
type comparator struct {
	operator string // "", "=", "<", "<=", ">", ">="
	version  Version
}

// Satisfies reports whether a version is in a range. What is no version, or no range, is not.
func Satisfies(version, in string, o Options) bool {
	r, ok := ParseRange(in, o)
	if !ok {
		return false
	}
	v, ok := Parse(version, o)
	return ok && r.Has(v)
}

// ParseRange reads a range.
func ParseRange(text string, o Options) (Range, bool) {
	r := Range{options: o}
	text = strings.Join(strings.Fields(withoutBuild(text)), " ")
	for part := range strings.SplitSeq(text, "||") {
		set, ok := parseSet(strings.TrimSpace(part), o)
		if !ok {
			return Range{}, false
		}
		if len(set) > 0 {
			r.sets = append(r.sets, set)
		}
	}
	r.simplify()
	return r, len(r.sets) > 0
}

// withoutBuild takes build metadata out of a range: "+" and the identifiers behind it.
func withoutBuild(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "+")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		rest := strings.TrimLeftFunc(after, isBuildRune)
		if len(rest) == len(after) {
			b.WriteByte('+')
		}
		text = rest
	}
}

func isBuildRune(r rune) bool { return r < 0x80 && (r == '.' || isIdentifier(string(r))) }

// simplify leaves out what nothing satisfies, and everything beside what any version does.
func (r *Range) simplify() {
	if len(r.sets) < 2 {
		return
	}
	first := r.sets[0]
	r.sets = slices.DeleteFunc(r.sets, func(set []comparator) bool { return set[0].isNothing() })
	if len(r.sets) == 0 {
		r.sets = [][]comparator{first}
	}
	for _, set := range r.sets {
		if len(set) == 1 && set[0].operator == "" {
			r.sets = [][]comparator{set}
			return
		}
	}
}

// IsAll reports whether the range is "*", however it is written: node-semver's validRange says "*" of ">=0", "x" and "1 || *" too.
func (r Range) IsAll() bool {
	return len(r.sets) == 1 && len(r.sets[0]) == 1 && r.sets[0][0].operator == ""
}

// Has reports whether the range has a version.
func (r Range) Has(v Version) bool {
	return slices.ContainsFunc(r.sets, func(set []comparator) bool { return r.holds(set, v) })
}

func (r Range) holds(set []comparator, v Version) bool {
	for _, c := range set {
		if !c.holds(v) {
			return false
		}
	}
	if len(v.prerelease) == 0 || r.options.Prereleases {
		return true
	}
	return slices.ContainsFunc(set, func(c comparator) bool {
		return c.operator != "" && len(c.version.prerelease) > 0 && c.version.numbers == v.numbers
	})
}

func (c comparator) holds(v Version) bool {
	order := v.Compare(c.version)
	switch c.operator {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	return true
}

// lowest is 0.0.0-0, before which nothing is.
func lowest() Version { return Version{prerelease: []identifier{{}}} }

func (c comparator) isNothing() bool { return c.operator == "<" && c.version.Compare(lowest()) == 0 }

// isAll reports whether a bound is one in writing only: node-semver drops ">=0.0.0", and its prerelease where
// prereleases count.
func (c comparator) isAll(o Options) bool {
	bound := Version{}
	if o.Prereleases {
		bound = lowest()
	}
	return c.operator == ">=" && c.version.Compare(bound) == 0
}

// parseSet reads comparators that must all hold. Loosely read, words that are none are left out, be it all of them.
func parseSet(text string, o Options) ([]comparator, bool) {
	set, isHyphen := hyphen(text, o)
	if !isHyphen {
		for word := range strings.SplitSeq(joinOperators(text), " ") {
			comparators, ok := parseWord(word, o)
			if !ok && !o.Loose {
				return nil, false
			}
			set = append(set, comparators...)
		}
	}
	if len(set) == 0 {
		return nil, true
	}
	for i, c := range set {
		if c.isNothing() {
			return []comparator{c}, true
		}
		if c.isAll(o) {
			set[i] = comparator{}
		}
	}
	set = slices.DeleteFunc(set, func(c comparator) bool { return c.operator == "" })
	if len(set) == 0 {
		set = []comparator{{}}
	}
	return set, true
}

// joinOperators takes out the spaces behind operators.
func joinOperators(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if text[i] == ' ' && i > 0 && strings.IndexByte("<>=~^", text[i-1]) >= 0 {
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// parseWord reads one word of a set: "^1.2", "~1", ">=1.x", "1.2.3".
func parseWord(word string, o Options) ([]comparator, bool) {
	if word == "" {
		return []comparator{{}}, true
	}
	switch word[0] {
	case '^':
		return caret(word[1:], o)
	case '~':
		return tilde(strings.TrimPrefix(word[1:], ">"), o)
	}
	operator := word[:len(word)-len(strings.TrimLeft(word, "<>"))]
	rest := word[len(operator):]
	if len(operator) > 1 {
		return nil, false
	}
	if strings.HasPrefix(rest, "=") {
		operator, rest = operator+"=", rest[1:]
	}
	p, ok := parsePartial(strings.TrimLeft(rest, "v="), o)
	switch {
	case !ok, p.wild[0] && !p.wild[1], p.wild[1] && !p.wild[2]:
		return nil, false
	case p.wild[0] || p.wild[1] || p.wild[2]:
		return wild(operator, p, o), true
	case !o.Loose && strings.HasPrefix(strings.TrimPrefix(rest, "v"), "v"), !o.Loose && strings.Contains(rest[:len(rest)-len(strings.TrimLeft(rest, "v="))], "="):
		return nil, false
	}
	if operator == "" {
		operator = "="
	}
	return []comparator{{operator, p.Version}}, true
}

// at gives a version of three numbers; below makes it the lowest prerelease of itself.
func at(a, b, c uint64, below bool) Version {
	v := Version{numbers: [3]uint64{a, b, c}}
	if below {
		v.prerelease = []identifier{{}}
	}
	return v
}

func between(from, to Version) []comparator { return []comparator{{">=", from}, {"<", to}} }

// caret: what does not change the first number that is not zero.
func caret(text string, o Options) ([]comparator, bool) {
	p, ok := parsePartial(strings.TrimLeft(text, "v="), o)
	if !ok {
		return nil, false
	}
	n := p.numbers
	from := p.Version
	switch {
	case p.wild[0]:
		return []comparator{{}}, true
	case p.wild[1]:
		return between(at(n[0], 0, 0, o.Prereleases), at(n[0]+1, 0, 0, true)), true
	case p.wild[2]:
		from = at(n[0], n[1], 0, o.Prereleases)
	case len(p.prerelease) == 0 && n[0] == 0:
		from = at(n[0], n[1], n[2], o.Prereleases)
	}
	switch {
	case n[0] > 0:
		return between(from, at(n[0]+1, 0, 0, true)), true
	case n[1] > 0 || p.wild[2]:
		return between(from, at(0, n[1]+1, 0, true)), true
	}
	return between(from, at(0, 0, n[2]+1, true)), true
}

// tilde: what changes the last number alone.
func tilde(text string, o Options) ([]comparator, bool) {
	p, ok := parsePartial(strings.TrimLeft(text, "v="), o)
	if !ok {
		return nil, false
	}
	n := p.numbers
	switch {
	case p.wild[0]:
		return []comparator{{}}, true
	case p.wild[1]:
		return between(at(n[0], 0, 0, false), at(n[0]+1, 0, 0, true)), true
	case p.wild[2]:
		return between(at(n[0], n[1], 0, false), at(n[0], n[1]+1, 0, true)), true
	}
	return between(p.Version, at(n[0], n[1]+1, 0, true)), true
}

// wild: a version with parts that are x or missing, behind an operator or none.
func wild(operator string, p partial, o Options) []comparator {
	n := p.numbers
	if operator == "=" {
		operator = ""
	}
	switch {
	case p.wild[0] && (operator == ">" || operator == "<"):
		return []comparator{{"<", lowest()}}
	case p.wild[0]:
		return []comparator{{}}
	case operator != "":
		return wildBound(operator, p, o)
	case p.wild[1]:
		return between(at(n[0], 0, 0, o.Prereleases), at(n[0]+1, 0, 0, true))
	}
	return between(at(n[0], n[1], 0, o.Prereleases), at(n[0], n[1]+1, 0, true))
}

func wildBound(operator string, p partial, o Options) []comparator {
	n := p.numbers
	if p.wild[1] {
		n[1] = 0
	}
	n[2] = 0
	if operator == ">" || operator == "<=" {
		if p.wild[1] {
			n[0]++
		} else {
			n[1]++
		}
		operator = map[string]string{">": ">=", "<=": "<"}[operator]
	}
	return []comparator{{operator, at(n[0], n[1], n[2], o.Prereleases || operator == "<")}}
}

// hyphen: from one version to another, both included.
func hyphen(text string, o Options) ([]comparator, bool) {
	from, to, ok := strings.Cut(text, " - ")
	if !ok {
		return nil, false
	}
	f, okFrom := parsePartial(strings.TrimLeft(from, "v= "), o)
	t, okTo := parsePartial(strings.TrimLeft(to, "v= "), o)
	if !okFrom || !okTo {
		return nil, false
	}
	low, high := comparator{">=", f.Version}, comparator{"<=", t.Version}
	n := f.numbers
	switch {
	case f.wild[0]:
		low = comparator{}
	case f.wild[1]:
		low.version = at(n[0], 0, 0, o.Prereleases)
	case f.wild[2]:
		low.version = at(n[0], n[1], 0, o.Prereleases)
	case len(f.prerelease) == 0:
		low.version = at(n[0], n[1], n[2], o.Prereleases)
	}
	n = t.numbers
	switch {
	case t.wild[0]:
		high = comparator{}
	case t.wild[1]:
		high = comparator{"<", at(n[0]+1, 0, 0, true)}
	case t.wild[2]:
		high = comparator{"<", at(n[0], n[1]+1, 0, true)}
	case len(t.prerelease) == 0 && o.Prereleases:
		high = comparator{"<", at(n[0], n[1], n[2]+1, true)}
	}
	return []comparator{low, high}, true
}
