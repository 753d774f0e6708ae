package main

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"
)

// withoutPrivilege runs a function whose processes have to obey the permissions of files, be they root's. They are
// children of this thread, which gives up the capability for itself and for what it executes (capabilities(7)), and which
// therefore does not live on.
func withoutPrivilege(run func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_DAC_OVERRIDE, 0, 0, 0); err != nil && !errors.Is(err, unix.EPERM) {
			done <- err // one who may not drop it does not have it
			return
		}
		done <- run()
	}()
	return <-done
}
