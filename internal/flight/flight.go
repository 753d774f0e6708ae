// Package flight lets one goroutine do what several want at the same time.
//
// It differs from golang.org/x/sync/singleflight in what a context means: the work goes on as long as anybody waits for
// it, and ends when the last one has gone, whoever began it.
package flight

import (
	"context"
	"sync"
)

// Group has the work that is under way. The zero value is ready for use.
type Group[K comparable, V any] struct {
	mutex   sync.Mutex
	flights map[K]*flight[V]
}

type flight[V any] struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	value   V
	err     error
}

// Do gives what work gives for a key. While it is under way, all others who ask for that key get the same value and error.
// Work's context has the values of the first caller's, and is cancelled when every caller's context is.
func (g *Group[K, V]) Do(ctx context.Context, key K, work func(context.Context) (V, error)) (V, error) {
	g.mutex.Lock()
	f := g.flights[key]
	if f == nil {
		f = g.start(ctx, key, work)
	}
	f.waiting++
	g.mutex.Unlock()
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		g.leave(key, f)
		var none V
		return none, ctx.Err()
	}
}

// start begins the work. The caller holds g.mutex.
func (g *Group[K, V]) start(ctx context.Context, key K, work func(context.Context) (V, error)) *flight[V] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[V]{done: make(chan struct{}), cancel: cancel}
	if g.flights == nil {
		g.flights = map[K]*flight[V]{}
	}
	g.flights[key] = f
	go func() {
		defer cancel()
		f.value, f.err = work(ctx)
		g.mutex.Lock()
		g.forget(key, f)
		g.mutex.Unlock()
		close(f.done)
	}()
	return f
}

// leave ends the work when nobody waits for it any more; whoever asks then begins anew.
func (g *Group[K, V]) leave(key K, f *flight[V]) {
	g.mutex.Lock()
	f.waiting--
	last := f.waiting == 0
	if last {
		g.forget(key, f) // at once, or somebody else joins what is about to be cancelled
	}
	g.mutex.Unlock()
	if last {
		f.cancel()
		<-f.done // what the work has open is closed when its caller goes on
	}
}

// forget has who asks from now on begin anew. The caller holds g.mutex.
func (g *Group[K, V]) forget(key K, f *flight[V]) {
	if g.flights[key] == f {
		delete(g.flights, key)
	}
}
