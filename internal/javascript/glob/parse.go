package glob

import (
	"strings"
	"unicode/utf8"
)

// node is one element of a segment.
type node struct {
	kind nodeKind
	text string // of a literal
	set  *class
	// alternatives are those of a group, and repeat what stands before its parenthesis: ? * + @ !
	alternatives [][]node
	repeat       byte
}

type nodeKind uint8

const (
	literal nodeKind = iota
	anyRune
	star
	bracket
	group
)

// parse reads one segment.
func parse(pattern string, d dialect, o Options) []node {
	p := parser{rest: pattern, dialect: d, posix: d == minimatch || o.Posix}
	return p.sequence(false)
}

type parser struct {
	rest    string
	dialect dialect
	posix   bool
}

// sequence reads nodes up to the end, or in a group up to a "|" or ")" that is left for the caller.
func (p *parser) sequence(inGroup bool) []node {
	var nodes []node
	add := func(n node) {
		last := len(nodes) - 1
		switch {
		case n.kind == literal && last >= 0 && nodes[last].kind == literal:
			nodes[last].text += n.text
		case n.kind == star && last >= 0 && nodes[last].kind == star:
		default:
			nodes = append(nodes, n)
		}
	}
	for p.rest != "" {
		c := p.rest[0]
		switch {
		case inGroup && (c == '|' || c == ')'):
			return nodes
		case c == '\\' && len(p.rest) > 1:
			_, size := utf8.DecodeRuneInString(p.rest[1:])
			add(node{kind: literal, text: p.rest[1 : 1+size]})
			p.rest = p.rest[1+size:]
		case p.group(add), p.bracket(add):
		case c == '*':
			add(node{kind: star})
			p.rest = p.rest[1:]
		case c == '?':
			add(node{kind: anyRune})
			p.rest = p.rest[1:]
		default:
			add(node{kind: literal, text: p.rest[:1]})
			p.rest = p.rest[1:]
		}
	}
	return nodes
}

// group reads "@(a|b)" and its kin, and in picomatch "(a|b)" as well. A group that does not close is none.
func (p *parser) group(add func(node)) bool {
	repeat := p.rest[0]
	open := 1
	switch {
	case p.dialect == picomatch && repeat == '(':
		repeat, open = '@', 0
	case !strings.ContainsRune("?*+@!", rune(repeat)), len(p.rest) < 2, p.rest[1] != '(':
		return false
	}
	if !p.closes(p.rest[open:]) {
		return false
	}
	inner := parser{rest: p.rest[open+1:], dialect: p.dialect, posix: p.posix}
	n := node{kind: group, repeat: repeat}
	for {
		n.alternatives = append(n.alternatives, inner.sequence(true))
		end := inner.rest[0] == ')'
		inner.rest = inner.rest[1:]
		if end {
			break
		}
	}
	p.rest = inner.rest
	add(n)
	return true
}

// closes reports whether the parenthesis that a text begins with has its end.
func (p *parser) closes(text string) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			if _, length := p.class(text[i:]); length > 0 {
				i += length - 1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return true
			}
		}
	}
	return false
}

// bracket reads "[ab]". To picomatch, one that looks like no expression is a name as well: "[id]" has "i", "d" and "[id]".
func (p *parser) bracket(add func(node)) bool {
	if p.rest[0] != '[' {
		return false
	}
	set, length := p.class(p.rest)
	if length == 0 {
		return false
	}
	n := node{kind: bracket, set: set}
	if text := p.rest[:length]; p.dialect == picomatch && !strings.ContainsAny(text[1:length-1], `-*+?.^${}(|)[]\`) {
		n = node{kind: group, repeat: '@', alternatives: [][]node{{n}, {{kind: literal, text: text}}}}
	}
	add(n)
	p.rest = p.rest[length:]
	return true
}

func (p *parser) class(text string) (*class, int) {
	return parseClass(text, p.posix, p.dialect == picomatch)
}
