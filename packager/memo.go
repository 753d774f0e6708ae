package packager

import (
	"context"
	"sync"
)

// memo does a piece of work once for all services that need it, side by side: a wheel is fetched once, a layer made once.
// A failure is everybody's, too.
type memo[V any] struct {
	mu    sync.Mutex
	calls map[string]*call[V]
}

type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// do gives the result of work under a key. Who waits for another's work stops waiting when its own context ends.
func (m *memo[V]) do(ctx context.Context, key string, work func() (V, error)) (V, error) {
	m.mu.Lock()
	if m.calls == nil {
		m.calls = map[string]*call[V]{}
	}
	c, begun := m.calls[key]
	if !begun {
		c = &call[V]{done: make(chan struct{})}
		m.calls[key] = c
	}
	m.mu.Unlock()
	if !begun {
		defer close(c.done)
		c.value, c.err = work()
		return c.value, c.err
	}
	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
		var zero V
		return zero, context.Cause(ctx)
	}
}
