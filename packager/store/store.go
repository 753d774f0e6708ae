package store

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"

	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/internal/flight"
)

// Config says where a store is and how large it may get.
type Config struct {
	// Dir is the store's directory. It is made when something is to be kept.
	Dir string
	// Limit is how many bytes the store may have after a session ends; 0 is no limit.
	Limit int64
	// Scratch is where a session makes a directory of its own when Dir cannot be written; empty for the system's
	// directory of temporary files.
	Scratch string
	// Remote is the store that this one shares with other machines, nil for none.
	Remote Remote
	// Warn is called with what goes wrong without being in the way: a remote store that does not answer, a file that is
	// damaged. It may be called from several goroutines at once, and may be nil.
	Warn func(error)
}

// Store is an open store, one session of it. Its methods may be called from several goroutines at once.
type Store struct {
	config Config
	home   *disk
	remote flight.Group[string, string]

	mutex sync.Mutex
	// spare has what a session makes where home cannot be written, in a directory that goes with the session.
	spare    *disk
	spareDir *durable.Temporary
	// replaces has, by name, the version of each damaged file in the remote store, so that it is replaced.
	replaces map[string]string
}

// Open opens the store in a directory. Nothing is written before something is used or kept. The only error is a
// configuration without a directory.
func Open(config Config) (*Store, error) {
	if config.Dir == "" {
		return nil, errors.New("the store has no directory")
	}
	dir, err := filepath.Abs(config.Dir)
	if err != nil {
		return nil, err
	}
	return &Store{config: config, home: newDisk(filepath.Join(dir, version)), replaces: map[string]string{}}, nil
}

// Close ends the session: paths that it gave are no longer safe from pruning. It removes what was kept for the session
// alone, and prunes the store to its limit if something was added since it was last pruned.
func (s *Store) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var errs []error
	if s.spare != nil {
		s.spare.end()
		errs = append(errs, s.spareDir.Remove())
		s.spare, s.spareDir = nil, nil
	}
	s.home.end()
	if s.config.Limit > 0 && s.home.grown() {
		_, err := s.home.prune(context.Background(), s.config.Limit)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Get gives the path of the file with a sha256 (64 lower-case hexadecimal digits) and whether there is one, here or in the
// remote store. The file is whole, has that hash, and stays until [Store.Close]. It must not be written.
func (s *Store) Get(ctx context.Context, sha256 string) (path string, ok bool, err error) {
	if err := checkSum(sha256); err != nil {
		return "", false, err
	}
	path, ok, err = s.local(ctx, sha256)
	if ok || err != nil || s.config.Remote == nil {
		return path, ok, err
	}
	path, err = s.remote.Do(ctx, sha256, func(ctx context.Context) (string, error) { return s.getRemote(ctx, sha256) })
	return path, path != "", err
}

// local is Get without the remote store.
func (s *Store) local(ctx context.Context, sum string) (path string, ok bool, err error) {
	path, ok, err = s.home.get(ctx, sum, s.warn)
	if ok || err != nil {
		return path, ok, err
	}
	if spare := s.spareDisk(); spare != nil {
		return spare.get(ctx, sum, s.warn)
	}
	return "", false, nil
}

// Put keeps what a reader gives, and gives its sha256 and its path as [Store.Get] does. With a sha256 that is not empty the
// content must have it: otherwise nothing is kept, and the error is a [HashError]. A disk that is full is a [SpaceError].
// What is put is offered to the remote store, too.
func (s *Store) Put(ctx context.Context, sha256 string, r io.Reader) (sum, path string, err error) {
	if sha256 != "" {
		path, ok, err := s.Get(ctx, sha256)
		if ok || err != nil {
			return sha256, path, err
		}
	}
	w, err := s.create("")
	if err != nil {
		return "", "", err
	}
	defer w.Close()
	if _, err := io.Copy(w, &contextReader{ctx, r}); err != nil {
		return "", "", err
	}
	return w.Commit(ctx, sha256)
}

// spareDisk gives the session's own directory, nil where there is none.
func (s *Store) spareDisk() *disk {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.spare
}

// writable gives the disk that takes what is new: home, or a directory of the session's own.
func (s *Store) writable() (*disk, error) {
	readOnly, err := s.home.readOnly()
	if !readOnly || err != nil {
		return s.home, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.spare == nil {
		dir, err := durable.NewTemporary(s.config.Scratch, "monoplan-store-")
		if err != nil {
			return nil, err
		}
		s.spare, s.spareDir = newDisk(filepath.Join(dir.Dir, version)), dir
	}
	_, err = s.spare.readOnly()
	return s.spare, err
}

func (s *Store) warn(err error) {
	if s.config.Warn != nil {
		s.config.Warn(err)
	}
}

// contextReader is a reader that ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
