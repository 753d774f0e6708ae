package durable

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A new directory takes away those that killed processes have left, but none of a process that lives, none that is young, and
// nothing of another name.
func TestTemporary(t *testing.T) {
	parent := t.TempDir()
	living, err := NewTemporary(parent, "run-")
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * fresh)
	left := func(name string, when time.Time) string {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		lock := filepath.Join(dir, lockName)
		if err := os.WriteFile(lock, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(lock, when, when); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	if err := os.Chtimes(filepath.Join(living.Dir, lockName), old, old); err != nil {
		t.Fatal(err)
	}
	dead, young, foreign := left("run-dead", old), left("run-young", time.Now()), left("other-dead", old)
	next, err := NewTemporary(parent, "run-")
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{living.Dir: true, next.Dir: true, young: true, foreign: true, dead: false} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", dir, err == nil, want)
		}
	}
	for range 2 {
		if err := living.Remove(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(living.Dir); err == nil {
		t.Error("a removed directory is there")
	}
	if err := next.Remove(); err != nil {
		t.Error(err)
	}
	if err := (*Temporary)(nil).Remove(); err != nil {
		t.Error(err)
	}
}
