package archive

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// Writer writes a zip archive. Entries get the order in which they are written; the rest of the bytes depends on their
// names, contents and executable bits alone.
type Writer struct {
	out       *bufio.Writer
	buffer    []byte
	offset    int64
	entries   int
	directory []byte
}

// NewWriter writes an archive to w, in large pieces.
func NewWriter(w io.Writer) *Writer {
	return &Writer{out: bufio.NewWriterSize(w, 256<<10), buffer: make([]byte, 256<<10)}
}

// Copy writes an entry of another archive under a name, with its compressed bytes as they are.
func (w *Writer) Copy(from *Archive, e Entry, name string, executable bool) error {
	e.Name, e.Executable = name, executable
	return w.write(e, from.Raw(e))
}

// Add writes content that was packed before.
func (w *Writer) Add(name string, executable bool, p *Packed) error {
	return w.write(Entry{
		Name: name, Executable: executable,
		Method: p.method, CRC32: p.CRC32, Size: p.Size, Packed: p.Packed,
	}, p.open())
}

// Fixed values of what an archive says about an entry besides its content: the versions that say that its modes are
// those of Unix and that it needs nothing newer than deflate, the first day that a zip can name, and the two modes of
// files that anyone may read.
const (
	madeBy  = 3<<8 | 20
	needs   = 20
	oneDate = 1<<5 | 1 // 1980-01-01; the time of the day is 0

	modePlain      = typeRegular | 0o644
	modeExecutable = typeRegular | 0o755
)

// Zip has wider fields for what is larger than these, and no Lambda has use for them.
const (
	maxEntries = math.MaxUint16 - 1
	maxSize    = math.MaxUint32 - 1
)

func (w *Writer) write(e Entry, packed io.Reader) error {
	if err := CheckName(e.Name); err != nil {
		return err
	}
	if w.entries == maxEntries || max(e.Size, w.offset+e.Packed) > maxSize {
		return fmt.Errorf("the archive would have more than %d files or %d bytes", maxEntries, maxSize)
	}
	start := w.offset
	common := commonFields(e)
	header := append(little.AppendUint32(nil, signLocal), common...)
	header = append(header, e.Name...)
	if _, err := w.out.Write(header); err != nil {
		return err
	}
	// Without its other methods, the reader is read in pieces of the buffer.
	n, err := io.CopyBuffer(struct{ io.Writer }{w.out}, struct{ io.Reader }{packed}, w.buffer)
	if err == nil && n != e.Packed {
		err = io.ErrUnexpectedEOF
	}
	w.offset += int64(len(header)) + n
	w.entries++
	w.list(e, common, start)
	return err
}

// commonFields are those that the header before an entry and the directory share, from the version that is needed to
// the length of an extra field.
func commonFields(e Entry) []byte {
	flags := uint16(0)
	for i := range len(e.Name) {
		if e.Name[i] >= utf8.RuneSelf {
			flags = flagUTF8
		}
	}
	b := make([]byte, 0, lengthLocal-4)
	b = little.AppendUint16(b, needs)
	b = little.AppendUint16(b, flags)
	b = little.AppendUint16(b, e.Method)
	b = little.AppendUint16(b, 0)
	b = little.AppendUint16(b, oneDate)
	b = little.AppendUint32(b, e.CRC32)
	b = little.AppendUint32(b, uint32(e.Packed))
	b = little.AppendUint32(b, uint32(e.Size))
	b = little.AppendUint16(b, uint16(len(e.Name)))
	return little.AppendUint16(b, 0)
}

// list adds an entry to the directory.
func (w *Writer) list(e Entry, common []byte, start int64) {
	mode := uint32(modePlain)
	if e.Executable {
		mode = modeExecutable
	}
	b := little.AppendUint32(w.directory, signDirectory)
	b = little.AppendUint16(b, madeBy)
	b = append(b, common...)
	b = little.AppendUint16(b, 0) // the length of a comment
	b = little.AppendUint16(b, 0) // the disk
	b = little.AppendUint16(b, 0) // internal attributes
	b = little.AppendUint32(b, mode<<16)
	b = little.AppendUint32(b, uint32(start))
	w.directory = append(b, e.Name...)
}

// Close writes the directory. It does not close what the archive was written to.
func (w *Writer) Close() error {
	if w.offset+int64(len(w.directory)) > maxSize {
		return fmt.Errorf("the archive would have more than %d bytes", maxSize)
	}
	b := little.AppendUint32(w.directory, signEnd)
	b = little.AppendUint16(b, 0) // this disk, and that of the directory
	b = little.AppendUint16(b, 0)
	b = little.AppendUint16(b, uint16(w.entries))
	b = little.AppendUint16(b, uint16(w.entries))
	b = little.AppendUint32(b, uint32(len(w.directory)))
	b = little.AppendUint32(b, uint32(w.offset))
	b = little.AppendUint16(b, 0) // the length of a comment
	if _, err := w.out.Write(b); err != nil {
		return err
	}
	return w.out.Flush()
}
