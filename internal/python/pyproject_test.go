package python_test

import (
	"fmt"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/buildsystem"
)

// describe writes what a manifest says in lines that a table of tests can hold: "line kind path[#subdirectory] name dev".
func describe(m *python.Manifest) string {
	var lines []string
	for _, r := range m.References {
		lines = append(lines, describeReference(r))
	}
	for _, s := range m.Sources {
		line := fmt.Sprintf("%d source %s %s", s.Line, s.Name, s.Path)
		if s.Subdirectory != "" {
			line += "#" + s.Subdirectory
		}
		if s.Workspace {
			line += "workspace"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func describeReference(r python.Reference) string {
	kind := map[python.Kind]string{
		python.PathDependency: "path", python.RequirementsFile: "-r", python.ConstraintsFile: "-c",
		python.FindLinks: "links", python.PackageSource: "source-of",
	}[r.Kind]
	line := fmt.Sprintf("%d %s %s", r.Line, kind, r.Path)
	if r.Subdirectory != "" {
		line += "#" + r.Subdirectory
	}
	if r.Name != "" {
		line += " (" + r.Name + ")"
	}
	if r.Dev {
		line += " dev"
	}
	return line
}

type manifestCase struct {
	name, text, want string
}

func checkManifests(t *testing.T, base string, cases []manifestCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := python.Parse(base, []byte(c.text))
			if err != nil {
				t.Fatalf("parse: %v", err)
			}
			if got, want := describe(m), strings.TrimSpace(c.want); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestPoetry(t *testing.T) {
	checkManifests(t, "pyproject.toml", []manifestCase{
		{"inline table", "[tool.poetry.dependencies]\npython = \"^3.12\"\nMy_Lib = {path = \"../lib\", develop = true, extras = [\"x\"]}\n", "3 path ../lib (my-lib)"},
		{"file", "[tool.poetry.dependencies]\nlib = {file = \"../dist/lib-1.0-py3-none-any.whl\"}\n", "2 path ../dist/lib-1.0-py3-none-any.whl (lib)"},
		{"sub-table", "[tool.poetry.dependencies.lib]\noptional = true\npath = \"../lib\"\nmarkers = \"python_version > '3'\"\n", "3 path ../lib (lib)"},
		{"dotted keys", "tool.poetry.dependencies.lib.path = \"../lib\"\n", "1 path ../lib (lib)"},
		{"quoted and escaped keys", "[\"tool\".'poetry'.\"d\\u0065pendencies\"]\n\"lib\" = {\"p\\u0061th\" = '../lib'}\n", "2 path ../lib (lib)"},
		{"subdirectory", "[tool.poetry.dependencies]\nlib = {path = \"../mono\", subdirectory = \"libs/a\"}\n", "2 path ../mono#libs/a (lib)"},
		{"array of constraints", `[tool.poetry.dependencies]
lib = [
  {path = "../lib-old", python = "<3.10"},
  {version = "^1", python = "3.10"},
  {path = "../lib-new", python = ">3.10"},
]
`, "3 path ../lib-old (lib)\n5 path ../lib-new (lib)"},
		{"array of tables", "[[tool.poetry.dependencies.lib]]\npath = \"../a\"\n[[tool.poetry.dependencies.lib]]\npath = \"../b\"\n", "2 path ../a (lib)\n4 path ../b (lib)"},
		{"groups", `[tool.poetry.group.dev.dependencies]
a = {path = "../a"}
[tool.poetry.group.Tests.dependencies]
b = {path = "../b"}
[tool.poetry.group.aws.dependencies]
c = {path = "../c"}
[tool.poetry.dev-dependencies]
d = {path = "../d"}
`, "2 path ../a (a) dev\n4 path ../b (b) dev\n6 path ../c (c)\n8 path ../d (d) dev"},
		{"included groups", `[tool.poetry.group.dev.dependencies]
a = {path = "../a"}
[tool.poetry.group.aws]
include-groups = ["dev"]
`, "2 path ../a (a)"},
		{"packages", `[tool.poetry]
packages = [
  {include = "mine"},
  {include = "shared/**/*.py", from = "../src"},
  {include = "*", from = "../all/"},
]
`, "3 source-of mine\n4 source-of ../src/shared\n5 source-of ../all"},
		{"url and git", `[tool.poetry.dependencies]
a = {url = "https://example.com/a.whl"}
b = {url = "file:///srv/b.whl"}
c = {git = "git@example.com:team/c.git"}
d = {git = "../d"}
`, "3 path /srv/b.whl (b)\n5 path ../d (d)"},
	})
}

func TestProject(t *testing.T) {
	checkManifests(t, "pyproject.toml", []manifestCase{
		{"direct references", `[project]
name = "svc"
dependencies = [
  "requests>=2 ; python_version > '3.8'",
  "a @ file:///srv/a",
  "b[x, y] @ file:../b ; python_version>'3'",
  "c@../c",
  "D_d @ file:///${PROJECT_ROOT}/../d",
  "e @ file://${PROJECT_ROOT}/../e#egg=e",
  "f @ {root:uri}/../f",
  "g @ {root:parent:uri}/g",
  "h @ {root:parent:parent:uri}/h",
  "i @ file:../my%20lib%2Fi",
  "j @ file:../mono#subdirectory=libs/j&egg=j",
  "k @ https://example.com/k.whl",
  "l @ git+https://example.com/l.git@main",
  "m @ git+file:///${PROJECT_ROOT}/../..@main#subdirectory=m",
  "n @ file:../n;python_version>'3'",
  "o @ file:../a;b",
  "p @ file://localhost/srv/p",
  "q @ FILE:../q?x=1",
  "r @ {env:HOME}/r",
  "s @ ../libs/${NAME}/s",
  "t @ {root}/../t",
  "u @ ../u[1]",
  "v_ @ ../v",
]
`, `5 path /srv/a (a)
6 path ../b (b)
7 path ../c (c)
8 path ../d (d-d)
9 path ../e (e)
10 path ../f (f)
11 path ../g (g)
12 path ../../h (h)
13 path ../my lib/i (i)
14 path ../mono#libs/j (j)
17 path ../..#m (m)
18 path ../n (n)
19 path ../a;b (o)
20 path /srv/p (p)
21 path ../q (q)
23 path ../libs (s)
24 path ../t (t)
25 path ../u[1] (u)
26 path ../v (v-)`},
		{"extras always count", "[project.optional-dependencies]\ndev = [\"a @ file:../a\"]\n", "2 path ../a (a)"},
		{"build system", "[build-system]\nrequires = [\"setuptools\",\n\"plugin @ file:../plugin\"]\n", "3 path ../plugin (plugin)"},
		{"groups", `[dependency-groups]
dev = ["a @ file:../a"]
Test = ["b @ file:../b", {include-group = "lint"}]
lint = ["c @ file:../c"]
docs = ["d @ file:../d"]
aws = ["e @ file:../e", {include-group = "docs"}, {include-group = "no-such"}, {include-group = "aws"}]
`, `2 path ../a (a) dev
3 path ../b (b) dev
4 path ../c (c) dev
5 path ../d (d)
6 path ../e (e)`},
		{"a byte order mark and CRLF", "\ufeff[project]\r\ndependencies = [\r\n'a @ file:../a',\r\n]\r\n", "3 path ../a (a)"},
		{"a string of several lines", "[project]\ndependencies = [\n\"\"\"\na @ \\\n  file:../a\"\"\"]\n", "3 path ../a (a)"},
		{"tables of another shape", "[project]\ndependencies = 'a @ file:../a'\noptional-dependencies = [1]\n[tool]\npoetry = 3\nuv = []\n[build-system]\nrequires = {a = 1}\n", ""},
	})
}

func TestUV(t *testing.T) {
	checkManifests(t, "pyproject.toml", []manifestCase{
		{"sources", `[project]
dependencies = ["a", "b", "c", "d"]
[tool.uv.sources]
A_a = { path = "../a", editable = true }
b = { workspace = true }
c = [
  { path = "../c-linux", marker = "sys_platform == 'linux'" },
  { git = "https://example.com/c", marker = "sys_platform != 'linux'" },
  { url = "file:../c.whl" },
]
e = { index = "internal" }
f = { path = "../mono", subdirectory = "f" }
g.path = "../g"
[tool.uv.sources.d]
path = "../d"
`, `4 source a-a ../a
5 source b workspace
7 source c ../c-linux
9 source c ../c.whl
12 source f ../mono#f
13 source g ../g
15 source d ../d`},
		{"sources as an array of tables", "[[tool.uv.sources.a]]\npath = '../a'\n[[tool.uv.sources.a]]\nworkspace = true\n", "2 source a ../a\n4 source a workspace"},
		{"not a member", "[tool.uv.sources]\na = { workspace = false }\n", ""},
		{"groups, constraints, places", `[tool.uv]
dev-dependencies = ["a @ file:../a"]
override-dependencies = ["b @ file:../b"]
find-links = ["../wheels", "https://example.com/wheels"]
extra-build-dependencies = { x = ["c @ file:../c", { requirement = "d @ file:../d" }] }
[[tool.uv.index]]
url = "https://example.com/simple"
[[tool.uv.index]]
url = "../index"
`, `2 path ../a (a) dev
3 path ../b (b)
4 links ../wheels
5 path ../c (c)
5 path ../d (d)
9 links ../index`},
	})
}

func TestUVWorkspaceAndDependencies(t *testing.T) {
	m, err := python.ParsePyproject([]byte(`[project]
name = "My.Root"
dynamic = ["version"]
dependencies = ["A_b[x]>=1", "c ; extra == 'y'"]
[project.optional-dependencies]
dev = ["d"]
[dependency-groups]
test = ["e", {include-group = "dev"}]
[build-system]
requires = ["f"]
[tool.poetry.dependencies]
python = "^3"
g = "*"
[tool.uv]
dev-dependencies = ["h"]
[tool.uv.workspace]
members = ["apps/*", "libs/**"]
exclude = ["apps/old"]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &python.Manifest{
		Name: "my-root",
		Dependencies: []python.Dependency{
			{Name: "a-b", Line: 4}, {Name: "c", Line: 4}, {Name: "d", Line: 6}, {Name: "e", Line: 8, Dev: true}, {Name: "f", Line: 10},
			{Name: "h", Line: 15, Dev: true},
		},
		PoetryDependencies: []python.Dependency{{Name: "g", Line: 13}},
		UVWorkspace:        &python.UVWorkspace{Members: []string{"apps/*", "libs/**"}, Exclude: []string{"apps/old"}, Line: 16},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
}

func TestDynamic(t *testing.T) {
	for text, want := range map[string]bool{
		"[project]\ndynamic = ['version']\n":                                          false,
		"[project]\ndynamic = ['version', 'dependencies']\n":                          true,
		"[project]\ndynamic = ['optional-dependencies']\n":                            true,
		"[tool.uv.sources]\na = {path = '../a'}\n":                                    true,
		"[tool.uv.workspace]\nmembers = []\n[tool.uv.sources]\na = {path = '../a'}\n": false,
		"[project]\nname = 'x'\n[tool.uv.sources]\na = {path = '../a'}\n":             false,
	} {
		m, err := python.ParsePyproject([]byte(text))
		if err != nil || m.Dynamic != want {
			t.Errorf("%q: dynamic is %v, want %v (%v)", text, m.Dynamic, want, err)
		}
	}
}

func TestPDM(t *testing.T) {
	checkManifests(t, "pyproject.toml", []manifestCase{
		{"editable", `[tool.pdm.dev-dependencies]
dev = ["-e file:///${PROJECT_ROOT}/../lib#egg=My_Lib"]
aws = ["-e file:///${PROJECT_ROOT}/../aws", "--editable=../x"]
[dependency-groups]
lint = ["-e file:///${PROJECT_ROOT}/../lint"]
`, `2 path ../lib (my-lib) dev
3 path ../aws
3 path ../x
5 path ../lint dev`},
		{"overrides", `[tool.pdm.resolution.overrides]
My_Lib = "file:///${PROJECT_ROOT}/../lib"
other = "1.0"
remote = "https://example.com/x.whl"
[tool.pdm.overrides]
b = "file:///${PROJECT_ROOT}/../b"
`, `2 path ../lib (my-lib)
6 path ../b (b)`},
	})
}

func TestHatch(t *testing.T) {
	checkManifests(t, "pyproject.toml", []manifestCase{
		{"requirements", `[tool.hatch.metadata.hooks.requirements_txt]
files = ["../reqs.txt", "own.txt"]
[tool.hatch.metadata.hooks.requirements_txt.optional-dependencies]
aws = ["../aws.txt"]
`, `2 -r ../reqs.txt
2 -r own.txt
4 -r ../aws.txt`},
		{"environments", `[tool.hatch.envs.default]
dependencies = ["a @ {root:uri}/../a"]
extra-dependencies = ["b @ {root:parent:uri}/b"]
[tool.hatch.envs.test]
dependencies = ["c @ file:../c"]
pre-install-commands = ["pip install -e ../d '../e e'", "echo hi"]
[tool.hatch.envs.lint]
dependencies = ["f @ file:../f"]
[tool.hatch.envs.check]
template = "lint"
[tool.hatch.envs.check.overrides]
platform.linux.dependencies = [{value = "g @ file:../g", if = ["x"]}]
matrix.x.set-dependencies = ["h @ file:../h"]
[tool.hatch.envs.work]
workspace.members = ["../libs/*", {path = "../i", features = ["x"]}]
`, `2 path ../a (a)
3 path ../b (b)
5 path ../c (c) dev
6 path ../d dev
6 path ../e e dev
8 path ../f (f)
12 path ../g (g)
13 path ../h (h)
15 path ../libs
15 path ../i`},
		{"force-include", `[tool.hatch.build.force-include]
"../shared/a.json" = "svc/a.json"
[tool.hatch.build.targets.wheel.force-include]
"/srv/b" = "b"
[tool.hatch.build.targets.sdist]
force-include = {"../c" = "c"}
`, "2 source-of ../shared/a.json\n4 source-of /srv/b\n6 source-of ../c"},
	})
}

func TestSetuptools(t *testing.T) {
	checkManifests(t, "pyproject.toml", []manifestCase{
		{"where", "[tool.setuptools.packages.find]\nwhere = [\"src\",\n\"../shared/src\"]\n", "2 source-of src\n3 source-of ../shared/src"},
		{"package-dir", "[tool.setuptools]\npackage-dir = {\"\" = \"../src\"}\n", "2 source-of ../src"},
		{"files", "[tool.setuptools.dynamic]\ndependencies = {file = [\"base.txt\", \"../common.txt\"]}\noptional-dependencies.x = {file = 'x.txt'}\n", "2 -r base.txt\n2 -r ../common.txt\n3 -r x.txt"},
	})
}

// What the packager takes from beside a project is what a plan counts.
func TestOutside(t *testing.T) {
	for _, text := range []string{
		"[project]\nreadme = '../R'\nlicense = {file = '../L'}\nlicense-files = ['../M*']",
		"[project]\nreadme = {file = '../R'}\nlicense-files = {paths = ['../L'], globs = ['../m/*']}",
		"[build-system]\nrequires = []\nbackend-path = ['../tools']",
		"[tool.poetry]\nreadme = ['a', '../R']\nbuild = '../b.py'\ninclude = ['../i/**/*.py', {path = '../j'}]\npackages = [{include = 'p', from = '../q'}]",
		"[tool.poetry.build]\nscript = '../b.py'",
		"[tool.setuptools]\nlicense-files = ['../L']\n[tool.setuptools.dynamic]\nversion = {file = ['../V']}\nreadme = {file = '../R'}",
		"[tool.hatch.version]\npath = '../V'\n[tool.hatch.metadata.hooks.custom]\npath = '../m.py'",
		"[tool.hatch.build.hooks.x]\npath = '../x.py'\n[tool.hatch.build.targets.wheel.hooks.y]\npath = '../y.py'",
		"[tool.hatch.build.force-include]\n'../f' = 'f'\n[tool.hatch.build.targets.wheel.force-include]\n'a/../../g' = 'g'",
		"[tool.hatch.build.targets.wheel]\nsbom-files = ['../s']\nshared-data = {'../d' = 'd'}\nshared-scripts = {'../c' = 'c'}\nextra-metadata = {'../m' = 'm'}",
		"[tool.pdm.build]\npackage-dir = '../p'\nincludes = ['../q/*.py']\nwheel-data = {data = ['../d', {path = '../e'}]}",
		"[tool.setuptools]\npackages.find.where = ['../w']\npackage-dir = {'' = '../p'}\ndata-files = {x = ['../d/*']}",
		"[tool.pdm.version]\npath = '../V'\n[tool.pdm.build]\ncustom-hook = '../c.py'\nsetup-script = '../s.py'",
	} {
		m, err := python.ParsePyproject([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		counted := map[string]int{}
		for _, r := range m.References {
			counted[path.Clean(r.Path)]++
		}
		system, err := buildsystem.Parse([]byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		taken := system.Outside
		for _, b := range system.Borrowed {
			taken = append(taken, path.Join(b.From, b.Include))
		}
		if len(taken) == 0 {
			t.Errorf("%s\nthe packager takes nothing", text)
		}
		for _, name := range taken {
			if counted[name] != 1 {
				t.Errorf("%s\n%s counts %d times, want once", text, name, counted[name])
			}
		}
	}
}
