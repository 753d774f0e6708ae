package workspace

import (
	"context"
	"errors"
	"slices"

	"github.com/monoplan/monoplan/internal/gitignore"
	jsglob "github.com/monoplan/monoplan/internal/javascript/glob"
	"github.com/monoplan/monoplan/internal/javascript/value"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// The root's files that take paths out of a workspace, as Nx reads them.
const (
	gitignoreFile = ".gitignore"
	nxignoreFile  = ".nxignore"
)

// isPackageManifest reports whether a file is called as the manifest of a package is.
func isPackageManifest(p string) bool {
	switch form(baseName(p)) {
	case formPackage, formPackageYAML, formPackageJSON5:
		return true
	}
	return false
}

// isPackageFile reports whether a file says something of the packages of a JavaScript workspace.
func isPackageFile(p string) bool {
	switch p {
	case javascript.LernaFile, javascript.PnpmFile, javascript.NpmrcFile, gitignoreFile, nxignoreFile:
		return true
	}
	return isPackageManifest(p) && !inNodeModules(p, root)
}

// packages finds the packages of each algorithm in use that knows any.
func (b *builder) packages() map[planner.Algorithm]javascript.Workspace {
	var found map[planner.Algorithm]javascript.Workspace
	for _, a := range b.config.packageAlgorithms() {
		if found == nil {
			found = make(map[planner.Algorithm]javascript.Workspace)
		}
		find := javascript.Lerna
		if a == planner.Pnpm {
			find = javascript.Pnpm
		}
		w := find(b.packageFiles())
		for _, warning := range w.Warnings {
			b.warnings[Warning(warning)] = true
		}
		w.Warnings = nil
		found[a] = w
	}
	return found
}

// packageFiles gives the tree's files of JavaScript workspaces.
func (b *builder) packageFiles() javascript.Files {
	f := javascript.Files{Broken: make(map[string]*javascript.Broken)}
	contents := make(map[string]tree.Entry)
	for _, e := range b.index.entries {
		if content, readable := b.content(e); readable && isPackageManifest(e.Path) && isPackageFile(e.Path) {
			contents[e.Path] = content
			f.Manifests = append(f.Manifests, e.Path)
		}
	}
	f.Fetch = func(paths []string) {
		var requests []request
		for _, p := range paths {
			requests = append(requests, request{contents[p], form(baseName(p))})
		}
		b.documents.fetch(requests)
	}
	f.Manifest = func(p string) (*javascript.Manifest, *javascript.Broken) {
		doc := b.documents.get(contents[p], form(baseName(p)))
		if doc.Package == nil {
			return &javascript.Manifest{}, doc.brokenPackage()
		}
		return doc.Package, nil
	}
	f.Lerna = b.rootFile(javascript.LernaFile, formLerna, f.Broken).Lerna
	f.Pnpm = b.rootFile(javascript.PnpmFile, formPnpm, f.Broken).Pnpm
	f.Npmrc = b.rootFile(javascript.NpmrcFile, formNpmrc, f.Broken).Pnpm
	f.Ignored = b.packagesIgnored()
	return f
}

// brokenPackage gives why a document does not parse; nil where it does.
func (d *document) brokenPackage() *javascript.Broken {
	if d.Broken == "" {
		return nil
	}
	return &javascript.Broken{Message: d.Broken, Line: d.Line}
}

// rootFile reads a file at the root; one that is not there says nothing.
func (b *builder) rootFile(name string, f form, broken map[string]*javascript.Broken) *document {
	e, ok := b.index.at(name)
	if !ok {
		return &document{}
	}
	content, readable := b.content(e)
	if !readable {
		return &document{}
	}
	doc := b.documents.get(content, f)
	if doc.Broken != "" {
		broken[name] = doc.brokenPackage()
	}
	return doc
}

// packagesIgnored says which paths the root's .gitignore or .nxignore take out, tracked or not.
func (b *builder) packagesIgnored() func(string) bool {
	var matchers []*gitignore.Matcher
	for _, name := range []string{gitignoreFile, nxignoreFile} {
		var lines []gitignore.Line
		for i, text := range b.rootFile(name, formLines, nil).Lines {
			lines = append(lines, gitignore.Line{Text: text, Number: i + 1})
		}
		m, _ := gitignore.Parse(lines) // a pattern that matches nothing takes nothing out
		matchers = append(matchers, m)
	}
	return func(p string) bool {
		return slices.ContainsFunc(matchers, func(m *gitignore.Matcher) bool {
			ignored, _ := m.Match(p, false)
			return ignored
		})
	}
}

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

// Packages gives the packages of each algorithm in use that knows any, as the planner takes them.
func (w *Workspace) Packages() map[planner.Algorithm]planner.Packages {
	all := make(map[planner.Algorithm]planner.Packages, len(w.snapshot.packages))
	for a, from := range w.snapshot.packages {
		to := planner.Packages{
			List: make([]planner.Package, len(from.Packages)), Overlapping: a == planner.Lerna,
			Unknown: from.Unknown,
		}
		for i, p := range from.Packages {
			to.List[i] = planner.Package{Path: p.Path, Name: p.Name, Forced: p.Forced}
			for _, e := range p.Edges {
				to.List[i].Dependencies = append(to.List[i].Dependencies, e.To)
			}
		}
		all[a] = to
	}
	return all
}

// PackageEdges gives the dependencies of an algorithm's package, by its index among those of Packages. From and To are
// the names of packages.
func (w *Workspace) PackageEdges(a planner.Algorithm, i int) []Edge {
	packages := w.snapshot.packages[a].Packages
	p := packages[i]
	var edges []Edge
	for _, e := range p.Edges {
		edges = append(edges, Edge{p.Name, packages[e.To].Name, p.Manifest, e.Line})
	}
	return edges
}

// listings gives what each algorithm that knows packages makes of changes.
func (w *Workspace) listings(ctx context.Context, base Base, changes []planner.Change) (map[planner.Algorithm]planner.Listing, error) {
	var all map[planner.Algorithm]planner.Listing
	for a, packages := range w.snapshot.packages {
		if all == nil {
			all = make(map[planner.Algorithm]planner.Listing)
		}
		l := planner.Listing{}
		if a == planner.Lerna {
			l.Ignored = lernaIgnored(packages.Ignore, changes)
		} else {
			l.Ignored = pnpmIgnored(packages.Ignore, changes)
			l.Tests = pnpmTests(packages.Tests, changes)
			affected, err := w.affectedByCatalogs(ctx, base, packages, l.Ignored, changes)
			if err != nil {
				return nil, err
			}
			l.Affected = affected
		}
		all[a] = l
	}
	return all, nil
}

// lernaIgnored gives the changed paths that some pattern of ignoreChanges matches.
func lernaIgnored(patterns []string, changes []planner.Change) map[string]bool {
	ignored := make(map[string]bool)
	for _, p := range patterns {
		// To be left in a list a path has to match the pattern with a "!" before it.
		g := jsglob.Minimatch("!"+p, jsglob.Options{Dot: true, MatchBase: true})
		for _, c := range changes {
			if !g.Match(c.Path) {
				ignored[c.Path] = true
			}
		}
	}
	return ignored
}

// pnpmIgnored gives the changed paths that changed-files-ignore-pattern matches, as micromatch reads a list: later
// patterns have the last word, but what one with a "!" takes out stays out, and where all have one, they take out of
// everything.
func pnpmIgnored(patterns []string, changes []planner.Change) map[string]bool {
	ignored := make(map[string]bool)
	omitted := make(map[string]bool)
	negated, count := 0, 0
	for _, p := range patterns {
		if p == "" {
			continue
		}
		count++
		g := jsglob.Picomatch(p, jsglob.Options{Dot: true})
		if g.Negated {
			negated++
		}
		for _, c := range changes {
			switch matches := g.Match(c.Path) != g.Negated; {
			case matches && g.Negated:
				omitted[c.Path] = true
			case matches:
				delete(omitted, c.Path)
				ignored[c.Path] = true
			}
		}
	}
	if count > 0 && negated == count {
		for _, c := range changes {
			ignored[c.Path] = true
		}
	}
	for p := range omitted {
		delete(ignored, p)
	}
	return ignored
}

// pnpmTests gives the changed paths that some test-pattern matches.
func pnpmTests(patterns []string, changes []planner.Change) map[string]bool {
	tests := make(map[string]bool)
	for _, p := range patterns {
		g := jsglob.Picomatch(p, jsglob.Options{})
		for _, c := range changes {
			if g.Match(c.Path) {
				tests[c.Path] = true
			}
		}
	}
	return tests
}

// affectedByCatalogs gives the packages that name an entry of a catalog which is not what it was in the baseline.
func (w *Workspace) affectedByCatalogs(ctx context.Context, base Base, packages javascript.Workspace, ignored map[string]bool, changes []planner.Change) (map[int]string, error) {
	isFile := func(c planner.Change) bool { return c.Path == javascript.PnpmFile && !ignored[c.Path] }
	if len(packages.Uses) == 0 || !slices.ContainsFunc(changes, isFile) {
		return nil, nil
	}
	before, err := readCatalogs(ctx, base.Tree)
	if err != nil {
		return nil, err
	}
	now, err := readCatalogs(ctx, w.options.Tree)
	if err != nil {
		return nil, err
	}
	changed := javascript.ChangedCatalogs(before, now)
	affected := make(map[int]string)
	for p, uses := range packages.Uses {
		if slices.ContainsFunc(uses, func(u javascript.CatalogUse) bool { return changed[u] }) {
			affected[p] = javascript.PnpmFile
		}
	}
	return affected, nil
}

// readCatalogs reads the catalogs of a tree. A file that is not there, or does not parse, has none: all entries then
// count as changed.
func readCatalogs(ctx context.Context, r tree.Reader) (*javascript.PnpmConfig, error) {
	look, docs := newLookups(ctx, r, nil), newDocuments(ctx, r, nil)
	c := &javascript.PnpmConfig{}
	if e := look.resolve(root, javascript.PnpmFile).entry; e.Mode.IsFile() {
		if doc := docs.get(e, formPnpm); doc.Pnpm != nil {
			c = doc.Pnpm
		}
	}
	return c, errors.Join(look.err, docs.err)
}
