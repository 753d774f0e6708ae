package gitdiff

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/monoplan/monoplan/gitdiff/odb"
	"github.com/monoplan/monoplan/internal/tree"
)

// treeWalk compares two trees, directory by directory. Most of the time goes into inflating them, so all processors read: whoever has
// nothing else to do takes the directories that will be come to next, and one of them tells of the changes in order.
type treeWalk struct {
	engine *goGitEngine

	mu      sync.Mutex
	changed *sync.Cond        // a directory was found or read, or the walk has ended
	todo    []*twoDirectories // found and not read, the next one last
	ahead   int               // how many were read and not come to yet
	ended   bool
}

// maxAhead is how many directories are read before they are come to: they are in memory.
const maxAhead = 256

// twoDirectories is a directory on both sides, either of which may be nothing, and what was found when they were compared.
type twoDirectories struct {
	prefix   string
	old, new []byte // their IDs
	taken    bool   // by whoever reads them
	read     bool
	found    []difference
	err      error
}

// difference is a change, or directories that differ.
type difference struct {
	change tree.Change
	below  *twoDirectories
}

// walk calls yield with each change between two trees, in the byte order of their paths. An empty ID is the empty tree.
func (e *goGitEngine) walk(ctx context.Context, old, new string, yield func(tree.Change) error) error {
	if old == new {
		return ctx.Err()
	}
	before, err := treeName(old)
	if err != nil {
		return err
	}
	after, err := treeName(new)
	if err != nil {
		return err
	}
	w := &treeWalk{engine: e}
	w.changed = sync.NewCond(&w.mu)
	for range runtime.GOMAXPROCS(0) - 1 {
		go w.readAhead()
	}
	defer w.end()
	return w.tell(ctx, &twoDirectories{old: before, new: after}, &arena{}, yield)
}

// treeName gives the bytes of a tree's ID.
func treeName(id string) ([]byte, error) {
	name, err := hex.DecodeString(id)
	if err != nil {
		return nil, &ObjectError{ID: id, What: "no ID of a tree"}
	}
	return name, nil
}

// tell tells of what differs in two directories and below them, once they were read.
func (w *treeWalk) tell(ctx context.Context, d *twoDirectories, text *arena, yield func(tree.Change) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w.await(d, text)
	if d.err != nil {
		return d.err
	}
	for _, f := range d.found {
		var err error
		if f.below != nil {
			err = w.tell(ctx, f.below, text, yield)
		} else {
			err = yield(f.change)
		}
		if err != nil {
			return err
		}
	}
	d.found = nil
	return nil
}

// await reads two directories, or others for as long as somebody else reads them.
func (w *treeWalk) await(d *twoDirectories, text *arena) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !d.read {
		switch next := w.next(); {
		case !d.taken:
			w.readNow(d, text)
		case next != nil:
			w.readNow(next, text)
		default:
			w.changed.Wait()
		}
	}
	w.ahead--
	w.changed.Signal()
}

// readAhead reads directories that will be come to, until the walk ends.
func (w *treeWalk) readAhead() {
	var text arena
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.ended {
		if d := w.next(); d != nil {
			w.readNow(d, &text)
		} else {
			w.changed.Wait()
		}
	}
}

func (w *treeWalk) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.changed.Broadcast()
}

// next gives directories that are to be read next, and nothing where there are none, or enough were read.
func (w *treeWalk) next() *twoDirectories {
	for len(w.todo) > 0 && w.ahead < maxAhead {
		d := w.todo[len(w.todo)-1]
		if !d.taken {
			return d
		}
		w.todo = w.todo[:len(w.todo)-1]
	}
	return nil
}

// readNow compares two directories, and notes those below them that differ. Meanwhile others may go on.
func (w *treeWalk) readNow(d *twoDirectories, text *arena) {
	d.taken = true
	w.ahead++
	w.mu.Unlock()
	found, err := w.differences(d, text)
	w.mu.Lock()
	d.found, d.err, d.read = found, err, true
	for _, f := range slices.Backward(found) {
		if f.below != nil {
			w.todo = append(w.todo, f.below)
		}
	}
	w.changed.Broadcast()
}

func (w *treeWalk) differences(d *twoDirectories, text *arena) ([]difference, error) {
	old, err := w.engine.entries(d.old)
	if err != nil {
		return nil, err
	}
	new, err := w.engine.entries(d.new)
	if err != nil {
		return nil, err
	}
	found := differences{prefix: d.prefix, text: text}
	for old.left || new.left {
		order := 1
		switch {
		case !new.left:
			order = -1
		case old.left:
			order = old.compare(new.rawEntry)
		}
		switch {
		case order < 0:
			found.add(old.rawEntry, rawEntry{})
			err = old.next()
		case order > 0:
			found.add(rawEntry{}, new.rawEntry)
			err = new.next()
		default:
			if old.mode != new.mode || !bytes.Equal(old.id, new.id) {
				found.add(old.rawEntry, new.rawEntry)
			}
			old.skipSame(&new)
			err = errors.Join(old.next(), new.next())
		}
		if err != nil {
			return nil, err
		}
	}
	return found.all, nil
}

// differences are those of one pair of directories.
type differences struct {
	prefix string
	all    []difference
	text   *arena
}

// add adds what differs between two entries of one name and both directories or neither; one may be nothing.
func (d *differences) add(old, new rawEntry) {
	name := old.name
	if name == nil {
		name = new.name
	}
	if old.mode == tree.Dir || new.mode == tree.Dir {
		d.all = append(d.all, difference{below: &twoDirectories{prefix: d.prefix + string(name) + "/", old: old.id, new: new.id}})
		return
	}
	d.all = append(d.all, difference{change: tree.Change{
		Path: d.text.join(d.prefix, name), OldMode: old.mode, NewMode: new.mode, OldID: d.text.hex(old.id), NewID: d.text.hex(new.id),
	}})
}

// orderedEntries are a tree's entries, in the order that a walk relies on.
type orderedEntries struct {
	rawEntries
	tree []byte // its ID
	left bool   // that there is an entry
}

// entries gives a tree's entries by its raw ID, at the first of them.
func (e *goGitEngine) entries(id []byte) (orderedEntries, error) {
	entries := orderedEntries{rawEntries: rawEntries{hashSize: len(id)}, tree: id}
	if len(id) == 0 || bytes.Equal(id, emptyTreeName) {
		return entries, nil
	}
	o, err := e.objects.ReadName(id)
	if err != nil || o.Kind != odb.Tree {
		_, err := e.checked(hex.EncodeToString(id), odb.Tree, odb.Result{Object: o, Err: err})
		return entries, err
	}
	entries.rest = o.Data
	return entries, entries.next()
}

// skipSame skips the entries that come next on both sides and are the same, which most are, without making anything of them.
func (e *orderedEntries) skipSame(other *orderedEntries) {
	for {
		n := bytes.IndexByte(e.rest, 0) + 1 + e.hashSize
		if n > len(e.rest) || n > len(other.rest) || n <= e.hashSize || !bytes.Equal(e.rest[:n], other.rest[:n]) {
			return
		}
		e.rest, other.rest = e.rest[n:], other.rest[n:]
	}
}

// next goes on to the next entry, if there is one.
func (e *orderedEntries) next() error {
	if len(e.rest) == 0 {
		e.left = false
		return nil
	}
	before := e.rawEntry
	err := e.rawEntries.next()
	if err == nil && before.name != nil && before.compare(e.rawEntry) >= 0 {
		err = errors.New("a tree whose entries are out of order")
	}
	if err != nil {
		return &ObjectError{ID: hex.EncodeToString(e.tree), What: err.Error()}
	}
	e.left = true
	return nil
}
