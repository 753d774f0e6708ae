package workspace

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../docs/seed.schema.json"

var compileSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	return c.Compile(schemaFile)
})

// validate checks the text of a seed.yml with the schema, as an editor would.
func validate(t *testing.T, text string) error {
	t.Helper()
	schema, err := compileSchema()
	if err != nil {
		t.Fatal(err)
	}
	documents, err := readYAML([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if len(documents) > 0 {
		value = asJSON(documents[0])
	}
	return schema.Validate(value)
}

// asJSON gives a document as JSON's decoder would.
func asJSON(n *yamlNode) any {
	n = n.value()
	switch {
	case n.kind == yamlMapping:
		m := make(map[string]any)
		n.pairs(func(key string, value *yamlNode) {
			if key != "<<" {
				m[key] = asJSON(value)
			}
		})
		return m
	case n.kind == yamlList:
		list := []any{}
		for _, v := range n.content {
			list = append(list, asJSON(v))
		}
		return list
	case n.isNull():
		return nil
	case n.isBool():
		return strings.EqualFold(n.text, "true")
	case n.isNumber():
		f, _ := strconv.ParseFloat(n.text, 64)
		return f
	}
	return n.text
}

// schemaObject is what the tests look at in a schema.
type schemaObject struct {
	ID         string                  `json:"$id"`
	Ref        string                  `json:"$ref"`
	Properties map[string]schemaObject `json:"properties"`
	Defs       map[string]schemaObject `json:"$defs"`
	About      string                  `json:"description"`
}

func readSchema(t *testing.T) schemaObject {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s schemaObject
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func schemaID(t *testing.T) string { return readSchema(t).ID }

// The schema and the parser know the same keys.
func TestSchemaKeys(t *testing.T) {
	s := readSchema(t)
	p := &configParser{config: DefaultConfig()}
	service := s.Defs["service"]
	for _, test := range []struct {
		name   string
		schema schemaObject
		parser keys
	}{
		{"seed.yml", s, p.topKeys()},
		{"a service", service, p.serviceKeys(&ServiceEntry{})},
		{"package", s.Defs["package"], p.packageKeys(&Packaging{})},
		{"ledger", s.Properties["ledger"], p.ledgerKeys()},
		{"deploy", service.Properties["deploy"], p.deployKeys(&Deploying{})},
	} {
		got := slices.Sorted(maps.Keys(test.schema.Properties))
		want := slices.Sorted(maps.Keys(test.parser))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %q, the parser %q", test.name, got, want)
		}
		for key, property := range test.schema.Properties {
			if property.About == "" && property.Ref != "#/$defs/path" {
				t.Errorf("%s: %s has no description", test.name, key)
			}
		}
	}
}
