package workspace

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v4"
)

// yamlNode is a value of a YAML document, with its place. It says what is written and leaves what that means to who
// reads it: seed.yml is strict about types and keys where a template takes anything.
type yamlNode struct {
	kind yamlKind
	// plain says of a scalar that it stands without quotes, so that it may be a number as well.
	plain bool
	// isKey is set by who looks at the values alone, on the keys.
	isKey bool
	// isTemplate is set by who looks at a resource, on the value that names a template.
	isTemplate bool
	// isPlugin is set by who looks at a serverless.yml, on what names a plugin, or where plugins are.
	isPlugin bool
	// isHandler is set by who looks at the values alone, on what names the code of a function.
	isHandler bool
	// isRequirements is set by who looks at a serverless.yml or a samconfig, on what names the requirements of its functions.
	isRequirements bool
	// isSources is set by who looks at a template, on what names the sources of something.
	isSources bool
	text      string // a scalar's
	// tag is a tag as it is written ("!Ref"), empty where there is none.
	tag          string
	line, column int // 1-based
	// content has a list's elements, and a mapping's keys and values in turn.
	content []*yamlNode
	// target is what an alias stands for.
	target *yamlNode
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
func readYAML(data []byte) ([]*yamlNode, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, asYAMLError(err, data)
	}
	var documents []*yamlNode
	for {
		var d yaml.Node
		err := loader.Load(&d)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, asYAMLError(err, data)
		}
		for _, body := range d.Content {
			c := yamlConverter{anchors: make(map[*yaml.Node]*yamlNode), within: make(map[*yaml.Node]bool)}
			if n := c.node(body); !n.isAbsent() {
				documents = append(documents, n)
			}
		}
	}
}

func asYAMLError(err error, data []byte) error {
	e := &yamlError{1, 1, err.Error()}
	var load *yaml.LoadError
	if errors.As(err, &load) {
		e.line, e.column = max(1, load.Mark.Line), max(1, load.Mark.Column)
		e.message = load.Message
		if load.ContextMsg != "" {
			e.message = load.ContextMsg + ": " + load.Message
		}
	}
	if last := lastLine(data); e.line > last {
		// The end of a text whose last line does not end lies behind it.
		e.line, e.column = last, 1
	}
	return e
}

// lastLine counts the lines of a text as YAML breaks them: a carriage return alone is a break too.
func lastLine(data []byte) int {
	return 1 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) - bytes.Count(data, []byte("\r\n"))
}

// isAbsent reports whether a document has nothing in it.
func (n *yamlNode) isAbsent() bool { return n.isPlain() && n.text == "" }

// yamlConverter makes the nodes of one document.
type yamlConverter struct {
	anchors map[*yaml.Node]*yamlNode
	// within are the nodes with an anchor that are being made.
	within map[*yaml.Node]bool
}

// node makes a node. An alias of what it is in stands for nothing: no value is a part of itself.
func (c *yamlConverter) node(n *yaml.Node) *yamlNode {
	v := &yamlNode{line: max(1, n.Line), column: max(1, n.Column)}
	if n.Anchor != "" {
		c.anchors[n] = v
		c.within[n] = true
		defer delete(c.within, n)
	}
	if n.Style&yaml.TaggedStyle != 0 {
		v.tag = n.Tag
	}
	switch n.Kind {
	case yaml.AliasNode:
		if c.within[n.Alias] {
			v.plain = true
			break
		}
		v.kind, v.target = yamlAlias, c.anchors[n.Alias]
	case yaml.MappingNode:
		v.kind = yamlMapping
	case yaml.SequenceNode:
		v.kind = yamlList
	default:
		v.text = n.Value
		v.plain = n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	}
	if len(n.Content) > 0 {
		v.content = make([]*yamlNode, len(n.Content))
	}
	for i, child := range n.Content {
		v.content[i] = c.node(child)
	}
	return v
}
