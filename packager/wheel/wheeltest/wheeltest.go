// Package wheeltest makes small wheels for tests: right ones, and ones that are wrong in a chosen way.
package wheeltest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Wheel is a wheel to be made. WHEEL, METADATA and RECORD are made for it where Files has none.
type Wheel struct {
	Name, Version string
	// Metadata has lines that METADATA has besides those of the name and the version.
	Metadata []string
	// Files has contents by the names in the archive. In a name, "{info}" stands for the .dist-info directory, and
	// "{data}" for the .data directory. A name that ends in a slash is a directory.
	Files map[string]string
	// Modes has the modes of files, as Unix has them; 0644 where there is none.
	Modes map[string]fs.FileMode
	// Leave has names that the archive does not get, and Unrecorded those that RECORD does not list.
	Leave, Unrecorded []string
	// Record has lines at the end of RECORD.
	Record []string
	// Level is how hard the files are compressed, as compress/flate has it: not at all where it is 0.
	Level int
}

// Bytes gives the wheel's bytes. Files are in the order of their names, RECORD is last.
func (w Wheel) Bytes() ([]byte, error) {
	info := w.Name + "-" + w.Version + ".dist-info"
	replace := strings.NewReplacer("{info}", info, "{data}", w.Name+"-"+w.Version+".data").Replace
	files := map[string]string{
		info + "/WHEEL":    "Wheel-Version: 1.0\nGenerator: wheeltest\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		info + "/METADATA": "Metadata-Version: 2.1\nName: " + w.Name + "\nVersion: " + w.Version + "\n" + lines(w.Metadata) + "\nThe description.\n",
	}
	for name, content := range w.Files {
		files[replace(name)] = content
	}
	record := ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !has(w.Unrecorded, name, replace) && !strings.HasSuffix(name, "/") {
			sum := sha256.Sum256([]byte(files[name]))
			record += fmt.Sprintf("%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum[:]), len(files[name]))
		}
	}
	names := slices.Sorted(maps.Keys(files))
	if _, ok := files[info+"/RECORD"]; !ok {
		files[info+"/RECORD"] = record + info + "/RECORD,,\n" + replace(lines(w.Record))
		names = append(names, info+"/RECORD")
	}
	modes := map[string]fs.FileMode{}
	for name, mode := range w.Modes {
		modes[replace(name)] = mode
	}
	names = slices.DeleteFunc(names, func(n string) bool { return has(w.Leave, n, replace) })
	return w.zip(names, files, modes)
}

func (w Wheel) zip(names []string, files map[string]string, modes map[string]fs.FileMode) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o644)
		if mode, ok := modes[name]; ok {
			h.SetMode(mode)
		}
		content := []byte(files[name])
		if !strings.HasSuffix(name, "/") {
			var err error
			if content, err = w.deflate(h, content); err != nil {
				return nil, err
			}
		}
		f, err := z.CreateRaw(h)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(content); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// deflate compresses content, and sets the header's checksum and sizes.
func (w Wheel) deflate(h *zip.FileHeader, content []byte) ([]byte, error) {
	var out bytes.Buffer
	d, err := flate.NewWriter(&out, w.Level)
	if err != nil {
		return nil, err
	}
	if _, err := d.Write(content); err != nil {
		return nil, err
	}
	h.CRC32, h.UncompressedSize64 = crc32.ChecksumIEEE(content), uint64(len(content))
	err = d.Close()
	h.CompressedSize64 = uint64(out.Len())
	return out.Bytes(), err
}

// Write writes the wheel to a directory, and gives its path.
func (w Wheel) Write(directory string) (string, error) {
	content, err := w.Bytes()
	if err != nil {
		return "", err
	}
	path := filepath.Join(directory, w.Name+"-"+w.Version+"-py3-none-any.whl")
	return path, os.WriteFile(path, content, 0o644)
}

func has(list []string, name string, replace func(string) string) bool {
	return slices.ContainsFunc(list, func(l string) bool { return replace(l) == name })
}

func lines(list []string) string {
	text := ""
	for _, l := range list {
		text += l + "\n"
	}
	return text
}
