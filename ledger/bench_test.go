package ledger_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/monoplan/monoplan/ledger"
)

// The ledger of the goals: ten thousand services, and a thousand writes.
const (
	manyServices = 10_000
	manyWrites   = 1_000
)

// large fills a place.
func large(b *testing.B, p *place) {
	b.Helper()
	next := stageOf(manyServices)
	next.Locks = nil
	if _, err := p.store().Write(b.Context(), next); err != nil {
		b.Fatal(err)
	}
	l := p.ledger()
	for i := range manyWrites {
		if err := l.Set(b.Context(), "prod", results(fmt.Sprintf("services/%d", i*7%manyServices)), ""); err != nil {
			b.Fatal(err)
		}
	}
}

func eachLargePlace(b *testing.B, measure func(b *testing.B, p *place)) {
	for name, make := range map[string]func(testing.TB) *place{
		"file":   filePlace,
		"git":    func(t testing.TB) *place { return gitPlace(t, "git") },
		"go-git": func(t testing.TB) *place { return gitPlace(t, "go-git") },
	} {
		b.Run(name, func(b *testing.B) {
			p := make(b)
			large(b, p)
			measure(b, p)
		})
	}
}

// A read is what a plan does: a process that has seen nothing yet.
func BenchmarkRead(b *testing.B) {
	eachLargePlace(b, func(b *testing.B, p *place) {
		for b.Loop() {
			b.StopTimer()
			store, end, err := p.machine().open(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			l := ledger.New(store, ledger.Options{Now: time.Now})
			if s, err := l.Read(context.Background(), "prod"); err != nil || len(s.Services) != manyServices {
				b.Fatal(err)
			}
			b.StopTimer()
			end()
			b.StartTimer()
		}
	})
}

// A write is what a deploy does when a service has ended: it knows what it wrote before.
func BenchmarkRecord(b *testing.B) {
	eachLargePlace(b, func(b *testing.B, p *place) {
		l := p.ledger()
		var paths []string
		for i := range manyServices {
			paths = append(paths, fmt.Sprintf("services/%d", i))
		}
		i := 0
		take := func() *ledger.Hold {
			h, err := l.Take(b.Context(), "prod", claim(fmt.Sprint("run ", i), paths...))
			if err != nil {
				b.Fatal(err)
			}
			return h
		}
		h := take()
		before := sizeOf(b, p)
		for b.Loop() {
			if err := h.Record(b.Context(), results(paths[i%manyServices])...); err != nil {
				b.Fatal(err)
			}
			if i++; i%manyServices == 0 {
				b.StopTimer()
				h = take()
				b.StartTimer()
			}
		}
		b.ReportMetric(float64(sizeOf(b, p)-before)/float64(i), "disk-B/op")
	})
}

// sizeOf is how much a place takes on the disk.
func sizeOf(b *testing.B, p *place) (size int64) {
	dir := p.machine().At
	if p.machine().Kind == "file" {
		dir = filepath.Dir(dir)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Lstat(path)
		size += info.Size()
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}
