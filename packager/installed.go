package packager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/pep517"
	"github.com/monoplan/monoplan/packager/closure"
	"github.com/monoplan/monoplan/packager/wheel"
)

// installResult is the kind of a list of wheels in the store that an installation consists of.
const installResult = "installed "

// InstallError is a service that poetry install cannot bring the dependencies of, for lack of what Poetry installs by.
type InstallError struct {
	// File says what the dependencies are, or that there may be some.
	File    string
	Missing []string
}

func (e *InstallError) Error() string {
	return fmt.Sprintf("%s: install: poetry needs what is not there: %s", e.File, strings.Join(e.Missing, ", "))
}

// planInstall plans what poetry install brings; nil for a service that has no dependencies, as nothing in it says any.
func (r *resolver) planInstall(ctx context.Context) (*poetryWork, error) {
	missing, err := r.lacksForInstall(ctx)
	if err != nil {
		return nil, err
	}
	if len(missing) == 0 {
		return r.poetryWork(ctx, "install", true)
	}
	for _, name := range slices.Concat(readManifests, unreadManifests) {
		file, found, err := r.saysDependencies(ctx, name)
		if err != nil {
			return nil, err
		}
		if found {
			return nil, &InstallError{File: file, Missing: missing}
		}
	}
	return nil, nil
}

// lacksForInstall lists what Poetry does without that it installs by.
func (r *resolver) lacksForInstall(ctx context.Context) ([]string, error) {
	var missing []string
	read := r.reader(ctx)
	file := path.Join(r.service.Path, "pyproject.toml")
	data, found, err := read(file)
	if err != nil {
		return nil, err
	}
	if !found {
		missing = append(missing, "a pyproject.toml")
	} else if manifest, err := project.Parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	} else if !manifest.HasProject && !manifest.Poetry {
		missing = append(missing, "[project] or [tool.poetry] in pyproject.toml")
	}
	if _, found, err = read(path.Join(r.service.Path, "poetry.lock")); err == nil && !found {
		missing = append(missing, "a poetry.lock")
	}
	return missing, err
}

// install gives the wheels of what poetry install brings: from the store, or by doing it.
func (r *resolver) install(ctx context.Context, w *poetryWork, result *Result) ([]openWheel, error) {
	records, ok, err := r.installRecords(ctx, w)
	if err != nil {
		return nil, err
	}
	if !ok {
		if records, err = r.runInstall(ctx, w); err != nil {
			return nil, err
		}
		result.Built = len(records)
	}
	var wheels []openWheel
	for _, record := range records {
		file, ok, err := r.Store.Get(ctx, record.SHA256)
		if err != nil || !ok {
			return nil, errors.Join(err, errGone(ok))
		}
		opened, err := r.openInstalled(ctx, storedWheel{path: file, sha256: record.SHA256, name: record.Name})
		if err != nil {
			return nil, err
		}
		wheels = append(wheels, opened)
	}
	connect(wheels)
	return wheels, nil
}

// errGone is a wheel that another run has pruned from the store in this very moment.
func errGone(there bool) error {
	if there {
		return nil
	}
	return errors.New("a wheel went from the store while it was needed; try again")
}

// installRecords looks up the wheels of an installation, which must all be there.
func (r *resolver) installRecords(ctx context.Context, w *poetryWork) ([]builtRecord, bool, error) {
	data, ok, err := r.Store.Result(ctx, installResult+w.key)
	if err != nil || !ok {
		return nil, false, err
	}
	var records []builtRecord
	if json.Unmarshal(data, &records) != nil {
		return nil, false, nil
	}
	for _, record := range records {
		if _, ok, err := r.Store.Get(ctx, record.SHA256); err != nil || !ok {
			return nil, false, err
		}
	}
	return records, true, nil
}

// runInstall has Poetry install, and keeps what that brings as wheels.
func (r *resolver) runInstall(ctx context.Context, w *poetryWork) ([]builtRecord, error) {
	r.Progress(Event{Kind: BuildBegins, Service: r.service.Name, Package: "dependencies of " + r.service.Name})
	var records []builtRecord
	err := r.withPoetry(ctx, w, "install-"+r.service.Name, func(ctx context.Context) error {
		top := filepath.Join(w.project.Temp, "environment")
		if err := os.Mkdir(top, 0o755); err != nil {
			return err
		}
		if err := r.receive(ctx, w, top); err != nil {
			return err
		}
		made, err := wheel.FromInstalled(top, w.project.Temp)
		if err != nil {
			return err
		}
		for _, file := range made {
			record, err := r.keepInstalled(ctx, file)
			if err != nil {
				return err
			}
			records = append(records, record)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(records)
	if err != nil {
		return nil, err
	}
	return records, r.Store.SetResult(ctx, installResult+w.key, data)
}

// receive writes what Poetry installed below a directory.
func (r *resolver) receive(ctx context.Context, w *poetryWork, top string) error {
	root, err := os.OpenRoot(top)
	if err != nil {
		return err
	}
	defer root.Close()
	return r.Poetry.Install(ctx, w.project, func(f builder.File) error {
		if err := pep517.CheckFile(f.Name); err != nil {
			return err
		}
		name := filepath.FromSlash(f.Name)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fs.FileMode(0o644)|f.Mode&0o111)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, f.Content)
		return errors.Join(err, out.Close())
	})
}

// keepInstalled puts a wheel of an installation into the store.
func (r *resolver) keepInstalled(ctx context.Context, file string) (builtRecord, error) {
	normal := file + ".normal"
	if err := wheel.Normalise(file, normal); err != nil {
		return builtRecord{}, err
	}
	f, err := os.Open(normal)
	if err != nil {
		return builtRecord{}, err
	}
	defer f.Close()
	sum, _, err := r.Store.Put(ctx, "", f)
	return builtRecord{filepath.Base(file), sum}, err
}

// openInstalled opens a wheel as a dependency, of which it says itself what it is.
func (r *resolver) openInstalled(ctx context.Context, s storedWheel) (openWheel, error) {
	w, err := r.opened.do(ctx, s.sha256, func() (*wheel.Wheel, error) { return r.open(ctx, s) })
	if err != nil {
		return openWheel{}, err
	}
	d := &dependency{Package: closure.Package{
		Name: python.NormalizeName(w.Name), Version: w.Version, Source: lockfile.Source{Kind: lockfile.Registry},
	}}
	return openWheel{d, s, w}, r.fits(d, s, w)
}

// connect notes which of the wheels needs which: for the manifest, and for what the runtime provides.
func connect(wheels []openWheel) {
	there := make(map[string]bool)
	for _, w := range wheels {
		there[w.Name] = true
	}
	for _, w := range wheels {
		for _, text := range w.wheel.Metadata.All("Requires-Dist") {
			name, _, _ := strings.Cut(text, ";")
			if end := strings.IndexAny(name, " [(<>=!~@"); end >= 0 {
				name = name[:end]
			}
			if name = python.NormalizeName(name); there[name] && name != w.Name {
				w.DependsOn = append(w.DependsOn, name)
			}
		}
		slices.Sort(w.DependsOn)
		w.DependsOn = slices.Compact(w.DependsOn)
	}
}
