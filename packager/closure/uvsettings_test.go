package closure_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/closure"
)

// uvSettings is a workspace whose root tells uv all that a lock remembers, and what uv 0.13 made of it.
func uvSettings() tree {
	return tree{
		"pyproject.toml": `[project]
name = "svc"
version = "1"
requires-python = ">=3.9"
dependencies = ["lib"]
[project.optional-dependencies]
a = []
b = []
c = []
[tool.uv]
override-dependencies = ["lib>=0 ; python_version > '3.8'", "elsewhere>1"]
constraint-dependencies = ["lib>=0,<9", "nowhere>1 ; python_version >= '3.9'"]
build-constraint-dependencies = ["setuptools==70"]
exclude-dependencies = ["attrs"]
resolution = "lowest-direct"
prerelease = "allow"
fork-strategy = "fewest"
exclude-newer = "2026-01-01T00:00:00Z"
environments = ["sys_platform == 'linux'"]
required-environments = ["sys_platform == 'linux' and platform_machine == 'x86_64'"]
conflicts = [[{extra = "a"}, {extra = "b"}]]
[[tool.uv.dependency-metadata]]
name = "lib"
version = "2"
requires-dist = []
[tool.uv.workspace]
members = ["libs/*"]
[tool.uv.sources]
lib = {workspace = true}
`,
		"libs/lib/pyproject.toml": "[project]\nname = \"lib\"\nversion = \"2\"\nrequires-python = \">=3.10\"\n",
		"uv.lock": `version = 1
revision = 5
requires-python = ">=3.10"
resolution-markers = [
    "sys_platform == 'linux'",
]
supported-markers = [
    "sys_platform == 'linux'",
]
required-markers = [
    "platform_machine == 'x86_64' and sys_platform == 'linux'",
]
conflicts = [[
    { package = "svc", extra = "a" },
    { package = "svc", extra = "b" },
]]

[options]
resolution-mode = "lowest-direct"
prerelease-mode = "allow"
fork-strategy = "fewest"
exclude-newer = "2026-01-01T00:00:00Z"

[manifest]
members = [
    "lib",
    "svc",
]
constraints = [
    { name = "lib", editable = "libs/lib" },
    { name = "nowhere", marker = "python_full_version >= '3.9'", specifier = ">1" },
]
overrides = [
    { name = "elsewhere", specifier = ">1" },
    { name = "lib", marker = "python_full_version >= '3.9'", editable = "libs/lib" },
]
excludes = ["attrs"]
build-constraints = [{ name = "setuptools", specifier = "==70" }]

[[manifest.dependency-metadata]]
name = "lib"
version = "2"

[[package]]
name = "lib"
version = "2"
source = { editable = "libs/lib" }

[[package]]
name = "svc"
version = "1"
source = { virtual = "." }
dependencies = [
    { name = "lib" },
]

[package.metadata]
requires-dist = [{ name = "lib", editable = "libs/lib" }]
provides-extras = ["a", "b", "c"]
`,
	}
}

// uvSettingsCases are edits, "old => new", and which setting is found to be another one. Where uv says another thing than is said
// here, uvSays has it.
var uvSettingsCases = []struct{ file, old, with, setting, uvSays string }{
	{with: ""},
	{old: `"lib>=0 ; python_version > '3.8'", `, setting: "override-dependencies"},
	{old: `"elsewhere>1"`, with: `"Elsewhere >1.0"`, setting: ""},
	{old: `"elsewhere>1"`, with: `"elsewhere>2"`, setting: "override-dependencies"},
	{old: `, "elsewhere>1"`, with: `, "elsewhere>1", "third"`},
	{old: `, "elsewhere>1"`, setting: "override-dependencies"},
	{old: `; python_version > '3.8'`, with: "; python_version < '3.8'", setting: "override-dependencies"},
	{old: `"nowhere>1 ; python_version >= '3.9'"`, with: `"nowhere>2"`, setting: "constraint-dependencies"},
	{old: `setuptools==70`, with: "setuptools==71", setting: "build-constraint-dependencies"},
	{old: `setuptools==70"`, with: `setuptools==70", "wheel"`, setting: "build-constraint-dependencies"},
	{old: `"attrs"`, with: `"Attrs"`},
	{old: `"attrs"`, with: `"lib", "attrs"`, setting: "exclude-dependencies"},
	{old: `"attrs"`, setting: "exclude-dependencies"},
	{old: `"lowest-direct"`, with: `"highest"`, setting: "resolution"},
	{old: `"allow"`, with: `"disallow"`, setting: "prerelease"},
	{old: `"fewest"`, with: `"requires-python"`, setting: "fork-strategy"},
	{old: `resolution = "lowest-direct"`, uvSays: "stale"},
	{old: `exclude-newer = "2026-01-01T00:00:00Z"`, uvSays: "stale"},
	{old: `2026-01-01T00:00:00Z`, with: "2026-02-01T00:00:00Z"},
	{old: `2026-01-01T00:00:00Z`, with: "2025-12-01T00:00:00Z", setting: "exclude-newer"},
	{old: `2026-01-01T00:00:00Z`, with: "2025-12-01", setting: "exclude-newer"},
	{old: `environments = ["sys_platform == 'linux'"]` + "\n", with: "environments = [\"sys_platform == 'darwin'\"]\n", setting: "environments"},
	{old: `environments = ["sys_platform == 'linux'"]` + "\n", with: "environments = \"os_name == 'posix' and sys_platform == 'linux'\"\n", uvSays: "stale"},
	{old: `required-environments = ["sys_platform == 'linux' and platform_machine == 'x86_64'"]`, setting: "required-environments"},
	{old: `{extra = "a"}, {extra = "b"}`, with: `{extra = "b"}, {extra = "a", package = "svc"}`},
	{old: `{extra = "b"}]]`, with: `{extra = "c"}]]`, setting: "conflicts"},
	{old: `conflicts = [[{extra = "a"}, {extra = "b"}]]`, setting: "conflicts"},
	{old: `version = "2"` + "\nrequires-dist", with: "version = \"3\"\nrequires-dist", setting: "dependency-metadata"},
	{old: `requires-python = ">=3.9"`, with: `requires-python = ">=3.8"`},
	{old: `requires-python = ">=3.9"`, with: `requires-python = ">=3.11"`, setting: "requires-python"},
	{old: `requires-python = ">=3.9"`, with: `requires-python = ">=3.9,<3.14"`, setting: "requires-python"},
	{file: "libs/lib/pyproject.toml", old: `>=3.10`, with: `>=3.10.0`},
	{file: "libs/lib/pyproject.toml", old: `>=3.10`, with: `>=3.9`, setting: "requires-python"},
	{file: "libs/lib/pyproject.toml", old: `"lib"`, with: `"other"`, setting: "members"},
}

func TestUVSettings(t *testing.T) {
	for _, c := range uvSettingsCases {
		files := edited(t, uvSettings(), c.file, c.old, c.with)
		if got := staleSetting(t, files); got != c.setting {
			t.Errorf("%q => %q: %q, want %q", c.old, c.with, got, c.setting)
		}
	}
}

// uv's own verdict on the same edits, with a lock of its own.
func TestUVSettingsLive(t *testing.T) {
	tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS")
	if tools == "" {
		t.Skip("MONOPLAN_TEST_PYTHON_TOOLS names no directory of Python tools")
	}
	uv := func(dir string, arguments ...string) (string, error) {
		command := exec.CommandContext(t.Context(), filepath.Join(tools, "bin", "uv"), append(arguments, "--offline", "--python", filepath.Join(tools, "bin", "python"))...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		return string(out), err
	}
	files, locked := uvSettings(), t.TempDir()
	delete(files, "uv.lock")
	for name, text := range files {
		writeFile(t, filepath.Join(locked, name), text)
	}
	if out, err := uv(locked, "lock"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lock, err := os.ReadFile(filepath.Join(locked, "uv.lock"))
	if err != nil {
		t.Fatal(err)
	}
	files["uv.lock"] = string(lock)
	for _, c := range uvSettingsCases {
		files, dir := edited(t, files, c.file, c.old, c.with), t.TempDir()
		for name, text := range files {
			writeFile(t, filepath.Join(dir, name), text)
		}
		out, err := uv(dir, "lock", "--check")
		if stale := c.setting != "" || c.uvSays == "stale"; (err != nil) != stale {
			t.Errorf("%q => %q: uv says %v\n%s", c.old, c.with, err, out)
		}
		if got := staleSetting(t, files); got != c.setting {
			t.Errorf("%q => %q: %q, want %q", c.old, c.with, got, c.setting)
		}
	}
}

func edited(t *testing.T, files tree, file, old, with string) tree {
	t.Helper()
	if file == "" {
		file = "pyproject.toml"
	}
	made := tree{}
	for name, text := range files {
		if made[name] = text; name != file {
			continue
		}
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in %s", old, file)
		}
		made[name] = strings.Replace(text, old, with, 1)
	}
	return made
}

// staleSetting gives the setting that a closure of the root finds to be another one.
func staleSetting(t *testing.T, files tree) string {
	t.Helper()
	_, err := closure.Resolve(files.read, ".", closure.Options{Target: lambda(t, "3.12", "arm64")})
	var stale *closure.StaleError
	if errors.As(err, &stale) {
		return stale.Setting
	}
	if err != nil {
		t.Error(err)
	}
	return ""
}

// An index that [tool.uv.sources] names is in the lock by its URL.
func TestUVIndexOfDependency(t *testing.T) {
	for _, c := range []struct {
		sources, locked string
		stale           bool
	}{
		{"", "", false},
		{"requests = {index = 'x'}", `, index = "https://user@example.com/simple"`, false},
		{"requests = {index = 'x'}", `, index = "https://example.com/other"`, true},
		{"requests = {index = 'x'}", "", true},
		{"", `, index = "https://example.com/simple"`, true},
		{"requests = {index = 'x', marker = \"sys_platform == 'win32'\"}", "", false},
		{"requests = [{index = 'x', marker = \"sys_platform == 'win32'\"}]", "", false},
	} {
		files := tree{
			"pyproject.toml": "[project]\nname = 'svc'\ndependencies = ['requests']\n[[tool.uv.index]]\nname = 'x'\nurl = 'https://example.com/simple/'\n[tool.uv.sources]\n" + c.sources,
			"uv.lock":        "version = 1\n[[package]]\nname = 'requests'\nversion = '2'\nsource = { registry = 'https://example.com/simple' }\n[[package]]\nname = 'svc'\nsource = { virtual = '.' }\ndependencies = [{ name = 'requests' }]\n[package.metadata]\nrequires-dist = [{ name = 'requests'" + c.locked + " }]\n",
		}
		_, err := closure.Resolve(files.read, ".", closure.Options{Target: lambda(t, "3.12", "arm64")})
		var stale *closure.StaleError
		if errors.As(err, &stale) != c.stale || !c.stale && err != nil {
			t.Errorf("%s %s: %v", c.sources, c.locked, err)
		}
	}
}
