package main

import (
	"runtime"
	"runtime/debug"
)

// freeHeap is how much memory may be used before any is collected. A plan is made in milliseconds out of a few
// megabytes: collecting those in between costs more than it frees.
const freeHeap = 64 << 20

// relaxCollector lets the heap grow to freeHeap before it is collected, and from then on to twice what is in use, as
// Go does by itself. The setting is a percentage of what is in use, so each collection sets it for the next. Where all processors
// are busy that comes late, and the first percentage is of more than it was meant for: until then a limit holds.
func relaxCollector() {
	debug.SetGCPercent(100 * freeHeap / (4 << 20)) // of the 4 MB that the first collection begins at with 100 %
	limit := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, 2*freeHeap))
	afterCollection(limit)
}

// afterCollection waits for a collection by what it collects. It sets the limit of memory that there was.
func afterCollection(limit int64) {
	runtime.AddCleanup(new([16]byte), func(struct{}) {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		debug.SetGCPercent(max(100, 100*freeHeap/max(1, int(memory.HeapAlloc))-100))
		debug.SetMemoryLimit(limit)
		afterCollection(limit)
	}, struct{}{})
}
