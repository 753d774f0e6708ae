//go:build unix

package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests of this file use processes of their own, which can be killed. The test's program is started again, with what it
// has to do in variables.
const (
	roleVariable = "STORE_TEST_ROLE"
	dirVariable  = "STORE_TEST_DIR"
	seedVariable = "STORE_TEST_SEED"
)

func TestMain(m *testing.M) {
	role, ok := map[string]func(*Store) error{
		"share": share, "write": write, "hold": hold, "read-only": readOnly, "full": full,
	}[os.Getenv(roleVariable)]
	if !ok {
		os.Exit(m.Run())
	}
	var limit int64
	if os.Getenv(roleVariable) == "share" {
		limit = smallLimit
	}
	s, err := Open(Config{Dir: os.Getenv(dirVariable), Limit: limit, Warn: func(err error) { fmt.Fprintln(os.Stderr, "warning:", err) }})
	if err == nil {
		err = errors.Join(role(s), s.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// start starts a process in a role.
func start(t *testing.T, role, dir string, seed int) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	c := command(role, dir, seed)
	said := &bytes.Buffer{}
	c.Stderr = said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c, said
}

func command(role, dir string, seed int) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir, fmt.Sprintf("%s=%d", seedVariable, seed))
	return c
}

// content is one of the contents that processes share.
func content(i int) string { return strings.Repeat(fmt.Sprintf("content %d\n", i), 1000+500*i) }

const (
	contents = 30
	// smallLimit is less than all contents together, so that there is always something to prune.
	smallLimit = 1 << 20
)

func seed() *rand.Rand {
	n, _ := strconv.ParseUint(os.Getenv(seedVariable), 10, 64)
	return rand.New(rand.NewPCG(n, n))
}

// share is a run among others: it uses and makes files and results, prunes, and at its end has all that it was given.
func share(s *Store) error {
	r := seed()
	ctx := context.Background()
	given := map[string]string{}
	for range 80 {
		want := content(r.IntN(contents))
		key := "key of " + want[:12]
		value, ok, err := s.Result(ctx, key)
		if err != nil {
			return fmt.Errorf("result: %w", err)
		}
		if ok && string(value) != sumOf(want) {
			return fmt.Errorf("the result of %q is %q", key, value)
		}
		path, ok, err := s.Get(ctx, sumOf(want))
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		if !ok {
			if path, err = made(ctx, s, want); err != nil {
				return err
			}
			if err := s.SetResult(ctx, key, []byte(sumOf(want))); err != nil {
				return err
			}
		}
		given[path] = want
		if r.IntN(10) == 0 {
			if _, err := s.Prune(ctx, smallLimit); err != nil {
				return fmt.Errorf("prune: %w", err)
			}
		}
	}
	for path, want := range given {
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			return fmt.Errorf("what was given is gone: %w, %d bytes for %d", err, len(got), len(want))
		}
	}
	return nil
}

// made makes a file as a download does.
func made(ctx context.Context, s *Store, want string) (string, error) {
	w, path, err := s.Create(ctx, sumOf(want))
	if w == nil || err != nil {
		return path, err
	}
	defer w.Close()
	if _, err := io.WriteString(w, want[w.Size():]); err != nil {
		return "", err
	}
	_, path, err = w.Commit(ctx, sumOf(want))
	return path, err
}

func TestTenProcessesShareAStore(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 10 {
		c, said := start(t, "share", dir, i)
		wg.Go(func() {
			if err := c.Wait(); err != nil || said.Len() > 0 {
				t.Errorf("process %d: %v\n%s", i, err, said)
			}
		})
	}
	wg.Wait()
	s := open(t, Config{Dir: dir, Limit: smallLimit})
	info, err := s.Info(t.Context())
	if err != nil || info.Files == 0 || info.Partial != 0 {
		t.Errorf("%+v, %v", info, err)
	}
	wantSound(t, s)
	if _, err := s.Prune(t.Context(), smallLimit); err != nil {
		t.Fatal(err)
	}
	if info, err = s.Info(t.Context()); err != nil || info.Bytes > smallLimit {
		t.Errorf("the store is not bounded: %+v, %v", info, err)
	}
	if left := unfinished(t, dir); left != nil {
		t.Errorf("left: %q", left)
	}
}

// wantSound checks all files, whatever their seals say.
func wantSound(t *testing.T, s *Store) {
	t.Helper()
	v, err := s.Verify(t.Context())
	if err != nil || len(v.Damaged) > 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// write makes files and results in all ways, without an end.
func write(s *Store) error {
	r := seed()
	ctx := context.Background()
	for i := 0; ; i++ {
		want := content(r.IntN(contents))
		var err error
		if i%2 == 0 {
			_, err = made(ctx, s, want)
		} else {
			_, _, err = s.Put(ctx, "", strings.NewReader(want))
		}
		if err == nil {
			err = s.SetResult(ctx, "the key", []byte(want))
		}
		if err == nil && i%5 == 4 {
			_, err = s.Prune(ctx, 1)
		}
		if err == nil && i%20 == 19 { // a session that ends, so that pruning has something to do
			err = s.Close()
		}
		if err != nil {
			return err
		}
	}
}

func TestAKillAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	for i := range 25 {
		one, said := start(t, "write", dir, i)
		two, saidToo := start(t, "write", dir, i+1000)
		time.Sleep(time.Duration(20+rand.IntN(100)) * time.Millisecond)
		for _, c := range []*exec.Cmd{one, two} {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait()
		}
		if said.Len()+saidToo.Len() > 0 {
			t.Fatalf("before it was killed: %s%s", said, saidToo)
		}
		s := open(t, Config{Dir: dir})
		wantSound(t, s)
		for n := range contents {
			path, ok, err := s.Get(t.Context(), sumOf(content(n)))
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				wantFile(t, path, content(n))
			}
		}
		value, ok, err := s.Result(t.Context(), "the key")
		if err != nil || ok && !strings.HasPrefix(string(value), "content ") {
			t.Fatalf("the result is %q, %t, %v", value, ok, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// The next run is right: it makes everything, and nothing of the dead is in its way or stays.
	s := open(t, Config{Dir: dir})
	for n := range contents {
		if _, err := made(t.Context(), s, content(n)); err != nil {
			t.Fatal(err)
		}
		wantHit(t, s, content(n))
	}
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range unfinished(t, dir) {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Prune(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if left := unfinished(t, dir); left != nil {
		t.Errorf("left: %q", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, version, sessions, "*")); len(left) != 1 {
		t.Errorf("sessions: %q", left)
	}
}

// hold writes the beginning of a file, says so, and waits.
func hold(s *Store) error {
	w, _, err := s.Create(context.Background(), sumOf(content(3)))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, content(3)[:5000]); err != nil {
		return err
	}
	fmt.Println("held")
	time.Sleep(time.Hour)
	return w.Close()
}

func TestAnotherTakesUpWhatAKilledProcessBegan(t *testing.T) {
	dir := t.TempDir()
	c := command("hold", dir, 0)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatal(line, err)
	}
	s := open(t, Config{Dir: dir})
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if w, _, err := s.Create(short, sumOf(content(3))); w != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a file that another process writes: %v", err)
	}
	// What it writes is not for pruning, however old it is.
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range unfinished(t, dir) {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Prune(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	w, _, err := s.Create(t.Context(), sumOf(content(3)))
	if err != nil || w == nil || w.Size() != 5000 {
		t.Fatalf("the writer is %+v, %v", w, err)
	}
	defer w.Close()
	if _, err := io.WriteString(w, content(3)[5000:]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Commit(t.Context(), sumOf(content(3))); err != nil {
		t.Fatal(err)
	}
	wantHit(t, s, content(3))
}

// readOnly uses a store that it must not write to, as another user.
func readOnly(s *Store) error {
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			return err
		}
	}
	ctx := context.Background()
	path, ok, err := s.Get(ctx, sumOf("one"))
	if !ok || err != nil || !strings.HasPrefix(path, os.Getenv(dirVariable)) {
		return fmt.Errorf("what is there: %q, %t, %w", path, ok, err)
	}
	_, own, err := s.Put(ctx, sumOf("two"), strings.NewReader("two"))
	if err != nil {
		return fmt.Errorf("what is new: %w", err)
	}
	if again, ok, err := s.Get(ctx, sumOf("two")); !ok || err != nil || again != own {
		return fmt.Errorf("what is new is gone: %t, %w", ok, err)
	}
	if err := s.SetResult(ctx, "key", []byte("value")); err != nil {
		return fmt.Errorf("a new result: %w", err)
	}
	if value, ok, err := s.Result(ctx, "key"); !ok || err != nil || string(value) != "value" {
		return fmt.Errorf("the new result is %q, %t, %w", value, ok, err)
	}
	if value, ok, err := s.Result(ctx, "old"); !ok || err != nil || string(value) != "there" {
		return fmt.Errorf("the old result is %q, %t, %w", value, ok, err)
	}
	if info, err := s.Info(ctx); err != nil || !info.ReadOnly || info.Files != 1 {
		return fmt.Errorf("info: %+v, %w", info, err)
	}
	if v, err := s.Verify(ctx); err != nil || v.Files != 1 || len(v.Damaged) > 0 {
		return fmt.Errorf("verify: %+v, %w", v, err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	if _, err := os.Stat(own); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s stays: %w", own, err)
	}
	return nil
}

func TestReadOnlyStore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	put(t, s, "one")
	if err := s.SetResult(t.Context(), "old", []byte("there")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// The directories above are for the test's user alone, and the ones of the store for nobody to write.
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	err := filepath.WalkDir(filepath.Join(dir, version), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	for _, d := range all {
		err = errors.Join(err, os.Chmod(d, 0o555))
		t.Cleanup(func() { _ = os.Chmod(d, 0o755) })
	}
	if err != nil {
		t.Fatal(err)
	}
	scratch := t.TempDir()
	if err := os.Chmod(scratch, 0o777); err != nil {
		t.Fatal(err)
	}
	// What a session that was killed has left goes, too.
	killed := filepath.Join(scratch, "monoplan-store-killed")
	old := time.Now().Add(-time.Hour)
	err = errors.Join(os.Mkdir(killed, 0o777), os.Chmod(killed, 0o777), os.WriteFile(filepath.Join(killed, ".lock"), nil, 0o666),
		os.Chmod(filepath.Join(killed, ".lock"), 0o666), os.Chtimes(filepath.Join(killed, ".lock"), old, old))
	if err != nil {
		t.Fatal(err)
	}
	c := command("read-only", dir, 0)
	c.Env = append(c.Env, "TMPDIR="+scratch)
	if said, err := c.CombinedOutput(); err != nil || bytes.Contains(said, []byte("warning")) {
		t.Errorf("%v: %s", err, said)
	}
	if left, _ := filepath.Glob(filepath.Join(scratch, "*")); left != nil {
		t.Errorf("left: %q", left)
	}
}

// full writes more than there is room for.
func full(s *Store) error {
	ctx := context.Background()
	sum := strings.Repeat("0", 64)
	for _, sum := range []string{"", sum} {
		w, _, err := s.Create(ctx, sum)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, io.LimitReader(endless{}, 64<<20))
		var noSpace *SpaceError
		if !errors.As(err, &noSpace) {
			return fmt.Errorf("the error is %v", err)
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv(dirVariable), version, making, "*")); left != nil {
		return fmt.Errorf("left: %q", left)
	}
	_, path, err := s.Put(ctx, "", strings.NewReader("there is room for this"))
	if err != nil {
		return err
	}
	_, err = os.Stat(path)
	return err
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
