package packager

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// poetryWork is a project that Poetry is run on.
type poetryWork struct {
	project builder.PoetryProject
	// key names everything that decides what Poetry makes of it.
	key string
	// lock is the text of the lock that the tree has; empty for none.
	lock string
}

// poetryWork stages the service's manifest and lock, and the projects of the repository that it reaches: whole ones, or where they are
// only to be locked those files that say what they are.
func (r *resolver) poetryWork(ctx context.Context, about string, whole bool) (*poetryWork, error) {
	o := r.service.Options
	if o.Target == (target.Target{}) {
		return nil, &TargetError{}
	}
	read := r.reader(ctx)
	lock, _, err := read(path.Join(r.service.Path, "poetry.lock"))
	if err != nil {
		return nil, err
	}
	w := &poetryWork{lock: string(lock)}
	staged, err := r.stageProjects(ctx, whole)
	if err != nil {
		return nil, err
	}
	w.project = builder.PoetryProject{
		Build: builder.Build{
			Name: r.service.Name, Why: "poetry " + about, Project: r.service.Path, Source: stagedSource(staged),
			Python: o.Target.Python, Architecture: o.Target.Architecture, Image: o.Image, BaseImage: o.BaseImage,
		},
		Series: poetrySeries(lock), Groups: o.Groups, Extras: o.Extras,
	}
	k := newDigest(about)
	identity, err := r.lastKnown(ctx, "poetry "+w.project.Series, w.project.Build, func() (string, error) {
		return r.Poetry.PoetryIdentity(ctx, w.project)
	})
	if err != nil {
		return nil, err
	}
	k.add(identity, w.project.Series, pep517.Pins, o.Target.String(), r.service.Path)
	k.list(o.Groups)
	k.list(o.Extras)
	for _, dir := range slices.Sorted(maps.Keys(staged)) {
		k.add(dir, filesDigest("staged", staged[dir]))
	}
	w.key = k.sum()
	return w, nil
}

// poetrySeries gives the Poetry that goes on with a lock: the one that wrote it. Poetry 2 is the first to write the format 2.1.
func poetrySeries(lock []byte) string {
	l, err := lockfile.ParsePoetry(lock)
	switch {
	case err != nil || len(lock) == 0:
		return "2"
	case strings.HasPrefix(l.Tool, "1."), l.Tool == "" && l.Version != "2.1":
		return "1.8"
	}
	return "2"
}

// stageProjects stages the service's project, and all that it reaches by paths.
func (r *resolver) stageProjects(ctx context.Context, whole bool) (map[string][]stagedFile, error) {
	own, err := r.stageOnce(ctx, r.service.Path)
	if err != nil {
		return nil, err
	}
	own = slices.DeleteFunc(slices.Clone(own), func(f stagedFile) bool {
		return f.Path != "poetry.lock" && f.Path != "poetry.toml" && !isProjectFile(f.Path)
	})
	if own, err = r.withLock(ctx, own); err != nil {
		return nil, err
	}
	staged := map[string][]stagedFile{r.service.Path: own}
	for queue := []string{r.service.Path}; len(queue) > 0; queue = queue[1:] {
		reached, err := r.reachedFrom(ctx, queue[0])
		if err != nil {
			return nil, err
		}
		for _, dir := range reached {
			if _, seen := staged[dir]; seen {
				continue
			}
			if err := r.stageProject(ctx, staged, dir, whole); err != nil {
				return nil, err
			}
			queue = append(queue, dir)
		}
	}
	return staged, nil
}

// withLock gives the project's files with a lock by which path dependencies are installed, and not linked to: that of the tree, or the
// one that was made anew.
func (r *resolver) withLock(ctx context.Context, own []stagedFile) ([]stagedFile, error) {
	lock := stagedFile{Path: "poetry.lock"}
	i := slices.IndexFunc(own, func(f stagedFile) bool { return f.Path == lock.Path })
	switch {
	case r.relocked == nil && i < 0:
		return own, nil
	case i >= 0:
		lock = own[i]
		own = slices.Delete(own, i, i+1)
	}
	var data []byte
	if r.relocked != nil {
		data = []byte(r.relocked.text)
	} else {
		var err error
		if data, err = lock.read(ctx); err != nil {
			return nil, err
		}
	}
	data = bytes.ReplaceAll(data, []byte("\ndevelop = true\n"), []byte("\ndevelop = false\n"))
	d := newDigest("lock")
	d.add(string(data))
	lock.Identity = d.sum()
	lock.open = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return append(own, lock), nil
}

// reachedFrom lists the paths, from the tree's top, that a directory's manifest names as dependencies.
func (r *resolver) reachedFrom(ctx context.Context, dir string) ([]string, error) {
	file := path.Join(dir, "pyproject.toml")
	data, ok, err := r.reader(ctx)(file)
	if err != nil || !ok {
		return nil, err
	}
	manifest, err := project.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var reached []string
	for _, requirements := range append(slices.Collect(maps.Values(manifest.Groups)), manifest.Main) {
		for _, q := range requirements {
			if q.Path == "" {
				continue
			}
			at := path.Join(dir, q.Path)
			if !fs.ValidPath(at) {
				return nil, &StageError{Path: file, Problem: fmt.Sprintf("line %d: %s comes from outside of the repository: %s", q.Line, q.Name, q.Path)}
			}
			reached = append(reached, at)
		}
	}
	slices.Sort(reached)
	return slices.Compact(reached), nil
}

// stageProject stages a directory, or an archive that a manifest names.
func (r *resolver) stageProject(ctx context.Context, staged map[string][]stagedFile, dir string, whole bool) error {
	found, err := r.source.lookup(ctx, dir)
	if err != nil {
		return err
	}
	if found[0].Mode != tree.Dir {
		files, err := r.stageAt(ctx, dir)
		staged[dir] = nil
		staged[path.Dir(dir)] = append(staged[path.Dir(dir)], files...)
		return err
	}
	files, err := r.stageOnce(ctx, dir)
	if err != nil {
		return err
	}
	if !whole && r.saysAll(ctx, dir) {
		files = slices.DeleteFunc(slices.Clone(files), func(f stagedFile) bool { return !isProjectFile(f.Path) })
	}
	staged[dir] = append(staged[dir], files...)
	if !whole {
		return nil
	}
	system, err := buildSystem(ctx, files)
	if err != nil {
		return err
	}
	return r.stageOutside(ctx, staged, dir, system)
}

// saysAll reports whether a manifest says what its project needs without the project being built.
func (r *resolver) saysAll(ctx context.Context, dir string) bool {
	data, ok, err := r.reader(ctx)(path.Join(dir, "pyproject.toml"))
	if err != nil || !ok {
		return false
	}
	manifest, err := project.Parse(data)
	return err == nil && (manifest.Poetry || manifest.HasProject) && len(manifest.Document.Get("project", "dynamic").Texts()) == 0
}

// lastKnown asks a builder for its identity. Of one that is not there it is as it was when that was last seen: what was built then is
// still right, and what is to be built says that there is none.
func (r *resolver) lastKnown(ctx context.Context, name string, b builder.Build, ask func() (string, error)) (string, error) {
	about := newDigest("builder")
	about.add(name, b.Image, b.BaseImage, b.Python, b.Architecture)
	key := builderResult + about.sum()
	last, _, err := r.Store.Result(ctx, key)
	if err != nil {
		return "", err
	}
	identity, err := ask()
	switch {
	case builder.Unavailable(err), err == nil && identity == "":
		return string(last), nil
	case err != nil:
		return "", err
	case identity != string(last) && !r.DryRun:
		err = r.Store.SetResult(ctx, key, []byte(identity))
	}
	return identity, err
}
