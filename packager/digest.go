package packager

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"
)

// digest is a hash of fields. Each is framed by its length, so that no two rows of fields are the same bytes, and each
// digest begins with what it is about, so that one of another kind never equals it.
type digest struct{ h hash.Hash }

// formatVersion is part of every key: it changes with whatever changes the bytes of an artifact or a built wheel.
const formatVersion = "monoplan packaging 4"

func newDigest(about string) *digest {
	d := &digest{sha256.New()}
	d.add(formatVersion, about)
	return d
}

func (d *digest) add(fields ...string) {
	for _, f := range fields {
		d.length(len(f))
		io.WriteString(d.h, f)
	}
}

// list adds fields and how many there are.
func (d *digest) list(fields []string) {
	d.length(len(fields))
	d.add(fields...)
}

func (d *digest) length(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	d.h.Write(b[:])
}

// sum gives the digest in hex.
func (d *digest) sum() string { return hex.EncodeToString(d.h.Sum(nil)) }
