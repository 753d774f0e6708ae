package store

import (
	"errors"
	"fmt"
	"syscall"
)

// HashError is a content that does not have the sha256 that it is to be kept under.
type HashError struct {
	// Want and Got are in lower-case hexadecimal digits.
	Want, Got string
}

func (e *HashError) Error() string {
	return fmt.Sprintf("the content has sha256 %s, not %s", e.Got, e.Want)
}

// SpaceError is a disk, or a quota on it, that has no room for a file.
type SpaceError struct {
	// Dir is the store's directory.
	Dir string
	Err error
}

func (e *SpaceError) Error() string { return "no space left for the store in " + e.Dir }
func (e *SpaceError) Unwrap() error { return e.Err }

// space makes a SpaceError of what means so, and leaves other errors as they are.
func space(dir string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || isQuota(err) {
		return &SpaceError{Dir: dir, Err: err}
	}
	return err
}

// DamageError is a file of a store that does not have the hash of its name. It was removed where it could be.
type DamageError struct {
	// Name is the file's path, or its name in the remote store.
	Name string
	Got  string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged: its sha256 is %s", e.Name, e.Got)
}

// RemoteError is a remote store that could not be read or written.
type RemoteError struct {
	// Doing is "reading" or "writing".
	Doing string
	Err   error
}

func (e *RemoteError) Error() string { return e.Doing + " the shared store: " + e.Err.Error() }
func (e *RemoteError) Unwrap() error { return e.Err }

// checkSum refuses what is no sha256, since it becomes a path.
func checkSum(sum string) error {
	if len(sum) == 64 {
		bad := false
		for _, c := range []byte(sum) {
			bad = bad || (c < '0' || c > '9') && (c < 'a' || c > 'f')
		}
		if !bad {
			return nil
		}
	}
	return fmt.Errorf("%q is no sha256", sum)
}
