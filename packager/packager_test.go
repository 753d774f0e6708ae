package packager

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/monoplan/monoplan/packager/assemble"
)

// hostPython gives the version of this machine's python3: what the tests package for, so that it can build.
func hostPython(t *testing.T) string {
	t.Helper()
	version, err := findPython()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("python3 is not there: %v", err)
	}
	return version
}

var findPython = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("python3", "-c", "import sys, tomllib; print('%d.%d' % sys.version_info[:2])").Output()
	return strings.TrimSpace(string(out)), err
})

func TestPackageAndPackageAgain(t *testing.T) {
	w := newWorld(t)
	w.store = t.TempDir()
	first := w.run()
	w.want(first, "posts packaged, users packaged")
	for _, want := range []string{"core/__init__.py", "dep.py", "handler.py", "core-1.0.dist-info/METADATA"} {
		if names := w.names(first["posts"]); !slices.Contains(names, want) {
			t.Errorf("posts has no %s: %q", want, names)
		}
	}
	if names := w.names(first["users"]); slices.Contains(names, "dep.py") {
		t.Errorf("users has dep: %q", names)
	}
	if n := w.count(BuildBegins); n != 1 {
		t.Errorf("core was built %d times for two services", n)
	}
	if !first["posts"].First || first["posts"].Fetched != 1 || first["posts"].Built+first["users"].Built != 1 {
		t.Errorf("posts: %+v, users: %+v", first["posts"], first["users"])
	}

	requests := w.index.requests
	again := w.run()
	w.want(again, "posts unchanged, users unchanged")
	if len(w.events) != 2 || w.index.requests != requests {
		t.Errorf("nothing changed, and these things happened: %+v, %d requests", w.events, w.index.requests-requests)
	}
	if again["posts"].Code != first["posts"].Code || again["posts"].Key != first["posts"].Key {
		t.Errorf("the same artifact is told of in two ways: %+v and %+v", again["posts"], first["posts"])
	}
}

// Unchanged is known without reading a single file of the tree.
func TestUnchangedReadsNothing(t *testing.T) {
	w := newWorld(t)
	w.run()
	var memory *memoryTree
	results := w.runWith(t.Context(), func(c *Config) {
		memory = newTree(w.files)
		c.Tree, c.Subtree = memory, memory.subtree
	})
	w.want(results, "posts unchanged, users unchanged")
	if *memory.reads != 0 {
		t.Errorf("%d files were read", *memory.reads)
	}
}

func TestWhatMoves(t *testing.T) {
	for name, test := range map[string]struct {
		change func(w *world)
		want   string
		moved  string // of posts
	}{
		"code":       {func(w *world) { w.files["services/posts/handler.py"] += "# more\n" }, "posts packaged, users unchanged", "code services/posts"},
		"a new file": {func(w *world) { w.files["services/posts/x.py"] = "" }, "posts packaged, users unchanged", "code services/posts"},
		"the executable bit": {func(w *world) {
			w.files["services/posts/handler.py!"] = w.files["services/posts/handler.py"]
			delete(w.files, "services/posts/handler.py")
		}, "posts packaged, users unchanged", "code services/posts"},
		"a library":         {func(w *world) { w.files["libs/core/core/__init__.py"] += "z = 3\n" }, "posts packaged, users packaged", "package core"},
		"nothing of theirs": {func(w *world) { w.files["README.md"] = "x" }, "posts unchanged, users unchanged", ""},
		"a lock, by a comment": {func(w *world) { w.files["services/posts/uv.lock"] += "# checked\n" },
			"posts packaged, users unchanged", "code services/posts"}, // the lock is one of the service's own files
		"the version of a package": {func(w *world) {
			w.index.files = map[string][]byte{}
			w.index.add("dep", "1.0", map[string]string{"dep.py": "x = 2\n"})
			w.service("posts", []string{"dep"}, []string{"core"})
		}, "posts packaged, users unchanged", "code services/posts package dep"},
		"an option":                          {func(w *world) { w.services[0].Options.Slim = true }, "posts packaged, users unchanged", "slim"},
		"what is left out":                   {func(w *world) { w.services[0].Options.Exclude = []string{"handler.py"} }, "posts packaged, users unchanged", "code services/posts"},
		"an exclude that leaves nothing out": {func(w *world) { w.services[0].Options.Exclude = []string{"absent.py"} }, "posts unchanged, users unchanged", ""},
		"the name":                           {func(w *world) { w.services[0].Name = "articles" }, "articles packaged, users unchanged", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.run()
			test.change(w)
			results := w.run()
			w.want(results, test.want)
			var moved []string
			for _, m := range results["posts"].Moved {
				moved = append(moved, m.Input)
			}
			if got := strings.Join(moved, " "); got != test.moved {
				t.Errorf("moved: %s, want %s", got, test.moved)
			}
			w.run()
		})
	}
}

// The artifact is made again where its file is not what was made, whatever else is as it was.
func TestDamagedArtifacts(t *testing.T) {
	file := func(w *world, r Result) string {
		return filepath.Join(w.config.Output, filepath.FromSlash(r.Code.File))
	}
	for name, test := range map[string]struct {
		damage func(w *world, r Result) error
		want   string
	}{
		"the artifact is gone": {func(w *world, r Result) error { return os.Remove(file(w, r)) }, "packaged"},
		"the artifact is cut":  {func(w *world, r Result) error { return os.Truncate(file(w, r), 10) }, "packaged"},
		"the artifact is another of its size": {func(w *world, r Result) error {
			return os.WriteFile(file(w, r), make([]byte, r.Code.Size), 0o644)
		}, "packaged"},
		"the stable name is gone": {func(_ *world, r Result) error { return os.Remove(r.Artifact) }, "unchanged"},
		"the stable name is another file": {func(_ *world, r Result) error {
			return replace(r.Artifact, "other")
		}, "unchanged"},
		"the manifest is gone": {func(_ *world, r Result) error { return os.Remove(r.Manifest) }, "packaged"},
		"the state is gone":    {func(w *world, r Result) error { return os.Remove(filepath.Join(w.config.Output, "posts", stateFile)) }, "packaged"},
		"the state is no JSON": {func(w *world, r Result) error {
			return os.WriteFile(filepath.Join(w.config.Output, "posts", stateFile), []byte("{"), 0o644)
		}, "packaged"},
		"all is gone":       {func(w *world, _ Result) error { return os.RemoveAll(w.config.Output) }, "packaged"},
		"the store is gone": {func(w *world, _ Result) error { return os.RemoveAll(w.store) }, "unchanged"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if name == "the store is gone" {
				w.store = t.TempDir()
			}
			first := w.run()["posts"]
			if err := test.damage(w, first); err != nil {
				t.Fatal(err)
			}
			second := w.run()["posts"]
			if string(second.Outcome) != test.want {
				t.Errorf("it is %s, want %s (%v)", second.Outcome, test.want, second.Err)
			}
			if second.Code != first.Code || !hasSum(second.Artifact, first.Code.SHA256) {
				t.Errorf("it is not the same artifact: %+v", second.Code)
			}
		})
	}
}

func replace(file, content string) error {
	if err := os.Remove(file); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(content), 0o644)
}

// The same bytes come out of another directory, another store, another order, one service at a time.
func TestSameBytesEverywhere(t *testing.T) {
	one := newWorld(t)
	first := one.run()
	two := newWorld(t)
	two.store = t.TempDir()
	two.files = one.files
	two.index.Close()
	two.index, two.config.Index = one.index, one.config.Index
	slices.Reverse(two.services)
	two.config.Concurrency = 1
	for name, r := range two.run() {
		if r.Err != nil || r.Code.SHA256 != first[name].Code.SHA256 || r.Key != first[name].Key {
			t.Errorf("%s is %s with key %s, and was %s with key %s (%v)", name, r.Code.SHA256, r.Key, first[name].Code.SHA256, first[name].Key, r.Err)
		}
	}
}

func TestLayers(t *testing.T) {
	w := newWorld(t)
	w.service("users", []string{"dep"}, []string{"core"})
	for i := range w.services {
		w.services[i].Options.Format = SharedLayer
	}
	first := w.run()
	w.want(first, "posts packaged, users packaged")
	posts, users := first["posts"], first["users"]
	if posts.Layer == nil || users.Layer == nil || *posts.Layer != *users.Layer {
		t.Fatalf("posts has %+v, users has %+v", posts.Layer, users.Layer)
	}
	if names := w.names(posts); slices.Contains(names, "dep.py") || !slices.Contains(names, "handler.py") {
		t.Errorf("the code has %q", names)
	}
	if names := w.names(Result{Artifact: posts.LayerArtifact}); !slices.Contains(names, "python/dep.py") || slices.Contains(names, "python/handler.py") {
		t.Errorf("the layer has %q", names)
	}
	// A change of the code leaves the layer alone.
	layer := filepath.Join(w.config.Output, filepath.FromSlash(posts.Layer.File))
	before, err := os.Stat(layer)
	if err != nil {
		t.Fatal(err)
	}
	w.files["services/posts/handler.py"] += "# more\n"
	second := w.run()
	w.want(second, "posts packaged, users unchanged")
	after, err := os.Stat(layer)
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("the layer was made anew (%v)", err)
	}
	var manifest assemble.Manifest
	data, err := os.ReadFile(second["posts"].Manifest)
	if err != nil || json.Unmarshal(data, &manifest) != nil {
		t.Fatal(err)
	}
	if len(manifest.Layers) != 1 || manifest.Layers[0].SHA256 != posts.Layer.SHA256 || len(manifest.Packages) != 2 {
		t.Errorf("the manifest has %+v", manifest)
	}
	if file := filepath.Join(filepath.Dir(second["posts"].Manifest), filepath.FromSlash(manifest.Layers[0].File)); !hasSum(file, posts.Layer.SHA256) {
		t.Errorf("the manifest's layer is not at %s", file)
	}
	// A service that has no layer any more has no file that is called so.
	w.services[0].Options.Format = Bundle
	third := w.run()
	for _, s := range w.services {
		_, err := os.Stat(w.config.Output + "/layers/" + s.Name + ".zip")
		if has := err == nil; has != (third[s.Name].Layer != nil) || third[s.Name].Err != nil {
			t.Errorf("%s has a layer: %t, %+v", s.Name, has, third[s.Name])
		}
	}
}

func TestServicesWithoutDependencies(t *testing.T) {
	w := newWorld(t)
	w.files["services/plain/handler.py"] = "x = 1\n"
	w.files["services/plain/run.sh!"] = "#!/bin/sh\n"
	w.files["services/plain/.env"] = "SECRET=1\n"
	w.files["services/plain/sub/.env.local"] = "SECRET=1\n"
	w.files["services/plain/docs/a.md"] = "a\n"
	w.files["services/static/index.html"] = "<p>\n"
	w.services = []Service{
		{Name: "plain", Path: "services/plain", Runtime: "python3.12", Options: Options{Format: Bundle, Exclude: []string{"docs/"}}},
		{Name: "static", Path: "services/static", Options: Options{Format: Layer}},
	}
	results := w.run()
	w.want(results, "plain packaged, static packaged")
	if names := w.names(results["plain"]); !slices.Equal(names, []string{"handler.py", "run.sh"}) {
		t.Errorf("plain has %q", names)
	}
	if names := w.names(results["static"]); !slices.Equal(names, []string{"index.html"}) || results["static"].Layer != nil {
		t.Errorf("static has %q and a layer %v", names, results["static"].Layer)
	}
}

func TestLeftToTheirTools(t *testing.T) {
	w := newWorld(t)
	w.files["services/web/package.json"] = "{}"
	w.files["services/both/package.json"] = "{}"
	w.files["services/both/requirements.txt"] = ""
	w.files["services/go/main.go"] = "package main\n"
	w.services = []Service{
		{Name: "web", Path: "services/web", Options: Options{Format: Bundle}},
		{Name: "forced", Path: "services/web", Forced: true, Options: Options{Format: Bundle}},
		{Name: "both", Path: "services/both", Runtime: "python" + hostPython(t), Options: w.options()},
		{Name: "go", Path: "services/go", Runtime: "provided.al2023", Options: Options{Format: Bundle}},
	}
	results := w.run()
	w.want(results, "both packaged, forced packaged, go left, web left")
	if why := results["web"].Why; why != "it has a package.json and nothing of Python's" {
		t.Errorf("web is left because %s", why)
	}
	if why := results["go"].Why; why != "its runtime is provided.al2023" {
		t.Errorf("go is left because %s", why)
	}
}

// The log of a build is called after what is built: of a library whose version its build makes up, by the name alone.
func TestNamesOfBuildLogs(t *testing.T) {
	w := newWorld(t)
	w.store = t.TempDir()
	w.files["services/mail/requirements.txt"] = "../../libs/other\n"
	w.library("libs/other", "other")
	w.services = append(w.services, Service{Name: "mail", Path: "services/mail", Runtime: "python" + hostPython(t), Options: w.options()})
	var mu sync.Mutex
	var logs []string
	results := w.runWith(t.Context(), func(c *Config) {
		c.Log = func(name string) (io.WriteCloser, error) {
			mu.Lock()
			defer mu.Unlock()
			logs = append(logs, name)
			return os.Create(filepath.Join(t.TempDir(), name))
		}
	})
	w.want(results, "mail packaged, posts packaged, users packaged")
	if slices.Sort(logs); !slices.Equal(logs, []string{"core-1.0", "other"}) {
		t.Errorf("the logs are called %q", logs)
	}
}

func TestNestedServicesOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.files["services/posts/admin/handler.py"] = "x = 1\n"
	w.services[0].Without = []string{"services/posts/admin"}
	if names := w.names(w.run()["posts"]); slices.Contains(names, "admin/handler.py") {
		t.Errorf("it has the nested service: %q", names)
	}
}

func TestGeneratedFiles(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Include = []string{"/generated/", "*.pb2.py"}
	for name, text := range map[string]string{
		"services/posts/generated/a.py": "a = 1\n", "services/posts/other.py": "", "services/posts/generated/.env": "SECRET=1\n",
		"libs/core/core/b.pb2.py": "b = 1\n", "services/posts/handler.py": "not the one that is committed\n",
	} {
		w.write(name, text)
	}
	first := w.run()
	w.want(first, "posts packaged, users packaged")
	names := w.names(first["posts"])
	for _, want := range []string{"generated/a.py", "core/b.pb2.py"} {
		if !slices.Contains(names, want) {
			t.Errorf("it has no %s: %q", want, names)
		}
	}
	for _, no := range []string{"other.py", "generated/.env"} {
		if slices.Contains(names, no) {
			t.Errorf("it has %s", no)
		}
	}
	w.want(w.run(), "posts unchanged, users unchanged")
	w.write("services/posts/generated/a.py", "a = 2\n")
	w.want(w.run(), "posts packaged, users unchanged")
	w.write("libs/core/core/b.pb2.py", "b = 2\n")
	w.want(w.run(), "posts packaged, users unchanged")
}

// write writes a file of the working tree.
func (w *world) write(name, text string) {
	w.t.Helper()
	file := filepath.Join(w.worktree, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

func TestRequirementsDirectory(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Requirements = true
	w.want(w.run(), "posts packaged, users packaged")
	dir := filepath.Join(w.worktree, "services/posts/.serverless/requirements")
	for _, name := range []string{"dep.py", "core/__init__.py"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "handler.py")); err == nil {
		t.Error("it has the service's own code")
	}
	w.want(w.run(), "posts unchanged, users unchanged")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	w.want(w.run(), "posts packaged, users unchanged")
	if _, err := os.Stat(filepath.Join(dir, "dep.py")); err != nil {
		t.Error(err)
	}
}

func TestDryRun(t *testing.T) {
	w := newWorld(t)
	w.store = t.TempDir()
	results := w.runWith(t.Context(), func(c *Config) { c.DryRun = true })
	w.want(results, "posts would-package, users would-package")
	if r := results["posts"]; r.Fetched != 1 || r.Built != 1 {
		t.Errorf("posts would fetch %d and build %d", r.Fetched, r.Built)
	}
	if w.index.requests > 0 || w.count(BuildBegins) > 0 {
		t.Errorf("a dry run asked the index %d times and built %d wheels", w.index.requests, w.count(BuildBegins))
	}
	if _, err := os.Stat(w.config.Private); err == nil {
		t.Error("a dry run made a directory")
	}
}

func TestKeptOutOfGit(t *testing.T) {
	w := newWorld(t)
	w.run()
	if data, err := os.ReadFile(filepath.Join(w.config.Private, ".gitignore")); err != nil || string(data) != "*\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// Old artifacts go, but for the last few.
func TestOldArtifactsGo(t *testing.T) {
	w := newWorld(t)
	for range 6 {
		w.files["services/posts/handler.py"] += "# more\n"
		w.run()
	}
	zips, err := filepath.Glob(filepath.Join(w.config.Output, "posts", "*.zip"))
	if err != nil || len(zips) != kept+1 {
		t.Errorf("there are %q, %v", zips, err)
	}
}

// Layers that no service names any more go, once they cannot be of a run that goes on.
func TestOldLayersGo(t *testing.T) {
	w := newWorld(t)
	w.services[0].Options.Format = Layer
	old := filepath.Join(w.config.Output, filepath.FromSlash(w.run()["posts"].Layer.File))
	long := time.Now().Add(-2 * abandoned)
	age := func(files ...string) {
		for _, file := range files {
			if err := os.Chtimes(file, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	age(old)
	w.services[0].Options.SlimPatterns = []string{"core/__init__.py"}
	current := filepath.Join(w.config.Output, filepath.FromSlash(w.run()["posts"].Layer.File))
	if _, err := os.Stat(old); err == nil {
		t.Error("the layer that nobody uses is there")
	}
	records, err := filepath.Glob(filepath.Join(w.config.Output, layersDir, "*.json"))
	if err != nil || len(records) != 2 {
		t.Fatalf("the records of layers are %q, %v", records, err)
	}
	age(append(records, current)...)
	w.files["services/posts/handler.py"] += "# more\n"
	w.want(w.run(), "posts packaged, users unchanged")
	if records, _ = filepath.Glob(filepath.Join(w.config.Output, layersDir, "*.json")); len(records) != 1 {
		t.Errorf("the records of layers are %q", records)
	}
	if _, err := os.Stat(current); err != nil {
		t.Error(err)
	}
}

func TestNamesThatClash(t *testing.T) {
	w := newWorld(t)
	w.services[1].Name = "Posts"
	results := w.run()
	w.want(results, "Posts failed, posts packaged")
	if !as[*NameError](results["Posts"].Err) {
		t.Errorf("got %v", results["Posts"].Err)
	}
}

// A file of Git LFS is taken from the working tree if that has the one that is meant.
func TestLargeFiles(t *testing.T) {
	w := newWorld(t)
	sum := sha256.Sum256([]byte("the model"))
	w.files["services/posts/model.bin"] = fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%x\nsize 9\n", sum)
	for _, text := range []string{"", "another model"} {
		if text != "" {
			w.write("services/posts/model.bin", text)
		}
		results := w.run()
		w.want(results, "posts failed, users "+map[bool]string{true: "packaged", false: "unchanged"}[text == ""])
		if !as[*StageError](results["posts"].Err) {
			t.Errorf("got %v", results["posts"].Err)
		}
	}
	w.write("services/posts/model.bin", "the model")
	results := w.run()
	w.want(results, "posts packaged, users unchanged")
	z, err := zip.OpenReader(results["posts"].Artifact)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if data, err := fs.ReadFile(z, "model.bin"); err != nil || string(data) != "the model" {
		t.Errorf("it has %q, %v", data, err)
	}
}

// Many services that share a wheel, a library and a layer have each of them made once.
func TestManyServices(t *testing.T) {
	w := newWorld(t)
	w.store = t.TempDir()
	for i := range 20 {
		w.service(fmt.Sprintf("s%02d", i), []string{"dep"}, []string{"core"})
	}
	for i := range w.services {
		w.services[i].Options.Format = SharedLayer
	}
	results := w.run()
	fetched, built, layers := 0, 0, map[string]bool{}
	for name, r := range results {
		if r.Outcome != Packaged {
			t.Errorf("%s is %s: %v", name, r.Outcome, r.Err)
			continue
		}
		fetched, built = fetched+r.Fetched, built+r.Built
		if name != "users" {
			layers[r.Layer.SHA256] = true
		}
	}
	if fetched != 1 || built != 1 || len(layers) != 1 || w.index.requests != 1 {
		t.Errorf("%d wheels fetched with %d requests, %d built, %d layers", fetched, w.index.requests, built, len(layers))
	}
}

func TestFileName(t *testing.T) {
	for service, want := range map[string]string{
		"posts": "posts", "services/users": "services%2Fusers", "..": "%2E.", ".hidden": "%2Ehidden", "layers": "%6Cayers", "a b%": "a%20b%25", "A-b_c.d": "A-b_c.d",
	} {
		if got := fileName(service); got != want {
			t.Errorf("%q is written as %q, want %q", service, got, want)
		}
	}
}

// A requirements file that is not closed is packaged, as with --no-deps, and said to be open.
func TestOpenRequirements(t *testing.T) {
	for _, excludes := range []bool{false, true} {
		w := newWorld(t)
		w.index.files = map[string][]byte{}
		w.index.add("dep", "1.0", map[string]string{"dep.py": "", "METADATA": "Requires-Dist: six>=1\nRequires-Dist: boto3\nRequires-Dist: tomli; python_version < '3'\n"})
		requirements("dep==1.0", "")(w)
		w.services = w.services[:1]
		w.services[0].Options.ExcludeRuntime = excludes
		w.want(w.run(), "posts packaged")
		var notes []string
		for _, e := range w.events {
			if e.Kind == Warned {
				notes = append(notes, e.Note)
			}
		}
		const by, how = "services/posts/requirements.txt:2: dep needs ", ", which is not in the lock; pip install --require-hashes takes no such file without --no-deps"
		want := by + "six >=1" + how + "\n" + by + "boto3" + how
		if excludes {
			want = ""
		}
		if got := strings.Join(notes, "\n"); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

// What is not read is said to be.
func TestWarnUnread(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"setup.py": "setup(install_requires=['six'])"}, "services/posts/setup.py: the dependencies in it are not read"},
		{map[string]string{"setup.py": "setup()"}, ""},
		{map[string]string{"Pipfile": "", "Pipfile.lock": "{}"}, "services/posts/Pipfile.lock: the dependencies in it are not read"},
		{map[string]string{"pylock.toml": ""}, "services/posts/pylock.toml: the dependencies in it are not read"},
		{nil, ""},
	} {
		w := newWorld(t)
		w.services = w.services[:1]
		delete(w.files, "services/posts/pyproject.toml")
		delete(w.files, "services/posts/uv.lock")
		for name, text := range c.files {
			w.files["services/posts/"+name] = text
		}
		w.want(w.run(), "posts packaged")
		wantWarning(t, w, c.want)
	}
	w := newWorld(t)
	w.services = w.services[:1]
	w.files["services/posts/poetry.lock"] = "# of old\n"
	w.want(w.run(), "posts packaged")
	wantWarning(t, w, "services/posts has a poetry.lock and a uv.lock; it is packaged by uv.lock")
}

func wantWarning(t *testing.T, w *world, want string) {
	t.Helper()
	var notes []string
	for _, e := range w.events {
		if e.Kind == Warned {
			notes = append(notes, e.Note)
		}
	}
	if text := strings.Join(notes, "\n"); (text == "") != (want == "") || !strings.HasPrefix(text, want) {
		t.Errorf("got %q, want %q", text, want)
	}
}
