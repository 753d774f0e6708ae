package workspace

import (
	"bytes"
	"errors"
	"strings"
)

// template is what a serverless.yml, a CloudFormation template, a file that one of those includes, or a samconfig.toml says.
type template struct {
	// Service is the literal name of a Serverless service, empty where there is none or it holds a variable.
	Service string
	// Renamed says that the stack is, or may be, called after something else (serverless.com/framework/docs/providers/aws/guide/serverless.yml,
	// "stackName").
	Renamed bool
	// SAM says that the template's Transform is, or contains, one of AWS::Serverless-….
	SAM bool
	// Runtime is what the functions run on.
	Runtime Runtime
	// Requirements are what the Serverless Framework's Python plugin is told of requirements.
	Requirements namedRequirements
	// Scalars are the paths that the values may name, in the order of the file.
	Scalars []candidate
	// Modules are the directories from which functions are packaged, each by itself.
	Modules []module
	// Programs are the ${file(…)} of which nobody can say what they read, plugins, code that lies elsewhere, and what else opens a service.
	Programs []program
}

// module is the directory of a function.
type module struct {
	Line int
	Path string
}

// program is something of which nobody can say what it reaches: a ${file(…)} that names a program, that begins or ends with a
// variable, or that goes up behind one; a plugin that is named by its path or by a variable; a handler out of the service's directory; a base
// directory of sam's.
type program struct {
	Line int
	Text string // what it is, for Why
}

// What a program is.
const (
	runsProgram     = "its configuration runs a program or reads a file that a variable names"
	runsPlugin      = "its configuration has a plugin in a file, or one that a variable names"
	handlesOutside  = "its configuration has a function whose code lies out of its directory"
	beginsElsewhere = "its configuration has sam take paths from another directory"
)

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

// templateSyntax is how a template is read.
type templateSyntax struct {
	// included says that it is included from elsewhere: its plain scalars are kept too, since they may name what lies
	// beside it.
	included bool
	// onlyJSON says that its name has the tools read it as JSON, and fail where it is none.
	onlyJSON bool
	// withComments says that its name has them read it as JSON with comments.
	withComments bool
}

// parseTemplate reads YAML or JSON as the deploying tools do: unknown tags, duplicate keys and several documents are
// fine. The error is a *templateError.
func parseTemplate(data []byte, syntax templateSyntax) (*template, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // JSON.parse refuses it; what is behind it is read all the same
	documents, err := readDocuments(data, syntax)
	if err != nil {
		return nil, err
	}
	s := newScalars(data)
	s.keepPlain = syntax.included
	for _, d := range documents {
		s.top(d)
		s.globals(d)
		s.node(d)
	}
	return s.finish(), nil
}

// readDocuments reads JSON as JSON, since YAML has no surrogate pairs, and is slow to read it.
func readDocuments(data []byte, syntax templateSyntax) ([]*yamlNode, error) {
	if syntax.withComments {
		n, err := readJSONC(data)
		return []*yamlNode{n}, err
	}
	if syntax.onlyJSON || isJSON(data) {
		n, err := readJSON(data)
		if err == nil {
			return []*yamlNode{n}, nil
		}
		if syntax.onlyJSON {
			return nil, jsonError(data, err)
		}
	}
	documents, err := readYAML(data)
	var broken *yamlError
	if errors.As(err, &broken) {
		return nil, &templateError{broken.line, broken.column, broken.message}
	}
	return documents, err
}

// isJSON reports whether a file begins as a JSON object or list does.
func isJSON(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

// top reads the keys of a document that say what it is. Of duplicate ones the last counts, as it does to the tools.
func (t *template) top(document *yamlNode) {
	document.pairs(func(key string, value *yamlNode) {
		switch key {
		case "service":
			t.Service = literalName(value)
		case "Transform":
			t.transform(value)
		case "provider":
			t.Runtime.serverless(value)
			t.Renamed = namesStack(value)
		case "plugins":
			markPlugins(value)
		case "custom":
			t.Requirements.custom(value)
		case "Globals":
			t.Runtime.sam(value)
		}
	})
}

// literalName gives the name of a service, that of service: or of its name:, or "" if it is none to rely on.
func literalName(n *yamlNode) string {
	name := ""
	if n.kind == yamlScalar && !n.isNull() {
		name = strings.TrimSpace(n.text)
	}
	n.pairs(func(key string, value *yamlNode) {
		if key == "name" && value.kind == yamlScalar {
			name = literalName(value)
		}
	})
	if strings.Contains(name, "${") {
		return ""
	}
	return name
}

// namesStack reports whether provider: names the stack, or is a variable that may.
func namesStack(provider *yamlNode) bool {
	named := provider.value().kind == yamlScalar && strings.Contains(provider.value().text, "${")
	provider.pairs(func(key string, _ *yamlNode) { named = named || key == "stackName" })
	return named
}

func (t *template) transform(n *yamlNode) {
	switch n.kind {
	case yamlScalar:
		t.SAM = t.SAM || strings.HasPrefix(strings.TrimSpace(n.text), samTransform)
	case yamlList:
		for _, v := range n.content {
			if v = v.value(); v.kind == yamlScalar {
				t.transform(v)
			}
		}
	}
}

// pairs calls yield with each key of a mapping that is a scalar, and with what its value is, aliases followed. What
// "<<" merges comes first, as it is overridden by what is written out.
func (n *yamlNode) pairs(yield func(key string, value *yamlNode)) {
	n.pairsBut(make(map[*yamlNode]bool), yield)
}

// pairsBut leaves out the mappings that were merged already: a few aliases can make a document of any size.
func (n *yamlNode) pairsBut(seen map[*yamlNode]bool, yield func(key string, value *yamlNode)) {
	n = n.value()
	if n.kind != yamlMapping || seen[n] {
		return
	}
	seen[n] = true
	for i := 0; i < len(n.content); i += 2 {
		if n.content[i].text != "<<" {
			continue
		}
		merged := n.content[i+1].value()
		if merged.kind != yamlList {
			merged = &yamlNode{content: []*yamlNode{merged}}
		}
		for _, m := range merged.content {
			m.pairsBut(seen, yield)
		}
	}
	for i := 0; i < len(n.content); i += 2 {
		if key := n.content[i].value(); key.kind == yamlScalar {
			yield(key.text, n.content[i+1].value())
		}
	}
}
