package workspace

import (
	"fmt"
	"slices"

	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace/javascript"
)

// isPackageManifest reports whether a file is called as the manifest of a package is.
func isPackageManifest(p string) bool {
	switch form(baseName(p)) {
	case formPackage, formPackageYAML, formPackageJSON5:
		return true
	}
	return false
}

func isProject(p string) bool { return baseName(p) == javascript.ProjectFile }

// isPackageFile reports whether a file says something of the packages of a JavaScript workspace.
func isPackageFile(p string) bool {
	switch p {
	case javascript.LernaFile, javascript.PnpmFile, javascript.NpmrcFile:
		return true
	}
	return (isPackageManifest(p) || isProject(p) || isIgnoreFile(p)) && !inNodeModules(p, root)
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
		found[a] = find(b.packageFiles(a))
	}
	return found
}

// warnOfDependsOn warns of services in packages that have a depends_on: the dependencies of their packages count instead.
func (b *builder) warnOfDependsOn(services []Service, found map[planner.Algorithm]javascript.Workspace) {
	in := make(map[planner.Algorithm]*directories)
	for a, w := range found {
		in[a] = &directories{set: make(map[string]bool)}
		for _, p := range w.Packages {
			in[a].set[p.Path] = p.Path != root
		}
	}
	for _, s := range services {
		if dirs := in[s.Algorithm]; dirs != nil && len(s.dependsOn) > 0 && dirs.innermostOrSame(s.Path) != "" {
			b.warnings[Warning{b.config.File, s.dependsOnLine, fmt.Sprintf("depends_on says nothing for a service in a package, such as %s: its package's dependencies count", s.Path)}] = true
			return
		}
	}
}

// packageFiles gives the tree's files of JavaScript workspaces, as the tool of an algorithm finds them.
func (b *builder) packageFiles(a planner.Algorithm) javascript.Files {
	f := javascript.Files{Broken: make(map[string]*javascript.Broken)}
	contents := make(map[string]tree.Entry)
	for _, e := range b.index.entries {
		if content, readable := b.content(e); readable && isPackageFile(e.Path) {
			contents[e.Path] = content
			switch {
			case isPackageManifest(e.Path):
				f.Manifests = append(f.Manifests, e.Path)
			case isProject(e.Path):
				f.Projects = append(f.Projects, e.Path)
			}
		}
		if e.Mode == tree.Submodule {
			f.Submodules = append(f.Submodules, e.Path)
		}
	}
	if a == planner.Pnpm {
		for p, content := range b.linkedManifests() {
			contents[p] = content
			f.Manifests = append(f.Manifests, p)
		}
		slices.Sort(f.Manifests)
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

// linkedManifests gives the manifests of packages behind links to directories, by their paths through those: pnpm follows links when
// it looks for projects. What changes there has another path, so such a package is listed by what it depends on alone.
func (b *builder) linkedManifests() map[string]tree.Entry {
	linked := make(map[string]tree.Entry)
	for _, link := range b.index.entries {
		if link.Mode != tree.Symlink {
			continue
		}
		to := b.lookups.resolve(parentPath(link.Path), baseName(link.Path)).entry
		if to.Mode != tree.Dir {
			continue
		}
		for _, e := range b.index.in(to.Path) {
			p := joinPath(link.Path, e.Path[len(prefixOf(to.Path)):])
			if content, readable := b.content(e); readable && isPackageManifest(p) && isPackageFile(p) {
				linked[p] = content
			}
		}
	}
	return linked
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

// Packages gives the packages of each algorithm in use that knows any, as the planner takes them.
func (w *Workspace) Packages() map[planner.Algorithm]planner.Packages {
	all := make(map[planner.Algorithm]planner.Packages, len(w.snapshot.packages))
	for a, from := range w.snapshot.packages {
		to := planner.Packages{
			List: make([]planner.Package, len(from.Packages)), Overlapping: a == planner.Lerna,
			IncludeDependencies: from.IncludeDependencies, Unknown: from.Unknown,
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

// Unaskable gives why the program of an algorithm cannot be asked for all packages; nil where it can.
func (w *Workspace) Unaskable(a planner.Algorithm) *Warning {
	return (*Warning)(w.snapshot.packages[a].Unaskable)
}

// PackageEdges gives the dependencies of an algorithm's package, by its index among those of Packages. From and To are
// the names of packages.
func (w *Workspace) PackageEdges(a planner.Algorithm, i int) []Edge {
	packages := w.snapshot.packages[a].Packages
	p := packages[i]
	var edges []Edge
	for _, e := range p.Edges {
		edges = append(edges, Edge{From: p.Name, To: packages[e.To].Name, File: p.Manifest, Line: e.Line})
	}
	return edges
}
