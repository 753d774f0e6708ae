package deployer

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The logs of old runs that cannot be removed are told of, and keep nothing from being deployed.
func TestOldLogsThatStay(t *testing.T) {
	b := newBench(t)
	for i := range keptRuns + 1 {
		dir := filepath.Join(b.config.Logs, fmt.Sprintf("old-%02d", i))
		if err := os.MkdirAll(filepath.Join(dir, "below"), 0o777); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	}
	for _, dir := range []string{filepath.Dir(b.config.Root), b.config.Private, b.config.Logs} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	posts := b.service("posts", 0, "true")
	// Whom permissions do not bind looks at files as another user, in this thread (setfsuid(2)).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if os.Getuid() == 0 {
		if err := unix.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Setfsuid(0) }()
	}
	if got, want := outcomes(b.run(t.Context(), posts)), "posts succeeded"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if e, ok := b.events[0].(RunStarted); !ok || e.LogsErr == nil {
		t.Errorf("the first event is %+v", b.events[0])
	}
}
