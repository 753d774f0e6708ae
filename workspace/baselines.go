package workspace

import (
	"maps"
	"sync"
)

// baselines remembers the documents of the baselines that a tree is compared with, from one run to the next. Their
// content names them, so that what one baseline had serves all others too.
type baselines struct {
	options Options

	mu     sync.Mutex
	loaded bool
	docs   map[documentKey]*document // never changed, but replaced
}

// known gives those of the documents that are remembered.
func (b *baselines) known() func(documentKey) *document {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded && b.options.Cache != nil && b.options.Tree.ID() != "" {
		b.docs = b.options.Cache.loadBaselines(b.options.Tree.ID())
	}
	b.loaded = true
	docs := b.docs
	return func(k documentKey) *document { return docs[k] }
}

// keep remembers what was read beyond that.
func (b *baselines) keep(docs *documents) {
	if !docs.fresh || docs.err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all := maps.Clone(docs.parsed)
	maps.Copy(all, b.docs)
	b.docs = all
	b.options.keep(func(id string) { b.options.Cache.storeBaselines(id, all) })
}
