package workspace

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// keys are the keys that a mapping may have, with what reads the value of each.
type keys map[string]func(*yamlNode)

// mapping reads a mapping. what names it in errors.
func (p *configParser) mapping(n *yamlNode, what string, known keys) {
	n = n.value()
	if n.kind != yamlMapping {
		p.fail(n, "%s must be a mapping of keys, not %s", what, n.describe())
		return
	}
	seen := make(map[string]*yamlNode)
	var merged []*yamlNode
	for i := 0; i < len(n.content); i += 2 {
		key, value := n.content[i].value(), n.content[i+1]
		first := seen[key.text]
		switch {
		case key.kind != yamlScalar:
			p.fail(key, "a key must be a plain name, not %s", key.describe())
			continue
		case first != nil:
			p.fail(key, "key %q is there already, in line %d", key.text, first.line)
			continue
		}
		seen[key.text] = key
		if key.text == "<<" && key.plain {
			merged = append(merged, value)
			continue
		}
		p.key(key, value, known)
	}
	for _, m := range merged {
		p.merge(m, seen, known)
	}
}

// key reads one key's value.
func (p *configParser) key(key, value *yamlNode, known keys) {
	read, ok := known[key.text]
	if !ok {
		p.fail(key, "unknown key %q%s", key.text, didYouMean(key.text, known))
		return
	}
	read(value)
}

// merge reads what "<<" brings into a mapping (YAML's merge key): the keys of a mapping, or of a list of them, that
// are not there yet. What is merged merges nothing itself.
func (p *configParser) merge(n *yamlNode, seen map[string]*yamlNode, known keys) {
	n = n.value()
	if n.kind == yamlList {
		for _, m := range n.content {
			if m.value().kind == yamlMapping {
				p.merge(m, seen, known)
			} else {
				p.fail(m, "<< must bring mappings, not %s", m.describe())
			}
		}
		return
	}
	if n.kind != yamlMapping {
		p.fail(n, "<< must bring a mapping, not %s", n.describe())
		return
	}
	for i := 0; i < len(n.content); i += 2 {
		key := n.content[i].value()
		if key.kind == yamlScalar && seen[key.text] == nil {
			seen[key.text] = key
			p.key(key, n.content[i+1], known)
		}
	}
}

// value gives what an alias stands for, and anything else as it is.
func (n *yamlNode) value() *yamlNode {
	for n.kind == yamlAlias {
		n = n.target
	}
	return n
}

// The types that a plain scalar can have in YAML's core schema (YAML 1.2.2, section 10.3.2), as seed.yml needs them.

func (n *yamlNode) isNull() bool {
	return n.isPlain() && slices.Contains([]string{"", "~", "null", "Null", "NULL"}, n.text)
}

func (n *yamlNode) isBool() bool {
	return n.isPlain() && slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, n.text)
}

func (n *yamlNode) isNumber() bool {
	if !n.isPlain() || n.text == "" || !strings.ContainsAny(n.text[:1], "+-.0123456789") {
		return false
	}
	_, float := strconv.ParseFloat(n.text, 64)
	_, integer := strconv.ParseInt(n.text, 0, 64)
	return float == nil || integer == nil
}

func (n *yamlNode) isPlain() bool { return n.kind == yamlScalar && n.plain && n.tag == "" }

func (n *yamlNode) isString() bool {
	switch {
	case n.kind != yamlScalar:
		return false
	case n.tag != "":
		return n.tag == "!!str"
	}
	return !n.isNull() && !n.isBool() && !n.isNumber()
}

// describe names a value as its writer would.
func (n *yamlNode) describe() string {
	n = n.value()
	switch {
	case n.kind == yamlMapping:
		return "a mapping"
	case n.kind == yamlList:
		return "a list"
	case n.tag != "" && n.tag != "!!str":
		return "something tagged " + n.tag
	case n.isNull():
		return "nothing"
	case n.isBool(), n.isNumber():
		return n.text
	case n.plain && yaml11Bools[strings.ToLower(n.text)] != "":
		return fmt.Sprintf("%s, which is a string in YAML 1.2 (write %s)", n.text, yaml11Bools[strings.ToLower(n.text)])
	}
	return strconv.Quote(n.text)
}

// yaml11Bools are the words that YAML 1.1 took for booleans, and what to write for them.
var yaml11Bools = map[string]string{"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}

// string gives a string that is not empty.
func (p *configParser) string(n *yamlNode, what string) (string, bool) {
	n = n.value()
	switch {
	case n.isNumber(), n.isBool():
		p.fail(n, "%s must be a string, not %s (put it in quotes: %q)", what, n.describe(), n.text)
		return "", false
	case !n.isString():
		p.fail(n, "%s must be a string, not %s", what, n.describe())
		return "", false
	case n.text == "":
		p.fail(n, "%s is empty", what)
		return "", false
	}
	return n.text, true
}

func (p *configParser) bool(n *yamlNode, what string) (value, ok bool) {
	n = n.value()
	if !n.isBool() {
		p.fail(n, "%s must be true or false, not %s", what, n.describe())
		return false, false
	}
	return strings.EqualFold(n.text, "true"), true
}

// maxPhase bounds phase:, which counts groups of services.
const maxPhase = 1_000_000

func (p *configParser) number(n *yamlNode, what string) int {
	n = n.value()
	i, err := strconv.ParseUint(n.text, 10, 32)
	if !n.isNumber() || err != nil || i > maxPhase {
		p.fail(n, "%s must be a number from 0 to %d, not %s", what, maxPhase, n.describe())
		return 0
	}
	return int(i)
}

// oneOf gives one of several words.
func (p *configParser) oneOf(n *yamlNode, what string, words ...string) (string, bool) {
	n = n.value()
	if !n.isString() || !slices.Contains(words, n.text) {
		p.fail(n, "%s must be %s, not %s", what, orList(words), n.describe())
		return "", false
	}
	return n.text, true
}

func orList(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// list calls read with each element of a list.
func (p *configParser) list(n *yamlNode, what string, read func(*yamlNode)) {
	n = n.value()
	if n.kind != yamlList {
		p.fail(n, "%s must be a list, not %s", what, n.describe())
		return
	}
	for _, v := range n.content {
		read(v.value())
	}
}

// strings gives a list of strings; it is not nil, so that an empty list differs from none.
func (p *configParser) strings(n *yamlNode, what string) []string {
	list := []string{}
	p.list(n, what, func(n *yamlNode) {
		if s, ok := p.string(n, "an element of "+what); ok {
			list = append(list, s)
		}
	})
	return list
}

// path gives a path of the repository, cleaned: "." is the root.
func (p *configParser) path(n *yamlNode, what string) (string, bool) {
	s, ok := p.string(n, what)
	if !ok {
		return "", false
	}
	if strings.HasPrefix(s, "/") {
		p.fail(n, "%s must be relative to the repository, not %q", what, s)
		return "", false
	}
	if path.Clean(s) == s && !strings.HasPrefix(s, "..") {
		return s, true // as nearly all are, by the thousand
	}
	var clean []string
	for _, segment := range segments(s) {
		switch {
		case segment != "..":
			clean = append(clean, segment)
		case len(clean) == 0:
			p.fail(n, "%s leads out of the repository: %q", what, s)
			return "", false
		case hasGlob(strings.Join(clean, "/")):
			p.fail(n, "%s goes up behind a wildcard: %q", what, s)
			return "", false
		default:
			clean = clean[:len(clean)-1]
		}
	}
	return cmp.Or(strings.Join(clean, "/"), root), true
}
