package wheel

import (
	"debug/elf"
	"io"
	"path"
	"strings"
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

// Debug gives how many bytes of a verified wheel's file only debuggers and linkers need, which Stripped leaves out; 0 where
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

// Stripped reads a shared object or program without what only debuggers and linkers need. What is loaded when it runs is
// the same, byte by byte. Large ones go through a file in the directory temp, the system's where that is empty.
func (w *Wheel) Stripped(f File, temp string) (io.ReadCloser, error) {
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

// closing is a reader with what is to be done when it is closed.
type closing struct {
	io.Reader
	close func()
}

func (c closing) Close() error {
	c.close()
	return nil
}
