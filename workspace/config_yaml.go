package workspace

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yamlNode is a value of a YAML document, with its place. It says what is written and leaves what that means to who
// reads it: seed.yml is strict about types and keys where a template takes anything.
type yamlNode struct {
	kind yamlKind
	// text is a scalar's, and plain says that it stands without quotes, so that it may be a number as well.
	text  string
	plain bool
	// tag is a tag as it is written ("!Ref"), empty where there is none.
	tag          string
	line, column int // 1-based
	// content has a list's elements, and a mapping's keys and values in turn.
	content []*yamlNode
	// target is what an alias stands for.
	target *yamlNode
	// isKey is set by who looks at the values alone, on the keys.
	isKey bool
}

type yamlKind uint8

const (
	yamlScalar yamlKind = iota
	yamlList
	yamlMapping
	yamlAlias
)

// yamlError is a place at which a text is no YAML.
type yamlError struct {
	line, column int // 1-based
	message      string
}

func (e *yamlError) Error() string { return e.message }

// readYAML gives the documents of a text, those that are empty left out. The error is a *yamlError.
func readYAML(data []byte) (documents []*yamlNode, err error) {
	defer func() {
		// goccy/go-yaml indexes out of range on some malformed input. What it cannot read does not parse.
		if r := recover(); r != nil {
			documents, err = nil, &yamlError{1, 1, fmt.Sprintf("malformed YAML: %v", r)}
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	// Duplicate keys are fine in a template; seed.yml looks for them itself, to report all of them.
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, asYAMLError(err)
	}
	for _, d := range file.Docs {
		c := yamlConverter{anchors: make(map[string]*yamlNode)}
		if n := c.node(d.Body); n != nil {
			documents = append(documents, n)
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	return documents, nil
}

func asYAMLError(err error) error {
	e := &yamlError{1, 1, err.Error()}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		e.message = syntax.GetMessage()
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			e.line, e.column = max(1, t.Position.Line), max(1, t.Position.Column)
		}
	}
	return e
}

// yamlConverter makes the nodes of one document.
type yamlConverter struct {
	anchors map[string]*yamlNode
	err     error
}

// node gives nil for no node at all.
func (c *yamlConverter) node(n ast.Node) *yamlNode {
	switch n := n.(type) {
	case nil, *ast.CommentGroupNode, *ast.DirectiveNode:
		return nil
	case *ast.MappingNode:
		return c.mapping(n, n.Values...)
	case *ast.MappingValueNode:
		return c.mapping(n, n)
	case *ast.SequenceNode:
		return c.list(n)
	case *ast.MappingKeyNode:
		return c.node(n.Value)
	case *ast.TagNode:
		return c.tagged(n)
	case *ast.AnchorNode:
		return c.anchored(n)
	case *ast.AliasNode:
		return c.alias(n)
	}
	return scalarNode(n)
}

func scalarNode(n ast.Node) *yamlNode {
	s := placed(yamlScalar, n)
	switch n := n.(type) {
	case *ast.StringNode:
		s.text = n.Value
		s.plain = n.Token.Type != token.SingleQuoteType && n.Token.Type != token.DoubleQuoteType
	case *ast.LiteralNode:
		s.text = n.Value.Value
	case *ast.NullNode:
		s.plain = true
	default:
		s.text, s.plain = n.GetToken().Value, true
	}
	return s
}

func (c *yamlConverter) mapping(at ast.Node, values ...*ast.MappingValueNode) *yamlNode {
	m := placed(yamlMapping, at)
	for _, v := range values {
		m.content = append(m.content, c.value(v.Key), c.value(v.Value))
	}
	if flow, ok := at.(*ast.MappingNode); (!ok || !flow.IsFlowStyle) && len(m.content) > 0 {
		// The token of a block mapping is its first colon.
		m.line, m.column = m.content[0].line, m.content[0].column
	}
	return m
}

func (c *yamlConverter) list(n *ast.SequenceNode) *yamlNode {
	l := placed(yamlList, n)
	for _, v := range n.Values {
		l.content = append(l.content, c.value(v))
	}
	return l
}

// value gives an empty scalar for no node at all.
func (c *yamlConverter) value(n ast.Node) *yamlNode {
	if v := c.node(n); v != nil {
		return v
	}
	return &yamlNode{plain: true, line: 1, column: 1}
}

func (c *yamlConverter) tagged(n *ast.TagNode) *yamlNode {
	v := c.value(n.Value)
	at := placed(v.kind, n)
	v.tag, v.line, v.column = n.Start.Value, at.line, at.column
	return v
}

func (c *yamlConverter) anchored(n *ast.AnchorNode) *yamlNode {
	v := c.value(n.Value)
	c.anchors[n.Name.GetToken().Value] = v
	return v
}

func (c *yamlConverter) alias(n *ast.AliasNode) *yamlNode {
	a := placed(yamlAlias, n)
	name := n.Value.GetToken().Value
	a.target = c.anchors[name]
	if a.target == nil && c.err == nil {
		c.err = &yamlError{a.line, a.column, fmt.Sprintf("the alias %q has no anchor before it", name)}
	}
	return a
}

func placed(kind yamlKind, n ast.Node) *yamlNode {
	p := &yamlNode{kind: kind, line: 1, column: 1}
	if t := n.GetToken(); t != nil && t.Position != nil {
		p.line, p.column = max(1, t.Position.Line), max(1, t.Position.Column)
	}
	return p
}
