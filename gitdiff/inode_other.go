//go:build !linux

package gitdiff

import (
	"io/fs"

	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// sameInode compares nothing: only time and size are the same everywhere.
func sameInode(*index.Entry, fs.FileInfo) bool { return true }
