package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// form is how a file is read: by its name, or as what names it would have it read.
type form string

const (
	formTemplate      form = "template" // a serverless.yml or a template
	formIncluded      form = "included" // YAML or JSON that a template names
	formTemplateJSON  form = "template.json"
	formIncludedJSON  form = "included.json"
	formIncludedJSONC form = "included.jsonc"
	formSAMConfig     form = "samconfig.toml"
	formSAMConfigYML  form = "samconfig.yaml"
	formRequirements  form = "requirements" // a requirements.txt or what one includes
	formScript        form = "script"       // a file in which only what leads up and what pip installs matters
	formLines         form = "lines"        // a .gitignore or .nxignore
	formNpmrc         form = ".npmrc"
	formLerna         form = "lerna.json"
	formPnpm          form = "pnpm-workspace.yaml"
	formPackage       form = "package.json"
	formPackageYAML   form = "package.yaml"
	formPackageJSON5  form = "package.json5"
	formProject       form = "project.json"
	// Of Python's other manifests and locks the form is the file's name.
)

// formOf gives the form in which a file of the index is read on its own account, or "" if it is not.
func formOf(name string) form {
	switch {
	case isTemplateName(name):
		return templateForm(name)
	case name == string(formSAMConfig):
		return formSAMConfig
	case isSAMConfig(name):
		return formSAMConfigYML
	case name == "requirements.txt":
		return formRequirements
	case isManifestName(name):
		return form(name)
	case isScript(name):
		return formScript
	}
	return ""
}

// templateForm gives the form of a serverless.yml or a template of this name.
func templateForm(name string) form {
	if isJSONName(name) {
		return formTemplateJSON
	}
	return formTemplate
}

// includedForm gives the form of a file of this name that a template names.
func includedForm(name string) form {
	if isTypeScriptConfig(baseName(name)) {
		return formIncludedJSONC
	}
	if isJSONName(name) {
		return formIncludedJSON
	}
	return formIncluded
}

// document is what one file says; of its fields the form has one set, or of a script two. It is a function of the content alone.
type document struct {
	Manifest *python.Manifest
	Lock     *python.Lock
	Template *template
	Package  *javascript.Manifest
	Lerna    *javascript.LernaConfig
	Pnpm     *javascript.PnpmConfig
	// Lines are those of a list of patterns.
	Lines []string
	// SAM says of a template, broken or not, that it is SAM's.
	SAM bool
	// UpLine is the first line of a script that leads up, 0 if there is none.
	UpLine int
	// Broken is why the file does not parse, with the place in it; empty if it does.
	Broken       string
	Line, Column int
}

// documentKey names a document: the same content in the same form says the same.
type documentKey struct {
	Form form
	ID   string
}

func (k documentKey) compare(l documentKey) int {
	return cmp.Or(strings.Compare(k.ID, l.ID), strings.Compare(string(k.Form), string(l.Form)))
}

// documents reads and parses files, each content once.
type documents struct {
	ctx    context.Context
	reader tree.Reader
	known  func(documentKey) *document // those of an earlier run
	parsed map[documentKey]*document   // what this run asked for
	old    map[documentKey]bool        // what of it was known
	fresh  bool                        // some of it was not known
	err    error                       // sticks, as that of lookups does
}

// newDocuments takes what gives the documents that are known from an earlier run, nil for none.
func newDocuments(ctx context.Context, r tree.Reader, known func(documentKey) *document) *documents {
	if known == nil {
		known = func(documentKey) *document { return nil }
	}
	return &documents{
		ctx: ctx, reader: r, known: known,
		parsed: make(map[documentKey]*document), old: make(map[documentKey]bool),
	}
}

// request is a file to be read in a form.
type request struct {
	entry tree.Entry
	form  form
}

// requestOf gives how an entry is read on its own account, if it is. Of most scripts nobody wants to know.
func requestOf(e tree.Entry) (request, bool) {
	f := formOf(baseName(e.Path))
	return request{e, f}, e.Mode.IsFile() && f != "" && f != formScript
}

// key gives the name of a request's document. What differs from every commit has no ID, and is known by its path.
func (r request) key() documentKey {
	if r.entry.ID == "" {
		return documentKey{r.form, "path:" + r.entry.Path}
	}
	return documentKey{r.form, r.entry.ID}
}

// get gives one document. The entry must be a file.
func (d *documents) get(e tree.Entry, f form) *document {
	r := request{e, f}
	if d.parsed[r.key()] == nil {
		d.fetch([]request{r})
	}
	if doc := d.parsed[r.key()]; doc != nil {
		return doc
	}
	return &document{} // there is an error, which ends it all
}

// fetch reads what is not known yet in one go, and parses it side by side.
func (d *documents) fetch(requests []request) {
	requests = d.unknown(requests)
	if len(requests) == 0 || d.err != nil {
		return
	}
	entries := make([]tree.Entry, len(requests))
	for i, r := range requests {
		entries[i] = r.entry
	}
	results := make([]*document, len(requests))
	parsers := new(errgroup.Group)
	parsers.SetLimit(max(1, runtime.GOMAXPROCS(0)))
	err := d.reader.Read(d.ctx, entries, func(i int, data []byte) error {
		data = slices.Clone(data)
		parsers.Go(func() error {
			results[i] = parse(requests[i], data)
			return nil
		})
		return nil
	})
	if err = errors.Join(err, parsers.Wait()); err != nil {
		d.err = fmt.Errorf("reading manifests: %w", err)
		return
	}
	d.fresh = true
	for i, r := range requests {
		d.parsed[r.key()] = results[i]
	}
}

// isKnown reports whether a document that was asked for is known from an earlier run.
func (d *documents) isKnown(r request) bool { return d.old[r.key()] }

// aheadBatch bounds how many files are asked for at once while a tree is listed: few enough that parsing begins early.
const aheadBatch = 256

// fetchAhead reads files beside other work: want asks for one, and finish waits until all are read. Between the two
// nothing else may be asked of d.
func (d *documents) fetchAhead() (want func(request), finish func()) {
	requests := make(chan request, 16*aheadBatch)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r := range requests {
			batch := []request{r}
			for len(batch) < aheadBatch && len(requests) > 0 {
				batch = append(batch, <-requests)
			}
			d.fetch(batch)
		}
	}()
	return func(r request) { requests <- r }, func() { close(requests); <-done }
}

func (d *documents) unknown(requests []request) []request {
	var unknown []request
	seen := make(map[documentKey]bool)
	for _, r := range requests {
		k := r.key()
		if d.parsed[k] == nil {
			if known := d.known(k); known != nil {
				d.parsed[k], d.old[k] = known, true
			}
		}
		if d.parsed[k] == nil && !seen[k] {
			seen[k] = true
			unknown = append(unknown, r)
		}
	}
	return unknown
}

// read calls yield with the content of one file.
func (d *documents) read(e tree.Entry, yield func(data []byte)) {
	err := d.reader.Read(d.ctx, []tree.Entry{e}, func(_ int, data []byte) error {
		yield(data)
		return nil
	})
	if err != nil && d.err == nil {
		d.err = err
	}
}
