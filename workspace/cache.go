package workspace

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monoplan/monoplan/planner"
)

// snapshotFormat is part of every cache file: it changes with the fields of a snapshot and with every rule that made
// its content, so that a snapshot of another version is a miss.
const snapshotFormat = "monoplan snapshot 19\n"

// kept is how many files of a kind the cache keeps: two heads that alternate, and a few to start from.
const kept = 8

// Cache keeps snapshots in a directory of its own, in a repository's git directory. Any number of processes may use it
// at once: a file appears whole or not at all. What is corrupt, foreign or of another version is a miss, and a
// directory that cannot be written is no error, only no help.
type Cache struct {
	// Dir is the directory; it is made when something is to be kept.
	Dir string
	// Build names the build of monoplan: another build's snapshots are a miss.
	Build string
	// Failed is called with what could not be kept, at any time before Wait returns; it may be nil.
	Failed func(error)

	writing sync.WaitGroup
	failing sync.Mutex
}

// Wait waits until all is kept that was to be. Nobody who plans has to wait for that, but a process that ends has to.
func (c *Cache) Wait() { c.writing.Wait() }

// There are five kinds of files: what a plan needs of a tree under one seed.yml; two by which the former is brought up to
// date, read only then: what was found of each node of the graph, and the index of a tree with the documents of its files;
// the documents of baselines that a tree was compared with; and what a long seed.yml says (configFile).
const (
	planFile     = "plan-"
	findingsFile = "findings-"
	indexFile    = "index-"
	baselineFile = "baselines-"
)

// configKey names a configuration, by its text and the algorithm that takes the place of the text's, and what else the
// services of a tree depend on.
func (o Options) configKey(source string, override planner.Algorithm) string {
	h := sha256.New()
	for _, part := range []string{o.Cache.Build, o.Repository, string(override), source} {
		e := encoder{}
		e.string(part)
		h.Write(e.buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func planName(config, treeID string) string { return planFile + config + "-" + treeID }

func findingsName(config, treeID string) string { return findingsFile + config + "-" + treeID }

// indexPrefix is what the names of a build's index files of a scope begin with.
func (c *Cache) indexPrefix(s scope) string { return c.prefix(indexFile, s) }

// prefix is what the names of a build's files of a kind and a scope begin with.
func (c *Cache) prefix(kind string, s scope) string {
	e := encoder{}
	e.string(c.Build)
	e.bool(s.packages)
	sum := sha256.Sum256(e.buf)
	return kind + hex.EncodeToString(sum[:8]) + "-"
}

// loadPlan gives the snapshot of a tree under a configuration, nil where there is none.
func (c *Cache) loadPlan(config, treeID string) *snapshot {
	d := c.read(planName(config, treeID))
	if d == nil {
		return nil
	}
	if same := d.string(); same != "" {
		treeID = same
		if d = c.read(planName(config, same)); d == nil || d.string() != "" {
			return nil
		}
	}
	s := decodeSnapshot(d)
	if d.err != nil {
		return nil
	}
	s.madeFor = treeID
	return s
}

// storePlan keeps the snapshot of a tree. One that was made for another tree is there already: then it is enough to
// name that.
func (c *Cache) storePlan(config, treeID string, s *snapshot) {
	e := &encoder{}
	e.string(s.madeFor)
	if s.madeFor == "" {
		e.buf = slices.Grow(e.buf, s.size())
		s.encode(e)
	}
	c.write(planName(config, treeID), planFile, e.buf)
}

// loadFindings gives the findings of a snapshot that was made for a tree, in the order of nodes, nil where there are none.
func (c *Cache) loadFindings(config, treeID string) []*findings {
	return loadFrom(c, findingsName(config, treeID), decodeFindings)
}

func (c *Cache) storeFindings(config, treeID string, all []*findings) {
	e := &encoder{buf: make([]byte, 0, 512*len(all))}
	encodeFindings(e, all)
	c.write(findingsName(config, treeID), findingsFile, e.buf)
}

// loadIndex gives the index of a tree, and what gives the documents of its files; nil where there is none.
func (c *Cache) loadIndex(s scope, treeID string) (*index, func(documentKey) *document) {
	var documents storedDocuments
	x := loadFrom(c, c.indexPrefix(s)+treeID, func(d *decoder) *index {
		x := decodeIndex(d)
		documents = decodeDocuments(d)
		return x
	})
	if x == nil {
		return nil, nil
	}
	x.scope = s
	return x, documents.get
}

func (c *Cache) storeIndex(treeID string, x *index, parsed map[documentKey]*document) {
	e := &encoder{buf: make([]byte, 0, x.size()+512*len(parsed))}
	encodeIndex(e, x)
	encodeDocuments(e, parsed)
	c.write(c.indexPrefix(x.scope)+treeID, indexFile, e.buf)
}

// loadBaselines gives the documents of the baselines that a tree was compared with, none where there are none.
func (c *Cache) loadBaselines(treeID string) map[documentKey]*document {
	return loadFrom(c, c.prefix(baselineFile, scope{})+treeID, decodeDocuments).all()
}

func (c *Cache) storeBaselines(treeID string, parsed map[documentKey]*document) {
	e := &encoder{}
	encodeDocuments(e, parsed)
	c.write(c.prefix(baselineFile, scope{})+treeID, baselineFile, e.buf)
}

// latest gives the IDs of the trees of which there are files that begin with the prefix, the latest first.
func (c *Cache) latest(prefix string) []string {
	var ids []string
	for _, f := range c.files(prefix) {
		ids = append(ids, strings.TrimPrefix(f.Name(), prefix))
	}
	return ids
}

// files lists the cache's files of a kind, the latest first.
func (c *Cache) files(prefix string) []fs.FileInfo {
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return nil
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), prefix) {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	return files
}

// loadFrom decodes what a file holds. It gives a zero value where there is no such file, or no encoder wrote what it holds.
func loadFrom[T any](c *Cache, name string, decode func(*decoder) T) (t T) {
	d := c.read(name)
	if d == nil {
		return t
	}
	if decoded := decode(d); d.err == nil {
		t = decoded
	}
	return t
}

// read gives what a file holds behind its header, nil where that is not what this build wrote under that name.
func (c *Cache) read(name string) *decoder {
	data, err := os.ReadFile(filepath.Join(c.Dir, name))
	if err != nil {
		return nil
	}
	d := newDecoder(data)
	if !strings.HasPrefix(d.rest, snapshotFormat) {
		return nil
	}
	d.rest = d.rest[len(snapshotFormat):]
	sum := d.int()
	if d.err != nil || sum != checksum(name, data[len(data)-len(d.rest):]) {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(filepath.Join(c.Dir, name), now, now) // the latest are kept; a read-only cache keeps all it has
	return d
}

// checksum covers the name too, so that a file under another's name is a miss. It is IEEE's: to make the table of another
// polynomial takes longer than to sum up a snapshot.
func checksum(name string, data []byte) int {
	return int(crc32.Update(crc32.ChecksumIEEE([]byte(name)), crc32.IEEETable, data))
}

// write puts a file in place whole, and drops the oldest of its kind.
func (c *Cache) write(name, kind string, data []byte) {
	e := &encoder{buf: []byte(snapshotFormat)}
	e.int(checksum(name, data))
	if err := writeFile(c.Dir, name, e.buf, data); err != nil {
		c.failed(err)
		return
	}
	files := c.files(kind)
	c.remove(files[min(kept, len(files)):])
	c.remove(slices.DeleteFunc(c.files(temporary), func(f fs.FileInfo) bool { return time.Since(f.ModTime()) < abandoned }))
}

func (c *Cache) remove(files []fs.FileInfo) {
	for _, f := range files {
		err := os.Remove(filepath.Join(c.Dir, f.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process may have been first
			c.failed(err)
		}
	}
}

// temporary is what the name of a file begins with until it is whole; one that is older than abandoned was left by a
// process that was killed.
const (
	temporary = "new-"
	abandoned = time.Hour
)

func writeFile(dir, name string, header, data []byte) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return err
	}
	_, err = f.Write(header)
	if err == nil {
		_, err = f.Write(data)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func (c *Cache) failed(err error) {
	c.failing.Lock()
	defer c.failing.Unlock()
	if c.Failed != nil {
		c.Failed(err)
	}
}
