package archive

import (
	"bytes"
	"crypto/sha256"
	"hash/crc32"
	"io"
	"os"

	"github.com/klauspost/compress/flate"
)

// level is how hard content is compressed: smaller files hardly get smaller beyond it, and the time doubles.
const level = 6

// inMemory is how much compressed content is kept in memory, in bytes; more goes to a temporary file.
const inMemory = 4 << 20

// Packed is compressed content, ready to be written to an archive: its sizes and checksum have to stand before it.
type Packed struct {
	CRC32        uint32
	SHA256       [sha256.Size]byte // of the content
	Size, Packed int64             // of the content, and compressed, in bytes

	method uint16
	memory bytes.Buffer
	file   *os.File // has all of it where it is too large for memory
}

// Packer compresses contents, one after the other. Its zero value packs with temporary files in the system's directory.
type Packer struct {
	// Dir is where temporary files go.
	Dir string

	deflater *flate.Writer
}

// Pack compresses what r has. The result has to be closed.
func (p *Packer) Pack(r io.Reader) (*Packed, error) {
	packed := &Packed{method: Deflate}
	out := &spill{packed: packed, dir: p.Dir}
	if p.deflater == nil {
		d, err := flate.NewWriter(out, level)
		if err != nil {
			return nil, err
		}
		p.deflater = d
	} else {
		p.deflater.Reset(out)
	}
	sum, crc := sha256.New(), crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(sum, crc, p.deflater), r)
	if err == nil {
		err = p.deflater.Close()
	}
	if err != nil {
		packed.Close()
		return nil, err
	}
	if n == 0 {
		// Deflated, nothing takes two bytes.
		packed.method, packed.Packed = Store, 0
		packed.memory.Reset()
	}
	packed.Size, packed.CRC32 = n, crc.Sum32()
	sum.Sum(packed.SHA256[:0])
	return packed, nil
}

// spill writes to memory, and from some size on to a file.
type spill struct {
	packed *Packed
	dir    string
}

func (s *spill) Write(b []byte) (int, error) {
	p := s.packed
	p.Packed += int64(len(b))
	if p.file == nil && p.Packed > inMemory {
		file, err := os.CreateTemp(s.dir, "pack-*")
		if err != nil {
			return 0, err
		}
		p.file = file
		if _, err := p.memory.WriteTo(file); err != nil {
			return 0, err
		}
	}
	if p.file != nil {
		return p.file.Write(b)
	}
	return p.memory.Write(b)
}

func (p *Packed) open() io.Reader {
	if p.file == nil {
		return bytes.NewReader(p.memory.Bytes())
	}
	return io.NewSectionReader(p.file, 0, p.Packed)
}

// Close removes what the content has in temporary files.
func (p *Packed) Close() error {
	if p.file == nil {
		return nil
	}
	defer os.Remove(p.file.Name())
	return p.file.Close()
}
