package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// template is what a serverless.yml, a CloudFormation template, or a file that one of those includes says.
type template struct {
	// Service is the literal name of a Serverless service, empty where there is none or it holds a variable.
	Service string
	// SAM says that the template's Transform is, or contains, one of AWS::Serverless-….
	SAM bool
	// Scalars are the paths that the values may name, in the order of the file.
	Scalars []candidate
	// Programs are the ${file(…)} of which nobody can say what they read.
	Programs []program
}

// program is a ${file(…)} that names a program, or ends in a variable.
type program struct {
	Line int
}

// templateError is why a file is no YAML or JSON.
type templateError struct {
	Line, Column int // 1-based
	Message      string
}

func (e *templateError) Error() string { return e.Message }

// samTransform is what the name of SAM's transform begins with ("Transform section" in the CloudFormation guide).
const samTransform = "AWS::Serverless-"

// isSAMText reports whether a template that does not parse is taken for SAM's.
func isSAMText(data []byte) bool { return bytes.Contains(data, []byte(samTransform)) }

// parseTemplate reads YAML or JSON as the deploying tools do: unknown tags, duplicate keys and several documents are
// fine. Of a file that is included from elsewhere the plain scalars are kept too, since they may name what lies beside
// it. The error is a *templateError.
func parseTemplate(data []byte, included bool) (*template, error) {
	s := &scalars{template: &template{}, keepPlain: included}
	if isJSON(data) && s.json(data) == nil {
		return s.template, nil
	}
	s = &scalars{template: &template{}, keepPlain: included}
	if err := s.yaml(data); err != nil {
		return nil, err
	}
	return s.template, nil
}

// isJSON reports whether a file begins as a JSON object or list does; as YAML such a file could not be indented by
// tabs.
func isJSON(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

// scalars collects the values of a file.
type scalars struct {
	*template
	keepPlain bool
}

// yaml reads all documents of a file.
func (s *scalars) yaml(data []byte) (err error) {
	defer func() {
		// The parser has been seen to panic on malformed input.
		if r := recover(); r != nil {
			err = &templateError{1, 1, fmt.Sprintf("malformed YAML: %v", r)}
		}
	}()
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return asTemplateError(err)
	}
	for _, d := range file.Docs {
		s.top(d.Body)
		s.node(d.Body)
	}
	return nil
}

func asTemplateError(err error) error {
	e := &templateError{1, 1, err.Error()}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		e.Message = syntax.GetMessage()
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	return e
}

// top reads the keys of a document that say what it is.
func (s *scalars) top(body ast.Node) {
	m, ok := body.(*ast.MappingNode)
	if !ok {
		return
	}
	for _, v := range m.Values {
		switch key, _ := scalarText(v.Key); key {
		case "service":
			s.named(v.Value)
		case "Transform":
			s.transform(v.Value)
		}
	}
}

func (s *scalars) named(n ast.Node) {
	name, ok := scalarText(n)
	if m, isMapping := n.(*ast.MappingNode); isMapping {
		for _, v := range m.Values {
			if key, _ := scalarText(v.Key); key == "name" {
				name, ok = scalarText(v.Value)
			}
		}
	}
	if ok && !strings.Contains(name, "${") {
		s.Service = strings.TrimSpace(name)
	}
}

func (s *scalars) transform(n ast.Node) {
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, v := range list.Values {
			s.transform(v)
		}
		return
	}
	name, _ := scalarText(n)
	s.SAM = s.SAM || strings.HasPrefix(name, samTransform)
}

// node reads every value below a node, keys left out. An alias has the value of its anchor, which is read there.
func (s *scalars) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			s.node(v.Value)
		}
	case *ast.MappingValueNode:
		s.node(n.Value)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			s.node(v)
		}
	case *ast.TagNode:
		s.node(n.Value)
	case *ast.AnchorNode:
		s.node(n.Value)
	case *ast.StringNode:
		s.scalar(n.Value, n.Token.Position.Line, nil)
	case *ast.LiteralNode:
		s.scalar(n.Value.Value, n.Start.Position.Line, blockLines(n))
	}
}

// blockLines gives the text of a block scalar as it is written, line by line; the first is the line behind its start.
func blockLines(n *ast.LiteralNode) []string {
	return strings.Split(n.Value.GetToken().Origin, "\n")
}

// json reads a JSON document, in which keys and values alternate.
func (s *scalars) json(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	line, counted := 1, int64(0)
	var path []string // "{" at a key, the key at its value, "[" in a list
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		line += bytes.Count(data[counted:d.InputOffset()], []byte("\n"))
		counted = d.InputOffset()
		path = s.jsonToken(path, token, line)
	}
}

// jsonToken takes one token, and gives where the next one stands.
func (s *scalars) jsonToken(path []string, token json.Token, line int) []string {
	top := len(path) - 1
	text, isString := token.(string)
	switch {
	case token == json.Delim('{'):
		return append(path, "{")
	case token == json.Delim('['):
		return append(path, "[")
	case token == json.Delim('}'), token == json.Delim(']'):
		return afterValue(path[:top])
	case top >= 0 && path[top] == "{":
		return append(path, "key "+text)
	}
	if isString {
		s.jsonString(path, text)
		s.scalar(text, line, nil)
	}
	return afterValue(path)
}

// afterValue drops the key of a value that has been read.
func afterValue(path []string) []string {
	if top := len(path) - 1; top >= 0 && strings.HasPrefix(path[top], "key ") {
		return path[:top]
	}
	return path
}

// jsonString takes the values that say what a document is.
func (s *scalars) jsonString(path []string, text string) {
	switch {
	case slices.Equal(path, []string{"{", "key service"}), slices.Equal(path, []string{"{", "key service", "{", "key name"}):
		if !strings.Contains(text, "${") {
			s.Service = text
		}
	case slices.Equal(path, []string{"{", "key Transform"}), slices.Equal(path, []string{"{", "key Transform", "["}):
		s.SAM = s.SAM || strings.HasPrefix(text, samTransform)
	}
}
