package odb

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Store is an object database: an object directory, and those that it borrows from (gitrepository-layout(5),
// objects/info/alternates). It is safe for concurrent use.
type Store struct {
	dirs     []string
	hashSize int

	// open is held for reading by who reads objects, so that none is read of what was closed.
	open   sync.RWMutex
	closed bool

	mu     sync.Mutex
	looked bool
	packs  []*packFile
	idle   []*reader
}

// packFile is a pack that was found, and is opened when it is asked for something.
type packFile struct {
	path string // of the index
	once sync.Once
	pack *pack
	err  error
}

func (f *packFile) open(hashSize int) (*pack, error) {
	f.once.Do(func() { f.pack, f.err = openPack(f.path, hashSize) })
	return f.pack, f.err
}

// close closes what open opened.
func (f *packFile) close() error {
	f.once.Do(func() { f.err = fs.ErrClosed })
	if f.pack == nil {
		return nil
	}
	return f.pack.close()
}

// New gives the database of these directories, which are looked through in this order. It reads nothing yet. Hashes have so
// many bytes: 20 for sha1, 32 for sha256.
func New(dirs []string, hashSize int) *Store { return &Store{dirs: dirs, hashSize: hashSize} }

// Close closes what is open, once nobody reads any more. After it every object is an error that wraps fs.ErrClosed.
func (s *Store) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	s.closed = true
	var errs []error
	for _, f := range s.packs {
		errs = append(errs, f.close())
	}
	s.packs, s.idle = nil, nil
	return errors.Join(errs...)
}

// Read gives an object by its full ID, in lower-case hex. Its error is ErrMissing where the database does not have it, and wraps
// ErrMalformed where it cannot be read. Before it gives up it looks for packs that are new, as git does.
func (s *Store) Read(id string) (Object, error) {
	name, err := hex.DecodeString(id)
	if err != nil {
		return Object{}, ErrMissing
	}
	return s.ReadName(name)
}

// ReadName is Read by the bytes of an ID.
func (s *Store) ReadName(name []byte) (Object, error) {
	if len(name) != s.hashSize {
		return Object{}, ErrMissing
	}
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return Object{}, fs.ErrClosed
	}
	r := s.reader()
	defer s.release(r)
	packs := s.look(false)
	o, err := s.find(r, packs, name)
	if err != nil {
		if now := s.look(true); len(now) > len(packs) {
			return s.find(r, now, name)
		}
	}
	return o, err
}

// reader gives a reader that nobody else uses.
func (s *Store) reader() *reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		r := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return r
	}
	return newReader()
}

func (s *Store) release(r *reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, r)
}

// look gives the packs that were found, and looks for others if it never did, or is to look again. There are never fewer than before.
func (s *Store) look(again bool) []*packFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked && !again {
		return s.packs
	}
	s.looked = true
	for _, dir := range s.dirs {
		entries, _ := os.ReadDir(filepath.Join(dir, packDirectory)) // what cannot be read has no object here
		for _, e := range entries {
			if path := filepath.Join(dir, packDirectory, e.Name()); strings.HasSuffix(path, indexSuffix) {
				s.add(path)
			}
		}
	}
	return s.packs
}

const (
	packDirectory = "pack"
	indexSuffix   = ".idx"
)

// add adds a pack that is new. One that went stays: whoever has it open can read it still.
func (s *Store) add(path string) {
	if !slices.ContainsFunc(s.packs, func(f *packFile) bool { return f.path == path }) {
		s.packs = append(s.packs[:len(s.packs):len(s.packs)], &packFile{path: path}) // readers go on with the list that they have
	}
}

// find looks for an object in all packs, and then among the files of objects. One that is damaged in one place may be whole in another.
func (s *Store) find(r *reader, packs []*packFile, name []byte) (Object, error) {
	var damage error
	// Most objects are where the last one was.
	for i := range len(packs) {
		f := packs[(i+r.last)%len(packs)]
		o, err := r.inPack(f, name)
		if err == nil {
			r.last = (i + r.last) % len(packs)
			return o, nil
		}
		if !errors.Is(err, ErrMissing) && !errors.Is(err, fs.ErrNotExist) {
			damage = err
		}
	}
	id := hex.EncodeToString(name)
	for _, dir := range s.dirs {
		o, err := r.loose(loosePath(dir, id), id)
		if err == nil {
			return o, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			damage = err
		}
	}
	if damage != nil {
		return Object{}, damage
	}
	return Object{}, ErrMissing
}

// inPack reads an object that is in a pack, or may be.
func (r *reader) inPack(f *packFile, name []byte) (Object, error) {
	p, err := f.open(len(name))
	if err != nil {
		return Object{}, err
	}
	switch offset, found, err := p.index.find(name); {
	case err != nil:
		return Object{}, fmt.Errorf("%s: %w", f.path, err)
	case !found:
		return Object{}, ErrMissing
	default:
		return r.packed(p, offset)
	}
}

// WithPrefix lists, in order, the IDs of the objects that begin with these hex digits, of which there must be two at least.
func (s *Store) WithPrefix(prefix string) ([]string, error) {
	prefix = strings.ToLower(prefix)
	whole, err := hex.DecodeString(prefix[:len(prefix)/2*2])
	if err != nil {
		return nil, err
	}
	var found []string
	note := func(id string) {
		if strings.HasPrefix(id, prefix) {
			found = append(found, id)
		}
	}
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return nil, fs.ErrClosed
	}
	for _, f := range s.look(true) {
		p, err := f.open(s.hashSize)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := p.index.withPrefix(whole, func(name []byte) { note(hex.EncodeToString(name)) }); err != nil {
			return nil, err
		}
	}
	for _, dir := range s.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, prefix[:2]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if id := prefix[:2] + e.Name(); len(id) == 2*s.hashSize {
				note(id)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}
