package odb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// repo is a repository made with git, whose objects git knows as well.
type repo struct {
	t   testing.TB
	dir string
}

func newRepo(t testing.TB, init ...string) *repo {
	t.Helper()
	r := &repo{t, t.TempDir()}
	r.git(append([]string{"init", "-q"}, init...)...)
	return r
}

func (r *repo) try(input string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.com")
	cmd.Stdin = strings.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSuffix(string(out), "\n"), err
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	out, err := r.try("", args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *repo) write(path string, data []byte) {
	r.t.Helper()
	full := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, data, 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// history makes commits of files that change a little, so that their objects are deltas of each other in a pack, of data that
// cannot be made smaller, of nothing, and of a long run of the same.
func (r *repo) history(commits int) {
	r.t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 40_000)
	for i := range text {
		text[i] = byte(random.UintN(256))
	}
	for n := range commits {
		for range 3 {
			text[random.IntN(len(text))]++
		}
		r.write("text", text)
		r.write(fmt.Sprintf("d%d/e/f%d", n%7, n), fmt.Appendf(nil, "file %d", n))
		r.write("growing", bytes.Repeat([]byte("line\n"), 3000*(n+1)))
		r.git("add", "-A")
		r.git("commit", "-q", "-m", fmt.Sprint("commit ", n))
	}
	r.write("empty", nil)
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "last")
	r.git("tag", "-a", "-m", "a tag", "tag")
}

func (r *repo) objects() string {
	return filepath.Join(r.dir, r.git("rev-parse", "--git-path", "objects"))
}

// ids lists all objects, with their kinds and sizes, as git has them.
func (r *repo) ids() []string {
	return strings.Split(r.git("cat-file", "--batch-all-objects", "--batch-check"), "\n")
}

// check compares every object with what git says of it.
func (r *repo) check(s *Store, hashSize int) {
	r.t.Helper()
	seen := map[Kind]int{}
	var ids []string
	for _, line := range r.ids() {
		id, _, _ := strings.Cut(line, " ")
		ids = append(ids, id)
	}
	err := s.Each(r.t.Context(), ids, func(i int, o Result) error {
		if o.Err != nil {
			return fmt.Errorf("%s: %w", ids[i], o.Err)
		}
		if got := ID(o.Kind, o.Data, hashSize); got != ids[i] {
			r.t.Errorf("%s is read as a %s with the ID %s", ids[i], o.Kind, got)
		}
		seen[o.Kind]++
		return nil
	})
	if err != nil {
		r.t.Error(err)
	}
	for _, kind := range []Kind{Commit, Tree, Blob, Tag} {
		if seen[kind] == 0 {
			r.t.Errorf("no %s", kind)
		}
	}
	if _, err := s.Read(strings.Repeat("0", 2*hashSize)); !errors.Is(err, ErrMissing) {
		r.t.Errorf("an object that there is not: %v", err)
	}
}

func TestStore(t *testing.T) {
	packs := func(r *repo) []string {
		names, err := filepath.Glob(r.objects() + "/pack/*.pack")
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	repack := func(settings ...string) func(*repo) {
		return func(r *repo) {
			args := append(settings, "repack", "-adfq", "--depth=50", "--window=20")
			r.git(args...)
			r.git("prune-packed")
			if deltas := r.git("cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"); !strings.Contains(deltas, "1") {
				t.Error("no object is a delta")
			}
		}
	}
	cases := map[string]func(r *repo){
		"loose":                   func(*repo) {},
		"packed":                  repack(),
		"deltas of named objects": repack("-c", "repack.useDeltaBaseOffset=false"),
		"offsets of 64 bits": func(r *repo) {
			repack()(r)
			for _, pack := range packs(r) {
				index := strings.TrimSuffix(pack, ".pack") + ".idx"
				if err := os.Remove(index); err != nil {
					t.Fatal(err)
				}
				r.git("index-pack", "--index-version=2,0x40", "-o", index, pack)
			}
		},
		"several packs, and loose": func(r *repo) {
			for i := range 12 {
				r.write("more", fmt.Append(nil, i))
				r.git("add", "-A")
				r.git("commit", "-q", "-m", "more")
				if i < 11 {
					r.git("repack", "-dq")
				}
			}
			if n := len(packs(r)); n < 10 {
				t.Errorf("%d packs", n)
			}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t)
			r.history(60)
			change(r)
			s := New([]string{filepath.Join(t.TempDir(), "nowhere"), r.objects()}, 20)
			r.check(s, 20)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("sha256", func(t *testing.T) {
		t.Parallel()
		r := newRepo(t, "--object-format=sha256")
		r.history(20)
		repack()(r)
		r.git("commit", "-q", "--allow-empty", "-m", "loose")
		r.check(New([]string{r.objects()}, 32), 32)
	})
}

// What is packed, or comes, while the database is open is found.
func TestStoreWhileItChanges(t *testing.T) {
	r := newRepo(t)
	r.history(5)
	s := New([]string{r.objects()}, 20)
	defer s.Close()
	r.check(s, 20)
	r.git("repack", "-adq")
	r.check(s, 20)
	r.write("new", []byte("new"))
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "new")
	r.check(s, 20)
	r.git("repack", "-adq")
	r.git("prune-packed")
	r.check(s, 20)
}

func TestWithPrefix(t *testing.T) {
	r := newRepo(t)
	r.history(30)
	r.git("repack", "-adq")
	r.git("commit", "-q", "--allow-empty", "-m", "loose")
	r.git("commit", "-q", "--allow-empty", "-m", "loose as well")
	s := New([]string{r.objects()}, 20)
	defer s.Close()
	var all []string
	for _, line := range r.ids() {
		id, _, _ := strings.Cut(line, " ")
		all = append(all, id)
	}
	for _, id := range append(all, "0000", "ffff", "FFFE") {
		for _, n := range []int{2, 3, 4, 5} {
			prefix := id[:min(n, len(id))]
			var want []string
			for _, other := range all {
				if strings.HasPrefix(other, strings.ToLower(prefix)) {
					want = append(want, other)
				}
			}
			if got, err := s.WithPrefix(prefix); err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
				t.Fatalf("%s: %q, %v; want %q", prefix, got, err, want)
			}
		}
	}
}

// What is damaged is an error and never the object of another ID, as far as git itself would tell: what is loose by its hash, what is packed
// by its checksum. One that is whole in another place is read there.
func TestDamage(t *testing.T) {
	r := newRepo(t)
	r.history(20)
	r.git("tag", "-d", "tag")
	id := r.git("rev-parse", "HEAD:growing")
	whole := New([]string{r.objects()}, 20)
	want, err := whole.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	path := loosePath(r.objects(), id)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	damage := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(loosePath(r.objects(), r.git("rev-parse", "HEAD~2:growing")))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(data); i += 1 + len(data)/200 {
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		damage(bad)
		if o, err := New([]string{r.objects()}, 20).Read(id); err == nil && !bytes.Equal(o.Data, want.Data) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for name, bad := range map[string][]byte{"empty": nil, "half": data[:len(data)/2], "another": other} {
		damage(bad)
		if _, err := New([]string{r.objects()}, 20).Read(id); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	copied := t.TempDir()
	damage(data)
	if err := os.CopyFS(copied, os.DirFS(r.objects())); err != nil {
		t.Fatal(err)
	}
	damage(other)
	if o, err := New([]string{r.objects(), copied}, 20).Read(id); err != nil || !bytes.Equal(o.Data, want.Data) {
		t.Errorf("one that is whole elsewhere: %v", err)
	}
	damage(data)

	r.git("repack", "-adq")
	r.git("prune-packed")
	packs, err := filepath.Glob(r.objects() + "/pack/*.pack")
	if err != nil || len(packs) != 1 {
		t.Fatal(packs, err)
	}
	for _, file := range []string{packs[0], strings.TrimSuffix(packs[0], ".pack") + ".idx"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 7, 11, 500, len(data) / 3, len(data) - 30} {
			if err := os.WriteFile(file, data[:n], 0o644); err != nil {
				t.Fatal(err)
			}
			s := New([]string{r.objects()}, 20)
			failed := 0
			for _, line := range r.idsOf(whole, id) {
				if o, err := s.Read(line); err != nil {
					failed++
				} else if ID(o.Kind, o.Data, 20) != line {
					t.Errorf("%s of %d bytes: %s is another object", filepath.Ext(file), n, line)
				}
			}
			if failed == 0 && n <= 500 {
				t.Errorf("%s of %d bytes: every object is read", filepath.Ext(file), n)
			}
			s.Close()
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(strings.TrimSuffix(packs[0], ".pack")+".idx", make([]byte, 2000), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := New([]string{r.objects()}, 20).Read(id); !errors.Is(err, ErrIndexVersion) {
		t.Errorf("an index of another version: %v", err)
	}
}

// idsOf lists IDs that the store had, read before anything was damaged.
func (r *repo) idsOf(s *Store, id string) []string {
	r.t.Helper()
	ids := []string{id}
	for _, more := range []string{"HEAD", "HEAD~3", "HEAD~10^{tree}", "HEAD:text", "HEAD~5:growing"} {
		if out, err := r.try("", "rev-parse", more); err == nil {
			ids = append(ids, out)
		}
	}
	return ids
}

// Each ends where its caller wants it to, and leaves nobody waiting.
func TestEachEnds(t *testing.T) {
	r := newRepo(t)
	r.history(40)
	s := New([]string{r.objects()}, 20)
	defer s.Close()
	var ids []string
	for _, line := range r.ids() {
		id, _, _ := strings.Cut(line, " ")
		ids = append(ids, id)
	}
	enough := errors.New("enough")
	for _, n := range []int{0, 1, worthwhile - 1, worthwhile, 2 * worthwhile, len(ids)} {
		count := 0
		if err := s.Each(t.Context(), ids[:n], func(i int, o Result) error {
			if i != count || o.Err != nil {
				t.Errorf("%d comes at %d: %v", i, count, o.Err)
			}
			count++
			return nil
		}); err != nil || count != n {
			t.Errorf("%d of %d: %v", count, n, err)
		}
		if n == 0 {
			continue
		}
		err := s.Each(t.Context(), ids[:n], func(i int, _ Result) error {
			if i == n/2 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			t.Errorf("%d: %v", n, err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		err = s.Each(ctx, ids[:n], func(int, Result) error {
			cancel(enough)
			return nil
		})
		if n > 1 && !errors.Is(err, enough) {
			t.Errorf("%d, cancelled: %v", n, err)
		}
		cancel(nil)
	}
}

// No more is read ahead than there is room for, however slow its reader is.
func TestEachHasBounds(t *testing.T) {
	r := newRepo(t)
	for i := range 12 {
		r.write(fmt.Sprint("large", i), append(bytes.Repeat([]byte("x"), 4<<20), byte(i)))
	}
	r.git("add", "-A")
	var ids []string
	for _, line := range r.ids() {
		id, _, _ := strings.Cut(line, " ")
		ids = append(ids, id)
	}
	s := New([]string{r.objects()}, 20)
	defer s.Close()
	a := newAhead(s, ids)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.work()
	}()
	full := func() int {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.bytes
	}
	for full() < aheadBytes {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // for one that takes no heed to go on
	if n := full(); n >= aheadBytes+5<<20 {
		t.Errorf("%d bytes were read ahead", n)
	}
	for i := range ids {
		result := a.await(i)
		if len(result.Data) != 4<<20+1 || result.Err != nil {
			t.Errorf("%d bytes, %v", len(result.Data), result.Err)
		}
		a.told(result)
	}
	<-done
}

// Who asks for many objects has the index mapped, while others search it.
func TestMappedIndex(t *testing.T) {
	r := newRepo(t)
	r.history(5)
	r.git("repack", "-adq")
	r.git("prune-packed")
	ids := r.ids()
	s := New([]string{r.objects()}, 20)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for n := range manyAsked {
				id, _, _ := strings.Cut(ids[n%len(ids)], " ")
				if o, err := s.Read(id); err != nil || o.Kind == 0 {
					t.Errorf("%s: %+v, %v", id, o, err)
				}
				if n%100 > 0 {
					continue
				}
				if found, err := s.WithPrefix(id[:6]); err != nil || !slices.Contains(found, id) {
					t.Errorf("%s: %q, %v", id[:6], found, err)
				}
			}
		})
	}
	readers.Wait()
	for _, f := range s.look(false) {
		if p, err := f.open(20); err != nil || p.index.asked.Load() < manyAsked || runtime.GOOS == "linux" && p.index.unmap == nil {
			t.Errorf("the index is not mapped: %v", err)
		}
	}
	r.check(s, 20)
}
