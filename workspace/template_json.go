package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/monoplan/monoplan/internal/javascript/value"
)

// readJSON reads the one value of a JSON text. Its strings have their lines, and nothing has a column.
func readJSON(data []byte) (*yamlNode, error) {
	r := jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.decoder.UseNumber()
	n, err := r.value()
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return n, nil
}

// jsonError says where a text is no JSON, that being why it could not be read.
func jsonError(data []byte, err error) *templateError {
	at := int64(0)
	var syntax *json.SyntaxError
	if checked := json.Unmarshal(data, new(json.RawMessage)); errors.As(checked, &syntax) { // a decoder's place is none to rely on
		at, err = max(1, min(syntax.Offset, int64(len(data))))-1, checked
	}
	before := data[:at]
	return &templateError{
		Line: 1 + bytes.Count(before, []byte("\n")), Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Message: "it is no JSON: " + err.Error(),
	}
}

// jsonReader counts lines as it goes.
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	counted int64
	line    int
}

func (r *jsonReader) value() (*yamlNode, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	end := r.decoder.InputOffset()
	r.line += bytes.Count(r.data[r.counted:end], []byte("\n"))
	r.counted = end
	n := &yamlNode{line: r.line, column: 1}
	switch t := token.(type) {
	case string:
		n.text = t
	case json.Delim:
		n.kind = yamlList
		if t == '{' {
			n.kind = yamlMapping
		}
		return n, r.content(n)
	default:
		n.plain = true
	}
	return n, nil
}

// content reads what is in an object or a list; keys are values to the decoder.
func (r *jsonReader) content(n *yamlNode) error {
	for r.decoder.More() {
		v, err := r.value()
		if err != nil {
			return err
		}
		n.content = append(n.content, v)
	}
	_, err := r.decoder.Token()
	return err
}

// readJSONC reads JSON with comments and trailing commas. The error is a *templateError.
func readJSONC(data []byte) (*yamlNode, error) {
	v, err := value.Parse(data, value.JSONC)
	var broken *value.Error
	if errors.As(err, &broken) {
		return nil, &templateError{broken.Line, broken.Column, "it is no JSON, with comments or without: " + broken.Message}
	}
	return nodeOfValue(v), err
}

// nodeOfValue gives what a value would be in YAML.
func nodeOfValue(v value.Value) *yamlNode {
	n := &yamlNode{line: v.Line, column: 1, text: v.Text, plain: v.Kind != value.String}
	switch v.Kind {
	case value.List:
		n.kind = yamlList
	case value.Object:
		n.kind = yamlMapping
	}
	for _, item := range v.Items {
		n.content = append(n.content, nodeOfValue(item))
	}
	for _, field := range v.Fields {
		n.content = append(n.content, &yamlNode{text: field.Key, line: field.Line, column: 1}, nodeOfValue(field.Value))
	}
	return n
}
