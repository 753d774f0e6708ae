package workspace

import (
	"fmt"
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
