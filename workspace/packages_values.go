package workspace

import (
	"bytes"
	"errors"
	"strings"

	"github.com/monoplan/monoplan/internal/javascript/value"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// parsePackageFile reads a file that says something of packages. What it says of another type is none.
func parsePackageFile(f form, data []byte) *document {
	isMarked := bytes.HasPrefix(data, []byte("\ufeff"))
	if f == formLerna && isMarked {
		return &document{Broken: javascript.BOMMessage, Line: 1, Column: 1}
	}
	v, broken := parseValue(f, data)
	if broken != nil {
		return broken
	}
	d := &document{}
	switch f {
	case formLerna:
		c := javascript.ParseLerna(v)
		d.Lerna = &c
	case formPnpm:
		c := javascript.ParsePnpm(v)
		d.Pnpm = &c
	default:
		m := javascript.ParseManifest(v)
		m.BOM = isMarked
		d.Package = &m
	}
	return d
}

func parseValue(f form, data []byte) (value.Value, *document) {
	if f == formPnpm || f == formPackageYAML {
		documents, err := readYAML(data)
		var syntax *yamlError
		switch {
		case errors.As(err, &syntax):
			return value.Value{}, &document{Broken: syntax.message, Line: syntax.line, Column: syntax.column}
		case len(documents) == 0:
			return value.Value{}, nil
		case len(documents) > 1:
			return value.Value{}, brokenAt(documents[1], "there is a second document")
		}
		left := maxYAMLValues
		if n := repeatedKey(documents[0], &left); n != nil {
			return value.Value{}, brokenAt(n, "a key is there twice")
		}
		return yamlValue(documents[0]), nil
	}
	dialect := value.JSON
	switch f {
	case formLerna, formProject:
		dialect = value.JSONC
	case formPackageJSON5:
		dialect = value.JSON5
	}
	v, err := value.Parse(data, dialect)
	var syntax *value.Error
	if errors.As(err, &syntax) {
		return v, &document{Broken: syntax.Message, Line: syntax.Line, Column: syntax.Column}
	}
	if v.Kind != value.Object {
		return v, &document{Broken: "it is " + v.Kind.String() + ", and no object", Line: 1, Column: 1}
	}
	return v, nil
}

func brokenAt(n *yamlNode, message string) *document {
	return &document{Broken: message, Line: n.line, Column: n.column}
}

// repeatedKey finds a key that a mapping has twice, which the parsers of YAML that pnpm and Lerna stand on do not take.
func repeatedKey(n *yamlNode, left *int) *yamlNode {
	n = n.value()
	if *left--; *left < 0 {
		return nil
	}
	seen := make(map[string]bool)
	for i, item := range n.content {
		isKey := n.kind == yamlMapping && i%2 == 0 && item.value().kind == yamlScalar
		if key := item.value().text; isKey && key != "<<" {
			if seen[key] {
				return item
			}
			seen[key] = true
		}
		if found := repeatedKey(item, left); found != nil {
			return found
		}
	}
	return nil
}

// maxYAMLValues bounds what the aliases of a document may make of it.
const maxYAMLValues = 1_000_000

// yamlValue makes of a YAML document what JSON would say in its place.
func yamlValue(n *yamlNode) value.Value {
	left := maxYAMLValues
	return yamlValueOf(n, &left)
}

func yamlValueOf(n *yamlNode, left *int) value.Value {
	line := n.line
	n = n.value()
	if *left--; *left < 0 {
		return value.Value{Line: line}
	}
	v := value.Value{Text: n.text, Line: line}
	switch {
	case n.kind == yamlMapping:
		v.Kind, v.Text, v.Fields = value.Object, "", yamlFields(n, left)
	case n.kind == yamlList:
		v.Kind, v.Text = value.List, ""
		for _, item := range n.content {
			v.Items = append(v.Items, yamlValueOf(item, left))
		}
	case n.isNull():
		v.Kind = value.Null
	case n.isBool():
		v.Kind, v.Text = value.Bool, strings.ToLower(n.text)
	case n.isNumber():
		v.Kind = value.Number
	default:
		v.Kind = value.String
	}
	return v
}

// yamlFields gives the keys of a mapping, and behind them what "<<" brings (YAML's merge key): the keys of a mapping, or of a
// list of them, that are not there yet.
func yamlFields(n *yamlNode, left *int) []value.Field {
	var fields, merged []value.Field
	has := make(map[string]bool)
	for i := 0; i+1 < len(n.content); i += 2 {
		key, of := n.content[i].value(), yamlValueOf(n.content[i+1], left)
		brought, isMapping := mergedFields(of)
		if key.text == "<<" && key.plain && isMapping {
			merged = append(merged, brought...)
			continue
		}
		fields = append(fields, value.Field{Key: key.text, Line: n.content[i].line, Value: of})
		has[key.text] = true
	}
	for _, f := range merged {
		if !has[f.Key] {
			fields = append(fields, f)
			has[f.Key] = true
		}
	}
	return fields
}

// mergedFields gives the keys of a mapping, or of a list of mappings.
func mergedFields(v value.Value) (fields []value.Field, isMapping bool) {
	if v.Kind != value.List {
		return v.Fields, v.Kind == value.Object
	}
	for _, item := range v.Items {
		if item.Kind != value.Object {
			return nil, false
		}
		fields = append(fields, item.Fields...)
	}
	return fields, true
}
