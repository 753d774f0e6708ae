package project_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/project"
	"github.com/monoplan/monoplan/internal/python/syntax"
)

func parse(t *testing.T, text string) *project.Project {
	t.Helper()
	p, err := project.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// describe writes requirements as a line: name, extras, versions, where from, and the number of conditions.
func describe(requirements []project.Requirement) string {
	var all []string
	for _, r := range requirements {
		text := r.Name
		if len(r.Extras) > 0 {
			text += "[" + strings.Join(r.Extras, ",") + "]"
		}
		text += r.Text
		switch {
		case r.Path != "":
			text += "@" + r.Path
		case r.Workspace:
			text += "@workspace"
		case r.Elsewhere:
			text += "@elsewhere"
		}
		if len(r.ForExtras) > 0 {
			text += " for " + strings.Join(r.ForExtras, ",")
		}
		text += strings.Repeat("?", len(r.Conditions))
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func TestRequirements(t *testing.T) {
	for _, c := range []struct{ name, text, main string }{
		{"poetry", "[tool.poetry.dependencies]\npython = \"^3.9\"\nA_b = \"^1\"\nc = {version = \"*\", extras = [\"X.y\"], optional = true, markers = \"os_name == 'posix'\", python = \"<3.12\", platform = \"linux\"}\nd = {path = \"../d\"}\ne = {git = \"https://example.com/e\"}\nf = [{version = \"1\", python = \"<3.10\"}, {version = \"2\", python = \">=3.10\"}]\n[tool.poetry.extras]\nmore = [\"c\"]\n", "a-b^1; c[x-y]* for more???; d@../d; e@elsewhere; f1?; f2?"},
		{"project", "[project]\ndependencies = [\"a>=1\", \"b @ file:../b\", \"c @ https://example.com/c.whl ; os_name == 'nt'\"]\n[project.optional-dependencies]\nmore = [\"d\"]\n", "a>=1; b@../b; c@elsewhere?; d for more"},
		{"project, and where from", "[project]\ndependencies = [\"a\", \"b>=1\"]\n[tool.poetry.dependencies]\na = {path = \"../a\"}\nnot-one = \"*\"\n", "a@../a; b>=1"},
		{"project without dependencies", "[project]\nname = \"x\"\ndynamic = [\"dependencies\"]\n[tool.poetry.dependencies]\na = \"1\"\n", "a1"},
		{"uv", "[project]\ndependencies = [\"a\", \"b\", \"c\"]\n[tool.uv.sources]\na = {workspace = true}\nb = [{path = \"../b\"}]\nc = {git = \"https://example.com/c\"}\n", "a@workspace; b@../b; c@elsewhere"},
	} {
		if got := describe(parse(t, c.text).Main); got != c.main {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.main)
		}
	}
}

func TestGroups(t *testing.T) {
	p := parse(t, "[tool.poetry.group.ops.dependencies]\na = \"1\"\n[tool.poetry.group.All]\ninclude-groups = [\"ops\", \"all\"]\n[tool.poetry.dev-dependencies]\nb = \"*\"\n[dependency-groups]\nlint = [\"c\", {include-group = \"types\"}]\ntypes = [\"d\", {include-group = \"lint\"}]\n")
	for group, want := range map[string]string{"ops": "a1", "all": "a1", "dev": "b*", "lint": "c; d", "types": "d; c"} {
		if got := describe(p.Groups[group]); got != want {
			t.Errorf("%s: %s, want %s", group, got, want)
		}
	}
}

func TestConditions(t *testing.T) {
	p := parse(t, "[tool.poetry.dependencies]\na = {version = \"*\", python = \"<=3.11\"}\nb = {version = \"*\", python = \"~3.12 || 3.9.*\"}\nc = {version = \"*\", platform = \"!=win32\"}\nd = {version = \"*\", platform = \"darwin||win32\"}\ne = {version = \"*\", python = \">=3.12.9\"}\n")
	env := marker.Environment{SysPlatform: "linux", PythonVersion: "3.11", PythonFullVersion: "3.11.13"}
	holding := func() string {
		var names []string
		for _, r := range p.Main {
			if r.Holds(env) {
				names = append(names, r.Name)
			}
		}
		return strings.Join(names, " ")
	}
	if got := holding(); got != "a c" {
		t.Errorf("3.11: %s", got)
	}
	env.PythonVersion, env.PythonFullVersion = "3.12", "3.12.11"
	if got := holding(); got != "b c e" {
		t.Errorf("3.12: %s", got)
	}
}

func TestIndexes(t *testing.T) {
	p := parse(t, "[[tool.poetry.source]]\nname = \"a\"\nurl = \"https://example.com/a\"\npriority = \"Explicit\"\n[[tool.poetry.source]]\nname = \"b\"\nsecondary = true\n[[tool.uv.index]]\nurl = \"https://example.com/c\"\ndefault = true\n")
	var got []string
	for _, index := range p.Indexes {
		got = append(got, index.Name+" "+index.URL+" "+index.Priority)
	}
	if want := []string{"a https://example.com/a explicit", "b  secondary", " https://example.com/c default"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestErrors(t *testing.T) {
	for text, line := range map[string]int{
		"[project]\ndependencies = [\n\"a\",\n\"b >= \"]\n":              4,
		"[tool.poetry.dependencies]\na = \"^x\"\n":                       2,
		"[project]\nrequires-python = \"three\"\n":                       2,
		"[tool.poetry.dependencies]\na = {version='1', markers = 'x'}\n": 2,
		"[project\n": 1,
	} {
		_, err := project.Parse([]byte(text))
		var at *syntax.Error
		if !errors.As(err, &at) || at.Line != line {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[project]\ndependencies = ['a>=1 ; os_name == \"x\"', 'b @ file:../b']\n[tool.poetry.dependencies]\na = [{version='^1 || ~2', python='<3', platform='!=x'}]\n[tool.poetry.group.x]\ninclude-groups=['x']\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := project.Parse(data)
		if err != nil {
			return
		}
		for _, r := range p.Main {
			if r.Line < 1 {
				t.Errorf("%+v", r)
			}
			r.Holds(marker.Environment{})
		}
	})
}
