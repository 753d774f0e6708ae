package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// open opens a store that is closed at the test's end and whose warnings fail the test.
func open(t *testing.T, config Config) *Store {
	t.Helper()
	if config.Warn == nil {
		config.Warn = func(err error) { t.Errorf("warning: %v", err) }
	}
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func put(t *testing.T, s *Store, text string) (sum, path string) {
	t.Helper()
	sum, path, err := s.Put(t.Context(), "", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return sum, path
}

func wantFile(t *testing.T, path, text string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != text {
		t.Errorf("%s has %q, %v; want %q", path, got, err, text)
	}
}

func wantMiss(t *testing.T, s *Store, sum string) {
	t.Helper()
	if path, ok, err := s.Get(t.Context(), sum); ok || err != nil || path != "" {
		t.Errorf("Get gives %q, %t, %v; want a miss", path, ok, err)
	}
}

func wantHit(t *testing.T, s *Store, text string) {
	t.Helper()
	path, ok, err := s.Get(t.Context(), sumOf(text))
	if !ok || err != nil {
		t.Errorf("Get of %q gives %q, %t, %v", text, path, ok, err)
		return
	}
	wantFile(t, path, text)
}

// unfinished lists what is left of files that are not whole.
func unfinished(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, version, making, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPutAndGet(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	wantMiss(t, s, sumOf("one"))
	sum, path := put(t, s, "one")
	if sum != sumOf("one") {
		t.Errorf("the sum is %s", sum)
	}
	wantFile(t, path, "one")
	wantHit(t, s, "one")
	wantHit(t, open(t, Config{Dir: dir}), "one")
	if left := unfinished(t, dir); left != nil {
		t.Errorf("left: %q", left)
	}
}

func TestPutRefusesAnotherContent(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	_, _, err := s.Put(t.Context(), sumOf("one"), strings.NewReader("two"))
	var wrong *HashError
	if !errors.As(err, &wrong) || wrong.Got != sumOf("two") || wrong.Want != sumOf("one") {
		t.Errorf("the error is %v", err)
	}
	wantMiss(t, s, sumOf("one"))
	wantMiss(t, s, sumOf("two"))
	if left := unfinished(t, dir); left != nil {
		t.Errorf("left: %q", left)
	}
	if _, _, err := s.Get(t.Context(), "../../etc/passwd"); err == nil {
		t.Error("what is no hash was taken for one")
	}
}

func TestResults(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	if _, ok, err := s.Result(t.Context(), "key"); ok || err != nil {
		t.Errorf("a result of nothing: %t, %v", ok, err)
	}
	for _, value := range []string{"first", "", "second\nline"} {
		if err := s.SetResult(t.Context(), "key", []byte(value)); err != nil {
			t.Fatal(err)
		}
		got, ok, err := open(t, Config{Dir: dir}).Result(t.Context(), "key")
		if !ok || err != nil || string(got) != value {
			t.Errorf("got %q, %t, %v; want %q", got, ok, err, value)
		}
	}
	if err := s.SetResult(t.Context(), "key", make([]byte, largestResult+1)); err == nil {
		t.Error("a result of any size was taken")
	}
}
