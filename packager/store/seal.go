package store

import (
	"fmt"
	"io/fs"
	"os"
)

// A seal says what a file looked like when it had the right hash. It is no proof against malice, no more than the rest of
// a user's own files, but against every accident that changes a file: each of them changes one of these, but for a fault
// of the disk, which [Store.Verify] finds.
func sealOf(info fs.FileInfo) string {
	return fmt.Sprintf("size %d modified %d %s\n", info.Size(), info.ModTime().UnixNano(), identity(info))
}

// sealed reports whether a file looks as it did when it was checked.
func (d *disk) sealed(sum string, info fs.FileInfo) bool {
	if !info.Mode().IsRegular() {
		return false
	}
	seal, err := os.ReadFile(d.path(seals, sum))
	return err == nil && string(seal) == sealOf(info)
}

// seal notes that a file had the right hash when it looked like info. A seal that cannot be written is no error: the file
// will be read once more.
func (d *disk) seal(sum string, info fs.FileInfo) {
	if readOnly, err := d.readOnly(); readOnly || err != nil {
		return
	}
	_ = d.replace(d.path(seals, sum), []byte(sealOf(info)))
}
