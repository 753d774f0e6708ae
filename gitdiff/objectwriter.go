package gitdiff

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/monoplan/monoplan/gitdiff/odb"
	"github.com/monoplan/monoplan/internal/tree"
)

const (
	modeOfFiles       = tree.File
	modeOfDirectories = tree.Dir
)

// objectsToWrite are objects that go into a repository together.
type objectsToWrite struct {
	location *location
	ids      map[string]bool
	all      []objectToWrite
}

type objectToWrite struct {
	kind odb.Kind
	data []byte
}

// add gives the ID of an object that will be written.
func (w *objectsToWrite) add(kind odb.Kind, data []byte) string {
	id := odb.ID(kind, data, w.location.hashSize())
	if !w.ids[id] {
		if w.ids == nil {
			w.ids = map[string]bool{}
		}
		w.ids[id] = true
		w.all = append(w.all, objectToWrite{kind, data})
	}
	return id
}

// store writes objects: through go-git, or where that cannot through the git command.
func (d *Documents) store(ctx context.Context, w *objectsToWrite) error {
	defer d.traced("write objects", time.Now())
	r := d.repository
	if r.location.sha256() || r.env.get("GIT_OBJECT_DIRECTORY") != "" {
		return d.unpack(ctx, w)
	}
	storage := filesystem.NewStorage(osfs.New(r.location.commonDir), cache.NewObjectLRU(0))
	for _, o := range w.all {
		if _, err := writeObject(storage, plumbing.ObjectType(o.kind), o.data); err != nil { // both number them as packs do
			return err
		}
	}
	return nil
}

// unpack has git write the objects of a pack.
func (d *Documents) unpack(ctx context.Context, w *objectsToWrite) error {
	r := d.repository
	path, err := r.env.findGit()
	if err != nil {
		return err
	}
	pack, err := w.pack()
	if err != nil {
		return err
	}
	_, err = newCommand(path, r.location, r.env, r.options).output(ctx, pack, "unpack-objects", "-q")
	return err
}

// pack is a pack of version 2 with the objects whole (gitformat-pack(5)).
func (w *objectsToWrite) pack() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("PACK")
	b.Write(binary.BigEndian.AppendUint32(nil, 2))
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(w.all))))
	for _, o := range w.all {
		size := len(o.data)
		head := byte(o.kind)<<4 | byte(size&0x0f)
		for size >>= 4; size > 0; size >>= 7 {
			b.WriteByte(head | 0x80)
			head = byte(size & 0x7f)
		}
		b.WriteByte(head)
		z := zlib.NewWriter(&b)
		if _, err := z.Write(o.data); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
	}
	h := odb.NewHash(w.location.hashSize())
	h.Write(b.Bytes())
	return h.Sum(b.Bytes()), nil
}

// encodeObjects is the inverse of parseTree; the entries are in a tree's order.
func encodeObjects(entries []object) []byte {
	var b []byte
	for _, e := range entries {
		b = strconv.AppendUint(b, uint64(e.mode), 8)
		b = append(b, ' ')
		b = append(b, e.name...)
		b = append(b, 0)
		raw, err := hex.DecodeString(e.id)
		if err != nil {
			panic(fmt.Sprintf("the ID %q is no hex", e.id)) // parseTree and odb.ID give none
		}
		b = append(b, raw...)
	}
	return b
}
