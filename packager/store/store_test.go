package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// age makes a file look as if it was last used some hours ago.
func age(t *testing.T, dir, text string, hours int) {
	t.Helper()
	sum := sumOf(text)
	then := time.Now().Add(-time.Duration(hours) * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, version, seals, sum[:2], sum), then, then); err != nil {
		t.Fatal(err)
	}
}

func TestPruneTakesWhatWasUsedLongestAgo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	for i, text := range []string{"aaaa", "bbbb", "cccc", "dddd"} {
		put(t, s, text)
		age(t, dir, text, 10-i)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantHit(t, s, "aaaa") // used again, so bbbb is now the first to go
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := s.Prune(t.Context(), 9)
	if want := (Pruned{Files: 2, Bytes: 8, Kept: 8}); p != want || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	wantMiss(t, s, sumOf("bbbb"))
	wantMiss(t, s, sumOf("cccc"))
	wantHit(t, s, "aaaa")
	wantHit(t, s, "dddd")
}

func TestPruneLeavesWhatALiveSessionUses(t *testing.T) {
	dir := t.TempDir()
	one, two := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	put(t, one, "mine")
	put(t, two, "old")
	age(t, dir, "old", 1)
	p, err := two.Prune(t.Context(), 0)
	if want := (Pruned{Files: 1, Bytes: 3, Kept: 4, InUse: 4}); p != want || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	wantHit(t, one, "mine")
	if err := errors.Join(one.Close(), two.Close()); err != nil {
		t.Fatal(err)
	}
	if p, err = two.Prune(t.Context(), 0); p.Files != 1 || p.Kept != 0 || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestCloseKeepsTheLimit(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		s := open(t, Config{Dir: dir, Limit: 1000})
		put(t, s, strings.Repeat(string(rune('a'+i)), 200))
		if err := s.SetResult(t.Context(), "key", []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(t.Context())
		err = errors.Join(err, s.Close())
		if err != nil || info.Bytes > 1000 || i > 5 && info.Files < 3 {
			t.Fatalf("after %d: %+v, %v", i, info, err)
		}
	}
}

func TestDamageIsAMiss(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"other bytes": func(path string) error {
			info, err := os.Stat(path)
			return errors.Join(err, os.Chmod(path, 0o666), os.WriteFile(path, []byte("OOD"), 0o666), os.Chtimes(path, info.ModTime(), info.ModTime()))
		},
		"nothing left": func(path string) error { return os.Truncate(path, 0) },
		"one more":     func(path string) error { return os.Truncate(path, 4) },
		"another file": func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte("bad"), 0o666))
		},
		"a directory": func(path string) error { return errors.Join(os.Remove(path), os.MkdirAll(path+"/x", 0o777)) },
		"a link":      func(path string) error { return errors.Join(os.Remove(path), os.Symlink("/etc/passwd", path)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var warnings []error
			s := open(t, Config{Dir: dir, Warn: func(err error) { warnings = append(warnings, err) }})
			sum, path := put(t, s, "ood")
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			wantMiss(t, s, sum)
			var damaged *DamageError
			if len(warnings) != 1 || !errors.As(warnings[0], &damaged) {
				t.Errorf("the warnings are %v", warnings)
			}
			put(t, s, "ood")
			wantHit(t, s, "ood")
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			v, err := s.Verify(t.Context())
			if err != nil || len(v.Damaged) != 1 || v.Damaged[0] != sum {
				t.Errorf("%+v, %v", v, err)
			}
			if info, err := s.Info(t.Context()); err != nil || info.Files != 0 {
				t.Errorf("%+v, %v", info, err)
			}
		})
	}
}

// TestSealsAreOnlyAHelp has files that are right, and seals that are not.
func TestSealsAreOnlyAHelp(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	sum, path := put(t, s, "right")
	seal := filepath.Join(dir, version, seals, sum[:2], sum)
	for _, spoil := range []func() error{
		func() error { return os.Remove(seal) },
		func() error { return os.WriteFile(seal, []byte("size 5"), 0o666) },
		func() error { return os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		wantHit(t, s, "right")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(seal); err != nil || string(got) != sealOf(info) {
			t.Errorf("the seal is %q, %v", got, err)
		}
	}
}

func TestDamagedResultIsAMiss(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	sum := hashText("key")
	path := filepath.Join(dir, version, results, sum[:2], sum)
	other := record("another key", []byte("value"))
	right := record("key", []byte("value"))
	for _, content := range [][]byte{nil, []byte("x"), other, right[:len(right)-1], append(bytes.Clone(right), 'x'), bytes.Replace(right, []byte("value"), []byte("VALUE"), 1)} {
		if err := s.SetResult(t.Context(), "key", []byte("value")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		if value, ok, err := s.Result(t.Context(), "key"); ok || err != nil {
			t.Errorf("%q is a result: %q, %v", content, value, err)
		}
	}
}

func TestInterruptedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(strings.NewReader("begin"), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, nil
	}))
	if _, _, err := s.Put(ctx, "", r); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if left := unfinished(t, dir); left != nil {
		t.Errorf("left: %q", left)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestNothingIsWrittenForNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, Config{Dir: dir, Limit: 1})
	wantMiss(t, s, sumOf("x"))
	if _, ok, err := s.Result(t.Context(), "x"); ok || err != nil {
		t.Error(ok, err)
	}
	if info, err := s.Info(t.Context()); err != nil || info.Files != 0 || info.Dir != dir {
		t.Errorf("%+v, %v", info, err)
	}
	if p, err := s.Prune(t.Context(), 0); err != nil || p != (Pruned{}) {
		t.Errorf("%+v, %v", p, err)
	}
	if v, err := s.Verify(t.Context()); err != nil || v.Files != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory was made: %v", err)
	}
	if _, err := Open(Config{}); err == nil {
		t.Error("a store is nowhere")
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(record("key", []byte("value")), "key")
	f.Add(append([]byte(resultFormat+"3 1\nkeyv"), hashText(resultFormat+"3 1\nkeyv")...), "key")
	f.Add(append([]byte(resultFormat+"-3 9\nkeyvvv"), hashText(resultFormat+"-3 9\nkeyvvv")...), "key")
	f.Fuzz(func(t *testing.T, content []byte, key string) {
		// With its checksum right, so that what is behind that is reached too.
		for _, c := range [][]byte{content, append(bytes.Clone(content), hashText(string(content))...)} {
			if value, ok := readRecord(c, key); ok && !bytes.Contains(c, append([]byte(key), value...)) {
				t.Errorf("%q has %q for %q", c, value, key)
			}
		}
		if value, ok := readRecord(record(key, content), key); !ok || !bytes.Equal(value, content) {
			t.Errorf("%q came back as %q, %t", content, value, ok)
		}
	})
}
