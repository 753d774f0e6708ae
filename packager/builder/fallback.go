package builder

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Fallback builds with First, and where that is not there at all and each wheel is the same whatever builds it, with Then.
// Both are closed by who made them.
type Fallback struct {
	First, Then Builder
	// Note is told once why the first does not build.
	Note func(error)

	once sync.Once
}

var _ Builder = (*Fallback)(nil)

// unavailable marks the error of a builder that is not there: an engine that does not answer, an image that cannot be had.
type unavailable interface{ Unavailable() }

// Unavailable reports whether an error says that a builder is not there at all.
func Unavailable(err error) bool {
	var u unavailable
	return errors.As(err, &u)
}

// Name gives the name of the first.
func (f *Fallback) Name() string { return f.First.Name() }

// Accept asks the first, and the second where that will build.
func (f *Fallback) Accept(ctx context.Context, builds []Build) error {
	err := f.First.Accept(ctx, builds)
	impure := slices.ContainsFunc(builds, func(b Build) bool { return !b.Pure })
	if !Unavailable(err) || impure {
		return err
	}
	if then := f.Then.Accept(ctx, builds); then != nil {
		return errors.Join(err, then)
	}
	f.once.Do(func() { f.Note(err) })
	return nil
}

// Identity gives that of the first: it is asked for what the second does not build.
func (f *Fallback) Identity(ctx context.Context, b Build) (string, error) {
	return f.First.Identity(ctx, b)
}

// Build builds with the first that is there.
func (f *Fallback) Build(ctx context.Context, b Build) (string, error) {
	if err := f.First.Accept(ctx, []Build{b}); Unavailable(err) && b.Pure {
		return f.Then.Build(ctx, b)
	}
	return f.First.Build(ctx, b)
}

// Close does nothing.
func (f *Fallback) Close() error { return nil }
