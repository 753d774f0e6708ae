// Package project reads what a pyproject.toml says its project needs: [project] (PEP 621), [dependency-groups] (PEP 735) and [tool.poetry],
// and where [tool.poetry] and [tool.uv] have it come from.
//
// internal/python reads manifests for the paths in them. Packaging asks more of them: which versions will do, on which machine, for which
// extra, because a lock that no longer says what its manifest asks for must not be packaged.
package project

import (
	"slices"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// Project is one manifest.
type Project struct {
	Name           string // normalized; empty where the manifest has none
	RequiresPython Constraint
	PythonText     string // as it is written
	PythonLine     int
	// Main are the dependencies of the project itself, those for extras included (Requirement.ForExtras).
	Main []Requirement
	// Groups are those of dependency groups, by normalized name.
	Groups map[string][]Requirement
	// Extras are the names of the project's extras, normalized and sorted.
	Extras []string
	// Poetry says that [tool.poetry] is there.
	Poetry bool
	// HasProject says that [project] is there.
	HasProject bool
	// Dynamic says that the build finds out about dependencies, and the manifest does not list them.
	Dynamic bool
	// Indexes are the package indexes that the manifest names, in its order.
	Indexes []Index
	// Document is the manifest itself.
	Document *toml.Value
	// UVSources has the dependencies, by normalized name, of which [tool.uv.sources] says where they come from, and
	// whether it has several answers, of which a marker decides.
	UVSources map[string]bool
}

// Requirement is one dependency of a manifest.
type Requirement struct {
	Name       string // normalized
	Extras     []string
	Constraint Constraint
	// Conditions are markers that must all hold for the dependency to be one.
	Conditions []marker.Marker
	// Path is where it comes from, relative to the manifest, if that is local. Workspace says that it is a member of uv's workspace.
	Path      string
	Workspace bool
	// Elsewhere says that it comes from a URL or a git repository.
	Elsewhere bool
	// Index is the name of the index that [tool.uv.sources] has it come from, or empty.
	Index string
	// ForExtras are the extras that it is for; empty for a dependency that always is one. Optional says that it is for extras only.
	ForExtras []string
	Optional  bool
	// Text is what the manifest says about versions, as it is written.
	Text string
	Line int // 1-based
}

// Index is a package index that a manifest names.
type Index struct {
	Name string
	URL  string
	// Priority is Poetry's word, "primary", "supplemental", "explicit" (also of older ones: "default", "secondary"), which uv's flags
	// are translated to.
	Priority string
	// File is the file of requirements that names it instead of a manifest: URLs there may have variables, as pip has them (${NAME}).
	File string
	Line int
}

// Holds reports whether the dependency is one on a machine.
func (r Requirement) Holds(e marker.Environment) bool {
	return !slices.ContainsFunc(r.Conditions, func(m marker.Marker) bool { return !m.Evaluate(e) })
}

// Parse reads a pyproject.toml. What is not one is a *syntax.Error.
func Parse(data []byte) (*Project, error) {
	document, err := toml.Parse(data)
	if err != nil {
		return nil, err
	}
	r := reader{Project: &Project{Document: document, Groups: map[string][]Requirement{}, UVSources: map[string]bool{}}}
	r.Poetry = document.Get("tool", "poetry") != nil
	r.HasProject = document.Get("project") != nil
	r.project()
	r.poetry()
	r.dependencyGroups()
	r.uv()
	r.indexes()
	slices.Sort(r.Extras)
	r.Extras = slices.Compact(r.Extras)
	return r.Project, r.err
}

// reader gathers what the tables of one document say, and the first error.
type reader struct {
	*Project
	err error
}

func (r *reader) fail(line int, err error) {
	if r.err == nil {
		r.err = &syntax.Error{Line: line, Column: 1, Message: err.Error()}
	}
}

// project reads [project].
func (r *reader) project() {
	table := r.Document.Get("project")
	name, ok := table.Get("name").Text()
	if !ok {
		name, _ = r.Document.Get("tool", "poetry", "name").Text()
	}
	r.Name = python.NormalizeName(name)
	r.python(table.Get("requires-python"))
	r.Main = r.requirements(table.Get("dependencies"))
	for _, extra := range table.Get("optional-dependencies").Entries() {
		name := python.NormalizeName(extra.Name)
		r.Extras = append(r.Extras, name)
		for _, req := range r.requirements(extra.Value) {
			req.ForExtras, req.Optional = []string{name}, true
			r.Main = append(r.Main, req)
		}
	}
	r.Dynamic = slices.Contains(table.Get("dynamic").Texts(), "dependencies")
}

func (r *reader) python(v *toml.Value) {
	text, ok := v.Text()
	if !ok || r.PythonText != "" {
		return
	}
	constraint, err := ParseConstraint(text)
	if err != nil {
		r.fail(v.Line, err)
	}
	r.RequiresPython, r.PythonText, r.PythonLine = constraint, text, v.Line
}
