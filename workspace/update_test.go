package workspace

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// keptFiles has a chain of services and libraries with what their findings may be a function of.
func keptFiles() files {
	return files{
		"a/serverless.yml":      "service: a\nx: ${file(../config/${opt:stage}.yml)}\n",
		"a/pyproject.toml":      fmt.Sprintf(poetry, "a") + "x = {path = \"../libs/x\"}\n",
		"b/serverless.yml":      "service: b\n",
		"b/requirements.txt":    "-r ../base.txt\n",
		"b/data@":               "../shared",
		"b/Makefile":            "all:\n\techo\n",
		"uv/pyproject.toml":     "[project]\nname = \"root\"\n[tool.uv.workspace]\nmembers = [\"*\"]\n",
		"uv/m/serverless.yml":   "service: m\n",
		"uv/m/pyproject.toml":   "[project]\nname = \"m\"\nversion = \"1\"\ndependencies = [\"n\"]\n[tool.uv.sources]\nn = {workspace = true}\n",
		"uv/n/pyproject.toml":   "[project]\nname = \"n\"\nversion = \"1\"\n",
		"libs/x/pyproject.toml": fmt.Sprintf(poetry, "x") + "y = {path = \"../y\"}\n",
		"libs/y/y.py":           "",
		"shared/run.sh":         "echo\n",
		"config/dev.yml":        "y: ../libs/y\n",
		"base.txt":              "-e ./libs/y\n",
		"README.md":             "",
	}
}

// What was found of a node is found again where, and only where, something differs of which it is a function. The test
// has the cache say of each node that it was kept.
func TestNodesAreKept(t *testing.T) {
	const nodes = "a b base.txt config config/dev.yml libs/x libs/y shared uv/m uv/n"
	for _, test := range []struct {
		path, content string // to be added, or without a content deleted
		read          string // the nodes that are read again, or reached no more
	}{
		{"a/pyproject.toml", fmt.Sprintf(poetry, "a") + "# more\nx = {path = \"../libs/x\"}\n", "a"},
		{"a/pyproject.toml", keptFiles()["a/pyproject.toml"] + "# more\n", ""},
		{"b/Makefile", "all:\n\techo more\n", ""},
		{"b/Makefile", "all:\n\tcd ../libs\n", "b"},
		{"b/requirements.txt", "# more\n-r ../base.txt\n", "b"},
		{"uv/pyproject.toml", keptFiles()["uv/pyproject.toml"] + "# more\n", "uv/m uv/n"},
		{"a/requirements.txt", "-e ../libs/y\n", "a"},
		{"libs/x/pyproject.toml", fmt.Sprintf(poetry, "x"), "libs/x"},
		{"libs/y/pyproject.toml", fmt.Sprintf(poetry, "y"), "libs/y"},
		{"base.txt", "-e ./libs/x\n", "b base.txt"},
		{"config/dev.yml", "y: ../libs/x\n", "a config config/dev.yml"},
		{"shared/run.sh", "cd ../libs\n", "b shared"},
		{"b/data@", "", "b shared"},
		{"uv/n/pyproject.toml", "[project]\nname = \"o\"\nversion = \"1\"\n", "uv/m uv/n"},
		{"uv/o/pyproject.toml", "[project]\nname = \"o\"\nversion = \"1\"\n", "uv/m"},
		{"uv/pyproject.toml", "[project]\nname = \"root\"\n", "uv/m uv/n"},
		{"pyproject.toml", "[tool.uv.workspace]\nmembers = []\n", "a libs/x"},
		{"c/serverless.yml", "service: c\nx: ../libs/x\n", ""},
		{"b/deep/serverless.yml", "service: deep\n", "b"},
		{"libs/y/inner/serverless.yml", "service: inner\n", "libs/y"},
	} {
		f := keptFiles()
		cache := &Cache{Dir: filepath.Join(t.TempDir(), "monoplan"), Failed: func(err error) { t.Error(err) }}
		old := f.Tree()
		o := loadOptions(t, old, "", cache)
		load(t, o)
		config := o.configKey("", "")
		all := cache.loadFindings(config, old.id)
		for _, f := range all {
			f.warnings = append(f.warnings, Warning{File: f.of.node, Message: "kept"})
		}
		cache.storeFindings(config, old.id, all)

		if f[test.path] = test.content; test.content == "" {
			delete(f, test.path)
		}
		head := f.Tree()
		w := load(t, loadOptions(t, head, "", cache, old))
		var kept []string
		if w.snapshot.madeFor == old.id {
			kept = strings.Fields(nodes) // with all else
		}
		for _, w := range w.Warnings {
			if w.Message == "kept" {
				kept = append(kept, w.File)
			}
		}
		read := strings.Fields(test.read)
		if want := slices.DeleteFunc(strings.Fields(nodes), func(n string) bool { return slices.Contains(read, n) }); !slices.Equal(kept, want) {
			t.Errorf("%s: kept %q, want %q", test.path, kept, want)
		}
	}
}

// A snapshot that was brought up to date over any history equals one that was made anew, and so does what is found in a
// working tree, whose changes have no IDs and which is not kept.
func TestUpdatedSnapshotsEqualNewOnes(t *testing.T) {
	configs := []string{
		"", "", "services: ['**', e, {path: libs/z, name: z}]\n",
		"dev_edges: true\nservices: ['*', 'uv/*', {path: e, marker: own.yml, depends_on: [libs]}]\n",
		"services: ['*', {path: b/c, depends_on: [libs/y], deploy: {command: sh ../../libs/x/run.sh}}]\nbefore_deploy: [sh run.sh]\n",
	}
	for seed := range uint64(120) {
		config := configs[seed%uint64(len(configs))]
		random := rand.New(rand.NewPCG(seed, 0))
		cache := &Cache{Dir: filepath.Join(t.TempDir(), "monoplan")}
		current := files{}
		var trees []*memoryTree
		for range 12 {
			for range 1 + random.IntN(3) {
				edit(random, current)
			}
			r := current.Tree()
			fresh := dump(t, load(t, loadOptions(t, r, config, nil)))
			if len(trees) > 0 {
				worktree := dump(t, load(t, loadOptions(t, r.uncommitted(trees[len(trees)-1]), config, cache, trees...)))
				if worktree != fresh {
					t.Fatalf("seed %d: working tree\n%s\nfresh\n%s\ntree %q", seed, worktree, fresh, current)
				}
			}
			trees = append(trees, r)
			updated := dump(t, load(t, loadOptions(t, r, config, cache, trees...)))
			again := dump(t, load(t, loadOptions(t, r, config, cache, trees...)))
			if updated != fresh || again != fresh {
				t.Fatalf("seed %d: updated\n%s\nagain\n%s\nfresh\n%s\ntree %q", seed, updated, again, fresh, current)
			}
		}
	}
}

// uncommitted gives the tree as it is while the differences to an older one are not committed.
func (t *memoryTree) uncommitted(old *memoryTree) *memoryTree {
	worktree := &memoryTree{content: t.content, entries: slices.Clone(t.entries)}
	for i, e := range worktree.entries {
		if e != old.lookup(e.Path) {
			worktree.entries[i].ID = ""
		}
	}
	return worktree
}

// edit makes one random change.
func edit(r *rand.Rand, f files) {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	dirs := []string{"a", "b", "b/c", "d", "libs/x", "libs/y", "libs", "uv", "uv/m", "uv/n"}
	dir, other := pick(dirs...), pick(dirs...)
	up := strings.Repeat("../", strings.Count(dir, "/")+1)
	put := func(name, content string) {
		delete(f, strings.TrimRight(name, "@#"))
		delete(f, strings.TrimRight(name, "@#")+"@")
		f[name] = content
	}
	uv := func(name string) string {
		return fmt.Sprintf("[project]\nname = %q\nversion = \"1\"\ndependencies = [%q]\n[tool.uv.sources]\n%s = {workspace = true}\n",
			name, pick("m", "n", "none"), pick("m", "n", "none"))
	}
	switch r.IntN(27) {
	case 0, 1:
		put(dir+"/serverless.yml", "service: "+baseName(dir)+"\n")
	case 2:
		put(dir+"/serverless.yml", "x: ${file("+up+other+"/"+pick("${opt:stage}", "dev", "prod")+".yml)}\n")
	case 3:
		put(dir+"/serverless.yml@", up+other+"/serverless.yml")
	case 4:
		put(dir+"/template.yaml", "x: "+up+other+"\n"+pick("", "Transform: AWS::Serverless-2016-10-31\n"))
	case 5:
		put(dir+"/"+pick("cdk.json", "sst.json"), fmt.Sprintf("{\"app\": %q}", up+other))
	case 6:
		put(dir+"/"+pick("dev", "prod", "eu/dev")+".yml", "y: "+up+other+"\n"+pick("", "z: ${file(x.json)}\n"))
	case 7:
		put(dir+"/pyproject.toml", fmt.Sprintf(poetry, baseName(dir))+fmt.Sprintf("x = {path = %q}\n", up+other))
	case 8:
		put(dir+"/pyproject.toml", fmt.Sprintf(poetry, baseName(dir))+fmt.Sprintf("[tool.poetry.group.dev.dependencies]\nx = {path = %q}\n", up+other))
	case 9:
		put(dir+"/pyproject.toml", "broken [")
	case 10:
		put(dir+"/pyproject.toml@", up+other+"/pyproject.toml")
	case 11:
		put("uv/pyproject.toml", uv("root")+"[tool.uv.workspace]\nmembers = ["+pick(`"m"`, `"*"`, "")+"]\n")
	case 12:
		put("uv/"+pick("m", "n")+"/pyproject.toml", uv(pick("m", "n")))
	case 13:
		put(dir+"/poetry.lock", fmt.Sprintf("[[package]]\nname = \"x\"\n[package.source]\ntype = \"directory\"\nurl = %q\n", up+other))
	case 14:
		put(dir+"/requirements.txt", "-r "+up+other+"/more.txt\n-e "+up+other+"\n")
	case 15:
		put(dir+"/more.txt", "./"+baseName(other)+"\n")
	case 16:
		put(dir+"/Pipfile", fmt.Sprintf("[packages]\nx = {path = %q}\n", up+other))
	case 17:
		put("libs/z/"+pick("setup.py", "pyproject.toml", "deep/requirements.txt"), pick("", "[project]\nname = 'z'\n", "-e ../../x\n"))
	case 18:
		put(dir+"/link@", up+other)
	case 19:
		put(dir+"/"+string(rune('a'+r.IntN(6)))+".js", "")
	case 20:
		put(dir+"/"+pick("Makefile", "run.sh", "setup.py"), "x:\n\t"+pick("cd ..", "cd ..x", "cd ../y", "pip install -r more.txt")+"\n")
	case 21:
		put("e/"+pick("x", "own.yml", "pyproject.toml"), pick("", "service: e\n", "x: ../"+other+"\n"))
	case 22:
		put(dir+"/sub#", pick("1", "2"))
	case 23, 24: // says nothing new, but of another line where it comes first
		for _, n := range slices.Sorted(maps.Keys(f)) {
			switch baseName(n) {
			case "pyproject.toml", "serverless.yml", "requirements.txt", "Makefile", "more.txt", "dev.yml":
				f[n] = pick("# new\n"+f[n], f[n]+"# new\n")
			}
		}
	default:
		if names := slices.Sorted(maps.Keys(f)); len(names) > 0 {
			delete(f, pick(names...))
		}
	}
}

// Findings that come out of the cache are those that went in, every field of them.
func TestFindingsKeepEveryField(t *testing.T) {
	var f findings
	fill(reflect.ValueOf(&f).Elem(), new(int))
	for i := range f.edges {
		f.edges[i].from = f.of.node
	}
	f.reached = false // is found out by each run
	var e encoder
	encodeFindings(&e, []*findings{&f, {}})
	d := newDecoder(e.buf)
	if got := decodeFindings(d); len(got) != 2 || !reflect.DeepEqual(*got[0], f) || d.err != nil || d.rest != "" {
		t.Errorf("got %+v, error %v, rest %q", got, d.err, d.rest)
	}
}
