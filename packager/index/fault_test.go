package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/monoplan/monoplan/packager/store"
)

func TestFetch(t *testing.T) {
	f := newFake(t)
	e := &events{}
	c := newClient(t, Config{Sources: []Source{f.source()}, Report: e.add})
	got := mustFetch(t, c, wanted())
	if got.Cached || got.From != f.URL+"/files/"+wheelName {
		t.Errorf("got %+v", got)
	}
	if len(e.of(Started)) != 1 || len(e.of(Finished)) != 1 || e.of(Finished)[0].Bytes != int64(len(wheel)) || len(e.of(Retrying)) != 0 {
		t.Errorf("the events are %+v", e.all)
	}
	if got := mustFetch(t, c, wanted()); !got.Cached {
		t.Errorf("the second time: %+v", got)
	}
	if n := len(f.asked("/files/" + wheelName)); n != 1 {
		t.Errorf("%d requests for the file", n)
	}
}

func TestBusyServerIsAskedAgain(t *testing.T) {
	for _, code := range []int{408, 425, 429, 500, 502, 503, 504} {
		f := newFake(t)
		f.page.set(inTurn(status(code), func(w http.ResponseWriter, r *http.Request) {
			servePage(w, jsonFile{Filename: wheelName, URL: "/files/" + wheelName})
		}))
		f.file.set(inTurn(status(code), status(code), serveWheel))
		e := &events{}
		c := newClient(t, Config{Sources: []Source{f.source()}, Report: e.add})
		mustFetch(t, c, wanted())
		if n := len(e.of(Retrying)); n != 3 {
			t.Errorf("status %d: %d retries", code, n)
		}
	}
}

func TestHasty(t *testing.T) {
	f := newFake(t)
	f.file.set(status(500))
	e := &events{}
	config := only(f.source())
	config.Report, config.Patience = e.add, Patience{Retries: 3, Pause: time.Millisecond}
	c := newClient(t, config)
	var answered *StatusError
	if _, err := c.Hasty().Fetch(t.Context(), wanted()); !errors.As(err, &answered) || len(e.of(Retrying)) != 1 {
		t.Errorf("%d retries, %v", len(e.of(Retrying)), err)
	}
	if _, err := c.Fetch(t.Context(), wanted()); err == nil || len(e.of(Retrying)) != 1+3 {
		t.Errorf("%d retries in all, %v", len(e.of(Retrying)), err)
	}
}

func TestServerThatIsAlwaysBusy(t *testing.T) {
	f := newFake(t)
	f.file.set(status(500))
	config := only(f.source())
	config.Patience = Patience{Retries: 3, Pause: time.Millisecond}
	c := newClient(t, config)
	_, err := c.Fetch(t.Context(), wanted())
	if e := as[*StatusError](t, err); e.Status != 500 {
		t.Errorf("the error is %v", err)
	}
	if n := len(f.asked("/files/" + wheelName)); n != 4 {
		t.Errorf("%d tries", n)
	}
	wantNothingLeft(t, c)
	f.file.set(nil)
	mustFetch(t, c, wanted())
}

func TestRetryAfter(t *testing.T) {
	f := newFake(t)
	after := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", text)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	f.file.set(inTurn(after("1"), serveWheel))
	e := &events{}
	config := only(f.source())
	config.Report = e.add
	config.Patience = Patience{Pause: time.Millisecond, Longest: 2 * time.Second}
	begin := time.Now()
	mustFetch(t, newClient(t, config), wanted())
	if took := time.Since(begin); took < time.Second || e.of(Retrying)[0].After != time.Second {
		t.Errorf("waited %s, told %s", took, e.of(Retrying)[0].After)
	}
	f.file.set(after("3600"))
	_, err := newClient(t, config).Fetch(t.Context(), wanted())
	if e := as[*StatusError](t, err); e.Wait != "1h0m0s" {
		t.Errorf("the error is %v", err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"7": 7 * time.Second, "Fri, 02 Jan 2026 03:04:35 GMT": 30 * time.Second,
		"Fri, 02 Jan 2026 03:00:00 GMT": 0, "soon": 0, "-1": 0, "99999999999999": 0, "": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("Retry-After %q: %s, want %s", text, got, want)
		}
	}
}

func TestBrokenDownloadGoesOn(t *testing.T) {
	f := newFake(t)
	f.file.set(inTurn(half, serveWheel))
	mustFetch(t, newClient(t, only(f.source())), wanted())
	asked := f.asked("/files/" + wheelName)
	if len(asked) != 2 {
		t.Fatalf("%d requests", len(asked))
	}
	h := asked[1].Header
	var from int
	if _, err := fmt.Sscanf(h.Get("Range"), "bytes=%d-", &from); err != nil || from == 0 || from > len(wheel)/2 || h.Get("If-Range") != `"one"` {
		t.Errorf("the second request has Range %q, If-Range %q", h.Get("Range"), h.Get("If-Range"))
	}
}

func TestBrokenDownloadOfWhatChanged(t *testing.T) {
	other := strings.Repeat("x", len(wheel))
	part := func(contentRange, tag string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", contentRange)
			w.Header().Set("ETag", tag)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, other[:100])
		}
	}
	for name, second := range map[string]http.HandlerFunc{
		"another state, and the whole file": func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
			serveWheel(w, r)
		},
		"another state, and a part":      part(fmt.Sprintf("bytes %d-%d/%d", len(wheel)/2, len(wheel)/2+99, len(wheel)), `"two"`),
		"another part":                   part("bytes 3-102/1000", `"one"`),
		"a part that is not said":        part("", `"one"`),
		"a range that cannot be":         status(http.StatusRequestedRangeNotSatisfiable),
		"the right part, but of another": part(fmt.Sprintf("bytes %d-%d/%d", len(wheel)/2, len(wheel)/2+99, len(wheel)/2+100), `"one"`),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			// All of the first half has to arrive, for the parts above to fit.
			f.file.set(inTurn(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"one"`)
				w.Header().Set("Content-Length", fmt.Sprint(len(wheel)))
				_, _ = w.Write(wheel[:len(wheel)/2])
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
				panic(http.ErrAbortHandler)
			}, second, serveWheel))
			mustFetch(t, newClient(t, only(f.source())), wanted())
		})
	}
}

func TestEndWithoutALength(t *testing.T) {
	f := newFake(t)
	f.page.set(func(w http.ResponseWriter, r *http.Request) {
		servePage(w, jsonFile{Filename: wheelName, URL: "/files/" + wheelName, Size: int64(len(wheel))})
	})
	f.file.set(inTurn(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(wheel[:1000])
		w.(http.Flusher).Flush() // chunked, and properly ended
	}, serveWheel))
	mustFetch(t, newClient(t, only(f.source())), wanted())
	if r := f.asked("/files/" + wheelName); len(r) != 2 || r[1].Header.Get("Range") != "bytes=1000-" {
		t.Errorf("%d requests", len(r))
	}
}

func TestDownloadThatAlwaysBreaks(t *testing.T) {
	f := newFake(t)
	f.file.set(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	c := newClient(t, only(f.source()))
	_, err := c.Fetch(t.Context(), wanted())
	as[*ConnectError](t, err)
	wantNothingLeft(t, c)
}

func TestWhatAKilledProcessLeftIsContinued(t *testing.T) {
	f := newFake(t)
	c := newClient(t, only(f.source()))
	leave := func(content []byte) {
		t.Helper()
		w, _, err := c.store.Create(t.Context(), strings.TrimPrefix(hashOf(wheel), "sha256:"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	leave(wheel[:5000])
	mustFetch(t, c, wanted())
	if r := f.asked("/files/" + wheelName); len(r) != 1 || r[0].Header.Get("Range") != "bytes=5000-" || r[0].Header.Get("If-Range") != "" {
		t.Errorf("%d requests", len(r))
	}
	// What was left is of another file, or all there is.
	for _, left := range []string{strings.Repeat("x", 7000), strings.Repeat("x", len(wheel)), strings.Repeat("x", 2*len(wheel)), string(wheel)} {
		c = newClient(t, only(f.source()))
		leave([]byte(left))
		mustFetch(t, c, wanted())
	}
}

func TestLiesAboutHashes(t *testing.T) {
	evil := []byte("evil")
	announce := func(hash string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			servePage(w, jsonFile{Filename: wheelName, URL: "/files/" + wheelName, Hashes: map[string]string{"sha256": strings.TrimPrefix(hash, "sha256:")}})
		}
	}
	f := newFake(t)
	f.file.set(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(evil) })
	for _, page := range []http.HandlerFunc{nil, announce(hashOf(wheel))} {
		f.page.set(page)
		c := newClient(t, only(f.source()))
		_, err := c.Fetch(t.Context(), wanted())
		e := as[*HashError](t, err)
		if e.Got != hashOf(evil) || e.Announced || e.Wanted != wheelName || !strings.Contains(e.Error(), hashOf(wheel)) {
			t.Errorf("the error is %v", err)
		}
		wantNothingLeft(t, c)
	}
	before := len(f.asked("/files/" + wheelName))
	f.page.set(announce(hashOf(evil)))
	c := newClient(t, only(f.source()))
	_, err := c.Fetch(t.Context(), wanted())
	if e := as[*HashError](t, err); e.Got != hashOf(evil) || !e.Announced {
		t.Errorf("the error is %v", err)
	}
	if len(f.asked("/files/"+wheelName)) != before {
		t.Error("a file was fetched that is announced with another hash")
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	f := newFake(t)
	c := newClient(t, only(f.source()))
	r := wanted()
	r.Size = 1000
	_, err := c.Fetch(t.Context(), r)
	if e := as[*SizeError](t, err); e.Limit != 1000 {
		t.Errorf("the error is %v", err)
	}
	wantNothingLeft(t, c)
}

func TestSlowServer(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	defer close(release)
	stall := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	f.page.set(inTurn(stall, func(w http.ResponseWriter, r *http.Request) {
		servePage(w, jsonFile{Filename: wheelName, URL: "/files/" + wheelName})
	}))
	f.file.set(inTurn(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(wheel)))
		_, _ = w.Write(wheel[:1000])
		w.(http.Flusher).Flush()
		stall(w, r)
	}, serveWheel))
	e := &events{}
	config := only(f.source())
	config.Report = e.add
	config.Patience = Patience{Pause: time.Millisecond, Stall: 200 * time.Millisecond}
	mustFetch(t, newClient(t, config), wanted())
	if n := len(e.of(Retrying)); n != 2 {
		t.Errorf("%d retries: %+v", n, e.of(Retrying))
	}
	// One that is slow, but comes, is not cut off.
	f.file.set(func(w http.ResponseWriter, r *http.Request) {
		for i := range 10 {
			_, _ = w.Write(wheel[i*len(wheel)/10 : (i+1)*len(wheel)/10])
			w.(http.Flusher).Flush()
			time.Sleep(160 * time.Millisecond)
		}
	})
	config.Patience.Stall = 1500 * time.Millisecond
	before := len(e.of(Retrying))
	mustFetch(t, newClient(t, config), wanted())
	if n := len(e.of(Retrying)); n != before {
		t.Errorf("%d more retries", n-before)
	}
}

func TestInterrupt(t *testing.T) {
	f := newFake(t)
	begun := make(chan struct{})
	f.file.set(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(wheel[:1000])
		w.(http.Flusher).Flush()
		close(begun)
		<-r.Context().Done()
	})
	c := newClient(t, only(f.source()))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	if _, err := c.Fetch(ctx, wanted()); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	f.file.set(nil)
	mustFetch(t, c, wanted())
}

func TestOneDownloadForMany(t *testing.T) {
	f := newFake(t)
	f.file.set(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		serveWheel(w, r)
	})
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 { // clients and stores, as processes have them
		s, err := store.Open(store.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		c := newClient(t, Config{Sources: []Source{f.source()}, Store: s})
		for range 10 {
			wg.Go(func() {
				if _, err := c.Fetch(t.Context(), wanted()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := len(f.asked("/files/" + wheelName)); n != 1 {
		t.Errorf("%d downloads", n)
	}
}

func TestOneWhoLeavesDoesNotEndItForOthers(t *testing.T) {
	f := newFake(t)
	begun := make(chan struct{})
	release := make(chan struct{})
	f.file.set(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-release
		serveWheel(w, r)
	})
	c := newClient(t, only(f.source()))
	first, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Fetch(first, wanted()); !errors.Is(err, context.Canceled) {
			t.Errorf("the first: %v", err)
		}
	})
	<-begun
	wg.Go(func() {
		if _, err := c.Fetch(t.Context(), wanted()); err != nil {
			t.Errorf("the second: %v", err)
		}
	})
	time.Sleep(50 * time.Millisecond)
	leave()
	time.Sleep(10 * time.Millisecond)
	close(release)
	wg.Wait()
}

func TestParallelIsBounded(t *testing.T) {
	f := newFake(t)
	var now, most atomic.Int32
	f.page.set(func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		time.Sleep(10 * time.Millisecond)
		servePage(w)
	})
	c := newClient(t, Config{Sources: []Source{f.source()}, Parallel: 3})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			r := wanted()
			r.File = fmt.Sprintf("demo_pkg-%d-py3-none-any.whl", i)
			_, err := c.Fetch(t.Context(), r)
			as[*NotFoundError](t, err)
		})
	}
	wg.Wait()
	if n := most.Load(); n != 3 {
		t.Errorf("%d at once", n)
	}
}

func TestOffline(t *testing.T) {
	f := newFake(t)
	shared := newStore(t)
	c := newClient(t, Config{Sources: []Source{f.source()}, Store: shared, Offline: true})
	_, err := c.Fetch(t.Context(), wanted())
	as[*OfflineError](t, err)
	_, err = c.Links(t.Context(), wanted())
	as[*OfflineError](t, err)
	if len(f.requests) != 0 {
		t.Errorf("%d requests", len(f.requests))
	}
	mustFetch(t, newClient(t, Config{Sources: []Source{f.source()}, Store: shared}), wanted())
	mustFetch(t, c, wanted())
}

func TestOtherHashes(t *testing.T) {
	f := newFake(t)
	shared := newStore(t)
	h := newHash("sha512")
	h.Write(wheel)
	right := fmt.Sprintf("sha512:%x", h.Sum(nil))
	r := wanted()
	for _, hashes := range [][]string{{right}, {strings.ToUpper(right)}, {hashOf([]byte("sdist")), hashOf(wheel)}, {hashOf([]byte("sdist")), right}} {
		r.Hashes = hashes
		c := newClient(t, Config{Sources: []Source{f.source()}, Store: shared})
		if _, err := c.Fetch(t.Context(), r); err != nil {
			t.Errorf("%q: %v", hashes, err)
		}
		offline := newClient(t, Config{Store: shared, Offline: true})
		if got, err := offline.Fetch(t.Context(), r); err != nil || !got.Cached {
			t.Errorf("%q, offline: %+v, %v", hashes, got, err)
		}
	}
	for _, hashes := range [][]string{nil, {"md5:d41d8cd98f00b204e9800998ecf8427e"}, {"sha256:12"}, {"sha256"}, {"sha256:" + strings.Repeat("g", 64)}} {
		r.Hashes = hashes
		_, err := newClient(t, only(f.source())).Fetch(t.Context(), r)
		as[*NoHashError](t, err)
	}
	r.Hashes = []string{hashOf([]byte("sdist")), "sha512:" + strings.Repeat("0", 128)}
	_, err := newClient(t, only(f.source())).Fetch(t.Context(), r)
	as[*HashError](t, err)
}

func TestURLSource(t *testing.T) {
	f := newFake(t)
	c := newClient(t, Config{})
	got := mustFetch(t, c, Request{File: wheelName, Hashes: []string{hashOf(wheel)}, URL: f.URL + "/files/" + wheelName + "#subdirectory=x"})
	if got.From != f.URL+"/files/"+wheelName {
		t.Errorf("from %s", got.From)
	}
	_, err := newClient(t, Config{}).Fetch(t.Context(), Request{File: "x.whl", Hashes: []string{hashOf(wheel)}, URL: f.URL + "/files/x.whl"})
	as[*NotFoundError](t, err)
	for _, bad := range []string{"file:///etc/passwd", "git+https://x/y", "http://", "http://a b:secret@x/", "://secret"} {
		_, err := newClient(t, Config{}).Fetch(t.Context(), Request{File: "x.whl", Hashes: []string{hashOf(wheel)}, URL: bad})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestMemory fetches what would not fit, if it were held.
func TestMemory(t *testing.T) {
	const size = 64 << 20
	block := make([]byte, 1<<20)
	h := newHash("sha256")
	for range size / len(block) {
		h.Write(block)
	}
	f := newFake(t)
	f.file.set(func(w http.ResponseWriter, r *http.Request) {
		for range size / len(block) {
			_, _ = w.Write(block)
		}
	})
	c := newClient(t, only(f.source()))
	r := wanted()
	r.Hashes = []string{fmt.Sprintf("sha256:%x", h.Sum(nil))}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mustFetch(t, c, r)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d bytes were allocated for a file of %d", n, size)
	}
}

func TestAStoreThatCannotBeIsAnError(t *testing.T) {
	f := newFake(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Dir: filepath.Join(file, "store")})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, Config{Sources: []Source{f.source()}, Store: s})
	if _, err := c.Fetch(t.Context(), wanted()); err == nil {
		t.Error("a store that cannot be was no error")
	}
}
