package packager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/packager/closure"
)

// relockResult is the kind of a lock in the store that was made anew.
const relockResult = "relocked "

// RelockError says that a dry run cannot know what a lock would be that is to be made anew.
type RelockError struct{ Lock string }

func (e *RelockError) Error() string {
	return fmt.Sprintf("%s is to be made anew, and a dry run does not", e.Lock)
}

// relocked is a lock that was made anew.
type relocked struct {
	path, text string
	moved      []Move
}

// needsRelock reports whether there is no lock, or one that is not what manifests ask for. A lock of uv's is not for Poetry to make.
func (r *resolver) needsRelock(ctx context.Context) (bool, error) {
	found, err := r.source.lookup(ctx, path.Join(r.service.Path, "poetry.lock"), path.Join(r.service.Path, "uv.lock"))
	if err != nil || !found[0].Exists() && found[1].Exists() {
		return false, err
	}
	_, err = closure.Resolve(r.reader(ctx), r.service.Path, r.closureOptions())
	var stale *closure.StaleError
	var mismatch *closure.MismatchError
	var none *closure.NoLockError
	// What else may be wrong is said where the lock is used.
	return errors.As(err, &stale) || errors.As(err, &mismatch) || errors.As(err, &none), nil
}

// relock makes the service's lock anew; nil where it is what manifests ask for. Where what it is made from is as it was when that was done
// last, so is what is made.
func (r *resolver) relock(ctx context.Context) (*relocked, error) {
	if needed, err := r.needsRelock(ctx); err != nil || !needed {
		return nil, err
	}
	w, err := r.poetryWork(ctx, "lock", false)
	if err != nil {
		return nil, err
	}
	made := &relocked{path: path.Join(r.service.Path, "poetry.lock")}
	kept, ok, err := r.Store.Result(ctx, relockResult+w.key)
	switch {
	case err != nil:
		return nil, err
	case ok:
		made.text = string(kept)
	case r.DryRun:
		return nil, &RelockError{made.path}
	default:
		if made.text, err = r.lockAnew(ctx, w); err != nil {
			return nil, err
		}
	}
	made.moved, err = lockMoves(w.lock, made.text)
	return made, err
}

func (r *resolver) lockAnew(ctx context.Context, w *poetryWork) (string, error) {
	r.Progress(Event{Kind: BuildBegins, Service: r.service.Name, Package: "lock of " + r.service.Name})
	var text string
	err := r.withPoetry(ctx, w, "lock-"+r.service.Name, func(ctx context.Context) error {
		var err error
		text, err = r.Poetry.Lock(ctx, w.project)
		return err
	})
	if err != nil {
		return "", err
	}
	return text, r.Store.SetResult(ctx, relockResult+w.key, []byte(text))
}

// withPoetry gives Poetry's work a place among the builds, a directory, a log, and an end.
func (r *resolver) withPoetry(ctx context.Context, w *poetryWork, name string, work func(context.Context) error) error {
	return r.asBuild(ctx, name, func(ctx context.Context, temp string, log io.Writer) error {
		w.project.Temp, w.project.Log = temp, log
		_, err := r.inTime(ctx, func(ctx context.Context) (string, error) { return "", work(ctx) })
		return err
	})
}

// keepLock puts a lock that was made anew beside the artifact, where it can be taken over from, and removes one that no longer holds.
func (r *resolver) keepLock() error {
	file := r.output.path(serviceFile(r.service.Name, "poetry.lock"))
	if r.relocked == nil {
		return ignoreAbsent(os.Remove(file))
	}
	return writeFile(file, []byte(r.relocked.text))
}

// lockMoves compares the versions of two locks, and, where a version is the same, where it comes from.
func lockMoves(before, after string) ([]Move, error) {
	old, oldPlaces, err := lockInputs(before)
	if err != nil {
		old, oldPlaces = nil, nil // a lock that cannot be read is one that is not there
	}
	made, madePlaces, err := lockInputs(after)
	if err != nil {
		return nil, fmt.Errorf("the lock that Poetry made: %w", err)
	}
	all := moves(old, made)
	for _, m := range moves(oldPlaces, madePlaces) {
		if !slices.ContainsFunc(all, func(other Move) bool { return other.Input == m.Input }) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b Move) int { return strings.Compare(a.Input, b.Input) })
	return all, nil
}

// lockInputs gives the packages of a lock with their versions, and again with where those come from.
func lockInputs(text string) (versions, places []input, err error) {
	lock, err := lockfile.ParsePoetry([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	for _, p := range lock.Packages {
		versions = append(versions, input{p.Name, p.Version})
		places = append(places, input{p.Name, p.Version + " from " + placeOf(p.Source)})
	}
	return versions, places, nil
}

// placeOf says in short where a package comes from, without a URL, which may have credentials.
func placeOf(s lockfile.Source) string {
	switch {
	case s.IsLocal():
		return s.Path
	case s.Kind == lockfile.Git:
		return "git " + s.Commit
	case s.Kind == lockfile.URL:
		return "a URL"
	case s.Index != "":
		return "the index " + s.Index
	}
	return "an index"
}
