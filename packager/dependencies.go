package packager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/buildsystem"
	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/pep517"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/packager/index"
)

// dependency is a package of a service's closure, with how its wheel is had: by fetching a file, or by a build.
type dependency struct {
	closure.Package
	// by is who asks for it, where that is not the service alone: a path dependency's directory, or a package.
	by   string
	file closure.File
	// identity names the content of a file of the repository.
	identity string
	build    *plannedBuild
}

// plannedBuild is a wheel that has to be built.
type plannedBuild struct {
	// key names everything that decides the wheel's bytes.
	key     string
	why     string
	project string
	// pure says that the wheel is the same whatever builds it.
	pure bool
	// source gives the files; it may use an empty directory of its own.
	source func(ctx context.Context, dir string) (builder.Source, error)
	// lacks is a file that the version comes from and that is not there; empty for none.
	lacks string
	// noWheel says which wheels there are instead, where only the lack of one makes the build necessary.
	noWheel *closure.NoWheelError
}

// value is what a key has of a dependency.
func (d *dependency) value() string {
	if d.build != nil {
		return d.Version + " built " + d.build.key
	}
	return strings.TrimRight(d.Version+" "+d.file.Hash+" "+d.identity, " ")
}

// TargetError is a service with dependencies of which nobody says what they are for.
type TargetError struct{}

func (e *TargetError) Error() string {
	return "it has dependencies, and neither seed.yml nor its serverless.yml or template says for which Python"
}

// GoneError is a path dependency, or an archive of a package, that a lock names and the commit does not have.
type GoneError struct {
	Package string
	// LockFile and Line are where the lock has it, and Path what is not there.
	LockFile string
	Line     int
	Path     string
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("%s:%d: %s is locked as %s, which is not in the commit", e.LockFile, e.Line, e.Package, e.Path)
}

func (d *dependency) gone(name string) error {
	return &GoneError{Package: d.Name, LockFile: d.LockFile, Line: d.Line, Path: name}
}

// resolver finds the dependencies of one service.
type resolver struct {
	*run
	service Service
	stager  *stager
	sel     selection
	ranking target.Ranking
	staged  map[string][]stagedFile
	closure *closure.Closure
	// relocked is the lock that stands for the one in the tree; nil where that does.
	relocked *relocked
	// asked has the names of what the service's manifest asks for.
	asked map[string]bool
}

// Files of a service's directory that say what its dependencies are: those that are read here, and others.
var (
	readManifests   = []string{"pyproject.toml", "requirements.txt", "poetry.lock", "uv.lock"}
	unreadManifests = []string{"Pipfile.lock", "Pipfile", "pylock.toml", "setup.py", "setup.cfg"}
)

// resolve reads the service's manifest and lock. A service without any has no dependencies.
func (r *resolver) resolve(ctx context.Context) ([]*dependency, error) {
	var names []string
	for _, name := range readManifests {
		names = append(names, path.Join(r.service.Path, name))
	}
	found, err := r.source.lookup(ctx, names...)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := r.stager.trace.path(ctx, name); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(found, tree.Entry.Exists) && !r.service.Requirements.IsNamed() {
		return nil, r.warnUnread(ctx)
	}
	if found[2].Exists() && found[3].Exists() {
		defer func() {
			if r.closure != nil && r.closure.Lock != "" {
				r.warn(fmt.Sprintf("%s has a poetry.lock and a uv.lock; it is packaged by %s", r.service.Path, path.Base(r.closure.Lock)))
			}
		}()
	}
	if err := r.readClosure(ctx); err != nil || len(r.closure.Packages) == 0 {
		return nil, err
	}
	if err := checkCircles(r.closure); err != nil {
		return nil, err
	}
	r.ranking = r.service.Options.Target.Ranking()
	var all []*dependency
	var errs []error
	for _, p := range r.closure.Packages {
		if p.Source.Virtual {
			continue
		}
		d := &dependency{Package: p, by: r.asker(p.Name)}
		if err := r.choose(ctx, d); err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, d)
	}
	return all, errors.Join(errs...)
}

// warnUnread warns of dependencies of a service that nothing says in a way that is read here: it is packaged as bare code.
func (r *resolver) warnUnread(ctx context.Context) error {
	for _, name := range unreadManifests {
		file, found, err := r.saysDependencies(ctx, name)
		if err != nil {
			return err
		}
		if found {
			r.warn(file + ": the dependencies in it are not read, and not in the artifact: poetry.lock, uv.lock and requirements.txt are read")
			return nil
		}
	}
	return nil
}

// saysDependencies gives the path of a file in the service's directory, and whether it is there and may say what its dependencies are.
func (r *resolver) saysDependencies(ctx context.Context, name string) (file string, says bool, err error) {
	file = path.Join(r.service.Path, name)
	data, found, err := r.reader(ctx)(file)
	return file, found && (!strings.HasPrefix(name, "setup.") || bytes.Contains(data, []byte("install_requires"))), err
}

func (r *resolver) closureOptions() closure.Options {
	o := r.service.Options
	return closure.Options{Target: o.Target, Groups: o.Groups, Extras: o.Extras, Requirements: r.service.Requirements}
}

// readClosure reads manifest and lock. Without a target it only finds out whether there are dependencies.
func (r *resolver) readClosure(ctx context.Context) error {
	o := r.closureOptions()
	unknown := o.Target == (target.Target{})
	var err error
	if unknown {
		if o.Target, err = target.Lambda("3.13", "x86_64"); err != nil {
			return err
		}
	}
	read := r.reader(ctx)
	r.closure, err = closure.Resolve(read, r.service.Path, o)
	var python *closure.PythonError
	switch {
	case unknown && (errors.As(err, &python) || err == nil && len(r.closure.Packages) > 0):
		return &TargetError{}
	case err != nil:
		return err
	}
	for _, i := range r.closure.Indexes {
		if i.File != "" && hasPassword(i.URL) {
			r.warn(fmt.Sprintf("%s:%d: a password is in the URL, for everybody with the repository or the artifact to see: pip expands ${NAME}", i.File, i.Line))
		}
	}
	if named := r.service.Requirements; named.IsNamed() && r.closure.Format != lockfile.Requirements {
		r.warn(fmt.Sprintf("%s:%d: the requirements that it names are not read: %s is packaged by %s", named.File, named.Line, r.service.Path, r.closure.Lock))
	}
	for _, n := range r.closure.NoBinary {
		r.warn(fmt.Sprintf("%s:%d: no-binary is not heeded: what has a wheel is not built from source", n.File, n.Line))
	}
	data, ok, err := read(path.Join(r.service.Path, "pyproject.toml"))
	if err != nil || !ok {
		return err
	}
	manifest, err := project.Parse(data)
	if err != nil {
		return err
	}
	for _, requirements := range append(slices.Collect(maps.Values(manifest.Groups)), manifest.Main) {
		for _, q := range requirements {
			r.asked[q.Name] = true
		}
	}
	return nil
}

// reader gives files of the tree, and notes each that was asked for.
func (r *resolver) reader(ctx context.Context) closure.Reader {
	return func(name string) ([]byte, bool, error) {
		if err := r.stager.trace.path(ctx, name); err != nil {
			return nil, false, err
		}
		if r.relocked != nil && name == r.relocked.path {
			return []byte(r.relocked.text), true, nil
		}
		entries, err := r.source.lookup(ctx, name)
		if err != nil || !entries[0].Exists() || entries[0].Mode == tree.Dir {
			return nil, false, err
		}
		if entries[0].Mode == tree.Symlink {
			return r.linked(ctx, entries[0])
		}
		data, err := r.source.read(ctx, entries[0])
		return data, err == nil, err
	}
}

// linked reads the file that a symbolic link leads to.
func (r *resolver) linked(ctx context.Context, e tree.Entry) ([]byte, bool, error) {
	place := committed{r.stager}
	w := &way{place: place, from: e, stop: func(string) bool { return false }}
	to, err := w.walk(ctx)
	if err != nil || !to.Mode.IsFile() {
		return nil, false, err
	}
	f, err := place.file(ctx, path.Base(e.Path), to)
	if err != nil {
		return nil, false, err
	}
	data, err := f.read(ctx)
	return data, err == nil, err
}

// asker gives who needs a package, the first path dependency that does or else the first package.
func (r *resolver) asker(name string) string {
	by := ""
	for _, p := range r.closure.Packages {
		if !slices.Contains(p.DependsOn, name) {
			continue
		}
		if p.Source.Kind == lockfile.Directory {
			return p.Source.Path
		}
		if by == "" {
			by = p.Name
		}
	}
	return by
}

// choose decides how a package's wheel is had.
func (r *resolver) choose(ctx context.Context, d *dependency) error {
	switch d.Source.Kind {
	case lockfile.Directory:
		return r.chooseDirectory(ctx, d)
	case lockfile.Git:
		return r.chooseGit(ctx, d)
	}
	for _, f := range d.Files {
		if isLocal(f) {
			if err := r.stager.trace.path(ctx, f.Path); err != nil {
				return err
			}
		}
	}
	if d.NeedsIndex() {
		if err := r.nameFiles(ctx, d); err != nil {
			return err
		}
	}
	if err := d.CheckVersions(); err != nil {
		return err
	}
	file, err := d.Best(r.ranking)
	if err == nil {
		d.file = file
		if isLocal(file) {
			names, err := r.source.identities(ctx, []string{file.Path})
			if err != nil {
				return err
			}
			d.identity = names[0]
		}
		return nil
	}
	sdist, ok := d.Sdist()
	if !ok {
		return r.blamed(ctx, d, err)
	}
	if err := r.plan(ctx, d, plannedBuild{why: "no wheel of it fits", project: d.Source.Subdirectory}, sdist.Hash, sdist.Name); err != nil {
		return err
	}
	errors.As(err, &d.build.noWheel)
	d.build.source = func(ctx context.Context, _ string) (builder.Source, error) {
		stored, err := r.fetch(ctx, d, sdist)
		if err != nil {
			return nil, err
		}
		return archiveSource(stored.path, sdist.Name), nil
	}
	return nil
}

// plan plans a build, with a key of what is built. A wheel that is the same whatever builds it is one for all targets and
// builders.
func (r *resolver) plan(ctx context.Context, d *dependency, p plannedBuild, source ...string) error {
	k := newDigest("wheel")
	k.add(d.Name, d.Version, pep517.Pins, p.project)
	p.project = path.Clean("./" + p.project)
	d.build = &p
	if !p.pure {
		name, identity, err := r.builderIdentity(ctx, d)
		if err != nil {
			return err
		}
		k.add(r.service.Options.Target.String(), name, identity)
	}
	k.list(source)
	p.key = k.sum()
	return nil
}

// builderIdentity names what builds a wheel.
func (r *resolver) builderIdentity(ctx context.Context, d *dependency) (name, identity string, err error) {
	b, err := r.builder()
	if err != nil {
		return "", "", err
	}
	build := r.newBuild(d)
	identity, err = r.lastKnown(ctx, b.Name(), build, func() (string, error) { return b.Identity(ctx, build) })
	return b.Name(), identity, err
}

// chooseDirectory stages a path dependency, and of those that it needs itself what says that they are there: their
// backends look for each other, but put nothing of each other into a wheel.
func (r *resolver) chooseDirectory(ctx context.Context, d *dependency) error {
	dir := d.Source.Path
	files, err := r.stageOnce(ctx, dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return d.gone(dir)
	}
	system, err := buildSystem(ctx, files)
	if err != nil {
		return err
	}
	staged := map[string][]stagedFile{dir: files}
	if err := r.stageOutside(ctx, staged, dir, system); err != nil {
		return err
	}
	for _, other := range r.reach(d) {
		if other == dir {
			continue
		}
		all, err := r.stageOnce(ctx, other)
		if err != nil {
			return err
		}
		projects := slices.DeleteFunc(slices.Clone(all), func(f stagedFile) bool { return !isProjectFile(f.Path) })
		staged[other] = append(projects, staged[other]...)
	}
	var identity []string
	for _, name := range slices.Sorted(maps.Keys(staged)) {
		identity = append(identity, name, filesDigest("staged", staged[name]))
	}
	if err := r.plan(ctx, d, plannedBuild{why: "path dependency " + dir, project: dir, pure: system.Pure}, identity...); err != nil {
		return err
	}
	d.build.lacks = lacking(staged, dir, system.VersionFiles)
	d.build.source = func(context.Context, string) (builder.Source, error) { return stagedSource(staged), nil }
	return nil
}

// lacking gives the first of a project's files that is not staged.
func lacking(staged map[string][]stagedFile, dir string, names []string) string {
	for _, name := range names {
		name = path.Join(dir, name)
		there := false
		for at, files := range staged {
			there = there || slices.ContainsFunc(files, func(f stagedFile) bool { return path.Join(at, f.Path) == name })
		}
		if !there {
			return name
		}
	}
	return ""
}

// VersionError is a library that was built without the file that its version comes from, and so with one that is made up.
type VersionError struct {
	Package string
	// Manifest says that the version comes from File.
	Manifest, File string
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: the version of %s comes from %s, which is not in the commit, and would be 0.0.0", e.Manifest, e.Package, e.File)
}

// buildSystem reads how a staged project is built. What no manifest says, or one that does not parse, is for the build to
// complain about.
func buildSystem(ctx context.Context, files []stagedFile) (buildsystem.System, error) {
	pyproject, err := textOf(ctx, files, "pyproject.toml")
	if err != nil {
		return buildsystem.System{}, err
	}
	setup, err := textOf(ctx, files, "setup.cfg")
	if err != nil {
		return buildsystem.System{}, err
	}
	hatch, err := textOf(ctx, files, "hatch.toml")
	if err != nil {
		return buildsystem.System{}, err
	}
	system, err := buildsystem.Parse(pyproject, hatch)
	if err != nil {
		system = buildsystem.System{}
	}
	m, _ := python.ParseSetupCfg(setup) // what does not parse is for the build to complain about
	for _, r := range m.References {
		if name := path.Clean(r.Path); r.Kind == python.PackageSource && (name == ".." || strings.HasPrefix(name, "../")) {
			system.Outside = append(system.Outside, name)
		}
	}
	return system, nil
}

// textOf gives what a staged file holds, nil where none is of this name.
func textOf(ctx context.Context, files []stagedFile, name string) ([]byte, error) {
	i := slices.IndexFunc(files, func(f stagedFile) bool { return f.Path == name })
	if i < 0 {
		return nil, nil
	}
	return files[i].read(ctx)
}

// isProjectFile reports whether a file of a project's top says what the project is.
func isProjectFile(name string) bool {
	switch name {
	case "pyproject.toml", "setup.py", "setup.cfg":
		return true
	}
	return !strings.Contains(name, "/") && strings.HasPrefix(strings.ToUpper(name), "README")
}

// reach gives the directories of the path dependencies that a package needs, itself or by way of others.
func (r *resolver) reach(d *dependency) []string {
	seen := map[string]bool{d.Name: true}
	var dirs []string
	for queue := d.DependsOn; len(queue) > 0; queue = queue[1:] {
		p := r.closure.Find(queue[0])
		if p == nil || seen[p.Name] {
			continue
		}
		seen[p.Name] = true
		if p.Source.Kind == lockfile.Directory {
			dirs = append(dirs, p.Source.Path)
			queue = slices.Concat(queue, p.DependsOn)
		}
	}
	return dirs
}

// stageOnce stages a project that is to be built. Exclude is for what goes into an artifact: it takes nothing of what the build needs.
func (r *resolver) stageOnce(ctx context.Context, dir string) ([]stagedFile, error) {
	if files, ok := r.staged[dir]; ok {
		return files, nil
	}
	sel := r.sel
	var err error
	if sel.keeps, err = r.buildFiles(ctx, dir); err != nil {
		return nil, err
	}
	files, err := r.stager.stage(ctx, dir, sel)
	if err != nil {
		return nil, err
	}
	r.staged[dir] = files
	return files, nil
}

// manifests are the files of a project by which it is built, in gitignore's syntax.
var manifests = []string{
	"/pyproject.toml", "/setup.py", "/setup.cfg", "/MANIFEST.in", "/poetry.lock", "/poetry.toml", "/hatch.toml", "/hatch_build.py",
	"/pdm_build.py", "/requirements*.txt", "/[Rr][Ee][Aa][Dd][Mm][Ee]*",
}

// buildFiles names what the build of a project needs: its manifests, and what these have it read.
func (r *resolver) buildFiles(ctx context.Context, dir string) (*gitignore.Matcher, error) {
	names := slices.Clone(manifests)
	add := func(named []string) {
		for _, name := range named {
			if name = path.Clean(name); name == "." {
				name = "*.py" // a backend at the project's top
			}
			names = append(names, "/"+name)
		}
	}
	read := r.reader(ctx)
	data, ok, err := read(path.Join(dir, "pyproject.toml"))
	if err != nil {
		return nil, err
	}
	hatch, _, err := read(path.Join(dir, "hatch.toml"))
	if err != nil {
		return nil, err
	}
	if system, err := buildsystem.Parse(data, hatch); ok && err == nil { // what does not parse is for the build to complain about
		add(system.Named)
	}
	data, _, err = read(path.Join(dir, "setup.cfg"))
	if err != nil {
		return nil, err
	}
	add(buildsystem.NamedInSetup(data))
	m, _ := gitignore.Parse(lines(names)) // what is no pattern matches nothing
	return m, nil
}

func (r *resolver) chooseGit(ctx context.Context, d *dependency) error {
	s := d.Source
	if s.Commit == "" {
		return fmt.Errorf("%s:%d: %s comes from git, and the lock does not say which commit", d.LockFile, d.Line, d.Name)
	}
	plan := plannedBuild{why: "git " + secret.URL(s.URL), project: s.Subdirectory}
	if err := r.plan(ctx, d, plan, secret.URL(s.URL), s.Commit); err != nil {
		return err
	}
	d.build.source = func(_ context.Context, dir string) (builder.Source, error) {
		if r.Index.Offline {
			return nil, &index.OfflineError{Wanted: d.build.why + " at " + s.Commit}
		}
		return gitSource(r.Env, s.URL, s.Commit, dir), nil
	}
	return nil
}
