//go:build !unix

package odb

import (
	"io"
	"os"
)

// mapFile reads a file into memory.
func mapFile(file *os.File) (data []byte, unmap func() error, err error) {
	data, err = io.ReadAll(file)
	return data, func() error { return nil }, err
}
