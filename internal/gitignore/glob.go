package gitignore

import "strings"

// Glob matches whole paths, as git's wildmatch does with WM_PATHNAME: "*" and "?" stay within a segment, "**" as a
// segment of its own crosses them, "[…]" is a class of bytes, and "\" takes the next byte as it is. The bytes of a path
// are compared as they are.
type Glob struct {
	segments []segment
	// never says that the pattern is malformed, and so matches nothing.
	never bool
}

// CompileGlob reads a pattern. A malformed one (an open class, a lone "\" at the end) matches nothing, as in git.
func CompileGlob(pattern string) *Glob {
	g := &Glob{}
	for part := range strings.SplitSeq(joinClasses(pattern), "\x00") {
		s, ok := compileSegment(part)
		g.never = g.never || !ok
		g.segments = append(g.segments, s)
	}
	return g
}

// joinClasses puts a NUL, which no path holds, for each "/" that separates segments: one in a class does not.
func joinClasses(pattern string) string {
	b := []byte(pattern)
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '/':
			b[i] = 0
		case '\\':
			i++
		case '[':
			if _, n, ok := compileClass(string(b[i:])); ok {
				i += n - 1
			}
		}
	}
	return string(b)
}

// Match reports whether the pattern matches the whole path.
func (g *Glob) Match(path string) bool {
	if g.never {
		return false
	}
	return matchSegments(g.segments, path)
}

// matchSegments matches segment by segment. Where a "**" took too little it takes one segment more: only the last one
// has to be tried again, for what the earlier ones took was enough to get there.
func matchSegments(pattern []segment, path string) bool {
	var retryPattern []segment
	var retryPath string
	rest, more := path, true
	for {
		switch {
		case len(pattern) > 0 && pattern[0].crossing:
			if len(pattern) == 1 {
				return more
			}
			pattern = pattern[1:]
			retryPattern, retryPath = pattern, rest
			continue
		case len(pattern) == 0 && !more:
			return true
		case len(pattern) > 0 && more:
			name, after, found := strings.Cut(rest, "/")
			if pattern[0].match(name) {
				pattern, rest, more = pattern[1:], after, found
				continue
			}
		}
		_, after, found := strings.Cut(retryPath, "/")
		if retryPattern == nil || !found {
			return false
		}
		retryPath = after
		pattern, rest, more = retryPattern, after, true
	}
}

// segment is the pattern of one segment of a path.
type segment struct {
	// crossing is "**", any number of segments.
	crossing bool
	// literal is the whole segment, where it has nothing special.
	literal   string
	isLiteral bool
	parts     []part
}

// part is one unit of a segment's pattern.
type part struct {
	kind  partKind
	byte  byte
	class *class
}

type partKind uint8

const (
	oneByte  partKind = iota // the byte
	anyByte                  // ?
	anyBytes                 // *
	oneOf                    // […]
)

func compileSegment(pattern string) (segment, bool) {
	if pattern == "**" {
		return segment{crossing: true}, true
	}
	if !strings.ContainsAny(pattern, `*?[\`) {
		return segment{literal: pattern, isLiteral: true}, true
	}
	var s segment
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			if n := len(s.parts); n == 0 || s.parts[n-1].kind != anyBytes {
				s.parts = append(s.parts, part{kind: anyBytes})
			}
		case '?':
			s.parts = append(s.parts, part{kind: anyByte})
		case '[':
			class, n, ok := compileClass(pattern[i:])
			if !ok {
				return segment{}, false
			}
			s.parts = append(s.parts, part{kind: oneOf, class: class})
			i += n - 1
		case '\\':
			if i++; i == len(pattern) {
				return segment{}, false
			}
			s.parts = append(s.parts, part{kind: oneByte, byte: pattern[i]})
		default:
			s.parts = append(s.parts, part{kind: oneByte, byte: c})
		}
	}
	return s, true
}

func (s segment) match(name string) bool {
	if s.isLiteral {
		return s.literal == name
	}
	parts := s.parts
	var retryParts []part
	var retryName string
	for {
		switch {
		case len(parts) > 0 && parts[0].kind == anyBytes:
			parts = parts[1:]
			retryParts, retryName = parts, name
			continue
		case len(parts) == 0 && name == "":
			return true
		case len(parts) > 0 && name != "" && parts[0].match(name[0]):
			parts, name = parts[1:], name[1:]
			continue
		}
		if retryParts == nil || retryName == "" {
			return false
		}
		retryName = retryName[1:]
		parts, name = retryParts, retryName
	}
}

func (p part) match(b byte) bool {
	switch p.kind {
	case anyByte:
		return true
	case oneOf:
		return p.class.has(b)
	}
	return p.byte == b
}
