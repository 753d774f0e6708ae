package gitdiff

import (
	"io/fs"
	"syscall"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// sameInode compares what a file system keeps beside a file's time and size, and what no program sets back: the time
// of its last change of any kind, and its number. An index that was written by another tool may have none of them.
func sameInode(e *index.Entry, info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	return e.CreatedAt.Equal(time.Unix(stat.Ctim.Unix())) && e.Inode == uint32(stat.Ino)
}
