package assemble

import (
	"io"
	"strings"

	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/wheel"
)

// source is where an item's content comes from.
type source interface {
	// open gives the content.
	open() (io.ReadCloser, error)
	// write writes the content to an archive, and gives its sizes.
	write(out *archive.Writer, packer *archive.Packer, name string, executable bool) (sizes, error)
}

// sizes are the lengths of a content and of its compressed form, in bytes.
type sizes struct{ Size, Packed int64 }

// wheelFile is a file of a wheel, copied as it is compressed there unless installing changes it.
type wheelFile struct {
	wheel *wheel.Wheel
	file  wheel.File
}

func (w wheelFile) open() (io.ReadCloser, error) { return w.wheel.Content(w.file), nil }

func (w wheelFile) write(out *archive.Writer, packer *archive.Packer, name string, executable bool) (sizes, error) {
	copied, err := w.wheel.Copy(out, w.file, name)
	if copied || err != nil {
		return sizes{w.file.Size, w.file.Packed}, err
	}
	return pack(w.open, out, packer, name, executable)
}

// copied is content that was made and compressed before, for an archive beside this one.
type copied struct {
	from  *archive.Archive
	entry archive.Entry
}

func (c copied) open() (io.ReadCloser, error) { return c.from.Open(c.entry), nil }

func (c copied) write(out *archive.Writer, _ *archive.Packer, name string, executable bool) (sizes, error) {
	return sizes{c.entry.Size, c.entry.Packed}, out.Copy(c.from, c.entry, name, executable)
}

// made is content that has to be compressed: code, and what is made here.
type made func() (io.ReadCloser, error)

func (m made) open() (io.ReadCloser, error) { return m() }

func (m made) write(out *archive.Writer, packer *archive.Packer, name string, executable bool) (sizes, error) {
	return pack(m, out, packer, name, executable)
}

// text is content that is in memory.
func text(content string) made {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
}

func pack(open made, out *archive.Writer, packer *archive.Packer, name string, executable bool) (sizes, error) {
	content, err := open()
	if err != nil {
		return sizes{}, err
	}
	defer content.Close()
	packed, err := packer.Pack(content)
	if err != nil {
		return sizes{}, err
	}
	defer packed.Close()
	return sizes{packed.Size, packed.Packed}, out.Add(name, executable, packed)
}
