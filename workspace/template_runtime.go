package workspace

import "strings"

// Runtime is what the functions of a service run on, as far as its marker says so in plain words: a value that holds a
// variable, or that differs from function to function, is left empty.
type Runtime struct {
	// Name is Lambda's name of the runtime, such as python3.12.
	Name string
	// Architecture is x86_64 or arm64.
	Architecture string
}

// serverless reads provider: of a serverless.yml.
func (r *Runtime) serverless(provider *yamlNode) {
	provider.pairs(func(key string, value *yamlNode) {
		switch key {
		case "runtime":
			r.Name = literal(value)
		case "architecture":
			r.Architecture = literal(value)
		}
	})
}

// sam reads Globals: of a template ("Globals section of the AWS SAM template").
func (r *Runtime) sam(globals *yamlNode) {
	globals.pairs(func(key string, function *yamlNode) {
		if key != "Function" {
			return
		}
		function.pairs(func(key string, value *yamlNode) {
			switch {
			case key == "Runtime":
				r.Name = literal(value)
			case key == "Architectures" && value.kind == yamlList && len(value.content) == 1:
				r.Architecture = literal(value.content[0].value())
			}
		})
	})
}

// literal gives a scalar without variables, or "".
func literal(n *yamlNode) string {
	if n.kind != yamlScalar || n.isNull() || n.tag != "" || strings.Contains(n.text, "${") {
		return ""
	}
	return strings.TrimSpace(n.text)
}
