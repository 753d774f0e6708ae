package durable

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// Temporary is a directory for what a process needs until it ends. It is kept locked, so that others can tell whether its
// process is gone.
type Temporary struct {
	// Dir is its path.
	Dir  string
	lock *os.File
}

// lockName is the file in a temporary directory that is locked. One that is younger than fresh may be about to be.
const (
	lockName = ".lock"
	fresh    = time.Minute
)

// NewTemporary makes a directory whose name begins with a prefix that nothing else has, in parent, or where that is empty in the
// system's directory for such. Those with this prefix that killed processes have left, and that can be removed, are.
func NewTemporary(parent, prefix string) (*Temporary, error) {
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, err
	}
	lock, err := Lock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	sweep(filepath.Dir(dir), prefix)
	return &Temporary{Dir: dir, lock: lock}, nil
}

// sweep removes directories that killed processes have left. What cannot be removed is somebody else's.
func sweep(parent, prefix string) {
	locks, _ := filepath.Glob(filepath.Join(parent, prefix+"*", lockName)) // errs for a bad pattern alone
	for _, path := range locks {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < fresh {
			continue
		}
		if lock, held, err := TryExisting(path); err == nil && !held {
			_ = lock.Close()
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}
}

// Remove removes the directory with all that is in it. It may be called of none, and twice.
func (t *Temporary) Remove() error {
	if t == nil {
		return nil
	}
	_ = t.lock.Close() // first, for Windows removes no open file
	return os.RemoveAll(t.Dir)
}
