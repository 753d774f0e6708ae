package workspace

import "strings"

// scalars collects what the values of a file may name.
type scalars struct {
	*template
	keepPlain bool
	source    *sourceLines
	// pending is the last value that was met: where it ends is known when the next node begins.
	pending *yamlNode
	found   map[candidate]bool
}

// node meets every value below a node, keys left out. An alias has the value of its anchor, which is met there, but for
// the anchor of a key.
func (s *scalars) node(n *yamlNode) {
	s.flush(n.line)
	switch n.kind {
	case yamlScalar:
		s.pending = n
	case yamlAlias:
		if n.target.isKey {
			s.pending = n.target
		}
	case yamlList:
		for _, v := range n.content {
			s.node(v)
		}
	case yamlMapping:
		markTemplate(n)
		for i := 0; i < len(n.content); i += 2 {
			key := n.content[i]
			key.isKey = true
			s.flush(key.line)
			s.node(n.content[i+1])
		}
	}
}

// templateProperties are those by which a resource names a template in a local file ("aws cloudformation package" in the
// AWS CLI's reference), by the resource's type.
var templateProperties = map[string]string{
	"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location",
}

// markTemplate marks the value by which a resource names a template.
func markTemplate(resource *yamlNode) {
	property := ""
	for i := 0; i < len(resource.content); i += 2 {
		if resource.content[i].text == "Type" {
			property = templateProperties[resource.content[i+1].value().text]
		}
	}
	if property == "" {
		return
	}
	resource.pairs(func(key string, properties *yamlNode) {
		if key != "Properties" {
			return
		}
		properties.pairs(func(key string, value *yamlNode) {
			value.isTemplate = value.isTemplate || key == property
		})
	})
}

// markPlugins marks what a serverless.yml names as its plugins, and the directory that it has them in.
func markPlugins(plugins *yamlNode) {
	modules := plugins
	plugins.pairs(func(key string, value *yamlNode) {
		switch key {
		case "modules":
			modules = value
		case "localPath":
			value.isPlugin = true
		}
	})
	modules.isPlugin = true
	if modules.kind != yamlList {
		return
	}
	for _, plugin := range modules.content {
		plugin.value().isPlugin = true
	}
}

// moduleExtensions are what a module's name may leave out.
var moduleExtensions = []string{".js", ".cjs", ".mjs", ".ts"}

// plugin takes a plugin that is in a file ("Service local plugin" in the Serverless Framework's guide), and in no package:
// a program. So may be one that a variable names.
func (s *scalars) plugin(n *yamlNode) {
	text := strings.TrimSpace(n.text)
	if strings.Contains(text, "${") && !isIncludedPlugins(text) {
		s.Programs = append(s.Programs, program{Line: n.line, Plugin: true})
		return
	}
	c, ok := pathOf(text, formOfWhole)
	if !ok || !strings.HasPrefix(c.Path, ".") && !hasUpSegment(c.Path) {
		return
	}
	s.Programs = append(s.Programs, program{Line: n.line, Plugin: true})
	for _, extension := range moduleExtensions {
		if module := c.Path + extension; hasUpSegment(module) {
			s.add(candidate{Path: module}, n.line)
		}
	}
}

// isIncludedPlugins reports whether a value is the plugins of an included file, or one of them: they are met there.
func isIncludedPlugins(text string) bool {
	text, ok := strings.CutPrefix(text, "${file(")
	if !ok {
		return false
	}
	inside := upToClosing(text)
	address, ok := strings.CutPrefix(text[len(inside):], "):plugins")
	address, closed := strings.CutSuffix(address, "}")
	return ok && closed && isYAMLOrJSON(baseName(inside)) && !strings.ContainsAny(address, "${},") && (address == "" || address[0] == '.')
}

// flush reads the value that was met last; the next node begins in the line next.
func (s *scalars) flush(next int) {
	n := s.pending
	s.pending = nil
	if n != nil && n.isPlugin {
		s.plugin(n)
	}
	if n == nil || n.text == "" || !s.keepPlain && !n.isTemplate && !mayHoldPath(n.text) {
		return
	}
	text := fromHere.Replace(n.text)
	if strings.Contains(text, "file(") {
		s.files(text, s.source.of(n, next))
	}
	form := formOfWhole
	if n.isTemplate {
		form = formOfTemplate
	}
	s.whole(text, form, s.source.of(n, next))
	if strings.Contains(text, "..") {
		s.tokens(text, s.source.of(n, next))
	}
}

// fromHere makes paths relative that begin with a variable for the directory in which the tools are run: the service's.
var fromHere = strings.NewReplacer("${env:PWD}/", "./", "${PWD}/", "./", "$PWD/", "./", "$(pwd)/", "./")

// mayHoldPath reports whether a value can hold more than a plain path.
func mayHoldPath(value string) bool {
	return strings.Contains(value, "..") || strings.Contains(value, "file(") ||
		strings.Contains(value, ".yml") || strings.Contains(value, ".yaml") || strings.Contains(value, ".json")
}

// files takes the inside of each file(…).
func (s *scalars) files(value string, where *valueLines) {
	for inside := range insidesOfFile(value) {
		line := where.next(inside)
		name := strings.Trim(strings.TrimSpace(inside), `"'`)
		c, ok := pathOf(name, formOfFile)
		c, told := c.withName(name)
		if isProgram(name) || !told {
			s.Programs = append(s.Programs, program{Line: line})
		}
		if ok || c.Name != "" {
			s.add(c, line)
		}
	}
}

// whole takes the value itself and, where a fragment points into a file ("JSON Reference" in the OpenAPI Specification), what
// stands before it.
func (s *scalars) whole(value string, form candidateForm, where *valueLines) {
	value = strings.TrimSpace(value)
	if len(value) > maxPath || strings.Contains(value, "\n") {
		return
	}
	s.wholePath(value, form, where)
	if p, _, found := strings.Cut(value, "#"); found {
		s.wholePath(p, form, where)
	}
}

func (s *scalars) wholePath(p string, form candidateForm, where *valueLines) {
	if c, ok := pathOf(p, form); ok && (hasUpSegment(c.Path) || s.keepsPlain(c)) {
		s.add(c, where.next(p))
	}
}

// keepsPlain reports whether a path that does not lead up is worth keeping: it may name what is read too, or, in an
// included file, what lies beside that.
func (s *scalars) keepsPlain(c candidate) bool {
	if len(c.Path) > maxPlain || strings.Contains(c.Path, "://") {
		return false
	}
	return s.keepPlain || c.mayBeIncluded()
}

// tokens takes each word with a ".." segment.
func (s *scalars) tokens(value string, where *valueLines) {
	for token := range strings.FieldsFuncSeq(value, isBetweenTokens) {
		behind, ok := upwards(token)
		if token == ".." || !ok && !hasUpSegment(token) {
			continue
		}
		line := where.next(token)
		if c, ok := pathOf(token, formOfToken); ok && hasUpSegment(token) {
			s.add(c, line)
		}
		if c, ok := pathOf(behind, formOfToken); ok {
			s.add(c, line)
		}
	}
}

// add keeps a candidate where it comes first. What file(…) names is surely meant as a path, and what a resource names as a
// template: they stand for a value that reads the same, and not the other way round; so does one with a name for what names the directory alone.
func (s *scalars) add(c candidate, line int) {
	asFile, asTemplate, key := c, c, c
	asFile.Form, asTemplate.Form = formOfFile, formOfTemplate
	if c.Form == formOfToken {
		key.Form = formOfWhole
	}
	if s.found[key] || c.Form < formOfFile && (s.found[asFile] || s.found[asTemplate]) {
		return
	}
	if s.found == nil {
		s.found = make(map[candidate]bool)
	}
	s.found[key] = true
	asFile.Name = ""
	if c.Name != "" {
		s.found[asFile] = true
	}
	c.Line = line
	s.Scalars = append(s.Scalars, c)
}
