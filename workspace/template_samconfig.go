package workspace

import (
	"path"
	"strings"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// isSAMConfig reports whether a file of this name has the options of the AWS SAM CLI ("AWS SAM CLI configuration file"), by
// environment and command.
func isSAMConfig(name string) bool {
	switch name {
	case "samconfig.toml", "samconfig.yaml", "samconfig.yml":
		return true
	}
	return false
}

// parseSAMConfig reads the options of all environments, for the paths that they hold. The error is a *templateError, or that of a
// TOML document.
func parseSAMConfig(data []byte, isTOML bool) (*template, error) {
	documents, err := readSAMConfig(data, isTOML)
	if err != nil {
		return nil, err
	}
	s := newScalars(data)
	for _, d := range documents {
		s.options(d, make(map[*yamlNode]bool))
		s.node(d)
	}
	return s.finish(), nil
}

func readSAMConfig(data []byte, isTOML bool) ([]*yamlNode, error) {
	if !isTOML {
		return readDocuments(data, templateSyntax{})
	}
	document, err := toml.Parse(data)
	if err != nil {
		return nil, err
	}
	return []*yamlNode{nodeOf(document)}, nil
}

// nodeOf gives what a TOML value would be in YAML.
func nodeOf(v *toml.Value) *yamlNode {
	n := &yamlNode{line: v.Line, column: 1}
	text, isText := v.Text()
	n.text, n.plain = text, !isText
	for _, item := range v.Elements() {
		n.kind = yamlList
		n.content = append(n.content, nodeOf(item))
	}
	for _, entry := range v.Entries() {
		n.kind = yamlMapping
		n.content = append(n.content, &yamlNode{text: entry.Name, line: entry.Line, column: 1}, nodeOf(entry.Value))
	}
	return n
}

// options marks the value of each option that names a template or requirements, and takes one by which the paths of the template begin
// elsewhere for what nobody can say the reach of.
func (s *scalars) options(n *yamlNode, seen map[*yamlNode]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	n.pairs(func(key string, value *yamlNode) {
		switch {
		case value.kind == yamlMapping:
			s.options(value, seen)
		case key == "manifest" && strings.HasSuffix(value.text, ".txt"):
			value.isRequirements = true
		case key == "template_file" || key == "template":
			value.isTemplate = true
		case key == "base_dir" && path.Clean(strings.TrimSpace(value.text)) != root:
			s.Programs = append(s.Programs, program{value.line, beginsElsewhere})
		}
	})
}
