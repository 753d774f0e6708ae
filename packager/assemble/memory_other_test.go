//go:build !linux

package assemble

import (
	"runtime"
	"testing"
)

// peakMemory gives the memory that this process got from the system, in bytes.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.Sys)
}
