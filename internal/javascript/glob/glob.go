// Package glob matches paths by the patterns of JavaScript's tools.
//
// Two dialects matter, and they differ where it hurts: minimatch's, in which Lerna and Nx read their settings, and
// picomatch's, which pnpm has through micromatch and tinyglobby. Whether "a/**" matches "a", what "!" in front means,
// whether parentheses group: each decides which packages there are. Libraries of Go follow bash or gitignore, and pass
// neither's table of cases, so the two are here, and the tests hold them against the originals.
//
// A pattern is expanded by its braces, and each result is a list of segments. A segment is matched by itself, with
// backtracking; "**" takes any number of them. Paths have slashes and no "." or ".." in them, and are matched by their
// characters.
package glob

import "strings"

// Options are what both dialects let who asks decide.
type Options struct {
	// Dot lets wildcards match a leading dot.
	Dot bool
	// MatchBase lets a pattern without a slash match the last segment of a path. Minimatch alone has it here.
	MatchBase bool
	// Posix lets "[!a]" be what "[^a]" is, as it always is to minimatch. Tinyglobby asks picomatch for it, micromatch does not.
	Posix bool
}

// Pattern is a compiled pattern. It is safe for concurrent use.
type Pattern struct {
	// Negated says that the pattern begins with a "!" that turns its meaning around.
	Negated bool

	options Options
	dialect dialect
	// sets are the patterns after expansion, each as its segments. With none, nothing matches.
	sets [][]segment
}

type dialect uint8

const (
	minimatch dialect = iota
	picomatch
)

// segment is one part of a pattern between slashes.
type segment struct {
	globstar bool
	nodes    []node
}

// Minimatch compiles a pattern as minimatch does (github.com/isaacs/minimatch, README). A comment matches nothing.
func Minimatch(pattern string, o Options) *Pattern {
	p := &Pattern{options: o, dialect: minimatch}
	if strings.HasPrefix(pattern, "#") {
		return p
	}
	for strings.HasPrefix(pattern, "!") {
		p.Negated = !p.Negated
		pattern = pattern[1:]
	}
	p.compile(pattern)
	return p
}

// Picomatch compiles a pattern as picomatch does (github.com/micromatch/picomatch, README).
func Picomatch(pattern string, o Options) *Pattern {
	p := &Pattern{options: o, dialect: picomatch}
	pattern = strings.TrimPrefix(pattern, "./")
	for strings.HasPrefix(pattern, "!") && !strings.HasPrefix(pattern, "!(") {
		p.Negated = !p.Negated
		pattern = pattern[1:]
	}
	p.compile(strings.TrimPrefix(pattern, "./"))
	return p
}

func (p *Pattern) compile(pattern string) {
	for _, expanded := range expand(pattern) {
		var segments []segment
		for _, part := range p.split(expanded) {
			if part == "**" {
				if n := len(segments); n == 0 || !segments[n-1].globstar {
					segments = append(segments, segment{globstar: true})
				}
				continue
			}
			segments = append(segments, segment{nodes: parse(part, p.dialect, p.options)})
		}
		p.sets = append(p.sets, segments)
	}
}

// split cuts a pattern at its slashes, of which to minimatch several are one. To picomatch, a slash in brackets or
// parentheses is none of those.
func (p *Pattern) split(pattern string) []string {
	if p.dialect == minimatch {
		for strings.Contains(pattern, "//") {
			pattern = strings.ReplaceAll(pattern, "//", "/")
		}
		return strings.Split(pattern, "/")
	}
	var parts []string
	depth, start := 0, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '/':
			if depth <= 0 {
				parts, start = append(parts, pattern[start:i]), i+1
			}
		}
	}
	return append(parts, pattern[min(start, len(pattern)):])
}

// Match reports whether the pattern matches a path; one that is negated matches what the rest of it does not.
func (p *Pattern) Match(path string) bool {
	return p.matches(path) != p.Negated
}

func (p *Pattern) matches(path string) bool {
	parts := strings.Split(path, "/")
	for _, set := range p.sets {
		subject := parts
		if p.options.MatchBase && len(set) == 1 {
			subject = parts[len(parts)-1:]
		}
		if p.segments(set, subject) {
			return true
		}
	}
	return false
}

// segments matches a pattern's segments with a path's.
func (p *Pattern) segments(set []segment, parts []string) bool {
	for len(set) > 0 && !set[0].globstar {
		starAlone := len(parts) == 1 && len(set) == 2 && set[1].globstar && set[0].endsInStar()
		if len(parts) == 0 || starAlone || !p.segment(set[0].nodes, parts[0], len(set) == 1) {
			return false
		}
		set, parts = set[1:], parts[1:]
	}
	if len(set) == 0 {
		return len(parts) == 0
	}
	if len(set) == 1 {
		return p.swallows(parts)
	}
	for i := 0; ; i++ {
		if p.segments(set[1:], parts[i:]) {
			return true
		}
		if i == len(parts) || p.hidden(parts[i]) {
			return false
		}
	}
}

// endsInStar reports whether a segment's last element is "*". To picomatch, "a/**" has "a" and "*/**" does not.
func (s segment) endsInStar() bool {
	return len(s.nodes) > 0 && s.nodes[len(s.nodes)-1].kind == star
}

// swallows reports whether a "**" at the end takes all the rest of a path. To minimatch there must be some.
func (p *Pattern) swallows(parts []string) bool {
	for _, part := range parts {
		if p.hidden(part) {
			return false
		}
	}
	return len(parts) > 0 || p.dialect == picomatch
}

// hidden reports whether wildcards do not match a path's segment.
func (p *Pattern) hidden(part string) bool {
	return part == "." || part == ".." || !p.options.Dot && strings.HasPrefix(part, ".")
}

// segment matches a segment of the pattern, the final one or another, with one of a path.
func (p *Pattern) segment(nodes []node, part string, final bool) bool {
	if part == "" {
		return len(nodes) == 0
	}
	m := matcher{whole: part, final: final, dot: p.options.Dot && part != "." && part != "..", dialect: p.dialect}
	return m.sequence(nodes, 0, func(end int) bool { return end == len(part) })
}
