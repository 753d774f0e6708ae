package gitignore

import (
	"errors"
	"strings"
)

// Glob is a compiled pattern as git's wildmatch understands it where slashes separate: "*", "?" and "[…]" stay within
// a segment; "**" that is a whole segment goes across, at the pattern's end for one segment or more, elsewhere for none
// or more; "\" takes the next character as it is. Paths are bytes, and "?" is one of them.
type Glob struct {
	// ops is the whole pattern; literal is it where it has no wildcard, or suffix what follows its one leading "*".
	ops       []op
	literal   string
	isLiteral bool
	suffix    string
	isSuffix  bool
	// prefix is what every match begins with.
	prefix string
}

// op is one step of a pattern.
type op struct {
	kind opKind
	byte byte  // of opByte
	set  *set  // of opSet
	skip uint8 // of opAcross: how many following ops may be left out with it, a slash or nothing
}

type opKind uint8

const (
	opByte   opKind = iota // one byte as it is
	opAny                  // one byte, no slash
	opSet                  // one byte of a set, no slash
	opStar                 // bytes, no slash
	opAcross               // bytes, slashes too
)

// set is a set of bytes.
type set [256]bool

// What a pattern can be that matches nothing, whatever the path.
var (
	errOpenBracket = errors.New("its [ has no ]")
	errClass       = errors.New("it has a character class that does not exist")
	errBackslash   = errors.New("it ends in a backslash")
	errEmpty       = errors.New("it is empty")
)

// CompileGlob compiles a pattern. The error is for one that can match nothing: an empty one, a bracket that does not
// close, an unknown [:class:], a backslash at the end.
func CompileGlob(pattern string) (*Glob, error) {
	if pattern == "" {
		return nil, errEmpty
	}
	g := &Glob{}
	for i := 0; i < len(pattern); {
		o, n, err := nextOp(pattern, i)
		if err != nil {
			return nil, err
		}
		g.ops = append(g.ops, o)
		i += n
	}
	g.findShortcuts()
	return g, nil
}

// nextOp reads the step at i, and how many bytes of the pattern it takes.
func nextOp(pattern string, i int) (op, int, error) {
	switch pattern[i] {
	case '\\':
		if i+1 == len(pattern) {
			return op{}, 0, errBackslash
		}
		return op{kind: opByte, byte: pattern[i+1]}, 2, nil
	case '?':
		return op{kind: opAny}, 1, nil
	case '[':
		s, n, err := parseSet(pattern[i:])
		return op{kind: opSet, set: s}, n, err
	case '*':
		o, n := parseStars(pattern, i)
		return o, n, nil
	}
	return op{kind: opByte, byte: pattern[i]}, 1, nil
}

// parseStars reads a run of stars: two or more that are a whole segment go across slashes, any others are as one.
func parseStars(pattern string, i int) (op, int) {
	rest := strings.TrimLeft(pattern[i:], "*")
	n := len(pattern) - i - len(rest)
	starts := i == 0 || pattern[i-1] == '/'
	if n < 2 || !starts {
		return op{kind: opStar}, n
	}
	switch {
	case rest == "", strings.HasPrefix(rest, `\/`):
		return op{kind: opAcross}, n
	case rest[0] == '/':
		return op{kind: opAcross, skip: 1}, n
	}
	return op{kind: opStar}, n
}

// findShortcuts spares the common patterns the general way.
func (g *Glob) findShortcuts() {
	n := 0
	for n < len(g.ops) && g.ops[n].kind == opByte {
		n++
	}
	g.prefix = literal(g.ops[:n])
	g.isLiteral, g.literal = n == len(g.ops), g.prefix
	if g.ops[0].kind != opStar {
		return
	}
	g.suffix = literal(g.ops[1:])
	g.isSuffix = len(g.suffix) == len(g.ops)-1 && !strings.Contains(g.suffix, "/")
}

func literal(ops []op) string {
	var b strings.Builder
	for _, o := range ops {
		if o.kind == opByte {
			b.WriteByte(o.byte)
		}
	}
	return b.String()
}

// Match reports whether the pattern matches the whole path.
func (g *Glob) Match(path string) bool {
	switch {
	case g.isLiteral:
		return path == g.literal
	case g.isSuffix:
		return strings.HasSuffix(path, g.suffix) && strings.IndexByte(path[:len(path)-len(g.suffix)], '/') < 0
	case !strings.HasPrefix(path, g.prefix):
		return false
	}
	return match(g.ops, path)
}

// match walks pattern and path side by side. What a star takes is tried from nothing upwards, and only the last star
// is ever tried again, since what lies between two stars does best to match as early as it can: so the cost is no worse
// than their lengths multiplied. A star that would have to take a slash gives up in favour of the last "**".
func match(ops []op, path string) bool {
	var star, across retry
	o, p := 0, 0
	for {
		switch {
		case o == len(ops) && p == len(path):
			return true
		case o < len(ops) && ops[o].kind == opAcross:
			star, across = retry{}, retry{set: true, op: o + 1, path: p}
			o += 1 + int(ops[o].skip)
			continue
		case o < len(ops) && ops[o].kind == opStar:
			star = retry{set: true, op: o + 1, path: p}
			o++
			continue
		case o < len(ops) && p < len(path) && ops[o].takes(path[p]):
			o, p = o+1, p+1
			continue
		}
		switch {
		case star.set && star.path < len(path) && path[star.path] != '/':
			star.path++
			o, p = star.op, star.path
		case across.set && across.path < len(path):
			star = retry{}
			across.path++
			o, p = across.op, across.path
		default:
			return false
		}
	}
}

// retry is where to go on when a star takes one byte more.
type retry struct {
	set      bool
	op, path int
}

func (o op) takes(b byte) bool {
	switch o.kind {
	case opByte:
		return o.byte == b
	case opAny:
		return b != '/'
	}
	return b != '/' && o.set[b]
}
