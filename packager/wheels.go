package packager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/tag"
	"github.com/monoplan/monoplan/packager/assemble"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/wheel"
)

// storedWheel is a file in the store.
type storedWheel struct {
	path, sha256 string
	// name is the file's own name.
	name string
	// bytes is how many were fetched for it just now, and built says that it was built just now.
	bytes int64
	built bool
}

// openWheel is a dependency with its wheel.
type openWheel struct {
	*dependency
	storedWheel
	wheel *wheel.Wheel
}

// wheelsAtOnce is how many wheels of a service are waited for at once. The index client bounds its requests, and builds have a bound of
// their own.
const wheelsAtOnce = 16

// collect gets the wheels of all dependencies, side by side, and counts what that took.
func (r *resolver) collect(ctx context.Context, all []*dependency, result *Result) ([]openWheel, error) {
	if err := r.accept(ctx, all); err != nil {
		return nil, err
	}
	wheels := make([]openWheel, len(all))
	errs := make([]error, len(all))
	g := new(errgroup.Group)
	g.SetLimit(wheelsAtOnce)
	for i, d := range all {
		g.Go(func() error {
			wheels[i], errs[i] = r.wheel(ctx, d)
			return nil
		})
	}
	_ = g.Wait() // errs has each one's own
	for _, w := range wheels {
		if w.bytes > 0 {
			result.Fetched++
			result.FetchedBytes += w.bytes
		}
		if w.built {
			result.Built++
		}
	}
	return wheels, errors.Join(errs...)
}

// accept asks the builder, before anything is fetched, whether it can do what is to be built and is not in the store.
func (r *resolver) accept(ctx context.Context, all []*dependency) error {
	var builds []builder.Build
	var missing []*dependency
	for _, d := range all {
		if d.build == nil {
			continue
		}
		if _, ok, err := r.built(ctx, d.build.key); err != nil || ok {
			if err != nil {
				return err
			}
			continue
		}
		builds, missing = append(builds, r.newBuild(d)), append(missing, d)
	}
	if len(builds) == 0 {
		return nil
	}
	b, err := r.builder()
	if err != nil {
		return err
	}
	err = b.Accept(ctx, builds)
	for _, d := range missing {
		err = r.unbuilt(ctx, d, err)
	}
	return err
}

// BuilderError is a builder that this version does not have.
type BuilderError struct{ Name string }

func (e *BuilderError) Error() string {
	return fmt.Sprintf("builder %s is not in this version", e.Name)
}

func (r *resolver) builder() (builder.Builder, error) {
	b, ok := r.Builders[r.service.Options.Builder]
	if !ok {
		return nil, &BuilderError{r.service.Options.Builder}
	}
	return b, nil
}

func (r *resolver) newBuild(d *dependency) builder.Build {
	o := r.service.Options
	return builder.Build{
		Name: d.Name, Version: d.Version, Why: d.build.why, Project: d.build.project, Pure: d.build.pure,
		Python: o.Target.Python, Architecture: o.Target.Architecture, Image: o.Image, BaseImage: o.BaseImage,
	}
}

// built looks in the store for what was built under a key.
func (r *run) built(ctx context.Context, key string) (storedWheel, bool, error) {
	data, ok, err := r.Store.Result(ctx, buildResult+key)
	if err != nil || !ok {
		return storedWheel{}, false, err
	}
	var record builtRecord
	if json.Unmarshal(data, &record) != nil || record.SHA256 == "" {
		return storedWheel{}, false, nil
	}
	file, ok, err := r.Store.Get(ctx, record.SHA256)
	return storedWheel{path: file, sha256: record.SHA256, name: record.Name}, ok, err
}

// The kinds of results in the store.
const (
	buildResult   = "built wheel "
	factsResult   = "wheel facts "
	builderResult = "builder "
)

// builtRecord is what the store has of a build.
type builtRecord struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// wheel gets one wheel, and opens it.
func (r *resolver) wheel(ctx context.Context, d *dependency) (openWheel, error) {
	var stored storedWheel
	var err error
	first := false
	if d.build != nil {
		stored, err = r.builds.do(ctx, d.build.key, func() (storedWheel, error) {
			first = true
			return r.buildOrFind(ctx, d)
		})
		err = r.unbuilt(ctx, d, err)
	} else {
		stored, err = r.fetches.do(ctx, fetchKey(d), func() (storedWheel, error) {
			first = true
			return r.fetch(ctx, d, d.file)
		})
	}
	if err != nil {
		return openWheel{}, err
	}
	if !first {
		stored.bytes, stored.built = 0, false // another service's doing
	}
	w, err := r.opened.do(ctx, stored.sha256, func() (*wheel.Wheel, error) { return r.open(ctx, stored) })
	if err != nil {
		return openWheel{}, fmt.Errorf("%s %s: %w", d.Name, d.Version, err)
	}
	return openWheel{d, stored, w}, r.fits(d, stored, w)
}

// saysWhere reports whether a wheel's name says where it runs, as that of a published one does: objects in it for other machines are data.
// One for "linux" alone was built, and says nothing of the C library that it needs.
func saysWhere(file string) bool {
	w, err := tag.ParseWheel(file)
	return err == nil && !slices.ContainsFunc(w.Tags, func(t tag.Tag) bool { return strings.HasPrefix(t.Platform, "linux_") })
}

// fits reports shared objects of a wheel that was built, here or by whoever has it in the repository, that are not for the target.
func (r *resolver) fits(d *dependency, s storedWheel, w *wheel.Wheel) error {
	if d.build == nil && saysWhere(s.name) {
		return nil
	}
	t := r.service.Options.Target
	return w.CheckELF(t.Architecture, wheel.Glibc{Major: t.Libc.Major, Minor: t.Libc.Minor})
}

func fetchKey(d *dependency) string { return d.Name + " " + d.file.Name + " " + d.value() }

// open opens a wheel, and verifies it where that was not done before.
func (r *run) open(ctx context.Context, s storedWheel) (*wheel.Wheel, error) {
	w, err := wheel.Open(s.path)
	if err != nil {
		return nil, err
	}
	r.atEnd(w.Close)
	var facts wheel.Facts
	data, ok, err := r.Store.Result(ctx, factsResult+s.sha256)
	if err != nil {
		return nil, err
	}
	if ok && json.Unmarshal(data, &facts) == nil && w.Trust(facts) {
		return w, nil
	}
	if facts, err = w.Verify(ctx, r.Temp); err != nil {
		return nil, err
	}
	if data, err = json.Marshal(facts); err != nil {
		return nil, err
	}
	return w, r.Store.SetResult(ctx, factsResult+s.sha256, data)
}

// buildOrFind builds a wheel that is not in the store.
func (r *resolver) buildOrFind(ctx context.Context, d *dependency) (storedWheel, error) {
	stored, ok, err := r.built(ctx, d.build.key)
	if err != nil || ok {
		return stored, err
	}
	r.Progress(Event{Kind: BuildBegins, Service: r.service.Name, Package: d.Name, Version: d.Version})
	stored, err = r.buildWheel(ctx, d)
	r.Progress(Event{Kind: BuildDone, Service: r.service.Name, Package: d.Name, Version: d.Version, Err: err})
	return stored, err
}

// buildWheel builds a wheel, normalises it, makes sure that it is what was asked for, and keeps it.
func (r *resolver) buildWheel(ctx context.Context, d *dependency) (storedWheel, error) {
	b, err := r.builder()
	if err != nil {
		return storedWheel{}, err
	}
	var stored storedWheel
	log := strings.TrimSuffix(d.Name+"-"+d.Version, "-") // a library whose version its build makes up has none yet
	err = r.asBuild(ctx, log, func(ctx context.Context, temp string, log io.Writer) error {
		build := r.newBuild(d)
		build.Log, build.Fetch = log, r.fetchTool
		for name, dir := range map[string]*string{"out": &build.Out, "work": &build.Temp} {
			*dir = filepath.Join(temp, name)
			if err := os.Mkdir(*dir, 0o755); err != nil {
				return err
			}
		}
		var err error
		if build.Source, err = d.build.source(ctx, filepath.Join(temp, "fetched")); err != nil {
			return err
		}
		made, err := r.inTime(ctx, func(ctx context.Context) (string, error) { return b.Build(ctx, build) })
		if err == nil {
			stored, err = r.keep(ctx, d, made, temp)
		}
		return err
	})
	return stored, err
}

// asBuild gives work a place among the builds that may run at once, a directory, and a log, which may be nil.
func (r *run) asBuild(ctx context.Context, name string, work func(ctx context.Context, temp string, log io.Writer) error) (err error) {
	temp, err := os.MkdirTemp(r.Temp, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	select {
	case r.building <- struct{}{}:
		defer func() { <-r.building }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if r.Log == nil {
		return work(ctx, temp, nil)
	}
	if err := r.keepOut(ctx); err != nil {
		return err
	}
	log, err := r.Log(fileName(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return work(ctx, temp, log)
}

// inTime ends work that takes longer than a build may.
func (r *run) inTime(ctx context.Context, work func(context.Context) (string, error)) (string, error) {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.Timeout, &builder.TimeoutError{After: r.Timeout})
		defer cancel()
	}
	return work(ctx)
}

// BuiltError is a wheel that was built and is not what was asked for.
type BuiltError struct {
	Name, Version, Why string
	// Wheel is the name of the wheel's file.
	Wheel   string
	Problem string
	// Renamed says that the wheel is of another package.
	Renamed bool
}

func (e *BuiltError) Error() string {
	return fmt.Sprintf("%s %s (%s) was built as %s: %s", e.Name, e.Version, e.Why, e.Wheel, e.Problem)
}

// checkName reports whether a wheel of this name is what was asked for and fits the target.
func (r *resolver) checkName(d *dependency, name string) error {
	problem := func(format string, args ...any) error {
		return &BuiltError{Name: d.Name, Version: d.Version, Why: d.build.why, Wheel: name, Problem: fmt.Sprintf(format, args...)}
	}
	w, err := tag.ParseWheel(name)
	if err != nil {
		return problem("%v", err)
	}
	if python.NormalizeName(w.Name) != python.NormalizeName(d.Name) {
		return &BuiltError{Name: d.Name, Version: d.Version, Why: d.build.why, Wheel: name, Problem: "the lock has it under another name", Renamed: true}
	}
	if d.build.lacks != "" && w.Version.String() == "0.0.0" {
		return &VersionError{Package: d.Name, Manifest: path.Join(d.build.project, "pyproject.toml"), File: d.build.lacks}
	}
	if _, fits := r.ranking.Rank(w); !fits {
		return problem("that does not fit %s; it takes a builder on such a machine", r.service.Options.Target)
	}
	return nil
}

// keep puts a wheel that was built into the store.
func (r *resolver) keep(ctx context.Context, d *dependency, made, temp string) (storedWheel, error) {
	name := filepath.Base(made)
	if err := r.checkName(d, name); err != nil {
		return storedWheel{}, err
	}
	normal := filepath.Join(temp, name)
	if err := r.normalise(d, made, normal); err != nil {
		return storedWheel{}, err
	}
	f, err := os.Open(normal)
	if err != nil {
		return storedWheel{}, err
	}
	defer f.Close()
	sum, file, err := r.Store.Put(ctx, "", f)
	if err != nil {
		return storedWheel{}, err
	}
	record, err := json.Marshal(builtRecord{name, sum})
	if err != nil {
		return storedWheel{}, err
	}
	return storedWheel{path: file, sha256: sum, name: name, built: true}, r.Store.SetResult(ctx, buildResult+d.build.key, record)
}

// checkMetadata compares what wheels say of themselves with the target, and what those of path dependencies ask for with the lock.
func (r *resolver) checkMetadata(wheels []openWheel) error {
	var errs []error
	for _, w := range wheels {
		errs = append(errs, r.closure.CheckPython(&w.Package, w.wheel.Metadata.Get("Requires-Python")))
		if w.Source.Kind == lockfile.Directory {
			errs = append(errs, r.closure.CheckBuilt(&w.Package, w.wheel.Metadata.All("Requires-Dist")))
		}
	}
	if len(wheels) > 0 {
		r.warnOpen(wheels)
	}
	return errors.Join(errs...)
}

// warnOpen warns of what wheels need that a requirements file does not have. pip's hash mode refuses that; with --no-deps, which nothing in
// the file tells of, it is meant, and there is no setting to say so: so it is no error.
func (r *resolver) warnOpen(wheels []openWheel) {
	requires := map[string][]string{}
	for _, w := range wheels {
		requires[w.Name] = w.wheel.Metadata.All("Requires-Dist")
	}
	provided := func(name string) bool { return r.service.Options.ExcludeRuntime && assemble.InRuntime(name) }
	for _, m := range r.closure.Open(requires, provided) {
		r.warn(m.String() + "; pip install --require-hashes takes no such file without --no-deps")
	}
}

// components gives what a bill of materials lists.
func components(wheels []openWheel) []assemble.Component {
	var list []assemble.Component
	for _, w := range wheels {
		list = append(list, assemble.Component{
			Name: w.wheel.Name, Version: w.wheel.Version, Published: w.Source.Kind == lockfile.Registry, SHA256: w.sha256,
			Metadata: w.wheel.Metadata, DependsOn: w.DependsOn,
		})
	}
	return list
}
