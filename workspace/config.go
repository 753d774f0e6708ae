package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/monoplan/monoplan/internal/gitignore"
)

// ConfigError is something wrong in seed.yml.
type ConfigError struct {
	File    string
	Line    int // 1-based
	Column  int // 1-based
	Message string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// ParseConfig reads the text of a seed.yml; file is how messages name it. Its errors are ConfigErrors, joined if there
// are several, in the order of their lines.
func ParseConfig(file string, data []byte) (*Config, error) {
	c := DefaultConfig()
	c.File, c.Source = file, string(data)
	body, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	p := &configParser{file: file, config: c}
	if body != nil {
		p.mapping(body, "seed.yml", p.topKeys())
	}
	p.checkServices()
	c.Ignore, _ = gitignore.Parse(p.ignore) // what is wrong with a pattern is known with its place
	slices.SortStableFunc(p.errors, func(a, b *ConfigError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var all []error
	for _, e := range p.errors {
		all = append(all, e)
	}
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	return c, nil
}

// parseYAML gives the body of the only document, nil if it is empty.
func parseYAML(file string, data []byte) (body ast.Node, err error) {
	defer func() {
		// The parser has been seen to panic on malformed input.
		if r := recover(); r != nil {
			body, err = nil, &ConfigError{file, 1, 1, fmt.Sprintf("malformed YAML: %v", r)}
		}
	}()
	// Duplicate keys are found with the unknown ones, so that all are reported.
	parsed, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(file, err)
	}
	for _, d := range parsed.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			line, column := position(d.Body)
			return nil, &ConfigError{file, line, column, "there is a second document; seed.yml is one"}
		}
		body = d.Body
	}
	switch body.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
		return nil, nil
	}
	return body, nil
}

func syntaxError(file string, err error) error {
	e := &ConfigError{File: file, Line: 1, Column: 1, Message: err.Error()}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		e.Message = syntax.GetMessage()
		if t := syntax.GetToken(); t != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	return e
}

func position(n ast.Node) (line, column int) {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(1, t.Position.Line), max(1, t.Position.Column)
	}
	return 1, 1
}

// configParser collects what a seed.yml says, and what is wrong with it.
type configParser struct {
	file   string
	config *Config
	ignore []gitignore.Line
	errors []*ConfigError
}

func (p *configParser) fail(n ast.Node, format string, args ...any) {
	line, column := position(n)
	p.errors = append(p.errors, &ConfigError{p.file, line, column, fmt.Sprintf(format, args...)})
}

// keys are the keys that a mapping may have, with what reads the value of each.
type keys map[string]func(ast.Node)

// mapping reads a mapping. what names it in errors.
func (p *configParser) mapping(n ast.Node, what string, known keys) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		p.fail(n, "%s must be a mapping of keys, not %s", what, describe(n))
		return
	}
	seen := make(map[string]int)
	for _, v := range m.Values {
		key, ok := scalarText(v.Key)
		if _, merge := v.Key.(*ast.MergeKeyNode); merge || !ok {
			p.fail(v.Key, "a key must be a plain name")
			continue
		}
		line, _ := position(v.Key)
		if first, ok := seen[key]; ok {
			p.fail(v.Key, "key %q is there already, in line %d", key, first)
			continue
		}
		seen[key] = line
		read, ok := known[key]
		if !ok {
			p.fail(v.Key, "unknown key %q%s", key, didYouMean(key, known))
			continue
		}
		read(v.Value)
	}
}

// describe names a value's type as its writer would.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode:
		return n.String()
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or an alias, which seed.yml does not have"
	case *ast.TagNode:
		return "a tag, which seed.yml does not have"
	case *ast.StringNode:
		return fmt.Sprintf("%q", n.Value)
	}
	return "something else"
}

func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

// text gives a string.
func (p *configParser) text(n ast.Node, what string) (string, bool) {
	s, ok := scalarText(n)
	switch {
	case !ok:
		p.fail(n, "%s must be a string, not %s%s", what, describe(n), quoteIt(n))
	case s == "":
		p.fail(n, "%s is empty", what)
		return "", false
	}
	return s, ok
}

func quoteIt(n ast.Node) string {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return fmt.Sprintf(" (put it in quotes: %q)", n.String())
	}
	return ""
}

func (p *configParser) bool(n ast.Node, what string) (value, ok bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		p.fail(n, "%s must be true or false, not %s", what, describe(n))
		return false, false
	}
	return b.Value, true
}

func (p *configParser) number(n ast.Node, what string) int {
	if i, ok := n.(*ast.IntegerNode); ok {
		switch v := i.Value.(type) {
		case uint64:
			if v <= maxPhase {
				return int(v)
			}
		}
	}
	p.fail(n, "%s must be a number from 0 to %d, not %s", what, maxPhase, describe(n))
	return 0
}

// maxPhase bounds phase:, which counts groups of services.
const maxPhase = 1_000_000

// oneOf gives one of several words.
func (p *configParser) oneOf(n ast.Node, what string, words ...string) (string, bool) {
	s, ok := scalarText(n)
	if !ok || !slices.Contains(words, s) {
		p.fail(n, "%s must be %s, not %s", what, orList(words), describe(n))
		return "", false
	}
	return s, true
}

func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// list calls read with each element of a list.
func (p *configParser) list(n ast.Node, what string, read func(ast.Node)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		p.fail(n, "%s must be a list, not %s", what, describe(n))
		return
	}
	for _, v := range s.Values {
		read(v)
	}
}

// path gives a path of the repository, cleaned: "." is the root.
func (p *configParser) path(n ast.Node, what string) (string, bool) {
	s, ok := p.text(n, what)
	if !ok {
		return "", false
	}
	if strings.HasPrefix(s, "/") {
		p.fail(n, "%s must be relative to the repository, not %q", what, s)
		return "", false
	}
	var clean []string
	for _, segment := range segments(s) {
		switch {
		case segment != "..":
			clean = append(clean, segment)
		case len(clean) == 0:
			p.fail(n, "%s leads out of the repository: %q", what, s)
			return "", false
		default:
			clean = clean[:len(clean)-1]
		}
	}
	return cmp.Or(strings.Join(clean, "/"), root), true
}
