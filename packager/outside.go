package packager

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/buildsystem"
	"github.com/monoplan/monoplan/internal/tree"
)

// stageOutside stages what a path dependency's manifest takes from beside its own directory, dir: files at their places,
// and packages in a directory of the project. What is not there is for the backend to complain about.
func (r *resolver) stageOutside(ctx context.Context, staged map[string][]stagedFile, dir string, s buildsystem.System) error {
	for _, name := range s.Outside {
		if leadsToSecret(dir, path.Join(dir, name)) {
			continue
		}
		files, err := r.stageAt(ctx, path.Join(dir, name))
		if err != nil {
			return err
		}
		above := path.Dir(path.Join(dir, name))
		staged[above] = append(staged[above], files...)
	}
	places := make(map[string]string)
	for _, b := range s.Borrowed {
		if leadsToSecret(dir, path.Join(dir, b.From, b.Include)) {
			continue
		}
		if places[b.From] == "" {
			places[b.From] = fmt.Sprintf("monoplan-outside-%d", len(places))
		}
		files, err := r.stageAt(ctx, path.Join(dir, b.From, b.Include))
		if err != nil {
			return err
		}
		at := path.Dir(path.Join(dir, places[b.From], b.Include))
		staged[at] = append(staged[at], files...)
	}
	if len(places) == 0 {
		return nil
	}
	files := slices.Clone(staged[dir])
	i := slices.IndexFunc(files, func(f stagedFile) bool { return f.Path == "pyproject.toml" })
	manifest := files[i]
	files[i].open = func(ctx context.Context) (io.ReadCloser, error) { return redirected(ctx, manifest, places) }
	staged[dir] = files
	return nil
}

// stageAt stages a file, or a directory with what is below it, with paths relative to the directory above it.
func (r *resolver) stageAt(ctx context.Context, name string) ([]stagedFile, error) {
	if name == ".." || strings.HasPrefix(name, "../") {
		return nil, &StageError{Path: name, Problem: "it is outside the repository"}
	}
	if err := r.stager.trace.path(ctx, name); err != nil {
		return nil, err
	}
	entries, err := r.source.lookup(ctx, name)
	if err != nil || !entries[0].Exists() {
		return nil, err
	}
	if entries[0].Mode == tree.Dir {
		below, err := r.stager.stage(ctx, name, r.sel)
		for i := range below {
			below[i].Path = path.Join(path.Base(name), below[i].Path)
		}
		return below, err
	}
	files := make(map[string]stagedFile)
	err = r.stager.taking(path.Dir(name), selection{}, files).add(ctx, path.Base(name), entries[0], 0)
	return slices.Collect(maps.Values(files)), err
}

// redirected gives a manifest in which packages come from other directories than it says.
func redirected(ctx context.Context, manifest stagedFile, places map[string]string) (io.ReadCloser, error) {
	text, err := manifest.read(ctx)
	if err != nil {
		return nil, err
	}
	for from, place := range places {
		said := regexp.MustCompile(`(\bfrom"?\s*=\s*)(?:"` + regexp.QuoteMeta(from) + `"|'` + regexp.QuoteMeta(from) + `')`)
		text = said.ReplaceAll(text, []byte(`${1}"`+place+`"`))
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}
