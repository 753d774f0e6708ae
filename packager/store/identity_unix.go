//go:build darwin || linux

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// identity is what tells a file from another of the same size and time, and whether it was touched since.
func identity(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	seconds, nanoseconds := changed(stat)
	return fmt.Sprintf("changed %d.%09d inode %d", seconds, nanoseconds, stat.Ino)
}

// isQuota reports whether a user's quota is what leaves no room.
func isQuota(err error) bool { return errors.Is(err, syscall.EDQUOT) }
