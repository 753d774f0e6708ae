package wheel

import (
	"context"
	"debug/elf"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// Superfluous reports whether a file of a verified wheel is not needed where the package is only used: tests, what
// configures them, and stubs for type checkers. It leaves alone what the package itself reads: some import from their
// tests, and some read their stubs to know what to import.
func (w *Wheel) Superfluous(f File) bool {
	facts, ok := w.Facts()
	if !ok || strings.HasPrefix(f.entry.Name, w.distInfo+"/") {
		return false
	}
	name := f.entry.Name
	if isTest(name) && !below(name, facts.Tests) {
		return true
	}
	switch base := path.Base(name); {
	case base == "conftest.py":
		return true
	case base == "py.typed" || path.Ext(base) == ".pyi":
		return !facts.Stubs
	}
	return false
}

// debugFrom is how many bytes a debugger has to need for it to be worthwhile to compress the rest anew.
const debugFrom = 4 << 10

// Debug gives how many bytes of a verified wheel's file only debuggers and linkers need, which WriteStripped leaves out; 0 where
// that is not worthwhile.
func (w *Wheel) Debug(f File) int64 {
	facts, _ := w.Facts()
	for _, o := range facts.Objects {
		if o.Name == f.entry.Name && o.Debug >= debugFrom {
			return o.Debug
		}
	}
	return 0
}

// stripped reads a shared object or program without what only debuggers and linkers need. What is loaded when it runs is
// the same, byte by byte. Large ones go through a file in the directory temp, the system's where that is empty.
func (w *Wheel) stripped(f File, temp string) (io.ReadCloser, error) {
	content := w.archive.Open(f.entry)
	defer content.Close()
	at, remove, err := readerAt(f.entry, content, temp)
	if err != nil {
		return nil, err
	}
	whole := func() (io.ReadCloser, error) {
		return closing{io.NewSectionReader(at, 0, f.Size), remove}, nil
	}
	file, err := elf.NewFile(at)
	if err != nil {
		return whole()
	}
	defer file.Close()
	s := strip(at, f.Size, file)
	if s == nil {
		return whole()
	}
	return closing{s.reader(at), remove}, nil
}

// StrippedFormat names how objects are stripped and compressed: what was written by WriteStripped under another name may differ.
const StrippedFormat = "1"

// HasStripped reports whether WriteStripped leaves out anything of any file of a verified wheel.
func (w *Wheel) HasStripped() bool {
	return slices.ContainsFunc(w.Files, func(f File) bool { return w.Debug(f) > 0 })
}

// WriteStripped writes an archive with each file of a verified wheel that Debug is about, stripped, under its installed path: to
// strip and compress a large object takes far longer than to copy it, and gives the same bytes each time.
func (w *Wheel) WriteStripped(ctx context.Context, out io.Writer, temp string) error {
	to, packer := archive.NewWriter(out), &archive.Packer{Dir: temp}
	for _, f := range w.Files {
		if w.Debug(f) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.addStripped(to, packer, f); err != nil {
			return w.refused(err)
		}
	}
	return to.Close()
}

func (w *Wheel) addStripped(to *archive.Writer, packer *archive.Packer, f File) error {
	content, err := w.stripped(f, packer.Dir)
	if err != nil {
		return err
	}
	defer content.Close()
	packed, err := packer.Pack(content)
	if err != nil {
		return err
	}
	defer packed.Close()
	return to.Add(f.Path, f.Executable, packed)
}

// closing is a reader with what is to be done when it is closed.
type closing struct {
	io.Reader
	close func()
}

func (c closing) Close() error {
	c.close()
	return nil
}
