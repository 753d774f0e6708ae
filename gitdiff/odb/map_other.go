//go:build !unix

package odb

import (
	"errors"
	"os"
)

// mapFile maps no file here.
func mapFile(*os.File) (data []byte, unmap func() error, err error) {
	return nil, nil, errors.ErrUnsupported
}
