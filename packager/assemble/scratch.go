package assemble

import (
	"io"
	"os"

	"github.com/monoplan/monoplan/packager/archive"
)

// scratch has archives in temporary files: what is compressed before its place in the artifact is known.
type scratch struct {
	dir   string
	files []*os.File
}

// archive gives what write writes, for reading.
func (s *scratch) archive(write func(io.Writer) error) (*archive.Archive, error) {
	f, err := os.CreateTemp(s.dir, "scratch-*")
	if err != nil {
		return nil, err
	}
	s.files = append(s.files, f)
	if err := write(f); err != nil {
		return nil, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return archive.Read(f, size)
}

// remove removes the files. They have been read: their errors tell nothing.
func (s *scratch) remove() {
	for _, f := range s.files {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}
