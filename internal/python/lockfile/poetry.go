package lockfile

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/tag"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParsePoetry reads a poetry.lock, of versions 1.0 to 2.1. What is not one is a *syntax.Error.
func ParsePoetry(data []byte) (*Lock, error) {
	document, err := toml.Scan(data)
	if err != nil {
		return nil, err
	}
	metadata := document.Get("metadata")
	l := &Lock{Format: Poetry, Tool: writtenBy(data)}
	l.Version, _ = metadata.Get("lock-version").Text()
	l.RequiresPython, _ = metadata.Get("python-versions").Text()
	l.ContentHash, _ = metadata.Get("content-hash").Text()
	if l.Version == "" {
		l.Version = "1.0" // which did not write it
	}
	if major, _, _ := strings.Cut(l.Version, "."); major != "1" && major != "2" {
		return nil, errorAt(max(1, line(metadata.Get("lock-version"))), fmt.Sprintf("version %s of the lock's format is not known, only 1.0 to 2.1", l.Version))
	}
	l.Extras = poetryExtras(document.Get("extras"))
	for _, table := range document.Get("package").Elements() {
		p, err := poetryPackage(table, metadata)
		if err != nil {
			return nil, err
		}
		l.HasGroups = l.HasGroups || len(p.Groups) > 0
		l.Packages = append(l.Packages, p)
	}
	return l, document.Err()
}

// writtenBy finds Poetry's version in the comment that begins a lock.
func writtenBy(data []byte) string {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	_, after, found := bytes.Cut(first, []byte("by Poetry "))
	if !found || first[0] != '#' {
		return ""
	}
	version, _, _ := strings.Cut(string(after), " ")
	return version
}

func line(v *toml.Value) int {
	if v == nil {
		return 0
	}
	return v.Line
}

// poetryExtras reads [extras]: a list of names for each.
func poetryExtras(table *toml.Value) map[string][]string {
	extras := map[string][]string{}
	for _, extra := range table.Entries() {
		names := []string{}
		for _, name := range extra.Value.Texts() {
			names = append(names, python.NormalizeName(name))
		}
		extras[python.NormalizeName(extra.Name)] = names
	}
	return extras
}

func poetryPackage(table, metadata *toml.Value) (Package, error) {
	name, named := table.Get("name").Text()
	p := Package{Name: python.NormalizeName(name), Line: table.Line}
	if !named || name == "" {
		return p, errorAt(p.Line, "a package without a name")
	}
	p.Line = table.Get("name").Line
	p.Version, _ = table.Get("version").Text()
	if _, err := pep440.Parse(p.Version); err != nil {
		return p, errorAt(p.Line, fmt.Sprintf("%s: %s", p.Name, err))
	}
	p.RequiresPython, _ = table.Get("python-versions").Text()
	p.Optional = table.Get("optional").IsTrue()
	p.poetryGroups(table)
	p.poetrySource(table.Get("source"))
	p.poetryFiles(table.Get("files"), metadata, name)
	extras := table.Get("extras")
	for _, dependency := range table.Get("dependencies").Entries() {
		for _, specification := range dependency.Value.Each() {
			p.Dependencies = append(p.Dependencies, poetryDependency(dependency, specification, extras))
		}
	}
	return p, nil
}

// poetryGroups reads groups and markers, which is one text, or one for each group.
func (p *Package) poetryGroups(table *toml.Value) {
	for _, group := range table.Get("groups").Texts() {
		p.Groups = append(p.Groups, python.NormalizeName(group))
	}
	markers := table.Get("markers")
	if text, ok := markers.Text(); ok {
		p.Markers = map[string]string{"": text}
	}
	for _, group := range markers.Entries() {
		if text, ok := group.Value.Text(); ok {
			if p.Markers == nil {
				p.Markers = map[string]string{}
			}
			p.Markers[python.NormalizeName(group.Name)] = text
		}
	}
}

// MarkerOf gives the marker under which a group needs the package; empty for any machine.
func (p *Package) MarkerOf(group string) string {
	if text, one := p.Markers[""]; one {
		return text
	}
	return p.Markers[group]
}

func (p *Package) poetrySource(table *toml.Value) {
	kind, _ := table.Get("type").Text()
	s := &p.Source
	s.URL, _ = table.Get("url").Text()
	s.Reference, _ = table.Get("reference").Text()
	s.Commit, _ = table.Get("resolved_reference").Text()
	s.Subdirectory, _ = table.Get("subdirectory").Text()
	switch kind {
	case "git":
		s.Kind = Git
	case "url":
		s.Kind = URL
	case "file", "directory":
		s.Kind = Directory
		if kind == "file" {
			s.Kind = Path
		}
		s.Path, s.URL = s.URL, ""
	default:
		s.Index, s.Reference = s.Reference, ""
	}
}

// poetryFiles reads where the hashes are: with the package (2.0), in [metadata.files] for all versions of a name together (1.1), or
// without names in [metadata.hashes] (1.0). Where the one file of a package that is a URL or an archive is, the source says.
func (p *Package) poetryFiles(files, metadata *toml.Value, name string) {
	if files == nil {
		files = metadata.Get("files", name)
	}
	p.Files = readFiles(files, func(f *File, key, text string) {
		switch key {
		case "file":
			f.Name = text
		case "hash":
			f.Hash = text
		case "url":
			f.URL = text
		}
	})
	for i := range p.Files {
		switch f := &p.Files[i]; {
		case p.Source.Kind == Path && f.Name == path.Base(p.Source.Path):
			f.Path = p.Source.Path
		case p.Source.Kind == URL && f.Name == baseName(p.Source.URL, ""):
			f.URL = p.Source.URL
		}
	}
	for _, hash := range metadata.Get("hashes", name).Texts() {
		p.Files = append(p.Files, File{Hash: "sha256:" + hash})
	}
	if metadata.Get("files", name) != nil {
		p.Files = slices.DeleteFunc(p.Files, func(f File) bool { return !p.isOwn(f) })
	}
}

// isOwn reports whether a file is the package's: the one that its source is, or by its name one of its version.
func (p *Package) isOwn(f File) bool {
	if p.Source.Kind == URL || p.Source.Kind == Path {
		return f.URL != "" || f.Path != ""
	}
	version, err := pep440.Parse(p.Version)
	if err != nil {
		return true
	}
	if w, err := tag.ParseWheel(f.Name); err == nil {
		return w.Version.Compare(version) == 0
	}
	stem := f.Name
	for _, ending := range [...]string{".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"} {
		stem = strings.TrimSuffix(stem, ending)
	}
	own, err := pep440.Parse(stem[strings.LastIndexByte(stem, '-')+1:])
	return err != nil || own.Compare(version) == 0
}

// poetryDependency reads a constraint, or a table with version, markers, extras and optional, or with a source of its own.
func poetryDependency(key toml.Key, specification, extras *toml.Value) Dependency {
	d := Dependency{Name: python.NormalizeName(key.Name), Line: specification.Line}
	if text, ok := specification.Text(); ok {
		d.Constraint = text
		return d
	}
	d.Constraint, _ = specification.Get("version").Text()
	d.Marker, _ = specification.Get("markers").Text()
	for _, extra := range specification.Get("extras").Texts() {
		d.Extras = append(d.Extras, python.NormalizeName(extra))
	}
	if d.Optional = specification.Get("optional").IsTrue(); d.Optional {
		d.ForExtras = extrasNaming(d.Name, extras)
	}
	d.Source = poetryDependencySource(specification)
	return d
}

// poetryDependencySource gives where a dependency is to come from, if it says so.
func poetryDependencySource(specification *toml.Value) *Source {
	for _, key := range [...]struct {
		name string
		kind SourceKind
	}{{"git", Git}, {"url", URL}, {"path", Directory}, {"file", Path}} {
		if text, ok := specification.Get(key.name).Text(); ok {
			return &Source{Kind: key.kind, URL: text}
		}
	}
	return nil
}

// extrasNaming gives the extras in whose lists a name is: "name (>=1)", "name[extra]>=1 ; marker".
func extrasNaming(name string, extras *toml.Value) []string {
	var naming []string
	for _, extra := range extras.Entries() {
		for _, text := range extra.Value.Texts() {
			end := strings.IndexAny(text, " [(<>=!~;@")
			if end < 0 {
				end = len(text)
			}
			if python.NormalizeName(text[:end]) == name {
				naming = append(naming, python.NormalizeName(extra.Name))
				break
			}
		}
	}
	return naming
}
