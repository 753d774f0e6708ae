package store

import (
	"context"
	"errors"
	"io"
	"os"
)

// Remote is a store that many machines share. Names have "/" between their parts. Its methods may be called from several
// goroutines at once.
type Remote interface {
	// Get writes what is kept under a name, and gives its version; version is empty where there is nothing.
	Get(ctx context.Context, name string, w io.Writer) (version string, err error)
	// Put keeps a content under a name if what is there has the version replaces; empty for nothing. It reports
	// whether the content was taken: that another was first is no error.
	Put(ctx context.Context, name, replaces string, content io.ReadSeeker) (taken bool, err error)
	// String is the place in a form for people, without credentials.
	String() string
}

// remoteBlob is the name of a file in the remote store.
func remoteBlob(sum string) string { return "v1/blobs/" + sum[:2] + "/" + sum }

// getRemote fetches a file from the remote store, and gives an empty path where that has none that is right.
func (s *Store) getRemote(ctx context.Context, sum string) (string, error) {
	w, path, err := s.Create(ctx, sum)
	if w == nil || err != nil {
		return path, err
	}
	defer w.Close()
	if err := w.Reset(); err != nil {
		return "", err
	}
	name := remoteBlob(sum)
	found, err := s.config.Remote.Get(ctx, name, w)
	var full *SpaceError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &full):
		return "", err
	case err != nil:
		s.warn(&RemoteError{Doing: "reading", Err: err})
		return "", w.Reset()
	case found == "":
		return "", w.Reset()
	case w.Sum() != sum:
		s.warn(&DamageError{Name: s.config.Remote.String() + "/" + name, Got: w.Sum()})
		s.replace(name, found)
		return "", w.Reset()
	}
	_, path, err = w.Keep(sum)
	return path, err
}

// putRemote offers a file to the remote store.
func (s *Store) putRemote(ctx context.Context, sum, path string) {
	if s.config.Remote == nil {
		return
	}
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		name := remoteBlob(sum)
		_, err = s.config.Remote.Put(ctx, name, s.replaced(name), f)
	}
	if err != nil && ctx.Err() == nil {
		s.warn(&RemoteError{Doing: "writing", Err: err})
	}
}

func (s *Store) replace(name, version string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.replaces[name] = version
}

func (s *Store) replaced(name string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.replaces[name]
}
