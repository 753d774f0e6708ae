//go:build unix

package gitdiff

import (
	"os"
	"path/filepath"
	"syscall"
)

// isOwn reports whether a file belongs to the user who runs this program, as git has it for the one who runs git.
func isOwn(path string) bool {
	stat := statOf(path)
	return stat != nil && int(stat.Uid) == os.Geteuid()
}

// isOneDevice reports whether a directory and all above it, up to one of them, are on one file system: git looks for a repository no
// further.
func isOneDevice(dir, top string) bool {
	first := statOf(dir)
	for first != nil && dir != top {
		if dir == filepath.Dir(dir) {
			return false
		}
		dir = filepath.Dir(dir)
		if stat := statOf(dir); stat == nil || stat.Dev != first.Dev {
			return false
		}
	}
	return first != nil
}

func statOf(path string) *syscall.Stat_t {
	info, err := os.Lstat(path)
	if err != nil {
		return nil
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	return stat
}
