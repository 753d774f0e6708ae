package workspace

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/tree"
)

// BenchmarkLoad is 2,000 services with 20,000 files from a tree in memory: read whole, the same with a snapshot stored, a
// snapshot loaded, and one brought up to date.
func BenchmarkLoad(b *testing.B) {
	old := manyServices(2000)
	modules, manifests := maps.Clone(old), maps.Clone(old)
	for i := range 100 {
		modules[fmt.Sprintf("services/svc-%04d/src/module_0.py", i*17)] = "changed"
		if i < 10 {
			manifests[fmt.Sprintf("services/svc-%04d/pyproject.toml", i*17)] = fmt.Sprintf(poetry, "changed")
		}
	}
	b.Run("whole", func(b *testing.B) { benchmarkLoad(b, nil, old.Tree()) })
	b.Run("whole-and-stored", func(b *testing.B) { benchmarkLoad(b, newBenchmarkCache(b), old.Tree()) })
	b.Run("snapshot", func(b *testing.B) {
		tree := old.Tree()
		benchmarkLoad(b, newBenchmarkCache(b, tree), tree)
	})
	b.Run("updated/modules=100", func(b *testing.B) {
		before := old.Tree()
		benchmarkLoad(b, newBenchmarkCache(b, before), modules.Tree(), before)
	})
	b.Run("updated/manifests=10", func(b *testing.B) {
		before := old.Tree()
		benchmarkLoad(b, newBenchmarkCache(b, before), manifests.Tree(), before)
	})
}

// manyServices has Poetry services with ten files each, every one with a path dependency on one of a tenth as many
// libraries.
func manyServices(n int) files {
	f := files{}
	for i := range n {
		dir := fmt.Sprintf("services/svc-%04d/", i)
		f[dir+"serverless.yml"] = fmt.Sprintf("service: svc-%04d\nprovider:\n  name: aws\nfunctions:\n  main:\n    handler: src/module_0.main\n", i)
		f[dir+"pyproject.toml"] = fmt.Sprintf(poetry, dir) + fmt.Sprintf("python = \"^3.12\"\nboto3 = \"^1.34\"\nlib = {path = \"../../libs/lib-%04d\", develop = true}\n", i/10)
		for module := range 8 {
			f[fmt.Sprintf("%ssrc/module_%d.py", dir, module)] = fmt.Sprint(i, module)
		}
		if i%10 == 0 {
			f[fmt.Sprintf("libs/lib-%04d/pyproject.toml", i/10)] = fmt.Sprintf(poetry, dir) + fmt.Sprintf("lib = {path = \"../lib-%04d\"}\n", i/20)
		}
	}
	return f
}

// benchmarkCache is a cache that forgets, after each turn, what the turn has stored.
type benchmarkCache struct {
	Cache
	keep map[string]bool
}

// newBenchmarkCache makes a cache with the snapshots of these trees.
func newBenchmarkCache(b *testing.B, trees ...*memoryTree) *benchmarkCache {
	c := &benchmarkCache{Cache: Cache{Dir: filepath.Join(b.TempDir(), "cache"), Failed: func(err error) { b.Error(err) }}}
	for _, tree := range trees {
		if _, err := Load(b.Context(), benchmarkOptions(c, tree, nil)); err != nil {
			b.Fatal(err)
		}
		c.Wait()
	}
	c.keep = c.names(b)
	return c
}

func (c *benchmarkCache) names(b *testing.B) map[string]bool {
	names := map[string]bool{}
	entries, err := os.ReadDir(c.Dir)
	if err != nil && !os.IsNotExist(err) {
		b.Fatal(err)
	}
	for _, e := range entries {
		names[e.Name()] = true
	}
	return names
}

func (c *benchmarkCache) forget(b *testing.B) {
	for name := range c.names(b) {
		if !c.keep[name] {
			if err := os.Remove(filepath.Join(c.Dir, name)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func benchmarkOptions(cache *benchmarkCache, r *memoryTree, changes []tree.Change) Options {
	o := Options{
		Tree: r, Config: DefaultConfig(), Repository: "repository",
		Diff: func(context.Context, string) ([]tree.Change, error) { return changes, nil },
	}
	if cache != nil {
		o.Cache = &cache.Cache
	}
	return o
}

// benchmarkLoad loads a tree, where given as one that differs from an older one.
func benchmarkLoad(b *testing.B, cache *benchmarkCache, r *memoryTree, before ...*memoryTree) {
	var changes []tree.Change
	for _, old := range before {
		changes = r.changes(old)
	}
	o := benchmarkOptions(cache, r, changes)
	b.ReportAllocs()
	for b.Loop() {
		w, err := Load(b.Context(), o)
		if err != nil || len(w.Services) != 2000 || len(w.Warnings) != 0 {
			b.Fatal(err, len(w.Services), w.Warnings)
		}
		if cache != nil {
			cache.Wait()
			b.StopTimer()
			cache.forget(b)
			b.StartTimer()
		}
	}
}

// BenchmarkParseConfig reads a seed.yml of 2,000 services.
func BenchmarkParseConfig(b *testing.B) {
	var text strings.Builder
	text.WriteString("check_code_change: git\nignore: [\"*.md\", .github/]\nservices:\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "  - path: services/svc-%04d\n    name: svc-%04d\n    phase: %d\n    depends_on: [libs/lib-%04d, schemas]\n", i, i, i%3, i/10)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		c, err := ParseConfig(ConfigFile, []byte(text.String()))
		if err != nil || len(c.Services) != 2000 {
			b.Fatal(err)
		}
	}
}
