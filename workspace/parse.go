package workspace

import (
	"errors"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// parse reads one file in a form. What does not parse says so in the document, and nothing else, so that nothing is
// taken for the whole of what a manifest says that is not.
func parse(r request, data []byte) *document {
	switch r.form {
	case formScript:
		return &document{UpLine: upLine(data), Manifest: python.ParseScript(data)}
	case formTemplate, formTemplateJSON, formIncluded, formIncludedJSON, formIncludedJSONC:
		return parseTemplateDocument(data, r.form)
	case formSAMConfig:
		t, err := parseSAMConfig(data, true)
		return pythonDocument(&document{Template: t}, err)
	case formSAMConfigYML:
		t, err := parseSAMConfig(data, false)
		return templateDocument(t, err)
	case formLines:
		return &document{Lines: strings.Split(string(data), "\n")}
	case formNpmrc:
		c := javascript.ParseNpmrc(data)
		return &document{Pnpm: &c}
	case formLerna, formPnpm, formPackage, formPackageYAML, formPackageJSON5, formProject:
		return parsePackageFile(r.form, data)
	case formRequirements:
		m, err := python.ParseRequirements(data)
		return pythonDocument(&document{Manifest: m}, err)
	case "poetry.lock":
		l, err := python.ParsePoetryLock(data)
		return pythonDocument(&document{Lock: l}, err)
	case "uv.lock":
		l, err := python.ParseUVLock(data)
		return pythonDocument(&document{Lock: l}, err)
	}
	m, err := python.Parse(string(r.form), data)
	return pythonDocument(&document{Manifest: m}, err)
}

func pythonDocument(d *document, err error) *document {
	if err == nil {
		return d
	}
	broken := &document{Broken: err.Error()}
	var syntax *python.SyntaxError
	if errors.As(err, &syntax) {
		broken.Broken, broken.Line, broken.Column = syntax.Message, syntax.Line, syntax.Column
	}
	return broken
}

func parseTemplateDocument(data []byte, f form) *document {
	t, err := parseTemplate(data, templateSyntax{
		included:     f == formIncluded || f == formIncludedJSON || f == formIncludedJSONC,
		onlyJSON:     f == formTemplateJSON || f == formIncludedJSON,
		withComments: f == formIncludedJSONC,
	})
	d := templateDocument(t, err)
	d.SAM = t != nil && t.SAM || t == nil && isSAMText(data)
	return d
}

// templateDocument gives the document of a template, or of the *templateError that there is instead.
func templateDocument(t *template, err error) *document {
	if err == nil {
		return &document{Template: t}
	}
	d := &document{Broken: err.Error()}
	var syntax *templateError
	if errors.As(err, &syntax) {
		d.Broken, d.Line, d.Column = syntax.Message, syntax.Line, syntax.Column
	}
	return d
}
