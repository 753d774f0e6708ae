package odb

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// pack is a pack with its index, open. It is safe for concurrent use, but for close: then nobody may read any more.
type pack struct {
	index *index
	data  packData
	end   int64 // where the entries end and the checksum begins
}

// packData is a pack's file.
type packData interface {
	io.ReaderAt
	io.Closer
	Name() string
}

// openPack opens the pack whose index has this path.
func openPack(path string, hashSize int) (*pack, error) {
	x, err := openIndex(path, hashSize)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(strings.TrimSuffix(path, indexSuffix) + ".pack")
	if err != nil {
		return nil, errors.Join(err, x.close())
	}
	p := &pack{index: x, data: file}
	if p.end, err = file.Seek(-int64(hashSize), io.SeekEnd); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pack) close() error { return errors.Join(p.index.close(), p.data.Close()) }

// The kinds of entries that are the difference from another object: one so far before in the pack, and one by its ID.
const (
	offsetDelta Kind = 6
	nameDelta   Kind = 7
)

// entry is one entry of a pack, inflated: an object, or a delta and where the object is that it builds upon.
type entry struct {
	kind Kind
	data []byte
	base int64
}

// entry reads the entry at an offset: its kind and size, for a delta what it builds upon, and its data.
func (r *reader) entry(p *pack, offset int64) (e entry, err error) {
	if offset < 0 || offset >= p.end {
		return e, fmt.Errorf("%w: an offset beyond the end", ErrMalformed)
	}
	if err := r.fill(p, offset, firstRead); err != nil {
		return e, err
	}
	kind, size, err := r.entryHeader()
	if err != nil {
		return e, damaged(err)
	}
	e.kind = kind
	switch kind {
	case Commit, Tree, Blob, Tag:
	case offsetDelta:
		e.base, err = r.baseBefore(offset)
	case nameDelta:
		e.base, err = r.baseByName(p)
	default:
		err = fmt.Errorf("%w: an entry of %s", ErrMalformed, kind)
	}
	if err != nil {
		return e, damaged(err)
	}
	if size > uint64(p.end-offset)*maxRatio || size > math.MaxInt {
		return e, fmt.Errorf("%w: an entry longer than its pack can hold", ErrMalformed)
	}
	// What does not get smaller by being deflated gets a little larger.
	if most := int(size) + int(size)/1000 + 64; most > r.in.Len() {
		begin := offset + r.in.Size() - int64(r.in.Len())
		if err := r.fill(p, begin, most); err != nil {
			return e, err
		}
	}
	e.data, err = r.inflate(int(size))
	return e, err
}

// firstRead is how much is read of an entry at once: most are shorter.
const firstRead = 4 << 10

// fill reads so many bytes of a pack, or up to its end.
func (r *reader) fill(p *pack, offset int64, n int) error {
	n = int(min(int64(n), p.end-offset))
	if n > cap(r.buffer) {
		r.buffer = make([]byte, max(n, firstRead))
	}
	data := r.buffer[:n]
	if _, err := p.data.ReadAt(data, offset); err != nil {
		return damaged(err)
	}
	r.in.Reset(data)
	if n > keptObject {
		r.buffer = nil
	}
	return nil
}

// entryHeader reads the kind and the size of an entry.
func (r *reader) entryHeader() (Kind, uint64, error) {
	b, err := r.in.ReadByte()
	kind, size := Kind(b>>4&7), uint64(b&0xf)
	for shift := 4; err == nil && b&0x80 != 0; shift += 7 {
		if shift > 56 {
			return 0, 0, fmt.Errorf("%w: a size of more than 63 bits", ErrMalformed)
		}
		b, err = r.in.ReadByte()
		size |= uint64(b&0x7f) << shift
	}
	return kind, size, err
}

// baseBefore reads how far before this entry the one is that it builds upon.
func (r *reader) baseBefore(offset int64) (int64, error) {
	b, err := r.in.ReadByte()
	distance := int64(b & 0x7f)
	for err == nil && b&0x80 != 0 && distance <= offset {
		b, err = r.in.ReadByte()
		distance = (distance+1)<<7 | int64(b&0x7f)
	}
	if err == nil && (distance <= 0 || distance > offset) {
		err = fmt.Errorf("%w: a delta of what is before the pack", ErrMalformed)
	}
	return offset - distance, err
}

// baseByName reads the ID of the object that this entry builds upon, which is in the same pack.
func (r *reader) baseByName(p *pack) (int64, error) {
	id := make([]byte, p.index.hashSize)
	if _, err := io.ReadFull(r.in, id); err != nil {
		return 0, err
	}
	offset, found, err := p.index.find(id)
	if err == nil && !found {
		err = fmt.Errorf("%w: a delta of %x, which the pack does not have", ErrMalformed, id)
	}
	return offset, err
}

// maxDepth is how many deltas may build upon each other: git makes 50, and never more than 4095 (git-pack-objects(1), --depth).
const maxDepth = 4095

// packed reads the object at an offset of a pack: down the deltas to an object that is whole, or that is kept, and up again.
func (r *reader) packed(p *pack, offset int64) (Object, error) {
	type delta struct {
		at   place
		data []byte
	}
	var deltas []delta
	at := place{p, offset}
	object, kept := r.bases[at]
	for !kept {
		e, err := r.entry(p, at.offset)
		if err != nil {
			return Object{}, at.wrap(err)
		}
		if e.kind != offsetDelta && e.kind != nameDelta {
			object = Object{Kind: e.kind, Data: e.data}
			break
		}
		if len(deltas) == maxDepth {
			return Object{}, at.wrap(fmt.Errorf("%w: deltas without an end", ErrMalformed))
		}
		deltas = append(deltas, delta{at, e.data})
		at.offset = e.base
		object, kept = r.bases[at]
	}
	for len(deltas) > 0 {
		if !kept {
			r.keep(at, object)
		}
		last := deltas[len(deltas)-1]
		data, err := patch(object.Data, last.data)
		if err != nil {
			return Object{}, last.at.wrap(err)
		}
		object.Data, at, kept = data, last.at, false
		deltas = deltas[:len(deltas)-1]
	}
	if object.Kind == Tree && !kept {
		r.keep(at, object) // the other side of a comparison may build upon it
	}
	return object, nil
}

// place is where an entry is.
type place struct {
	pack   *pack
	offset int64
}

func (p place) wrap(err error) error {
	return fmt.Errorf("%s, at %d: %w", p.pack.data.Name(), p.offset, err)
}

// The bounds of what a reader keeps of the objects that others build upon: of one, and of all.
const (
	keptObject = 2 << 20
	keptBytes  = 16 << 20
)

// keep keeps an object that another builds upon.
func (r *reader) keep(at place, o Object) {
	if len(o.Data) > keptObject {
		return
	}
	if r.size += len(o.Data); r.size > keptBytes || r.bases == nil {
		r.bases, r.size = map[place]Object{}, len(o.Data)
	}
	r.bases[at] = o
}
