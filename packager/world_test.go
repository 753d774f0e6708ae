package packager

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/index"
	"github.com/monoplan/monoplan/packager/store"
)

// memoryTree is a tree of a few files: content by path. A path that ends in "@" is a symbolic link to its content, one
// that ends in "#" a submodule, and one that ends in "!" is executable.
type memoryTree struct {
	files map[string]string
	// prefix is the directory that it reads, with a slash, and of the whole tree empty.
	prefix string
	reads  *int
}

func newTree(files map[string]string) *memoryTree { return &memoryTree{files: files, reads: new(int)} }

func (t *memoryTree) ID() string { return treeID(t.entries()) }

func (t *memoryTree) entries() []tree.Entry {
	var entries []tree.Entry
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		inner, below := strings.CutPrefix(name, t.prefix)
		if !below {
			continue
		}
		e := tree.Entry{Path: strings.TrimRight(inner, "@#!"), Mode: tree.File, ID: blobID(t.files[name])}
		switch name[len(name)-1] {
		case '@':
			e.Mode = tree.Symlink
		case '#':
			e.Mode = tree.Submodule
		case '!':
			e.Mode = tree.Exec
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b tree.Entry) int { return strings.Compare(a.Path, b.Path) })
	return entries
}

func blobID(content string) string {
	sum := sha1.Sum([]byte(content))
	return hex.EncodeToString(sum[:])
}

func treeID(entries []tree.Entry) string { return blobID(fmt.Sprint(entries)) }

func (t *memoryTree) List(_ context.Context, yield func(tree.Entry) error) error {
	for _, e := range t.entries() {
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

func (t *memoryTree) Lookup(_ context.Context, paths []string) ([]tree.Entry, error) {
	var found []tree.Entry
	for _, p := range paths {
		e := tree.Entry{Path: p}
		below := &memoryTree{files: t.files, prefix: p + "/"}
		if p == "." {
			below.prefix = ""
		}
		if entries := below.entries(); len(entries) > 0 {
			e.Mode, e.ID = tree.Dir, "tree:"+below.prefix+":"+treeID(entries)
		}
		for _, known := range t.entries() {
			if known.Path == p {
				e = known
			}
		}
		found = append(found, e)
	}
	return found, nil
}

func (t *memoryTree) Read(_ context.Context, entries []tree.Entry, yield func(int, []byte) error) error {
	for i, e := range entries {
		*t.reads++
		for _, suffix := range []string{"", "@", "!"} {
			if content, ok := t.files[t.prefix+e.Path+suffix]; ok {
				if err := yield(i, []byte(content)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// subtree reads a directory by its ID.
func (t *memoryTree) subtree(id string) tree.Reader {
	return &memoryTree{files: t.files, prefix: strings.Split(id, ":")[1], reads: t.reads}
}

// world is a repository, an index, a store and a directory of artifacts.
type world struct {
	t        *testing.T
	files    map[string]string
	index    *testIndex
	store    string
	worktree string
	config   Config
	services []Service
	events   []Event
}

// sharedStore is the store of those tests that do not count what is fetched and built: it spares them the time.
var sharedStore string

func TestMain(m *testing.M) {
	var err error
	if sharedStore, err = os.MkdirTemp("", "monoplan-packager-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(sharedStore)
	os.Exit(code)
}

// newWorld has two services that share a library and use packages of an index: posts, and users, with the library only.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, files: map[string]string{}, index: newIndex(t), store: sharedStore, worktree: t.TempDir()}
	w.index.add("dep", "1.0", map[string]string{"dep.py": "x = 1\n"})
	w.library("libs/core", "core")
	w.service("posts", []string{"dep"}, []string{"core"})
	w.service("users", nil, []string{"core"})
	w.config = Config{
		Worktree: w.worktree, Output: filepath.Join(w.worktree, ".monoplan", "artifacts"), Private: filepath.Join(w.worktree, ".monoplan"),
		Temp: t.TempDir(), Env: os.Environ(), Concurrency: 4,
		Index: index.Config{Environment: index.Environment{Default: &index.Source{URL: w.index.URL + "/simple/"}}, Patience: quick()},
	}
	return w
}

// quick is a patience for tests.
func quick() index.Patience {
	return index.Patience{Retries: 1, Pause: time.Millisecond, Longest: 10 * time.Millisecond}
}

// library adds a path dependency that is built by a backend of its own, which needs nothing from an index.
func (w *world) library(dir, name string) {
	w.files[dir+"/pyproject.toml"] = fmt.Sprintf(`[project]
name = %q
version = "1.0"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["tools"]
`, name)
	w.files[dir+"/tools/backend.py"] = backendProgram
	w.files[dir+"/"+name+"/__init__.py"] = "y = 2\n"
}

// backendProgram makes a wheel of the packages of a project.
const backendProgram = `
import glob, os, sys, tomllib, zipfile, base64, hashlib

def build_wheel(out, config_settings=None, metadata_directory=None):
    print("building in", os.getcwd())
    with open("pyproject.toml", "rb") as f:
        project = tomllib.load(f)["project"]
    name, version = project["name"], project["version"]
    info = "%s-%s.dist-info" % (name, version)
    files = {p: open(p, "rb").read() for p in glob.glob(name + "/*.py")}
    files[info + "/METADATA"] = ("Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version)).encode()
    files[info + "/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join("%s,sha256=%s,%d\n" % (p, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).decode().rstrip("="), len(d)) for p, d in files.items())
    files[info + "/RECORD"] = (record + info + "/RECORD,,\n").encode()
    wheel = "%s-%s-py3-none-any.whl" % (name, version)
    with zipfile.ZipFile(os.path.join(out, wheel), "w") as z:
        for p, d in files.items():
            z.writestr(p, d)
    return wheel
`

// service adds a service with a uv.lock.
func (w *world) service(name string, packages, libraries []string) {
	dir := "services/" + name
	var asks, locked, metadata, sources strings.Builder
	for _, p := range packages {
		file, sum := w.index.file(p)
		fmt.Fprintf(&asks, "%q,", p)
		fmt.Fprintf(&metadata, "{ name = %q },", p)
		fmt.Fprintf(&locked, "[[package]]\nname = %q\nversion = \"1.0\"\nsource = { registry = \"%s/simple\" }\n", p, w.index.URL)
		fmt.Fprintf(&locked, "wheels = [\n    { url = \"%s/files/%s\", hash = \"sha256:%s\" },\n]\n\n", w.index.URL, file, sum)
	}
	for _, l := range libraries {
		fmt.Fprintf(&asks, "%q,", l)
		fmt.Fprintf(&metadata, "{ name = %q, directory = \"../../libs/%s\" },", l, l)
		fmt.Fprintf(&locked, "[[package]]\nname = %q\nversion = \"1.0\"\nsource = { directory = \"../../libs/%s\" }\n\n", l, l)
		fmt.Fprintf(&sources, "%s = {path = \"../../libs/%s\"}\n", l, l)
	}
	var dependencies strings.Builder
	for _, n := range slices.Concat(packages, libraries) {
		fmt.Fprintf(&dependencies, "    { name = %q },\n", n)
	}
	w.files[dir+"/pyproject.toml"] = fmt.Sprintf(
		"[project]\nname = %q\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = [%s]\n[tool.uv]\npackage = false\n[tool.uv.sources]\n%s",
		name, asks.String(), sources.String())
	w.files[dir+"/uv.lock"] = fmt.Sprintf(`version = 1
revision = 3
requires-python = ">=3.9"

%s[[package]]
name = %q
version = "1.0"
source = { virtual = "." }
dependencies = [
%s]

[package.metadata]
requires-dist = [%s]
`, locked.String(), name, dependencies.String(), metadata.String())
	w.files[dir+"/handler.py"] = "def handle(event, context):\n    return 1\n"
	if !slices.ContainsFunc(w.services, func(s Service) bool { return s.Name == name }) {
		w.services = append(w.services, Service{Name: name, Path: dir, Runtime: "python" + hostPython(w.t), Options: w.options()})
	}
}

func (w *world) options() Options {
	t, err := target.Lambda(hostPython(w.t), "x86_64")
	if err != nil {
		w.t.Fatal(err)
	}
	return Options{Target: t, Builder: "local", Format: Bundle}
}

// run packages all services, with everything opened anew, as a run of the command does.
func (w *world) run() map[string]Result {
	w.t.Helper()
	return w.runWith(w.t.Context(), func(*Config) {})
}

func (w *world) runWith(ctx context.Context, change func(*Config)) map[string]Result {
	w.t.Helper()
	s, err := store.Open(store.Config{Dir: w.store, Warn: func(err error) { w.t.Errorf("the store warns: %v", err) }})
	if err != nil {
		w.t.Fatal(err)
	}
	memory := newTree(w.files)
	c := w.config
	c.Tree, c.Subtree, c.Store = memory, memory.subtree, s
	local := builder.NewLocal(c.Env, c.Temp)
	c.Builders = map[string]builder.Builder{"local": local, "none": builder.None{}}
	var mu sync.Mutex
	w.events = nil
	c.Progress = func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		w.events = append(w.events, e)
	}
	change(&c)
	results := make(map[string]Result)
	for _, r := range Run(ctx, c, w.services) {
		results[r.Service.Name] = r
	}
	if err := local.Close(); err != nil {
		w.t.Error(err)
	}
	if err := s.Close(); err != nil {
		w.t.Error(err)
	}
	w.noLeftovers()
	return results
}

// noLeftovers makes sure that nothing half-written is in the directory of artifacts.
func (w *world) noLeftovers() {
	w.t.Helper()
	_ = filepath.WalkDir(w.config.Output, func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), temporary) {
			w.t.Errorf("%s was left", name)
		}
		return nil
	})
}

// want makes sure that each service became what is wanted: "posts packaged, users unchanged".
func (w *world) want(results map[string]Result, want string) {
	w.t.Helper()
	var got []string
	for _, name := range slices.Sorted(maps.Keys(results)) {
		got = append(got, name+" "+string(results[name].Outcome))
	}
	if text := strings.Join(got, ", "); text != want {
		w.t.Errorf("got %s, want %s", text, want)
		for _, r := range results {
			if r.Err != nil {
				w.t.Logf("%s: %v", r.Service.Name, r.Err)
			}
		}
	}
}

// names lists the files of an artifact.
func (w *world) names(r Result) []string {
	w.t.Helper()
	z, err := zip.OpenReader(r.Artifact)
	if err != nil {
		w.t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	return names
}

// count counts the events of a kind.
func (w *world) count(kind EventKind) int {
	n := 0
	for _, e := range w.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// testIndex is a package index.
type testIndex struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte // by the file's name
	// broken is what every request for a file gets instead, where it is set.
	broken   func(http.ResponseWriter, *http.Request)
	requests int
}

func newIndex(t *testing.T) *testIndex {
	i := &testIndex{files: map[string][]byte{}}
	i.Server = httptest.NewServer(i)
	t.Cleanup(i.Close)
	return i
}

func (i *testIndex) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.requests++
	if i.broken != nil {
		i.broken(w, r)
		return
	}
	i.serve(w, r)
}

func (i *testIndex) serve(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/files/"); ok {
		data, ok := i.files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
		return
	}
	wanted := path.Base(r.URL.Path)
	for name, data := range i.files {
		if strings.HasPrefix(name, wanted+"-") {
			sum := sha256.Sum256(data)
			fmt.Fprintf(w, "<a href=\"/files/%s#sha256=%x\">%s</a>\n", name, sum, name)
		}
	}
}

// breaks has every request answered by something else; nil mends the index.
func (i *testIndex) breaks(f func(http.ResponseWriter, *http.Request)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.broken = f
}

// add publishes a wheel of some files.
func (i *testIndex) add(name, version string, files map[string]string) {
	i.addAs(fmt.Sprintf("%s-%s-py3-none-any.whl", name, version), wheelOf(name, version, files))
}

func (i *testIndex) addAs(file string, data []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.files[file] = data
}

// file gives the file of a package, and its hash.
func (i *testIndex) file(name string) (string, string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for file, data := range i.files {
		if strings.HasPrefix(file, name+"-") {
			return file, fmt.Sprintf("%x", sha256.Sum256(data))
		}
	}
	return name + "-1.0-py3-none-any.whl", strings.Repeat("0", 64)
}

// wheelOf makes a wheel. Its RECORD is right. A file METADATA is what its METADATA has besides.
func wheelOf(name, version string, files map[string]string) []byte {
	info := fmt.Sprintf("%s-%s.dist-info/", name, version)
	all := maps.Clone(files)
	all[info+"METADATA"] = fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version) + all["METADATA"]
	delete(all, "METADATA")
	all[info+"WHEEL"] = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
	record := ""
	for _, n := range slices.Sorted(maps.Keys(all)) {
		sum := sha256.Sum256([]byte(all[n]))
		record += fmt.Sprintf("%s,sha256=%s,%d\n", n, base64.RawURLEncoding.EncodeToString(sum[:]), len(all[n]))
	}
	all[info+"RECORD"] = record + info + "RECORD,,\n"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		f, err := z.Create(n)
		if err == nil {
			_, err = io.WriteString(f, all[n])
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
