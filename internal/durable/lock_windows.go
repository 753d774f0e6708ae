package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// TakeLock takes a file's lock (LockFileEx), alone or together with others, and waits for it if it is to. It reports whether
// the lock was had. It ends with the file's being closed, so at the latest with the process.
func TakeLock(f *os.File, alone, wait bool) (bool, error) {
	var how uint32
	if alone {
		how |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	if !wait {
		how |= windows.LOCKFILE_FAIL_IMMEDIATELY
	}
	// A byte far behind the end: what the file holds stays readable for others.
	at := &windows.Overlapped{OffsetHigh: 1 << 30}
	switch err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, at); {
	case err == nil:
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return false, nil
	default:
		return false, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
}
