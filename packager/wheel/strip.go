package wheel

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
)

// Places in the headers of a 64-bit ELF file, in bytes.
const (
	elfHeader       = 64
	elfSection      = 64
	elfSectionTable = 0x28
	elfSectionCount = 0x3c
	elfSectionNames = 0x3e
)

// stripped is an ELF file without the sections that are not loaded: symbols for debuggers and linkers, and comments.
// Linkers put them at the end, so that what is loaded stays where it is, byte by byte. Sections keep their numbers,
// because symbols refer to them.
type stripped struct {
	header []byte // the file's first bytes
	end    int64  // up to where the file is kept
	tail   []byte // the names and the table of the sections that are left
}

func (s *stripped) size() int64 { return s.end + int64(len(s.tail)) }

// reader gives the stripped file, of which at is the whole one.
func (s *stripped) reader(at io.ReaderAt) io.Reader {
	return io.MultiReader(bytes.NewReader(s.header), io.NewSectionReader(at, elfHeader, s.end-elfHeader), bytes.NewReader(s.tail))
}

// strip plans how to strip an ELF file of a length. It gives nil for what it does not know well enough, such as a
// program with data behind its end that it reads itself.
func strip(at io.ReaderAt, length int64, file *elf.File) *stripped {
	known := file.Class == elf.ELFCLASS64 && file.Data == elf.ELFDATA2LSB && (file.Type == elf.ET_DYN || file.Type == elf.ET_EXEC)
	if !known || len(file.Sections) == 0 || len(file.Progs) == 0 {
		return nil
	}
	header := make([]byte, elfHeader)
	if _, err := at.ReadAt(header, 0); err != nil {
		return nil
	}
	little := binary.LittleEndian
	table, count := int64(little.Uint64(header[elfSectionTable:])), int(little.Uint16(header[elfSectionCount:]))
	if count != len(file.Sections) || table <= 0 || table > length-int64(count)*elfSection {
		return nil
	}
	s := &stripped{header: header, end: loadedEnd(file)}
	if s.end < elfHeader || s.end > length || fileEnd(file, table+int64(count)*elfSection) < length {
		return nil
	}
	sections := make([]byte, count*elfSection)
	if _, err := at.ReadAt(sections, table); err != nil || !s.setTail(sections, file) {
		return nil
	}
	return s
}

// loadedEnd is where the last segment ends.
func loadedEnd(file *elf.File) int64 {
	end := uint64(0)
	for _, p := range file.Progs {
		end = max(end, p.Off+p.Filesz)
	}
	return int64(end)
}

// fileEnd is where the last thing ends that the headers know of.
func fileEnd(file *elf.File, table int64) int64 {
	end := max(table, loadedEnd(file))
	for _, s := range file.Sections {
		if s.Type != elf.SHT_NOBITS {
			end = max(end, int64(s.Offset+s.FileSize))
		}
	}
	return end
}

// setTail makes the names and the table of those sections that are loaded, and has the header refer to them. It reports
// false where one lies beyond what is kept.
func (s *stripped) setTail(sections []byte, file *elf.File) bool {
	little := binary.LittleEndian
	names := []byte{0}
	last := 0
	for i, section := range file.Sections {
		entry := sections[i*elfSection:][:elfSection]
		if section.Flags&elf.SHF_ALLOC == 0 {
			clear(entry)
			continue
		}
		if section.Type != elf.SHT_NOBITS && int64(section.Offset+section.FileSize) > s.end {
			return false
		}
		last = i
		little.PutUint32(entry, uint32(len(names)))
		names = append(append(names, section.Name...), 0)
	}
	const own = ".shstrtab"
	entry := make([]byte, elfSection)
	little.PutUint32(entry[0:], uint32(len(names)))
	names = append(names, own+"\x00"...)
	little.PutUint32(entry[4:], uint32(elf.SHT_STRTAB))
	little.PutUint64(entry[24:], uint64(s.end))
	little.PutUint64(entry[32:], uint64(len(names)))
	little.PutUint64(entry[48:], 1)
	for (s.end+int64(len(names)))%8 != 0 {
		names = append(names, 0)
	}
	little.PutUint64(s.header[elfSectionTable:], uint64(s.end)+uint64(len(names)))
	little.PutUint16(s.header[elfSectionCount:], uint16(last+2))
	little.PutUint16(s.header[elfSectionNames:], uint16(last+1))
	s.tail = append(append(names, sections[:(last+1)*elfSection]...), entry...)
	return true
}
