package buildsystem

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	old := System{Requires: []string{"setuptools>=40.8.0"}, Backend: "setuptools.build_meta:__legacy__"}
	for text, want := range map[string]System{
		"":                      old,
		"[project]\nname = 'a'": old,
		"[build-system]\nrequires = ['setuptools', 'wheel']": {
			Requires: []string{"setuptools", "wheel"}, Backend: "setuptools.build_meta:__legacy__",
		},
		"[build-system]\nrequires = ['poetry-core>=1']\nbuild-backend = 'poetry.core.masonry.api'": {
			Requires: []string{"poetry-core>=1"}, Backend: "poetry.core.masonry.api", Pure: true,
		},
		"[build-system]\nrequires = ['poetry-core']\nbuild-backend = 'poetry.core.masonry.api'\n[tool.poetry.build]\nscript = 'b.py'": {
			Requires: []string{"poetry-core"}, Backend: "poetry.core.masonry.api", Named: []string{"b.py"},
		},
		"[build-system]\nrequires = ['hatchling', 'hatch-vcs']\nbuild-backend = 'hatchling.build'": {
			Requires: []string{"hatchling", "hatch-vcs"}, Backend: "hatchling.build",
		},
		"[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n[tool.hatch.build.targets.wheel.hooks.custom]\npath = 'x.py'": {
			Requires: []string{"hatchling"}, Backend: "hatchling.build", Named: []string{"x.py"},
		},
		"[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['tools']": {
			Requires: []string{}, Backend: "own", Path: []string{"tools"}, Named: []string{"tools"},
		},
		"[tool.poetry]\nreadme = ['../README.md', 'own.md']\npackages = [{include = 'a', from = '../x'}, {include = 'b'}, {include = 'c/**/*.py', from = '..'}]\n" +
			"include = ['../data/*.json', {path = '../one', format = 'wheel'}, 7]": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../README.md", "../data", "../one"}, Named: []string{"own.md"},
			Borrowed: []Borrowed{{"../x", "a"}, {"..", "c"}},
		},
		"[project]\nreadme = 'R'\nlicense-files = ['L/*']\n[tool.setuptools.dynamic]\nversion = {file = '../../V'}\nx = {file = ['a', '/b']}\n" +
			"y = {attr = 'p.q.z'}\n[tool.hatch.version]\npath = '../V'\n[tool.hatch.build.hooks.own]\npath = 'h.py'\n" +
			"[tool.hatch.metadata.hooks.custom]\npath = 'm.py'\n[tool.pdm.build]\ncustom-hook = 'c.py'\n[tool.pdm.version]\npath = 'v.py'": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../../V", "../V"},
			Named:        []string{"L/*", "R", "a", "c.py", "h.py", "m.py", "p/q.py", "p/q/__init__.py", "src/p/q.py", "src/p/q/__init__.py", "v.py"},
			VersionFiles: []string{"../../V", "../V"},
		},
		"[project]\nreadme = {file = '../../R'}\nlicense = {file = '../L'}\n[tool.hatch.build.targets.wheel.force-include]\n'../a' = 'b'\n" +
			"[tool.hatch.build.force-include]\n'x/../../b' = 'c'": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../../R", "../L", "../a", "../b"},
		},
		"[tool.hatch.build.targets.wheel]\nsbom-files = ['../s.json']\nshared-data = {'../d' = 'share', own = 'x'}\nshared-scripts = {'../c' = 'c'}\n" +
			"extra-metadata = {'../m' = 'm'}\nforce-include = {'/usr/x' = 'x'}": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../c", "../d", "../m", "../s.json"},
		},
		"[tool.pdm.build]\npackage-dir = '../p'\nincludes = ['../p/a/**/*.py', 'own']\n" +
			"wheel-data = {scripts = ['../w/*'], data = [{path = '../v/x', relative-to = '..'}]}": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../p", "../p/a", "../v/x", "../w"},
		},
		"[tool.setuptools]\npackage-dir = {'' = '../p', own = 'own'}\npackages.find.where = ['../w']\ndata-files = {share = ['../d/*.txt', 'own.txt']}": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../d", "../p", "../w"},
		},
		"[tool.polylith.bricks]\n'../../bases/a/api' = 'a/api'\n'components/a/log' = 'a/log'\n[tool.polylith.build]\ntop-namespace = 'b'": {
			Requires: old.Requires, Backend: old.Backend, Outside: []string{"../../bases/a/api"},
		},
	} {
		got, err := Parse([]byte(text), nil)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q\n got %+v, %v\nwant %+v", text, got, err, want)
		}
	}
}

// A table of hatch.toml takes the place of the same table below [tool.hatch], all of it.
func TestHatchFile(t *testing.T) {
	const build = "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
	for _, c := range []struct {
		pyproject, hatch string
		pure             bool
		outside          []string
	}{
		{build, "", true, nil},
		{build, "[build.hooks.custom]", false, nil},
		{build, "[build.targets.wheel.hooks.custom]\npath = '../h.py'", false, []string{"../h.py"}},
		{build + "[tool.hatch.build.hooks.custom]", "[build]\nexclude = ['x']", true, nil},
		{build + "[tool.hatch.build.hooks.custom]", "[version]\npath = '../V'", false, []string{"../V"}},
		{build + "[tool.hatch.version]\npath = '../V'", "[build.force-include]\n'../a' = 'b'", true, []string{"../V", "../a"}},
	} {
		got, err := Parse([]byte(c.pyproject), []byte(c.hatch))
		if err != nil || got.Pure != c.pure || !slices.Equal(got.Outside, c.outside) {
			t.Errorf("%q, %q: %+v, %v", c.pyproject, c.hatch, got, err)
		}
	}
	if _, err := Parse([]byte(build), []byte("[")); err == nil || !strings.HasPrefix(err.Error(), "hatch.toml: ") {
		t.Errorf("of a broken hatch.toml: %v", err)
	}
}

func TestNamedInSetup(t *testing.T) {
	got := NamedInSetup([]byte("[metadata]\nversion = file: V\n# x = file: no\nlong_description = file: R.md, ./C.md\nname = a\nother = attr: p.x\n"))
	if want := []string{"V", "R.md", "C.md", "p.py", "p/__init__.py", "src/p.py", "src/p/__init__.py"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{"[build-system", "[build-system]\nbuild-backend = 'x'", "[build-system]\nrequires = 1"} {
		if got, err := Parse([]byte(text), nil); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[build-system]\nrequires = ['a']\nbuild-backend = 'b'\n[tool.poetry]\nbuild = 'b.py'"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data, data)
		if err == nil && s.Backend == "" {
			t.Errorf("%q has no backend", data)
		}
	})
}
