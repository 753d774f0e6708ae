package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/pep517"
)

// stream sends a source as a tar archive.
type stream struct {
	to *tar.Writer
	// kept has the files whose content is kept, by their names.
	kept map[string][]byte
	// temp is a directory for files that are too large to be held in memory until their size is known.
	temp string
	seen map[string]bool
}

// sendError is what is wrong with the other end, which says itself why.
type sendError struct{ err error }

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// send sends every file, and the end of the archive.
func (s *stream) send(ctx context.Context, source builder.Source) error {
	s.seen = make(map[string]bool)
	if err := source(ctx, s.file); err != nil {
		return err
	}
	if err := s.to.Close(); err != nil {
		return &sendError{err}
	}
	return nil
}

func (s *stream) file(f builder.File) error {
	if s.seen[f.Name] {
		return fmt.Errorf("a source with %q twice", f.Name)
	}
	s.seen[f.Name] = true
	if f.Mode&fs.ModeSymlink != 0 {
		if err := pep517.CheckLink(f.Name, f.Link); err != nil {
			return err
		}
		return s.header(&tar.Header{Typeflag: tar.TypeSymlink, Name: f.Name, Linkname: f.Link, Mode: 0o777})
	}
	if err := pep517.CheckFile(f.Name); err != nil {
		return err
	}
	mode := int64(0o644)
	if f.Mode&0o111 != 0 {
		mode = 0o755
	}
	content, size, err := s.measure(f.Content)
	if err != nil {
		return err
	}
	defer content.Close()
	if err := s.header(&tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Size: size, Mode: mode}); err != nil {
		return err
	}
	var from io.Reader = content
	var copied bytes.Buffer
	_, keep := s.kept[f.Name]
	if keep {
		from = io.TeeReader(content, &copied)
	}
	if _, err := io.Copy(s.to, from); err != nil {
		return &sendError{err}
	}
	if keep {
		s.kept[f.Name] = copied.Bytes()
	}
	return nil
}

func (s *stream) header(h *tar.Header) error {
	h.Format = tar.FormatPAX
	if err := s.to.WriteHeader(h); err != nil {
		return &sendError{err}
	}
	return nil
}

// inMemory is up to which size a file is held in memory, in bytes.
const inMemory = 4 << 20

// measure finds out how large a file is, which its entry has to say before its content.
func (s *stream) measure(content io.Reader) (io.ReadCloser, int64, error) {
	var start bytes.Buffer
	n, err := io.Copy(&start, io.LimitReader(content, inMemory))
	if err != nil || n < inMemory {
		return io.NopCloser(&start), n, err
	}
	f, err := os.CreateTemp(s.temp, "stream-")
	if err != nil {
		return nil, 0, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	n, err = io.Copy(f, io.MultiReader(&start, content))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, n, nil
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
