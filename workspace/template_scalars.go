package workspace

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// scalars collects what the values of a file may name.
type scalars struct {
	*template
	keepPlain bool
	source    *sourceLines
	// codeForAll says that Globals have what a function of SAM's says of its code.
	codeForAll bool
	// pending is the last value that was met: where it ends is known when the next node begins.
	pending *yamlNode
	found   map[candidate]bool
	// read is what file(…) names in the last value.
	read map[candidate]bool
}

// newScalars begins to collect what the values of a file may name.
func newScalars(data []byte) *scalars {
	return &scalars{
		template: &template{}, source: &sourceLines{data: data},
		found: make(map[candidate]bool), read: make(map[candidate]bool),
	}
}

// finish gives all that was collected, when the file has ended.
func (s *scalars) finish() *template {
	s.flush(1 + bytes.Count(s.source.data, []byte("\n")))
	return s.template
}

// node meets every value below a node, keys left out. An alias has the value of its anchor, which is met there, but for
// the anchor of a key; and by an alias comes what only there stands for something of its own.
func (s *scalars) node(n *yamlNode) {
	s.flush(n.line)
	switch n.kind {
	case yamlScalar:
		s.pending = n
	case yamlAlias:
		if t := n.target; t.isKey || t.isHandler || t.isTemplate || t.isSources {
			s.pending = t
		}
	case yamlList:
		for _, v := range n.content {
			s.node(v)
		}
	case yamlMapping:
		s.resource(n)
		for i := 0; i < len(n.content); i += 2 {
			key := n.content[i]
			key.isKey = true
			value := n.content[i+1].value()
			value.isSources = value.isSources || sourcesKeys[key.text]
			value.isHandler = value.isHandler || key.text == handlerKey
			value.isRequirements = value.isRequirements || key.text == requirementsKey && strings.HasSuffix(value.text, ".txt")
			if key.text == moduleKey && value.text != "" {
				s.Modules = append(s.Modules, module{key.line, value.text})
			}
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

// samFunction is the type of resource whose sources are those beside its template where it says nothing of them ("aws
// cloudformation package" in the AWS CLI's reference).
const samFunction = "AWS::Serverless::Function"

// resource looks at a mapping that may be a resource: it marks what names a template, and takes what it is made of where it does
// not say so.
func (s *scalars) resource(n *yamlNode) {
	n.pairs(func(key string, kind *yamlNode) {
		switch {
		case key != "Type":
		case templateProperties[kind.text] != "":
			n.properties(func(key string, value *yamlNode) {
				value.isTemplate = value.isTemplate || key == templateProperties[kind.text]
			})
		case kind.text == samFunction && !s.codeForAll && !saysCode(n.properties):
			s.add(candidate{Path: root}, kind.line)
		}
	})
}

// properties calls yield with each property of a resource.
func (n *yamlNode) properties(yield func(key string, value *yamlNode)) {
	n.pairs(func(key string, properties *yamlNode) {
		if key == "Properties" {
			properties.pairs(yield)
		}
	})
}

// saysCode reports whether the properties of a function say what it is made of.
func saysCode(properties func(yield func(key string, value *yamlNode))) bool {
	says := false
	properties(func(key string, value *yamlNode) {
		switch key {
		case "CodeUri", "InlineCode", "ImageUri":
			says = true
		case "PackageType":
			says = says || value.text != "Zip"
		}
	})
	return says
}

// globals looks at what a document of SAM's says for all functions.
func (s *scalars) globals(document *yamlNode) {
	s.codeForAll = false
	document.pairs(func(key string, globals *yamlNode) {
		if key != "Globals" {
			return
		}
		globals.pairs(func(key string, function *yamlNode) {
			s.codeForAll = s.codeForAll || key == "Function" && saysCode(function.pairs)
		})
	})
}

// sourcesKeys are those behind which a template has the sources of something, as a directory more often than not: of a function or a
// layer, of its image, and of what the Python plugin of the Serverless Framework installs for one.
var sourcesKeys = map[string]bool{
	"CodeUri": true, "ContentUri": true, "Code": true, "Content": true, "DockerContext": true, "module": true,
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
		s.Programs = append(s.Programs, program{n.line, runsPlugin})
		return
	}
	c, ok := pathOf(text, formOfWhole)
	if !ok || !strings.HasPrefix(c.Path, ".") && !hasUpSegment(c.Path) {
		return
	}
	s.Programs = append(s.Programs, program{n.line, runsPlugin})
	for _, extension := range moduleExtensions {
		if module := c.Path + extension; hasUpSegment(module) {
			s.add(candidate{Path: module}, n.line)
		}
	}
}

// handlerKey is that behind which a serverless.yml names the code of a function: a file without its extension, and what the file
// exports behind a dot ("AWS Lambda Functions" in the Serverless Framework's guide).
const handlerKey = "handler"

// handlerExtensions are those of the files that a handler may mean, be it to a plugin that bundles them.
var handlerExtensions = append([]string{".py", ".rb", ".jsx", ".mts", ".cts", ".tsx"}, moduleExtensions...)

// handler takes the code of a function that lies out of the service. What that imports, nobody reads.
func (s *scalars) handler(n *yamlNode) {
	c, ok := pathOf(fromHere.Replace(strings.TrimSpace(n.text)), formOfWhole)
	if !ok || !strings.HasPrefix(path.Clean(c.Path)+"/", "../") {
		return
	}
	s.Programs = append(s.Programs, program{n.line, handlesOutside})
	if c.Cut {
		return
	}
	module := strings.TrimSuffix(c.Path, path.Ext(c.Path))
	for _, extension := range handlerExtensions {
		s.add(candidate{Path: module + extension}, n.line)
	}
}

// requirementsKey is that by which the Python plugin of the Serverless Framework has the name of the requirements, of the service and
// of each function's module ("README" of serverless-python-requirements). Its settings may stand anywhere, for variables lead to them.
const (
	requirementsKey = "fileName"
	moduleKey       = "module"
)

// requirementsNamed takes the name of the requirements.
func (s *scalars) requirementsNamed(n *yamlNode) {
	c, ok := pathOf(strings.TrimSpace(n.text), formOfRequirements)
	if c.Cut {
		s.Programs = append(s.Programs, program{n.line, runsProgram})
	}
	if ok && !c.Cut {
		s.add(c, n.line)
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
	clear(s.read)
	switch {
	case n == nil:
	case n.isPlugin:
		s.plugin(n)
	case n.isHandler:
		s.handler(n)
	case n.isRequirements:
		s.requirementsNamed(n)
	}
	if n == nil || n.text == "" {
		return
	}
	if asksForRoot(n.text) {
		s.Programs = append(s.Programs, program{n.line, runsProgram})
	}
	if !s.keepPlain && !n.isTemplate && !n.isSources && !mayHoldPath(n.text) {
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
	s.whole(text, form, s.keepPlain || n.isSources, s.source.of(n, next))
	if strings.Contains(text, "..") {
		s.tokens(text, s.source.of(n, next))
	}
}

// fromHere makes paths relative that begin with a variable for the directory in which the tools are run: the service's.
var fromHere = strings.NewReplacer("${env:PWD}/", "./", "${PWD}/", "./", "$PWD/", "./", "$(pwd)/", "./")

// asksForRoot reports whether a value has a command that asks for the repository's root: what it reaches from there has no "..".
func asksForRoot(value string) bool {
	return slices.ContainsFunc(rootWords, func(words string) bool { return strings.Contains(value, words) })
}

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
			s.Programs = append(s.Programs, program{line, runsProgram})
		}
		if ok || c.Name != "" {
			s.add(c, line)
		}
	}
}

// whole takes the value itself and, where a fragment points into a file ("JSON Reference" in the OpenAPI Specification), what
// stands before it. A plain value is taken too where it may name what is of interest without leading up.
func (s *scalars) whole(value string, form candidateForm, plain bool, where *valueLines) {
	value = strings.TrimSpace(value)
	if len(value) > maxPath || strings.Contains(value, "\n") {
		return
	}
	s.wholePath(value, form, plain, where)
	if p, _, found := strings.Cut(value, "#"); found {
		s.wholePath(p, form, plain, where)
	}
}

func (s *scalars) wholePath(p string, form candidateForm, plain bool, where *valueLines) {
	if c, ok := pathOf(p, form); ok && (hasUpSegment(c.Path) || c.isShort() && (plain || c.mayBeIncluded())) {
		s.add(c, where.next(p))
	}
}

// isShort reports whether a path that does not lead up is worth a look: it is no text, and no URL.
func (c candidate) isShort() bool { return len(c.Path) <= maxPlain && !strings.Contains(c.Path, "://") }

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

// add keeps a candidate where it comes first. What file(…) names in a value is surely meant as a path, and what a resource names as a
// template: they stand for what reads the same, and not the other way round; so does one with a name for what names the directory
// alone.
func (s *scalars) add(c candidate, line int) {
	asTemplate, bare, key := c, c, c
	asTemplate.Form = formOfTemplate
	bare.Form, bare.Name = formOfFile, ""
	switch c.Form {
	case formOfToken:
		key.Form = formOfWhole
	case formOfFile:
		s.read[bare] = true
	}
	if s.found[key] || c.Form < formOfFile && (s.read[bare] || s.found[asTemplate]) {
		return
	}
	s.found[key] = true
	if c.Form == formOfFile {
		s.found[bare] = true
	}
	c.Line = line
	s.Scalars = append(s.Scalars, c)
}
