package packager

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/wheel"
)

// client gives the client for a closure's sources; services with the same sources share one, and all share connections
// and the bound on requests that are under way.
func (r *resolver) client(ctx context.Context) (*index.Client, error) {
	var sources []index.Source
	d := newDigest("sources")
	for _, i := range r.closure.Indexes {
		s, err := r.sourceOf(i)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
		d.add(s.Name, s.URL, fmt.Sprint(s.Priority))
	}
	return r.clients.do(ctx, d.sum(), func() (*index.Client, error) {
		first, err := r.network(ctx)
		if err != nil {
			return nil, err
		}
		return first.With(sources)
	})
}

// network gives the client whose connections all others share.
func (r *run) network(ctx context.Context) (*index.Client, error) {
	return r.clients.do(ctx, "", func() (*index.Client, error) {
		c, err := index.New(r.Index)
		if err == nil {
			r.atEnd(func() error {
				c.Close()
				return nil
			})
		}
		return c, err
	})
}

// sourceOf gives an index as the client takes it. Variables in a file of requirements are expanded here and nowhere else: what they stand
// for must not get into anything that is kept.
func (r *run) sourceOf(i project.Index) (index.Source, error) {
	s := index.Source{Name: i.Name, URL: i.URL}
	if i.File != "" {
		var unset []string
		s.URL, unset = expandVariables(i.URL, r.Index.Environment.Lookup)
		if err := s.Check(); err != nil {
			if len(unset) > 0 {
				err = fmt.Errorf("%w: %s is not set", err, strings.Join(unset, ", "))
			}
			return s, fmt.Errorf("%s:%d: %w", i.File, i.Line, err)
		}
	}
	if i.Priority == "" {
		return s, nil
	}
	var err error
	s.Priority, err = index.ParsePriority(i.Priority)
	return s, err
}

// request names a file for an index.
func (r *resolver) request(d *dependency, f closure.File) index.Request {
	q := index.Request{Package: d.Name, Version: d.Version, File: f.Name, URL: f.URL, Size: f.Size}
	if f.Hash != "" {
		q.Hashes = []string{f.Hash}
	}
	if d.Source.Kind == lockfile.Registry {
		q.Index = d.Source.Index
		if q.Index == "" {
			q.Index = d.Source.URL
		}
	} else {
		q.Package = "" // it has no index, only its URL
	}
	return q
}

// nameFiles asks an index for the names of files of which the lock has hashes alone.
func (r *resolver) nameFiles(ctx context.Context, d *dependency) error {
	c, err := r.client(ctx)
	if err != nil {
		return err
	}
	q := r.request(d, closure.File{})
	for _, f := range d.Files {
		q.Hashes = append(q.Hashes, f.Hash)
	}
	links, err := c.Links(ctx, q)
	if errors.As(err, new(*index.UnmatchedError)) {
		return fmt.Errorf("%s:%d: %w", d.LockFile, d.Line, err)
	}
	if err != nil {
		return err
	}
	d.Files = nil
	var other error // what the index says of files that are for other Pythons: pip does not see these
	for _, l := range links {
		if err := r.closure.CheckPython(&d.Package, l.RequiresPython); err != nil {
			other = err
			continue
		}
		for _, algorithm := range slices.Sorted(maps.Keys(l.Hashes)) {
			hash := algorithm + ":" + l.Hashes[algorithm]
			if slices.Contains(q.Hashes, hash) {
				d.Files = append(d.Files, closure.File{Name: l.Name, Hash: hash, Size: l.Size})
				break
			}
		}
	}
	if len(d.Files) == 0 {
		return other
	}
	return nil
}

// fetch gets a file that the lock names: from the repository, from the store, or from where the lock has it.
func (r *resolver) fetch(ctx context.Context, d *dependency, f closure.File) (storedWheel, error) {
	name := f.Name
	if isLocal(f) {
		return r.fromTree(ctx, d, f)
	}
	if f.Hash == "" {
		return storedWheel{}, &index.NoHashError{Wanted: name}
	}
	c, err := r.client(ctx)
	if err != nil {
		return storedWheel{}, err
	}
	r.Progress(Event{Kind: FetchBegins, Service: r.service.Name, Package: d.Name, Version: d.Version})
	fetched, err := c.Fetch(ctx, r.request(d, f))
	stored := storedWheel{path: fetched.Path, sha256: fetched.SHA256, name: name}
	if err == nil && !fetched.Cached {
		stored.bytes = sizeOf(fetched.Path)
	}
	if fetched.Yanked {
		r.warn(strings.TrimRight(fmt.Sprintf("%s %s was withdrawn from its index (yanked): %s", d.Name, d.Version, fetched.YankedReason), ": "))
	}
	r.Progress(Event{Kind: FetchDone, Service: r.service.Name, Package: d.Name, Version: d.Version, Bytes: stored.bytes, Err: err})
	return stored, err
}

// isLocal reports whether a file is one of the repository.
func isLocal(f closure.File) bool { return f.Path != "" && !strings.Contains(f.Path, "://") }

// fromTree takes an archive that the repository has itself.
func (r *resolver) fromTree(ctx context.Context, d *dependency, f closure.File) (storedWheel, error) {
	entries, err := r.source.lookup(ctx, f.Path)
	if err != nil {
		return storedWheel{}, err
	}
	if !entries[0].Mode.IsFile() {
		return storedWheel{}, d.gone(f.Path)
	}
	content, err := r.source.open(ctx, entries[0])
	if err != nil {
		return storedWheel{}, err
	}
	defer content.Close()
	want, _ := strings.CutPrefix(f.Hash, "sha256:")
	if strings.Contains(want, ":") {
		want = ""
	}
	sum, file, err := r.Store.Put(ctx, want, content)
	return storedWheel{path: file, sha256: sum, name: path.Base(f.Path)}, err
}

// normalise takes out of a wheel what says how and where it was built.
func (r *resolver) normalise(d *dependency, made, normal string) error {
	if err := wheel.Normalise(made, normal); err != nil {
		return fmt.Errorf("%s %s (%s): %w", d.Name, d.Version, d.build.why, err)
	}
	return nil
}
