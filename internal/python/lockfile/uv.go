package lockfile

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// ParseUV reads a uv.lock of version 1, in any revision. What is not one is a *syntax.Error.
func ParseUV(data []byte) (*Lock, error) {
	document, err := toml.Scan(data)
	if err != nil {
		return nil, err
	}
	l := &Lock{Format: UV}
	version, ok := document.Get("version").Int()
	if !ok || version != 1 {
		return nil, errorAt(max(1, line(document.Get("version"))), "version 1 is the only one of uv.lock that is known")
	}
	l.Version = fmt.Sprint(version)
	l.RequiresPython, _ = document.Get("requires-python").Text()
	l.Settings = uvSettings(document)
	packages := document.Get("package").Elements()
	if packages == nil {
		packages = document.Get("distribution").Elements() // as uv called them before 0.4
	}
	for _, table := range packages {
		p, err := uvPackage(table)
		if err != nil {
			return nil, err
		}
		l.Packages = append(l.Packages, p)
	}
	return l, document.Err()
}

func uvPackage(table *toml.Value) (Package, error) {
	name, named := table.Get("name").Text()
	p := Package{Name: python.NormalizeName(name), Line: table.Line}
	if !named || name == "" {
		return p, errorAt(p.Line, "a package without a name")
	}
	p.Line = table.Get("name").Line
	p.Version, _ = table.Get("version").Text()
	if _, err := pep440.Parse(p.Version); p.Version != "" && err != nil {
		return p, errorAt(p.Line, fmt.Sprintf("%s: %s", p.Name, err))
	}
	p.Source = uvSource(table.Get("source"))
	p.Dependencies = uvDependencies(table.Get("dependencies"))
	p.Extras = uvDependencyLists(table.Get("optional-dependencies"))
	p.DevGroups = uvDependencyLists(table.Get("dev-dependencies"))
	p.uvFiles(table)
	p.Metadata = uvMetadata(table.Get("metadata"))
	return p, nil
}

func uvSource(table *toml.Value) Source {
	var s Source
	s.Subdirectory, _ = table.Get("subdirectory").Text()
	for _, entry := range table.Entries() {
		text, _ := entry.Value.Text()
		switch entry.Name {
		case "registry":
			if s.Kind = Registry; hasScheme(text) {
				s.URL = text
			} else {
				s.Path = text
			}
		case "git":
			s.Kind = Git
			s.uvGit(text)
		case "url":
			s.Kind, s.URL = URL, text
		case "path":
			s.Kind, s.Path = Path, text
		case "directory", "editable", "virtual":
			s.Kind, s.Path, s.Virtual = Directory, text, entry.Name == "virtual"
		}
	}
	return s
}

func hasScheme(text string) bool {
	return strings.Contains(text, "://") || strings.HasPrefix(text, "file:")
}

// uvGit reads https://host/repository?rev=main&subdirectory=x#commit.
func (s *Source) uvGit(text string) {
	text, s.Commit, _ = strings.Cut(text, "#")
	base, query, _ := strings.Cut(text, "?")
	s.URL = base
	values, err := url.ParseQuery(query)
	if err != nil {
		return
	}
	for _, key := range [...]string{"rev", "tag", "branch"} {
		if values.Has(key) {
			s.Reference = values.Get(key)
		}
	}
	if values.Has("subdirectory") {
		s.Subdirectory = values.Get("subdirectory")
	}
}

func uvDependencies(list *toml.Value) []Dependency {
	var all []Dependency
	for _, item := range list.Elements() {
		name, ok := item.Get("name").Text()
		if !ok {
			continue
		}
		d := Dependency{Name: python.NormalizeName(name), Line: item.Line}
		d.Version, _ = item.Get("version").Text()
		d.Marker, _ = item.Get("marker").Text()
		for _, extra := range item.Get("extra").Texts() {
			d.Extras = append(d.Extras, python.NormalizeName(extra))
		}
		if source := item.Get("source"); source != nil {
			s := uvSource(source)
			d.Source = &s
		}
		all = append(all, d)
	}
	return all
}

func uvDependencyLists(table *toml.Value) map[string][]Dependency {
	if table == nil {
		return nil
	}
	lists := map[string][]Dependency{}
	for _, entry := range table.Entries() {
		lists[python.NormalizeName(entry.Name)] = uvDependencies(entry.Value)
	}
	return lists
}

func (p *Package) uvFiles(table *toml.Value) {
	if sdist := table.Get("sdist"); sdist != nil {
		var f File
		for _, entry := range sdist.Entries() {
			setUVFile(&f, entry.Name, entry.Value.String())
		}
		p.Files = append(p.Files, f)
	}
	p.Files = append(p.Files, readFiles(table.Get("wheels"), setUVFile)...)
	for i := range p.Files {
		p.completeUVFile(&p.Files[i])
	}
}

func setUVFile(f *File, key, text string) {
	switch key {
	case "url":
		f.URL = text
	case "path":
		f.Path = text
	case "filename":
		f.Name = text
	case "hash":
		f.Hash = text
	case "size":
		if size, err := strconv.ParseInt(text, 10, 64); err == nil {
			f.Size = size
		}
	}
}

// completeUVFile adds what a file does not say itself: its name is the end of its URL or path; the archive that is the package's source has
// no more than a hash.
func (p *Package) completeUVFile(f *File) {
	switch {
	case f.URL == "" && p.Source.Kind == URL:
		f.URL = p.Source.URL
	case f.Path == "" && p.Source.Kind == Path:
		f.Path = p.Source.Path
	case f.Path != "" && p.Source.Kind == Registry:
		f.Path = path.Join(p.Source.Path, f.Path)
	}
	if f.Name == "" {
		f.Name = baseName(f.URL, f.Path)
	}
}

// baseName gives the name of the file that a URL or a path leads to.
func baseName(address, file string) string {
	if address == "" {
		return path.Base(file)
	}
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	name := address[strings.LastIndexByte(address, '/')+1:]
	if decoded, err := url.PathUnescape(name); err == nil {
		return decoded
	}
	return name
}

func uvMetadata(table *toml.Value) *Metadata {
	if table == nil {
		return nil
	}
	m := &Metadata{Line: table.Line, Requires: uvRequirements(table.Get("requires-dist"))}
	for _, extra := range table.Get("provides-extras").Texts() {
		m.ProvidesExtras = append(m.ProvidesExtras, python.NormalizeName(extra))
	}
	for _, group := range table.Get("requires-dev").Entries() {
		if m.Groups == nil {
			m.Groups = map[string][]Requirement{}
		}
		m.Groups[python.NormalizeName(group.Name)] = uvRequirements(group.Value)
	}
	return m
}

func uvRequirements(list *toml.Value) []Requirement {
	var all []Requirement
	for _, item := range list.Elements() {
		name, _ := item.Get("name").Text()
		r := Requirement{Name: python.NormalizeName(name), Line: item.Line}
		r.Marker, _ = item.Get("marker").Text()
		r.Specifier, _ = item.Get("specifier").Text()
		for _, extra := range item.Get("extras").Texts() {
			r.Extras = append(r.Extras, python.NormalizeName(extra))
		}
		for _, key := range [...]string{"path", "directory", "editable", "virtual"} {
			if text, ok := item.Get(key).Text(); ok {
				r.Path = text
			}
		}
		r.Elsewhere = item.Get("git") != nil || item.Get("url") != nil
		r.Index, _ = item.Get("index").Text()
		all = append(all, r)
	}
	return all
}
