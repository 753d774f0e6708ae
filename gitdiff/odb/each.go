package odb

import (
	"context"
	"runtime"
	"slices"
)

// Result is an object, or why there is none: ErrMissing, or an error that wraps ErrMalformed.
type Result struct {
	Object
	Err error
}

// chunkSize is how many objects are read in one go. Fewer are not worth a second processor.
const chunkSize = 16

// Each calls yield with each of many objects, in the order of their IDs, which are full and in lower-case hex. Objects are read ahead by
// as many readers as there are processors: most of the time goes into inflating them. It ends at the first error of yield, or of
// the context.
func (s *Store) Each(ctx context.Context, ids []string, yield func(i int, r Result) error) error {
	workers := min(runtime.GOMAXPROCS(0), (len(ids)+chunkSize-1)/chunkSize)
	if workers < 2 {
		for i, id := range ids {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			o, err := s.Read(id)
			if err := yield(i, Result{o, err}); err != nil {
				return err
			}
		}
		return nil
	}
	type chunk struct {
		ids     []string
		results chan []Result
	}
	work, order := make(chan chunk), make(chan chunk, 4*workers)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range workers {
		go func() {
			for c := range work {
				results := make([]Result, len(c.ids))
				for i, id := range c.ids {
					results[i].Object, results[i].Err = s.Read(id)
				}
				c.results <- results
			}
		}()
	}
	go func() {
		defer close(order)
		defer close(work)
		for some := range slices.Chunk(ids, chunkSize) {
			c := chunk{some, make(chan []Result, 1)}
			select {
			case <-ctx.Done():
				return
			case order <- c:
			}
			select {
			case <-ctx.Done():
				return
			case work <- c:
			}
		}
	}()
	next := 0
	for c := range order {
		var results []Result
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case results = <-c.results:
		}
		for _, r := range results {
			if err := yield(next, r); err != nil {
				return err
			}
			next++
		}
	}
	if next < len(ids) {
		return context.Cause(ctx)
	}
	return nil
}
