package wheel

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
)

// layOut puts each file of the archive where pip's --target has it, and leaves out what only an installer needs.
func (w *Wheel) layOut() error {
	for _, e := range w.archive.Entries {
		f := File{Path: e.Name, Executable: e.Executable, Size: e.Size, Packed: e.Packed, CRC32: e.CRC32, entry: e}
		top, below, _ := strings.Cut(e.Name, "/")
		if top == w.distInfo && forInstaller(below) {
			continue
		}
		if strings.HasSuffix(top, ".data") {
			keep, err := w.spread(&f, below)
			if err != nil {
				return err
			}
			if !keep {
				continue
			}
		}
		w.Files = append(w.Files, f)
	}
	slices.SortFunc(w.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for i := 1; i < len(w.Files); i++ {
		if w.Files[i].Path == w.Files[i-1].Path {
			return fmt.Errorf("has two files that become %s: %s and %s", w.Files[i].Path, w.Files[i-1].entry.Name, w.Files[i].entry.Name)
		}
	}
	return nil
}

// forInstaller reports whether a file of .dist-info is about an installation and not about the package: what was
// installed, by whom, from where. It would be wrong in an artifact, where some of it is left out.
func forInstaller(name string) bool {
	switch name {
	case "RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json", ".lock":
		return true
	}
	return false
}

// spread finds the place of a file of the .data directory, whose first part says which of an installation's directories
// it is for. It reports whether the file is kept.
func (w *Wheel) spread(f *File, below string) (bool, error) {
	scheme, rest, ok := strings.Cut(below, "/")
	if !ok {
		return false, fmt.Errorf("%s is in no directory of %s", f.entry.Name, path.Dir(f.entry.Name))
	}
	switch scheme {
	case "purelib", "platlib", "data":
		f.Path = rest
	case "headers":
		f.Path = "include/python/" + w.Name + "/" + rest
	case "scripts":
		if w.isEntryPoint(rest) {
			return false, nil
		}
		f.Path, f.Executable = "bin/"+rest, true
		var err error
		f.script, err = w.asksForPython(f.entry)
		return true, err
	default:
		return false, fmt.Errorf("%s is for %q, which no installation has", f.entry.Name, scheme)
	}
	return true, archive.CheckName(f.Path)
}

// isEntryPoint reports whether a script is one that an installer made for an entry point and that was packed with the
// rest. It is made anew, so it is left out.
func (w *Wheel) isEntryPoint(name string) bool {
	for _, suffix := range []string{".exe", "-script.py", ".pya"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return slices.ContainsFunc(w.Scripts, func(s Script) bool { return s.Name == name })
}

// placeholder starts a script that wants the path of the Python that it is installed for in its first line.
const placeholder = "#!python"

func (w *Wheel) asksForPython(e archive.Entry) (bool, error) {
	if e.Size < int64(len(placeholder)) {
		return false, nil
	}
	content := w.archive.Open(e)
	defer content.Close()
	start := make([]byte, len(placeholder))
	if _, err := io.ReadFull(content, start); err != nil {
		return false, err
	}
	return string(start) == placeholder, nil
}

// neutralShebang puts the shebang in the place of the first line.
func neutralShebang(content io.ReadCloser) io.ReadCloser {
	in := bufio.NewReader(content)
	for {
		// An error comes again when the rest is read.
		if _, err := in.ReadSlice('\n'); err != bufio.ErrBufferFull {
			break
		}
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(Shebang), in), content}
}
