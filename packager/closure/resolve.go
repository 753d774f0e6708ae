package closure

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/pep440"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

// Resolve gives the closure of the project in a directory of the tree ("." for the root).
//
// Its lock is poetry.lock or uv.lock beside its pyproject.toml, or the uv.lock of the workspace that it is a member of, or requirements.txt, or
// what the options name for that. A project without any, whose manifest names no dependencies, has an empty closure.
//
// What is wrong with a file is a *syntax.FileError; what is wrong between files is one of this package's errors.
func Resolve(read Reader, directory string, o Options) (*Closure, error) {
	if err := o.Target.Check(); err != nil {
		return nil, err
	}
	r := &resolver{read: read, directory: path.Clean(directory), options: o, env: o.Target.Environment(), closure: &Closure{}, markers: map[string]marker.Marker{}, root: -1}
	r.closure.resolver = r
	r.options.Groups = normalizeAll(o.Groups)
	r.options.Extras = normalizeAll(o.Extras)
	for _, step := range []func() error{r.readManifest, r.readLock, r.checkPython} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if r.lock == nil {
		return r.closure, nil
	}
	if err := r.selectPackages(); err != nil {
		return nil, err
	}
	if err := r.gather(); err != nil {
		return nil, err
	}
	if err := r.checkLocalManifests(); err != nil {
		return nil, err
	}
	if err := r.findNoBinary(); err != nil {
		return nil, err
	}
	slices.Sort(r.closure.Manifests)
	r.closure.Manifests = slices.Compact(r.closure.Manifests)
	return r.closure, nil
}

// resolver makes one closure.
type resolver struct {
	read      Reader
	directory string
	options   Options
	env       marker.Environment
	closure   *Closure

	manifest *project.Project         // nil where there is none
	lock     *lockfile.Lock           // nil where there is none
	byName   map[string][]int         // the lock's packages
	picks    map[int]*pick            // those that the target needs
	markers  map[string]marker.Marker // of the lock, by their text: many packages have the same
	root     int                      // the project itself in a uv.lock, or -1
}

func normalizeAll(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = python.NormalizeName(name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (r *resolver) manifestPath() string { return path.Join(r.directory, "pyproject.toml") }

func (r *resolver) readManifest() error {
	p, err := r.readProject(r.manifestPath())
	if err != nil || p == nil {
		return err
	}
	r.manifest = p
	r.closure.Indexes = p.Indexes
	return nil
}

// readProject reads a pyproject.toml; nil where there is none.
func (r *resolver) readProject(file string) (*project.Project, error) {
	data, found, err := r.read(file)
	if err != nil || !found {
		return nil, err
	}
	r.closure.Manifests = append(r.closure.Manifests, file)
	p, err := project.Parse(data)
	if err != nil {
		return nil, &syntax.FileError{File: file, Err: err}
	}
	return p, nil
}

// checkPython compares the target's Python with what manifest and lock are for.
func (r *resolver) checkPython() error {
	if r.manifest != nil && !r.allowsPython(r.manifest.RequiresPython) {
		return r.otherPython(r.manifestPath(), r.manifest.PythonLine, "", r.manifest.PythonText)
	}
	if r.lock == nil || r.lock.RequiresPython == "" {
		return nil
	}
	constraint, err := project.ParseConstraint(r.lock.RequiresPython)
	if err != nil {
		return &syntax.FileError{File: r.closure.Lock, Err: err}
	}
	if !r.allowsPython(constraint) {
		return r.otherPython(r.closure.Lock, 1, "", r.lock.RequiresPython)
	}
	return nil
}

// allowsPython reports whether a constraint allows the target's Python: by a patch release that it may be, or, for those who write "3.12" and
// mean all of them, by its minor version.
func (r *resolver) allowsPython(c project.Constraint) bool {
	for _, text := range append(r.options.Target.Releases(), r.env.PythonVersion) {
		if v, err := pep440.Parse(text); err == nil && c.Allows(v) {
			return true
		}
	}
	return false
}

// otherPython is the error of what is not for the target's Python. Who names patch releases is told which the target may be.
func (r *resolver) otherPython(file string, line int, name, wants string) error {
	python := r.options.Target.Python
	if _, patch, found := strings.Cut(wants, python+"."); found && patch != "" && patch[0] != '*' {
		python = r.env.PythonFullVersion + " or newer"
	}
	return &PythonError{File: file, Line: line, Package: name, Wants: wants, Python: python}
}

func (r *resolver) selectPackages() error {
	r.byName = r.lock.ByName()
	r.picks = map[int]*pick{}
	switch r.lock.Format {
	case lockfile.Poetry:
		return r.selectPoetry()
	case lockfile.UV:
		return r.selectUV()
	default:
		return r.selectRequirements()
	}
}

// gather makes the closure's packages of those that were picked.
func (r *resolver) gather() error {
	var failures []error
	for _, i := range r.pickedIndices() {
		locked := &r.lock.Packages[i]
		if locked.Source.Virtual {
			continue
		}
		p, err := r.gatherPackage(locked, r.picks[i])
		if err != nil {
			failures = append(failures, err)
			continue
		}
		r.closure.Packages = append(r.closure.Packages, p)
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	slices.SortFunc(r.closure.Packages, func(a, b Package) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Line, b.Line))
	})
	for i := 1; i < len(r.closure.Packages); i++ {
		a, b := r.closure.Packages[i-1], r.closure.Packages[i]
		if a.Name == b.Name {
			return &ConflictError{File: b.LockFile, Package: a.Name, First: b.Version, Second: a.Version, Line: b.Line, OtherLine: a.Line}
		}
	}
	return nil
}

func (r *resolver) gatherPackage(locked *lockfile.Package, picked *pick) (Package, error) {
	p := Package{
		Name: locked.Name, Version: locked.Version, Source: locked.Source, Files: locked.Files,
		LockFile: cmp.Or(locked.File, r.closure.Lock), Line: locked.Line,
		Extras: slices.Compact(slices.Sorted(slices.Values(picked.extras))), DependsOn: r.names(picked.needs, locked.Name),
	}
	if err := r.checkPackagePython(locked, p.LockFile); err != nil {
		return p, err
	}
	var err error
	if p.Source.Path != "" {
		if p.Source.Path, err = r.inTree(locked.Name, p.Source.Path, p.LockFile, p.Line); err != nil {
			return p, err
		}
	}
	for i, f := range p.Files {
		if f.Path == "" {
			continue
		}
		if p.Files[i].Path, err = r.inTree(locked.Name, f.Path, p.LockFile, p.Line); err != nil {
			return p, err
		}
	}
	return p, nil
}

// names gives the names of the packages that one needs, sorted, without itself.
func (r *resolver) names(needs []int, self string) []string {
	var names []string
	for _, i := range needs {
		if name := r.lock.Packages[i].Name; name != self && i != r.root && !r.lock.Packages[i].Source.Virtual {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *resolver) checkPackagePython(locked *lockfile.Package, file string) error {
	if locked.RequiresPython == "" || locked.RequiresPython == "*" {
		return nil
	}
	constraint, err := project.ParseConstraint(locked.RequiresPython)
	if err != nil || r.allowsPython(constraint) {
		return nil // a package's own range, when it cannot be read, is what its index let pass
	}
	return r.otherPython(file, locked.Line, locked.Name, locked.RequiresPython)
}

// base is the directory that paths of the lock are seen from: its own, or for requirements that in which pip is run, which is the project's.
func (r *resolver) base() string {
	if r.closure.Format == lockfile.Requirements {
		return r.directory
	}
	return path.Dir(r.closure.Lock)
}

// inTree gives a path of the lock from the repository's root.
func (r *resolver) inTree(name, given, file string, line int) (string, error) {
	full := path.Join(r.base(), given)
	if path.IsAbs(given) || full == ".." || strings.HasPrefix(full, "../") {
		return "", &syntax.FileError{File: file, Err: &syntax.Error{
			Line: line, Column: 1, Message: fmt.Sprintf("%s comes from %s, which is outside of the repository", name, given),
		}}
	}
	return full, nil
}
