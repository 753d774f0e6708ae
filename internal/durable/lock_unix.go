//go:build darwin || linux

package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// TakeLock takes a file's lock (flock(2)), alone or together with others, and waits for it if it is to. It reports whether the
// lock was had. It ends with the file's being closed, so at the latest with the process.
func TakeLock(f *os.File, alone, wait bool) (bool, error) {
	how := unix.LOCK_SH
	if alone {
		how = unix.LOCK_EX
	}
	if !wait {
		how |= unix.LOCK_NB
	}
	for {
		switch err := unix.Flock(int(f.Fd()), how); {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		default:
			return false, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}
