package glob

import (
	"strings"
	"unicode/utf8"
)

// matcher matches nodes with one segment of a path, by backtracking.
type matcher struct {
	whole   string
	final   bool // it is the pattern's last one
	dot     bool // wildcards match a dot that the segment begins with
	dialect dialect
}

// sequence matches nodes from a place on, and then what end says of the place behind them.
func (m *matcher) sequence(nodes []node, at int, end func(int) bool) bool {
	if len(nodes) == 0 {
		return end(at)
	}
	n, rest := nodes[0], nodes[1:]
	then := func(at int) bool { return m.sequence(rest, at, end) }
	switch n.kind {
	case literal:
		return strings.HasPrefix(m.whole[at:], n.text) && then(at+len(n.text))
	case anyRune, bracket:
		size := m.one(n, at)
		return size > 0 && then(at+size)
	case star:
		return m.star(at, then, len(rest) == 0)
	}
	return m.group(n, at, then, len(rest) == 0)
}

// one gives the length of the character at a place, 0 where the node does not match it.
func (m *matcher) one(n node, at int) int {
	free := n.kind == bracket && m.dialect == picomatch
	if at == len(m.whole) || m.guarded(at) && !free {
		return 0
	}
	r, size := utf8.DecodeRuneInString(m.whole[at:])
	if n.kind == bracket && !n.set.matches(r) {
		return 0
	}
	return size
}

// guarded reports whether there is a dot at a place that only a dot in the pattern matches. To picomatch, brackets and
// "!(…)" are not wildcards in this.
func (m *matcher) guarded(at int) bool { return at == 0 && !m.dot && m.whole[0] == '.' }

func (m *matcher) star(at int, then func(int) bool, last bool) bool {
	return !m.guarded(at) && m.anything(at, then, last)
}

func (m *matcher) anything(at int, then func(int) bool, last bool) bool {
	if last && then(len(m.whole)) {
		return true
	}
	for i := at; i <= len(m.whole); i++ {
		if then(i) {
			return true
		}
	}
	return false
}

func (m *matcher) group(n node, at int, then func(int) bool, last bool) bool {
	switch n.repeat {
	case '@':
		return m.either(n, at, then)
	case '?':
		return m.either(n, at, then) || then(at)
	case '*':
		return m.repeated(n, at, then) || then(at)
	case '+':
		return m.repeated(n, at, then)
	}
	return m.not(n, at, then, last)
}

func (m *matcher) either(n node, at int, then func(int) bool) bool {
	for _, alternative := range n.alternatives {
		if m.sequence(alternative, at, then) {
			return true
		}
	}
	return false
}

func (m *matcher) repeated(n node, at int, then func(int) bool) bool {
	return m.either(n, at, func(i int) bool {
		return then(i) || i > at && m.repeated(n, i, then)
	})
}

// not matches anything but what the alternatives do, with what follows them in the pattern. Picomatch does not look at
// what follows: where anything does, nothing that begins as an alternative is matched.
func (m *matcher) not(n node, at int, then func(int) bool, last bool) bool {
	follows := then
	if m.dialect == picomatch && !(last && m.final) {
		follows = func(int) bool { return true }
	}
	if m.either(n, at, follows) {
		return false
	}
	if m.dialect == picomatch {
		return m.anything(at, then, last)
	}
	return m.star(at, then, last)
}
