package wheel

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// elfMagic is what every ELF file starts with.
const elfMagic = "\x7fELF"

// Object is a shared object or a program in a wheel.
type Object struct {
	// Name is its name in the wheel's archive.
	Name string `json:"name"`
	// Machine is the architecture that it is for, as Python names it: x86_64, aarch64; in the words of ELF where there is
	// no such name, or "unreadable" where the file only begins as ELF does.
	Machine string `json:"machine"`
	// Glibc is the newest version of the GNU C library whose symbols it needs, empty where it needs none.
	Glibc Glibc `json:"glibc,omitzero"`
	// Musl says that it needs the musl C library.
	Musl bool `json:"musl,omitempty"`
	// Debug is how many bytes it has that only debuggers and linkers need, where these can be taken away.
	Debug int64 `json:"debug,omitempty"`
}

// Glibc is a version of the GNU C library.
type Glibc struct{ Major, Minor int }

func (g Glibc) String() string { return fmt.Sprintf("%d.%d", g.Major, g.Minor) }

// MarshalText gives the version as text, which JSON then has.
func (g Glibc) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads a version.
func (g *Glibc) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d.%d", &g.Major, &g.Minor)
	return err
}

func (g Glibc) less(h Glibc) bool {
	return g.Major < h.Major || g.Major == h.Major && g.Minor < h.Minor
}

// UnfitError says that a wheel's objects do not run on the target.
type UnfitError struct {
	Name, Version string // of the wheel
	Object        Object
	// Problem says what the object needs, and what the target has.
	Problem string
}

func (e *UnfitError) Error() string {
	return fmt.Sprintf("%s %s: %s %s", e.Name, e.Version, e.Object.Name, e.Problem)
}

// CheckELF reports whether the objects of a verified wheel run on a machine ("x86_64", or "arm64", also called
// "aarch64") with this version of glibc. The first one that does not is an [*UnfitError].
//
// It is for wheels that were built here. A published wheel's name says where it runs, and some bring objects for other
// machines as data, as debuggers do.
func (w *Wheel) CheckELF(architecture string, glibc Glibc) error {
	facts, ok := w.Facts()
	if !ok {
		return fmt.Errorf("%s %s: was not verified", w.Name, w.Version)
	}
	if architecture == "arm64" {
		architecture = "aarch64"
	}
	for _, o := range facts.Objects {
		if problem := o.unfit(architecture, glibc); problem != "" {
			return &UnfitError{w.Name, w.Version, o, problem}
		}
	}
	return nil
}

func (o Object) unfit(architecture string, glibc Glibc) string {
	switch {
	case o.Machine != architecture:
		return fmt.Sprintf("is for %s, and the target is %s", o.Machine, architecture)
	case o.Musl:
		return "needs the musl C library, and the target has glibc"
	case glibc.less(o.Glibc):
		return fmt.Sprintf("needs glibc %s, and the target has %s", o.Glibc, glibc)
	}
	return ""
}

// inMemory is the size, in bytes, up to which an object is looked at in memory. Larger ones go to a file.
const inMemory = 4 << 20

// readObject reads the headers of an ELF file. One that is broken is no error, since nobody may ever load it.
func readObject(e archive.Entry, content io.Reader, temp string) (*Object, error) {
	at, remove, err := readerAt(e, content, temp)
	if err != nil {
		return nil, err
	}
	defer remove()
	o := &Object{Name: e.Name, Machine: "unreadable"}
	file, err := elf.NewFile(at)
	if err != nil {
		return o, nil
	}
	defer file.Close()
	o.Machine = machine(file.FileHeader)
	if s := strip(at, e.Size, file); s != nil {
		o.Debug = max(0, e.Size-s.size())
	}
	libraries, _ := file.ImportedLibraries()
	for _, l := range libraries {
		o.Musl = o.Musl || strings.HasPrefix(l, "libc.musl-")
	}
	needs, _ := file.DynamicVersionNeeds()
	for _, library := range needs {
		for _, symbol := range library.Needs {
			if g, ok := glibcVersion(symbol.Dep); ok && o.Glibc.less(g) {
				o.Glibc = g
			}
		}
	}
	return o, nil
}

// readerAt gives content at any place of it. The function that it gives removes what that took.
func readerAt(e archive.Entry, content io.Reader, temp string) (io.ReaderAt, func(), error) {
	if e.Size <= inMemory {
		all, err := io.ReadAll(content)
		return bytes.NewReader(all), func() {}, err
	}
	file, err := os.CreateTemp(temp, "object-*")
	if err != nil {
		return nil, nil, err
	}
	remove := func() {
		file.Close()
		os.Remove(file.Name())
	}
	if _, err := io.Copy(file, content); err != nil {
		remove()
		return nil, nil, err
	}
	return file, remove, nil
}

func machine(h elf.FileHeader) string {
	switch {
	case h.Machine == elf.EM_X86_64 && h.Class == elf.ELFCLASS64:
		return "x86_64"
	case h.Machine == elf.EM_AARCH64 && h.Data == elf.ELFDATA2LSB:
		return "aarch64"
	case h.Machine == elf.EM_386:
		return "i686"
	}
	return strings.ToLower(strings.TrimPrefix(h.Machine.String(), "EM_"))
}

// glibcVersion reads the version of a symbol, as in GLIBC_2.17 or GLIBC_2.2.5. GLIBC_PRIVATE has none.
func glibcVersion(symbol string) (Glibc, bool) {
	text, ok := strings.CutPrefix(symbol, "GLIBC_")
	if !ok {
		return Glibc{}, false
	}
	var g Glibc
	n, _ := fmt.Sscanf(text, "%d.%d", &g.Major, &g.Minor)
	return g, n == 2
}
