package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// evictFile writes a file out and asks the kernel to forget it (posix_fadvise(2)). What a process has mapped stays.
func evictFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return err
	}
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}
