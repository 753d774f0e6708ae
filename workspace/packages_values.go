package workspace

import (
	"errors"

	"github.com/monoplan/monoplan/internal/javascript/value"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// parsePackageFile reads a file that says something of packages. What it says of another type is none.
func parsePackageFile(f form, data []byte) *document {
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
		}
		return yamlValue(documents[0]), nil
	}
	dialect := value.JSON
	switch f {
	case formLerna:
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
		v.Kind, v.Text = value.Object, ""
		for i := 0; i+1 < len(n.content); i += 2 {
			v.Fields = append(v.Fields, value.Field{
				Key: n.content[i].value().text, Line: n.content[i].line, Value: yamlValueOf(n.content[i+1], left),
			})
		}
	case n.kind == yamlList:
		v.Kind, v.Text = value.List, ""
		for _, item := range n.content {
			v.Items = append(v.Items, yamlValueOf(item, left))
		}
	case n.isNull():
		v.Kind = value.Null
	case n.isBool():
		v.Kind = value.Bool
	case n.isNumber():
		v.Kind = value.Number
	default:
		v.Kind = value.String
	}
	return v
}
