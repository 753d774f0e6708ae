package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/monoplan/monoplan/internal/bucket"
	"github.com/monoplan/monoplan/internal/bucket/buckettest"
	"github.com/monoplan/monoplan/packager/store"
)

var _ store.Remote = (*bucket.Bucket)(nil)

// memory is the remote store that needs nothing, and shows what the others have to do.
type memory struct {
	mutex   sync.Mutex
	objects map[string][]byte
	writes  int
}

func (m *memory) String() string { return "memory" }

func (m *memory) Get(_ context.Context, name string, w io.Writer) (string, error) {
	m.mutex.Lock()
	content, ok := m.objects[name]
	m.mutex.Unlock()
	if !ok {
		return "", nil
	}
	_, err := w.Write(content)
	return sumOf(content), err
}

func (m *memory) Put(_ context.Context, name, replaces string, content io.ReadSeeker) (bool, error) {
	all, err := io.ReadAll(content)
	if err != nil {
		return false, err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if old, ok := m.objects[name]; ok && sumOf(old) != replaces || !ok && replaces != "" {
		return false, nil
	}
	if m.objects == nil {
		m.objects = map[string][]byte{}
	}
	m.objects[name] = all
	m.writes++
	return true, nil
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// remotes runs a test with each implementation that the machine has.
func remotes(t *testing.T, test func(t *testing.T, remote store.Remote)) {
	t.Run("memory", func(t *testing.T) { test(t, &memory{}) })
	for _, s := range buckettest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			s.Start(t)
			b, err := bucket.Open(t.Context(), "s3://wheels/of/"+strings.ReplaceAll(t.Name(), "/", "-"))
			if err != nil {
				t.Fatal(err)
			}
			test(t, b)
		})
	}
}

func TestRemote(t *testing.T) {
	remotes(t, func(t *testing.T, remote store.Remote) {
		const name = "v1/blobs/ab/abcd"
		wantObject(t, remote, name, "")
		if taken, err := remote.Put(t.Context(), name, "no such version", strings.NewReader("x")); taken || err != nil {
			t.Errorf("what is not there was replaced: %t, %v", taken, err)
		}
		if taken, err := remote.Put(t.Context(), name, "", strings.NewReader("first")); !taken || err != nil {
			t.Fatalf("a first object: %t, %v", taken, err)
		}
		if taken, err := remote.Put(t.Context(), name, "", strings.NewReader("second")); taken || err != nil {
			t.Errorf("a second object of a name: %t, %v", taken, err)
		}
		version := wantObject(t, remote, name, "first")
		if taken, err := remote.Put(t.Context(), name, version, strings.NewReader("third")); !taken || err != nil {
			t.Errorf("a version was not replaced: %t, %v", taken, err)
		}
		if taken, err := remote.Put(t.Context(), name, version, strings.NewReader("fourth")); taken || err != nil {
			t.Errorf("a version was replaced twice: %t, %v", taken, err)
		}
		wantObject(t, remote, name, "third")
	})
}

func wantObject(t *testing.T, remote store.Remote, name, want string) (version string) {
	t.Helper()
	var got bytes.Buffer
	version, err := remote.Get(t.Context(), name, &got)
	if err != nil || got.String() != want || (version == "") != (want == "") {
		t.Errorf("Get gives %q, version %q, %v; want %q", got.String(), version, err, want)
	}
	return version
}

func TestRemoteTakesOneOfMany(t *testing.T) {
	remotes(t, func(t *testing.T, remote store.Remote) {
		var wg sync.WaitGroup
		taken := make([]bool, 8)
		for i := range taken {
			wg.Go(func() {
				var err error
				taken[i], err = remote.Put(t.Context(), "name", "", strings.NewReader(fmt.Sprint(i)))
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var winners []int
		for i, won := range taken {
			if won {
				winners = append(winners, i)
			}
		}
		if len(winners) != 1 {
			t.Fatalf("%d writers were told that they were first: %v", len(winners), winners)
		}
		wantObject(t, remote, "name", fmt.Sprint(winners[0]))
	})
}

// machine is a store on a machine of its own, and what it warned of.
func machine(t *testing.T, remote store.Remote) (*store.Store, func() []error) {
	t.Helper()
	var mutex sync.Mutex
	var warnings []error
	s, err := store.Open(store.Config{Dir: t.TempDir(), Remote: remote, Warn: func(err error) {
		mutex.Lock()
		defer mutex.Unlock()
		warnings = append(warnings, err)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, func() []error {
		mutex.Lock()
		defer mutex.Unlock()
		return slices.Clone(warnings)
	}
}

func TestMachinesShare(t *testing.T) {
	remotes(t, func(t *testing.T, remote store.Remote) {
		content := bytes.Repeat([]byte("wheel "), 1<<20) // more than one buffer of anything
		one, warned := machine(t, remote)
		sum, _, err := one.Put(t.Context(), "", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if err := one.SetResult(t.Context(), "key", []byte(sum)); err != nil {
			t.Fatal(err)
		}
		two, warnedToo := machine(t, remote)
		if value, ok, err := two.Result(t.Context(), "key"); !ok || err != nil || string(value) != sum {
			t.Errorf("the other machine's result is %q, %t, %v", value, ok, err)
		}
		path, ok, err := two.Get(t.Context(), sum)
		if !ok || err != nil {
			t.Fatalf("the other machine does not have the file: %t, %v", ok, err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
			t.Errorf("the other machine has %d bytes, %v", len(got), err)
		}
		if _, ok, err := two.Get(t.Context(), sumOf([]byte("nothing"))); ok || err != nil {
			t.Errorf("what nobody has: %t, %v", ok, err)
		}
		// Both made a wheel by the same recipe: the first is the one that counts for others.
		if err := two.SetResult(t.Context(), "key", []byte("another")); err != nil {
			t.Fatal(err)
		}
		three, _ := machine(t, remote)
		if value, _, err := three.Result(t.Context(), "key"); err != nil || string(value) != sum {
			t.Errorf("the result is now %q, %v", value, err)
		}
		if w := append(warned(), warnedToo()...); len(w) > 0 {
			t.Errorf("warnings: %v", w)
		}
	})
}

func TestDamageIsAMissAndIsRepaired(t *testing.T) {
	remotes(t, func(t *testing.T, remote store.Remote) {
		sum := sumOf([]byte("good"))
		if taken, err := remote.Put(t.Context(), "v1/blobs/"+sum[:2]+"/"+sum, "", strings.NewReader("evil")); !taken || err != nil {
			t.Fatal(taken, err)
		}
		one, warned := machine(t, remote)
		if _, ok, err := one.Get(t.Context(), sum); ok || err != nil {
			t.Errorf("damage counts as the file: %t, %v", ok, err)
		}
		var damage *store.DamageError
		if w := warned(); len(w) != 1 || !errors.As(w[0], &damage) || damage.Got != sumOf([]byte("evil")) {
			t.Errorf("the warnings are %v", w)
		}
		if _, _, err := one.Put(t.Context(), sum, strings.NewReader("good")); err != nil {
			t.Fatal(err)
		}
		two, warned := machine(t, remote)
		if _, ok, err := two.Get(t.Context(), sum); !ok || err != nil || len(warned()) > 0 {
			t.Errorf("the damage was not repaired: %t, %v, %v", ok, err, warned())
		}
	})
}

func TestNoServerIsNoError(t *testing.T) {
	buckettest.SetAWS(t, "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	b, err := bucket.Open(t.Context(), "s3://wheels")
	if err != nil {
		t.Fatal(err)
	}
	one, warned := machine(t, b)
	if _, ok, err := one.Get(t.Context(), sumOf([]byte("x"))); ok || err != nil {
		t.Errorf("Get: %t, %v", ok, err)
	}
	if _, _, err := one.Put(t.Context(), "", strings.NewReader("x")); err != nil {
		t.Error(err)
	}
	var remote *store.RemoteError
	if w := warned(); len(w) < 2 || !errors.As(w[0], &remote) || remote.Doing != "reading" || strings.Contains(fmt.Sprint(w), buckettest.SecretKey) {
		t.Errorf("the warnings are %v", w)
	}
}

func TestRefusals(t *testing.T) {
	for _, s := range buckettest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			s.Start(t)
			b, err := bucket.Open(t.Context(), "s3://no-such-bucket")
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.Get(t.Context(), "name", io.Discard)
			var answer *bucket.AnswerError
			if !errors.As(err, &answer) || answer.Code != "NoSuchBucket" {
				t.Errorf("a bucket that is not there: %v", err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	buckettest.SetAWS(t, "")
	for address, want := range map[string]string{
		"s3://bucket":             "s3://bucket",
		"s3://bucket/":            "s3://bucket",
		"s3://bucket/a/b/":        "s3://bucket/a/b",
		"https://bucket":          "",
		"s3:///prefix":            "",
		"s3://user:secret@bucket": "",
		"s3://bucket?x=y":         "",
		"bucket":                  "",
		"s3://bu\x00cket":         "",
	} {
		b, err := bucket.Open(t.Context(), address)
		switch {
		case want == "" && (err == nil || strings.Contains(err.Error(), "secret")):
			t.Errorf("%q: %v", address, err)
		case want != "" && (err != nil || b.String() != want):
			t.Errorf("%q: %v, %v", address, b, err)
		}
	}
}

func TestMemoryKeepsEachFileOnce(t *testing.T) {
	m := &memory{}
	one, _ := machine(t, m)
	two, _ := machine(t, m)
	for _, s := range []*store.Store{one, two, one} {
		if _, _, err := s.Put(t.Context(), "", strings.NewReader("wheel")); err != nil {
			t.Fatal(err)
		}
	}
	if names := slices.Collect(maps.Keys(m.objects)); len(names) != 1 || m.writes != 1 {
		t.Errorf("%d writes of %q", m.writes, names)
	}
}
