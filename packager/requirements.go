package packager

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/assemble"
)

// requirementsDir is where serverless-python-monorepo has the dependencies of a service, below its directory.
func (r *run) requirementsDir(s Service) string {
	return filepath.Join(r.Worktree, filepath.FromSlash(s.Path), ".serverless", "requirements")
}

// lacksRequirements reports whether a service is to have that directory, and has not.
func (r *run) lacksRequirements(s Service) bool {
	if !s.Options.Requirements {
		return false
	}
	_, err := os.Lstat(r.requirementsDir(s))
	return err != nil
}

// unpackRequirements puts the dependencies into the directory: whole, or as it was.
func (r *resolver) unpackRequirements(ctx context.Context, spec assemble.Spec) (err error) {
	if r.Worktree == "" {
		return &StageError{Path: r.service.Path, Problem: "requirements: asks for a directory in the working tree, and there is none"}
	}
	dir := r.requirementsDir(r.service)
	if err := durable.KeepOut(filepath.Dir(dir)); err != nil {
		return err
	}
	next, err := os.MkdirTemp(filepath.Dir(dir), temporary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(next)) }()
	fresh, old := filepath.Join(next, "fresh"), filepath.Join(next, "old")
	spec.Code = nil
	if err := r.unpack(ctx, spec, next, fresh); err != nil {
		return err
	}
	return replaceDirectory(dir, fresh, old)
}

// replaceDirectory puts a fresh directory in the place of one that may be there, which gets the name old. What fails leaves that where
// it was.
func replaceDirectory(dir, fresh, old string) error {
	if err := ignoreAbsent(os.Rename(dir, old)); err != nil {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, ignoreAbsent(os.Rename(old, dir)))
	}
	return nil
}

// unpack writes what a spec describes into a directory, by way of an archive.
func (r *resolver) unpack(ctx context.Context, spec assemble.Spec, temp, dir string) error {
	f, err := os.CreateTemp(temp, "")
	if err != nil {
		return err
	}
	defer f.Close()
	report, err := assemble.Write(ctx, f, spec)
	if err != nil {
		return err
	}
	a, err := archive.Read(f, report.Size)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, e := range a.Entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := unpackEntry(root, a, e); err != nil {
			return err
		}
	}
	return nil
}

func unpackEntry(root *os.Root, a *archive.Archive, e archive.Entry) error {
	name := filepath.FromSlash(e.Name)
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	mode := os.FileMode(0o666)
	if e.Executable {
		mode = 0o777
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	in := a.Open(e)
	_, err = io.Copy(out, in)
	return errors.Join(err, in.Close(), out.Close())
}
