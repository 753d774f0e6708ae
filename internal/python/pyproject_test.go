package python_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python"
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
