package odb

import (
	"context"
	"runtime"
	"sync"
)

// Result is an object, or why there is none: ErrMissing, or an error that wraps ErrMalformed.
type Result struct {
	Object
	Err error
}

// The bounds of reading ahead.
const (
	// worthwhile is how many objects are worth another processor.
	worthwhile = 16
	// aheadBytes is how much of what was read ahead is in memory: no more is read but what is wanted next.
	aheadBytes = 16 << 20
)

// Each calls yield with each of many objects, in the order of their IDs, which are full and in lower-case hex. All processors read ahead:
// most of the time goes into inflating. It ends at the first error of yield, or of the context.
func (s *Store) Each(ctx context.Context, ids []string, yield func(i int, r Result) error) error {
	a := newAhead(s, ids)
	for range min(runtime.GOMAXPROCS(0)-1, len(ids)/worthwhile) {
		go a.work()
	}
	defer a.end()
	for i := range ids {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r := a.await(i)
		if err := yield(i, r); err != nil {
			return err
		}
		a.told(r)
	}
	return nil
}

// ahead is what was read and not told of yet.
type ahead struct {
	store *Store
	ids   []string

	mu      sync.Mutex
	changed *sync.Cond // an object was read or told of, or there is an end
	results []Result
	read    []bool
	begun   int // how many were begun with
	wanted  int // the one that is told of next
	bytes   int
	ended   bool
}

func newAhead(s *Store, ids []string) *ahead {
	a := &ahead{store: s, ids: ids, results: make([]Result, len(ids)), read: make([]bool, len(ids))}
	a.changed = sync.NewCond(&a.mu)
	return a
}

// await reads an object, or others for as long as somebody else reads it.
func (a *ahead) await(i int) Result {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wanted = i
	for !a.read[i] {
		if !a.readNext() {
			a.changed.Wait()
		}
	}
	r := a.results[i]
	a.results[i] = Result{}
	return r
}

// told notes that an object is in nobody's way any more.
func (a *ahead) told(r Result) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bytes -= len(r.Data)
	a.changed.Signal()
}

// work reads until all is read, or there is an end.
func (a *ahead) work() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.ended && a.begun < len(a.ids) {
		if !a.readNext() {
			a.changed.Wait()
		}
	}
}

func (a *ahead) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	a.changed.Broadcast()
}

// readNext reads the next object that nobody has begun with, and reports whether there was one and room for it. Meanwhile others may go
// on.
func (a *ahead) readNext() bool {
	i := a.begun
	if i == len(a.ids) || i != a.wanted && a.bytes >= aheadBytes {
		return false
	}
	a.begun++
	a.mu.Unlock()
	o, err := a.store.Read(a.ids[i])
	a.mu.Lock()
	a.results[i], a.read[i] = Result{o, err}, true
	a.bytes += len(o.Data)
	a.changed.Broadcast()
	return true
}
