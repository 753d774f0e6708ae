package wheel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/packager/archive"
)

// Wheel is a wheel whose archive is sound and whose metadata was read. Several goroutines may use it at once.
type Wheel struct {
	// Name and Version are as the wheel's METADATA has them.
	Name, Version string
	// Files has what installing the wheel with pip's --target puts into the target directory, sorted by path, without
	// the scripts that are made for entry points.
	Files []File
	// Scripts has the commands that entry points ask for, sorted by name.
	Scripts []Script
	// Metadata has the headers of METADATA.
	Metadata Headers

	distInfo string // the name of the .dist-info directory
	archive  *archive.Archive
	file     *os.File
	facts    *Facts // nil until verified
}

// File is an installed file.
type File struct {
	// Path is where the file goes, below the target directory.
	Path       string
	Executable bool
	// Size and Packed are the file's length and that of its compressed form, in bytes.
	Size, Packed int64
	CRC32        uint32

	entry archive.Entry
	// script says that the first line has to name another interpreter, so that the compressed form cannot be copied.
	script bool
}

// Error is the reason why a file is no wheel to be installed. Err tells it, often as an [*archive.Error].
type Error struct {
	// Path is the wheel's file.
	Path string
	Err  error
}

func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Open opens the wheel in a file, which can have any name. The file stays open until Close. A wheel that is refused is an
// [*Error]; what keeps its file from being read is not.
func Open(path string) (*Wheel, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	w := &Wheel{file: file}
	if err := w.read(); err != nil {
		file.Close()
		return nil, w.refused(err)
	}
	return w, nil
}

func (w *Wheel) read() error {
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	w.archive, err = archive.Read(w.file, info.Size())
	if err != nil {
		return err
	}
	if err := w.readDistInfo(); err != nil {
		return err
	}
	return w.layOut()
}

// refused makes an [*Error] of what is wrong with the wheel, and leaves alone what the machine says, and who wanted to
// stop.
func (w *Wheel) refused(err error) error {
	_, machine := errors.AsType[*os.PathError](err)
	if err == nil || machine || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Error{w.file.Name(), err}
}

// Close closes the wheel's file.
func (w *Wheel) Close() error { return w.file.Close() }

// Content reads an installed file. The file's bytes are checked against the archive's directory by the time of io.EOF.
func (w *Wheel) Content(f File) io.ReadCloser {
	content := w.archive.Open(f.entry)
	if f.script {
		return neutralShebang(content)
	}
	return content
}

// Copy writes an installed file to an archive, under a name and with its compressed bytes as the wheel has them.
// It reports false, and writes nothing, for a file that installing changes.
func (w *Wheel) Copy(to *archive.Writer, f File, name string) (bool, error) {
	if f.script {
		return false, nil
	}
	return true, to.Copy(w.archive, f.entry, name, f.Executable)
}

// readDistInfo finds the .dist-info directory, and reads what says what the wheel is.
func (w *Wheel) readDistInfo() error {
	var found []string
	for _, e := range w.archive.Entries {
		top, _, below := strings.Cut(e.Name, "/")
		if below && strings.HasSuffix(top, ".dist-info") && !slices.Contains(found, top) {
			found = append(found, top)
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("has %d .dist-info directories at its top, and a wheel has one", len(found))
	}
	w.distInfo = found[0]
	if err := w.checkFormat(); err != nil {
		return err
	}
	return w.readMetadata()
}

// checkFormat checks the version of the format, which has been 1.0 ever since.
func (w *Wheel) checkFormat() error {
	headers, err := w.headers("WHEEL")
	if err != nil {
		return err
	}
	version := headers.Get("Wheel-Version")
	if major, _, _ := strings.Cut(version, "."); major != "1" {
		return fmt.Errorf("%s/WHEEL: the format's version is %q, and 1 is known", w.distInfo, version)
	}
	return nil
}

func (w *Wheel) readMetadata() error {
	headers, err := w.headers("METADATA")
	if err != nil {
		return err
	}
	w.Metadata, w.Name, w.Version = headers, headers.Get("Name"), headers.Get("Version")
	named, _, _ := strings.Cut(strings.TrimSuffix(w.distInfo, ".dist-info"), "-")
	if python.NormalizeName(named) != python.NormalizeName(w.Name) {
		return fmt.Errorf("%s/METADATA: the name is %q, and the directory is of another", w.distInfo, w.Name)
	}
	w.Scripts, err = w.entryPoints()
	return err
}

// headers reads a small file of the .dist-info directory that must be there.
func (w *Wheel) headers(name string) (Headers, error) {
	content, err := w.distInfoFile(name)
	if err != nil {
		return nil, err
	}
	if content == nil {
		return nil, fmt.Errorf("has no %s/%s", w.distInfo, name)
	}
	return parseHeaders(content), nil
}

// smallFile is more than any file has that describes a wheel, in bytes.
const smallFile = 16 << 20

// distInfoFile reads a file of the .dist-info directory, nil where it is not there.
func (w *Wheel) distInfoFile(name string) ([]byte, error) {
	e, ok := w.archive.Lookup(w.distInfo + "/" + name)
	if !ok {
		return nil, nil
	}
	if e.Size > smallFile {
		return nil, fmt.Errorf("%s has %d bytes", e.Name, e.Size)
	}
	content := w.archive.Open(e)
	defer content.Close()
	return io.ReadAll(content)
}
