package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const wheelName = "demo_pkg-1.0-py3-none-any.whl"

// wheel is the content of the file that most tests want; it is larger than one read of anything.
var wheel = bytes.Repeat([]byte("0123456789abcde\n"), 20_000)

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// wanted is a request for that file.
func wanted() Request {
	return Request{Package: "Demo.Pkg", Version: "1.0", File: wheelName, Hashes: []string{hashOf(wheel)}}
}

// fake is an index with the file, which tests make misbehave.
type fake struct {
	*httptest.Server
	// file answers for the file, page for the page; nil is as it should be.
	file, page handler

	mutex    sync.Mutex
	requests []*http.Request
}

// handler can be changed while a server uses it; it is nil where it was not set.
type handler struct {
	atomic.Pointer[http.HandlerFunc]
}

func (h *handler) set(f http.HandlerFunc) {
	if f == nil {
		h.Store(nil)
		return
	}
	h.Store(&f)
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mutex.Lock()
	f.requests = append(f.requests, r)
	f.mutex.Unlock()
	switch {
	case r.URL.Path == "/simple/demo-pkg/" && f.page.Load() != nil:
		(*f.page.Load())(w, r)
	case r.URL.Path == "/simple/demo-pkg/":
		servePage(w, jsonFile{Filename: wheelName, URL: "../../files/" + wheelName})
	case r.URL.Path == "/files/"+wheelName && f.file.Load() != nil:
		(*f.file.Load())(w, r)
	case r.URL.Path == "/files/"+wheelName:
		serveWheel(w, r)
	default:
		http.NotFound(w, r)
	}
}

func serveWheel(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"one"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(wheel))
}

func servePage(w http.ResponseWriter, files ...jsonFile) {
	w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
	type file struct {
		Filename string            `json:"filename"`
		URL      string            `json:"url"`
		Hashes   map[string]string `json:"hashes"`
		Size     int64             `json:"size,omitempty"`
	}
	page := map[string]any{"meta": map[string]string{"api-version": "1.1"}, "name": "demo-pkg"}
	all := []file{}
	for _, f := range files {
		all = append(all, file{f.Filename, f.URL, f.Hashes, f.Size})
	}
	page["files"] = all
	_ = json.NewEncoder(w).Encode(page)
}

// asked gives the requests for a path that came so far.
func (f *fake) asked(path string) []*http.Request {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.DeleteFunc(slices.Clone(f.requests), func(r *http.Request) bool { return r.URL.Path != path })
}

func (f *fake) source() Source { return Source{Name: "fake", URL: f.URL + "/simple/"} }

// only is a configuration with these indexes.
func only(sources ...Source) Config { return Config{Sources: sources} }

// events collects what a client reports.
type events struct {
	mutex sync.Mutex
	all   []Event
}

func (e *events) add(event Event) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.all = append(e.all, event)
}

func (e *events) of(kind EventKind) []Event {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return slices.DeleteFunc(slices.Clone(e.all), func(event Event) bool { return event.Kind != kind })
}

func mustFetch(t *testing.T, c *Client, r Request) Fetched {
	t.Helper()
	f, err := c.Fetch(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	sum, _, err := c.store.Put(t.Context(), f.SHA256, strings.NewReader("")) // is there, so nothing is read
	if err != nil || !slices.Contains(r.Hashes, "sha256:"+sum) {
		t.Fatalf("%s is not in the store: %v", f.SHA256, err)
	}
	return f
}

// wantNothingLeft checks that nothing half-written is in a client's store.
func wantNothingLeft(t *testing.T, c *Client) {
	t.Helper()
	info, err := c.store.Info(t.Context())
	if err != nil || info.Partial != 0 || info.Files != 0 {
		t.Errorf("the store has %+v, %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(info.Dir, "v1", "making", "*")); left != nil {
		t.Errorf("left: %q", left)
	}
}

// as gives the error as its type, and fails the test where it is none.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var typed E
	if !errors.As(err, &typed) {
		t.Fatalf("the error is %v (%T), not %T", err, err, typed)
	}
	return typed
}

// half sends half of the file and breaks the connection.
func half(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"one"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(wheel)))
	_, _ = w.Write(wheel[:len(wheel)/2])
	panic(http.ErrAbortHandler)
}

// inTurn answers the first request by the first handler, and so on; the last one stays.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mutex sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		h := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		mutex.Unlock()
		h(w, r)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
