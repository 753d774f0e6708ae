package archive

import (
	"bufio"
	"bytes"
	"hash/crc32"
	"io"
	"math"
	"unicode/utf8"
)

// Bits of an entry's flags.
const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagPatched    = 1 << 5
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
	flagMasked     = 1 << 13
)

// Fields that an entry can have besides its fixed ones.
const (
	fieldZip64       = 0x0001
	fieldUnicodePath = 0x7075
)

// Types of files, in the upper half of an entry's attributes (as in Unix).
const (
	typeMask      = 0o170000
	typeRegular   = 0o100000
	typeDirectory = 0o040000
	typeLink      = 0o120000
)

// header is an entry with what only the checks need.
type header struct {
	Entry
	directory bool
	flags     uint16
	offset    int64 // of the local header
}

// readDirectory reads all entries of the directory. Nothing is allocated for more entries than have been read.
func readDirectory(r io.ReaderAt, end ending) ([]header, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(r, end.offset, end.size), 64<<10)
	var headers []header
	for left := end.size; left > 0; {
		h, n, err := readHeader(in)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = refuse("has a directory that ends within an entry")
		}
		if err != nil {
			return nil, err
		}
		headers = append(headers, h)
		left -= n
	}
	if uint64(len(headers)) != end.entries {
		return nil, refuse("has %d entries, and a record that says %d", len(headers), end.entries)
	}
	return headers, nil
}

// readHeader reads one entry of the directory, and gives its length.
func readHeader(in *bufio.Reader) (header, int64, error) {
	fixed := make([]byte, lengthDirectory)
	if _, err := io.ReadFull(in, fixed); err != nil {
		return header{}, 0, err
	}
	if little.Uint32(fixed) != signDirectory {
		return header{}, 0, refuse("has something else than an entry in its directory")
	}
	nameLength, extraLength, commentLength := int(little.Uint16(fixed[28:])), int(little.Uint16(fixed[30:])), int(little.Uint16(fixed[32:]))
	rest := make([]byte, nameLength+extraLength+commentLength)
	if _, err := io.ReadFull(in, rest); err != nil {
		return header{}, 0, err
	}
	h := header{flags: little.Uint16(fixed[8:])}
	h.Name = string(rest[:nameLength])
	h.Method = little.Uint16(fixed[10:])
	h.CRC32 = little.Uint32(fixed[16:])
	err := h.readSizes(fixed, rest[nameLength:nameLength+extraLength])
	if err == nil {
		err = h.readType(little.Uint32(fixed[38:]) >> 16)
	}
	if err == nil {
		err = h.checkKind()
	}
	if err, ok := err.(*Error); ok {
		err.Entry = h.Name
	}
	return h, int64(len(fixed) + len(rest)), err
}

func (h *header) readSizes(fixed, extra []byte) error {
	packed, size, offset := uint64(little.Uint32(fixed[20:])), uint64(little.Uint32(fixed[24:])), uint64(little.Uint32(fixed[42:]))
	wide := false
	err := eachField(extra, func(id uint16, value []byte) error {
		switch id {
		case fieldZip64:
			wide = true
			return widen(value, &size, &packed, &offset)
		case fieldUnicodePath:
			return checkUnicodePath(value, h.Name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !wide && max(size, packed, offset) == math.MaxUint32 {
		return refuse("has a size that is in no zip64 field")
	}
	if size > math.MaxInt64 || packed > math.MaxInt64 || offset > math.MaxInt64 {
		return refuse("has a size that no file has")
	}
	h.Size, h.Packed, h.offset = int64(size), int64(packed), int64(offset)
	return nil
}

// eachField calls do for each extra field. Some tools pad the end with up to three zeros, which are no field.
func eachField(extra []byte, do func(id uint16, value []byte) error) error {
	seen := false
	for len(extra) >= 4 {
		id, length := little.Uint16(extra), int(little.Uint16(extra[2:]))
		if length > len(extra)-4 {
			return refuse("has an extra field that is longer than there is")
		}
		if id == fieldZip64 && seen {
			return refuse("has its zip64 sizes twice")
		}
		seen = seen || id == fieldZip64
		if err := do(id, extra[4:4+length]); err != nil {
			return err
		}
		extra = extra[4+length:]
	}
	return nil
}

// widen takes those values that say they are elsewhere from a zip64 field, in order. Some tools write the field where
// nothing needs it; a reader may then believe it, so it has to say the same.
func widen(field []byte, values ...*uint64) error {
	needed := false
	for _, v := range values {
		needed = needed || *v == math.MaxUint32
	}
	for _, v := range values {
		if needed && *v != math.MaxUint32 {
			continue
		}
		if len(field) < 8 {
			if needed {
				return refuse("has a zip64 field that lacks a size")
			}
			return nil
		}
		wide := little.Uint64(field)
		field = field[8:]
		if !needed && wide != *v {
			return refuse("has sizes in a zip64 field that differ from those without")
		}
		*v = wide
	}
	if len(field) > 0 && (len(field) != 4 || little.Uint32(field) != 0) { // the number of the disk
		return refuse("has more in its zip64 field than it needs")
	}
	return nil
}

// checkUnicodePath checks a second name of an entry, which some readers take for the first one's checksum.
func checkUnicodePath(field []byte, name string) error {
	if len(field) < 5 || field[0] != 1 || little.Uint32(field[1:]) != crc32.ChecksumIEEE([]byte(name)) {
		return nil // it is about another name, and no reader takes it
	}
	if !bytes.Equal(field[5:], []byte(name)) {
		return refuse("has a second name, %q", field[5:])
	}
	return nil
}

func (h *header) readType(mode uint32) error {
	h.directory = len(h.Name) > 0 && h.Name[len(h.Name)-1] == '/'
	kind := mode & typeMask
	switch {
	case kind == typeLink:
		return refuse("is a symbolic link")
	case kind != 0 && kind != typeRegular && kind != typeDirectory:
		return refuse("is a device or a pipe")
	case kind == typeDirectory && !h.directory && h.Size > 0:
		return refuse("is a directory with content")
	case h.directory && h.Size > 0:
		return refuse("is a directory with content")
	}
	h.Executable = kind == typeRegular && mode&0o111 != 0
	return nil
}

// checkKind refuses what has to be read in a way that this package does not know, or that not every reader does alike.
func (h *header) checkKind() error {
	ascii := true
	for i := range len(h.Name) {
		ascii = ascii && h.Name[i] < utf8.RuneSelf
	}
	switch {
	case h.flags&(flagEncrypted|flagStrong|flagMasked) != 0:
		return refuse("is encrypted")
	case h.flags&flagPatched != 0:
		return refuse("is a patch of another file")
	case h.Method != Store && h.Method != Deflate:
		return refuse("is compressed by method %d; only stored (0) and deflated (8) entries can be copied into an artifact", h.Method)
	case h.Method == Store && h.Size != h.Packed:
		return refuse("is stored in %d bytes, and its size is %d", h.Packed, h.Size)
	case !ascii && h.flags&flagUTF8 == 0:
		return refuse("has a name that does not say how it is encoded")
	}
	return checkName(h.Name)
}
