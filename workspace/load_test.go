package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/gitignore"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
)

// loadOptions are what load needs in a test; the trees are those that Diff knows.
func loadOptions(t *testing.T, r *memoryTree, seed string, cache *Cache, known ...*memoryTree) Options {
	t.Helper()
	config, err := ParseConfig(ConfigFile, []byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Tree: r, Config: config, Repository: "repository", Cache: cache,
		Diff: func(_ context.Context, old string) ([]tree.Change, error) {
			for _, k := range known {
				if k.id == old {
					return r.changes(k), nil
				}
			}
			return nil, fmt.Errorf("no tree %s", old)
		},
	}
}

func load(t *testing.T, o Options) *Workspace {
	t.Helper()
	w, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if o.Cache != nil {
		o.Cache.Wait()
	}
	return w
}

// dump gives all that can be seen of a workspace.
func dump(t *testing.T, w *Workspace) string {
	t.Helper()
	out, err := json.MarshalIndent(struct {
		Services, Edges, Warnings any
	}{w.Services, w.Edges(), w.Warnings}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func edgesOf(w *Workspace) []string {
	var edges []string
	for _, e := range w.Edges() {
		edges = append(edges, fmt.Sprintf("%s > %s (%s:%d)", e.From, e.To, e.File, e.Line))
	}
	return edges
}

const poetry = "[tool.poetry]\nname = %q\n[tool.poetry.dependencies]\n"

func TestLoad(t *testing.T) {
	w := load(t, loadOptions(t, files{
		"services/posts/serverless.yml": "service: posts\n",
		"services/posts/pyproject.toml": fmt.Sprintf(poetry, "posts") + "core = {path = \"../../libs/core\", develop = true}\n",
		// What a manifest and its lock both declare is named by the manifest, which is the file to be edited.
		"services/posts/poetry.lock": "[[package]]\nname = \"core\"\n[package.source]\ntype = \"directory\"\nurl = \"../../libs/core\"\n" +
			"[[package]]\nname = \"extra\"\n[package.source]\ntype = \"directory\"\nurl = \"../../libs/extra\"\n",
		"libs/extra/extra.py":              "",
		"services/users/serverless.yml":    "service: users\n",
		"services/users/requirements.txt":  "-r ../../base.txt\n",
		"services/web/serverless.ts":       "",
		"libs/core/pyproject.toml":         fmt.Sprintf(poetry, "core") + "dates = {path = \"../dates\"}\n",
		"libs/dates/dates.py":              "",
		"base.txt":                         "-e ./libs/dates\n",
		"node_modules/x/serverless.yml":    "",
		"services/link/serverless.yml@":    "../posts/serverless.yml",
		"services/dangle/serverless.yml@":  "../none",
		"services/posts/.venv/a/setup.cfg": "",
	}.Tree(), "", nil))
	var services []string
	for _, s := range w.Services {
		services = append(services, fmt.Sprintf("%s %s %s open=%v", s.Path, s.Name, s.Type, s.Open))
	}
	want := []string{
		"services/link services/link serverless open=true",
		"services/posts services/posts serverless open=false",
		"services/users users serverless open=false",
		"services/web web serverless open=true",
	}
	if !slices.Equal(services, want) {
		t.Errorf("services:\n%s", strings.Join(services, "\n"))
	}
	wantEdges := []string{
		"base.txt > libs/dates (base.txt:1)",
		"libs/core > libs/dates (libs/core/pyproject.toml:4)",
		"services/link > services/posts (services/link/serverless.yml:0)",
		"services/posts > libs/core (services/posts/pyproject.toml:4)",
		"services/posts > libs/extra (services/posts/poetry.lock:10)",
		"services/users > base.txt (services/users/requirements.txt:1)",
		"services/users > services/users/libs/dates (base.txt:1)",
	}
	if got := edgesOf(w); !slices.Equal(got, wantEdges[:6]) {
		t.Errorf("edges:\n%s", strings.Join(got, "\n"))
	}
}

// A marker of an unusual name is read as what it is.
func TestLoadCustomMarker(t *testing.T) {
	w := load(t, loadOptions(t, files{
		"api/sam.yaml":         "Transform: AWS::Serverless-2016-10-31\nCodeUri: ../shared\n",
		"api/requirements.txt": "",
		"shared/x.py":          "",
		"job/main.py":          "",
		"job/requirements.txt": "",
	}.Tree(), "services:\n- {path: api, marker: sam.yaml}\n- {path: job, type: serverless}\n", nil))
	if s := w.Services[0]; s.Type != typeSAM || s.Open {
		t.Errorf("got %+v", s)
	}
	if want := []string{"api > shared (api/sam.yaml:2)"}; !slices.Equal(edgesOf(w), want) {
		t.Errorf("got edges %q", edgesOf(w))
	}
	// Serverless without a configuration that could be read.
	if s := w.Services[1]; s.Type != typeServerless || !s.Open {
		t.Errorf("got %+v", s)
	}
}

// What seed.yml can hardly mean is a warning with its line.
func TestLoadDoubtsTheConfig(t *testing.T) {
	seed := "services: [a, none/*, elsewhere, b/x.py]\nignore:\n- '*.md'\n- /a/\nphases: [[nobody]]\n"
	w := load(t, loadOptions(t, files{"a/main.py": "", "b/x.py": "", "none/x.py": ""}.Tree(), seed, nil))
	want := []Warning{
		{ConfigFile, 1, `"b/x.py" is a file and no service; register its directory, "b"`},
		{ConfigFile, 1, `"elsewhere" is not in the commit`},
		{ConfigFile, 1, `"none/*" picks no service: no directory that it matches holds a marker`},
		{ConfigFile, 4, `ignore takes out all of the service "a": no file of it ever deploys it`},
		{ConfigFile, 5, `no service is called "nobody"`},
	}
	if !slices.Equal(w.Warnings, want) {
		t.Errorf("got %+v", w.Warnings)
	}
}

// A marker that is not there is a warning until it is, from a cached snapshot too.
func TestLoadDoubtsMarkers(t *testing.T) {
	seed := "services:\n- path: a\n  marker: nope.yaml\n- {path: b, marker: sam.yaml}\n- {path: gone, marker: x}\n"
	without := files{"a/serverless.yml": "service: a\n", "b/sam.yaml": "Transform: AWS::Serverless-2016-10-31\n", "nope.yaml": ""}
	with := files{"a/nope.yaml": "service: a\n"}
	maps.Copy(with, without)
	old, new := without.Tree(), with.Tree()
	cache := &Cache{Dir: filepath.Join(t.TempDir(), "monoplan")}
	gone := Warning{ConfigFile, 5, `"gone" is not in the commit`}
	want := map[*memoryTree][]Warning{
		old: {{ConfigFile, 3, `the service "a" holds no file "nope.yaml", so that is not its marker`}, gone}, new: {gone},
	}
	for i, r := range []*memoryTree{old, old, new, old} {
		w := load(t, loadOptions(t, r, seed, cache, old, new))
		if !slices.Equal(w.Warnings, want[r]) {
			t.Errorf("%d: got %+v", i, w.Warnings)
		}
	}
}

// What the tools' own readers do not take: a byte order mark to Lerna, but for pnpm-workspace.yaml; a key that is there
// twice, and a second document.
func TestLoadMarkedPackageFiles(t *testing.T) {
	with := func(changed files) files {
		f := files{
			"lerna.json": `{"version": "1.0.0"}`, "package.json": `{"workspaces": ["p/*"]}`, "pnpm-workspace.yaml": "packages: ['p/*']\n",
			"p/a/package.json": `{"name": "a"}`, "p/a/serverless.yml": "service: a\n", "p/b/serverless.yml": "service: b\n",
		}
		maps.Copy(f, changed)
		return f
	}
	const bom, taken = "\ufeff", "does not parse: it begins with a byte order mark, which Lerna does not take; every change deploys every service"
	tests := map[string]struct {
		tree        files
		lerna, pnpm []Warning
	}{
		"package":   {with(files{"p/a/package.json": bom + `{"name": "a"}`}), []Warning{{"p/a/package.json", 1, taken}}, nil},
		"root":      {with(files{"package.json": bom + `{"workspaces": ["p/*"]}`}), []Warning{{"package.json", 1, taken}}, nil},
		"lerna":     {with(files{"lerna.json": bom + `{"version": "1.0.0"}`}), []Warning{{"lerna.json", 1, taken}}, nil},
		"workspace": {with(files{"pnpm-workspace.yaml": bom + "packages: ['p/*']\n"}), nil, nil},
		"twice": {
			with(files{"pnpm-workspace.yaml": "packages: ['p/*']\npackages: ['p/*']\n"}),
			[]Warning{{"pnpm-workspace.yaml", 2, "does not parse: a key is there twice; every change deploys every service"}},
			[]Warning{{"pnpm-workspace.yaml", 2, "does not parse: a key is there twice; every change deploys every service"}},
		},
		"two documents": {
			with(files{"pnpm-workspace.yaml": "packages: ['p/*']\n---\na: b\n"}),
			[]Warning{{"pnpm-workspace.yaml", 3, "does not parse: there is a second document; every change deploys every service"}},
			[]Warning{{"pnpm-workspace.yaml", 3, "does not parse: there is a second document; every change deploys every service"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for algorithm, want := range map[planner.Algorithm][]Warning{planner.Lerna: test.lerna, planner.Pnpm: test.pnpm} {
				cache := &Cache{Dir: filepath.Join(t.TempDir(), "monoplan")}
				for range 2 { // read, and from the cache
					w := load(t, loadOptions(t, test.tree.Tree(), "check_code_change: "+string(algorithm), cache))
					if got := slices.Compact(w.Warnings); !slices.Equal(got, want) || w.Packages()[algorithm].Unknown != (want != nil) {
						t.Errorf("%s: got %+v", algorithm, w.Warnings)
					}
				}
			}
		})
	}
}

// An update that touches nothing of interest reads nothing but the changes.
func TestUpdateReadsNothingInVain(t *testing.T) {
	f := files{
		"a/serverless.yml": "service: a\n", "a/pyproject.toml": fmt.Sprintf(poetry, "a") + "x = {path = \"../libs/x\"}\n",
		"libs/x/x.py": "",
	}
	cache := &Cache{Dir: t.TempDir()}
	old := f.Tree()
	load(t, loadOptions(t, old, "", cache))
	f["a/handler.py"], f["libs/x/x.py"] = "1", "2"
	r := f.Tree()
	load(t, loadOptions(t, r, "", cache, old))
	if r.reads > 0 {
		t.Errorf("%d files were read", r.reads)
	}
}

// An index serves later trees until much differs from it.
func TestIndexIsRenewedWhenMuchChanged(t *testing.T) {
	f := files{"a/serverless.yml": "service: a\n"}
	cache := &Cache{Dir: t.TempDir(), Failed: func(err error) { t.Error(err) }}
	trees := []*memoryTree{f.Tree()}
	load(t, loadOptions(t, trees[0], "", cache))
	for _, step := range []struct{ changes, indexes int }{{1, 1}, {stale + 1, 2}} {
		for i := range step.changes {
			f[fmt.Sprintf("libs/%d/%d.py", step.changes, i)] = ""
		}
		f["a/serverless.yml"] += "# changed\n"
		r := f.Tree()
		trees = append(trees, r)
		load(t, loadOptions(t, r, "", cache, trees...))
		if got := len(cache.files(indexFile)); got != step.indexes {
			t.Errorf("after %d changes the cache has %d indexes, want %d", step.changes, got, step.indexes)
		}
		if r.lists > 0 {
			t.Errorf("after %d changes the tree was listed", step.changes)
		}
	}
}

// What a baseline's files say is read once: the next run takes it from the cache.
func TestBaselinesAreReadOnce(t *testing.T) {
	old := files{"gone/serverless.yml": "service: old\n", "a/serverless.yml": "", "b/serverless.yml": ""}.Tree()
	head := files{"a/serverless.yml": "", "b/serverless.yml": ""}.Tree()
	cache := &Cache{Dir: t.TempDir(), Failed: func(err error) { t.Error(err) }}
	for _, want := range []int{1, 0} {
		old.reads = 0
		w := load(t, loadOptions(t, head, "", cache))
		c, err := w.Compare(t.Context(), Base{Tree: old, Changes: head.changes(old)})
		cache.Wait()
		if err != nil || len(c.Removed) != 1 || c.Removed[0].Name != "old" {
			t.Fatalf("removed %v, %v", c.Removed, err)
		}
		if old.reads != want {
			t.Errorf("%d files of the baseline were read, want %d", old.reads, want)
		}
	}
}

// Whatever is in the cache, the answer is that without one.
func TestDamagedCacheIsAMiss(t *testing.T) {
	f := files{"a/serverless.yml": "service: a\n", "b/serverless.yml": "", "libs/x": ""}
	r := f.Tree()
	want := dump(t, load(t, loadOptions(t, r, "", nil)))
	damages := map[string]func([]byte) []byte{
		"empty":           func([]byte) []byte { return nil },
		"half":            func(b []byte) []byte { return b[:len(b)/2] },
		"a bit":           func(b []byte) []byte { b[len(b)-3] ^= 1; return b },
		"another version": func(b []byte) []byte { return append([]byte("monoplan snapshot 0\n"), b[20:]...) },
		"foreign":         func([]byte) []byte { return []byte("something else") },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			cache := &Cache{Dir: t.TempDir()}
			load(t, loadOptions(t, r, "", cache))
			entries, err := os.ReadDir(cache.Dir)
			if err != nil || len(entries) != 3 {
				t.Fatalf("the cache has %v, %v", entries, err)
			}
			for _, e := range entries {
				path := filepath.Join(cache.Dir, e.Name())
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, damage(data), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if got := dump(t, load(t, loadOptions(t, r, "", cache))); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A cache that cannot be written is no error, and says why.
func TestCacheThatCannotBeWritten(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var failures []error
	cache := &Cache{Dir: filepath.Join(blocked, "monoplan"), Failed: func(err error) { failures = append(failures, err) }}
	w := load(t, loadOptions(t, files{"a/serverless.yml": ""}.Tree(), "", cache))
	if len(w.Services) != 1 || len(failures) == 0 {
		t.Errorf("services %v, failures %v", w.Services, failures)
	}
}

// A document that comes out of the cache is the one that went in, every field of it.
func TestDocumentsKeepEveryField(t *testing.T) {
	var doc document
	fill(reflect.ValueOf(&doc).Elem(), new(int))
	parsed := map[documentKey]*document{{formScript, "id"}: &doc, {formTemplate, "id"}: {}}
	var e encoder
	encodeDocuments(&e, parsed)
	d := newDecoder(e.buf)
	if got := decodeDocuments(d).all(); !reflect.DeepEqual(got, parsed) || d.err != nil || d.rest != "" {
		t.Errorf("got %+v, error %v, rest %q", got, d.err, d.rest)
	}
}

// A configuration that comes out of the cache is the one that went in, every field of it but its name and text.
func TestConfigKeepsEveryField(t *testing.T) {
	config := &Config{}
	for i, v := 0, reflect.ValueOf(config).Elem(); i < v.NumField(); i++ {
		switch v.Type().Field(i).Name {
		case "File", "Source", "override", "Ignore":
		default:
			fill(settable(v.Field(i)), new(int))
		}
	}
	config.Ignore, _ = gitignore.Parse(config.ignore)
	e := &encoder{}
	encodeConfig(e, config)
	d := newDecoder(e.buf)
	if got := decodeConfig(d); !reflect.DeepEqual(got, config) || d.err != nil || d.rest != "" {
		t.Errorf("got %+v, want %+v, error %v, rest %q", got, config, d.err, d.rest)
	}
}

// fill gives every field below a value another value, none of them zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(settable(v.Field(i)), n)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprint(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	default:
		panic(v.Kind())
	}
}

// settable gives a field that may not be exported.
func settable(field reflect.Value) reflect.Value {
	return reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
}

// A seed.yml that is read a second time says what it said, errors and their places too.
func TestConfigFromTheCache(t *testing.T) {
	var long strings.Builder
	long.WriteString("ignore: ['*.md']\nservices:\n")
	for i := range 500 {
		fmt.Fprintf(&long, "  - {path: services/s%03d, name: \"n%d\", depends_on: [libs/a]}\n", i, i)
	}
	for name, seed := range map[string]string{
		"long":    long.String(),
		"aliases": long.String() + "ledger: &l {backend: file, path: x}\npackage: {include: &x ['a'], exclude: *x}\n",
		"wrong":   long.String() + "phase: !x [1]\n",
		"no YAML": long.String() + "]",
		"short":   "services: [a]\n",
		"all": long.String() + "  - {path: a, nested: isolate, check_code_change: false, type: sam, marker: x.yml, package: false}\n" +
			"  - {path: b, package: {include: [], slim: true, bytecode: false}, deploy: {command: [a, b], remove: c}, check_code_change: lerna}\n" +
			"phases: [[n1], [n2, n3]]\nbefore_compile: [x, y]\nskip_identical: {environment: [A]}\n",
	} {
		cache := &Cache{Dir: t.TempDir(), Failed: func(err error) { t.Error(err) }}
		want, wantErr := ParseConfig(ConfigFile, []byte(seed))
		for _, run := range []string{"first", "second"} {
			got, err := cache.ParseConfig(ConfigFile, []byte(seed))
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s time: got %+v, %v, want %+v, %v", name, run, got, err, want, wantErr)
			}
		}
		if (wantErr != nil) != (name == "wrong" || name == "no YAML") {
			t.Errorf("%s: %v", name, wantErr)
		}
		if kept := len(cache.files(configFile)); (kept == 1) != (wantErr == nil && name != "short") {
			t.Errorf("%s: the cache keeps %d", name, kept)
		}
	}
}

// A source file makes a snapshot new only where a service was opened or closed by such files.
func TestSourcesThatCount(t *testing.T) {
	before := files{
		"seed.yml":              "",
		"open/serverless.yml":   "service: open\n",
		"open/b.js":             "",
		"open/lib/x.js":         "",
		"closed/serverless.yml": "service: closed\n", "closed/requirements.txt": "",
		"program/serverless.ts": "",
		"seeded/serverless.yml": "service: seeded\n",
		"elsewhere/a.js":        "",
	}
	for path, counts := range map[string]bool{
		"open/a.js": true, "open/b.js": true, "open/c.js": false, "open/lib/x.js": false, "open/lib/a.js": false,
		"closed/a.ts": true, "closed/deep/a.go": true, "program/a.ts": false, "seeded/a.ts": false,
		"elsewhere/a.js": false, "elsewhere/b.js": false, "open/new.py": false,
	} {
		after := maps.Clone(before)
		if _, there := after[path]; there {
			delete(after, path)
		} else {
			after[path] = ""
		}
		cache := &Cache{Dir: t.TempDir(), Failed: func(err error) { t.Error(err) }}
		seed := "services: [open, closed, program, {path: seeded, depends_on: []}]\n"
		old, head := before.Tree(), after.Tree()
		load(t, loadOptions(t, old, seed, cache))
		head.reads = 0
		updated := load(t, loadOptions(t, head, seed, cache, old))
		if got, want := dump(t, updated), dump(t, load(t, loadOptions(t, head, seed, nil))); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		if same := updated.snapshot.madeFor != ""; same == counts {
			t.Errorf("%s: the snapshot is another's: %v", path, same)
		}
	}
}

// A file that a name with variables may be of comes or goes: what the cache has of the tree before is not that of the
// tree after. No tree is listed for it.
func TestNamesWithVariablesInCachedSnapshots(t *testing.T) {
	cache := &Cache{Dir: t.TempDir(), Failed: func(err error) { t.Error(err) }}
	f := files{"a/serverless.yml": "x: ${file(../config/${opt:stage}.yml)}\n", "b/x": "", "config/dev.yml": "", "config/x": ""}
	trees := []*memoryTree{f.Tree()}
	load(t, loadOptions(t, trees[0], "", cache))
	for _, step := range []struct{ name, content, want string }{
		{"config/eu/prod.yml", "y: ../../b/x\n", "a > config/eu/prod.yml (a/serverless.yml:1)"},
		{"config/dev.yml", "y: ../b/x\n", "config/dev.yml > b/x (config/dev.yml:1)"},
		{"config/x", "1", "a > config/dev.yml (a/serverless.yml:1)"},
		{"config/link.yml@", "../b/z.yml", "config > b/z.yml (config/link.yml:0)"},
		{"b/z.yml", "", "a > config/link.yml (a/serverless.yml:1)"},
		{"config/eu/prod.yml", "", "a > b/z.yml (a/serverless.yml:1)"},
	} {
		f[step.name] = step.content
		r := f.Tree()
		trees = append(trees, r)
		w := load(t, loadOptions(t, r, "", cache, trees...))
		if got := edgesOf(w); !slices.Contains(got, step.want) || r.lists > 0 {
			t.Errorf("%s: %d listings, edges %q", step.name, r.lists, got)
		}
		if fresh := load(t, loadOptions(t, r, "", nil)); dump(t, w) != dump(t, fresh) {
			t.Errorf("%s: edges %q, want %q", step.name, edgesOf(w), edgesOf(fresh))
		}
	}
}

// A name with variables that may be of too many files opens the service.
func TestNameOfTooManyFiles(t *testing.T) {
	f := files{"a/serverless.yml": "x: ${file(../config/${opt:stage}.yml)}\n", "a/setup.cfg": ""}
	for i := range maxNamed + 1 {
		f[fmt.Sprintf("config/%d.yml", i)] = ""
		if w := load(t, loadOptions(t, f.Tree(), "", nil)); w.Services[0].Open != (i == maxNamed) {
			t.Errorf("of %d files: %+v, edges %q", i+1, w.Services[0], edgesOf(w))
		}
	}
}

// What an included file says is looked up for each service that includes it only where it may lead out of the service.
func TestIncludedValuesAreLookedUpOnce(t *testing.T) {
	f := files{"config/dev.yml": "a: ../x\nb: plain\nc: in/link\n"}
	for _, s := range []string{"a", "b", "c"} {
		f[s+"/serverless.yml"] = "x: ${file(../config/dev.yml)}\n"
	}
	f["c/in@"], f["libs/link"] = "../libs", ""
	w := load(t, loadOptions(t, f.Tree(), "", nil))
	var plain []string
	for _, e := range w.snapshot.probes() {
		if baseName(e.Path) == "plain" {
			plain = append(plain, e.Path)
		}
	}
	if want := []string{"c/plain", "config/plain"}; !slices.Equal(plain, want) {
		t.Errorf("looked up %q, want %q", plain, want)
	}
	if !slices.Contains(edgesOf(w), "c > libs/link (config/dev.yml:3)") {
		t.Errorf("edges %q", edgesOf(w))
	}
}
