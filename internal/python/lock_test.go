package python_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python"
)

func describeLocal(l *python.Lock, m *python.Manifest) string {
	var lines []string
	for _, r := range l.Local(m) {
		lines = append(lines, describeReference(r))
	}
	return strings.Join(lines, "\n")
}

type lockCase struct {
	name, manifest, lock, want string
}

func checkLocks(t *testing.T, parse func([]byte) (*python.Lock, error), cases []lockCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := python.ParsePyproject([]byte(c.manifest))
			if err != nil {
				t.Fatalf("manifest: %v", err)
			}
			l, err := parse([]byte(c.lock))
			if err != nil {
				t.Fatalf("lock: %v", err)
			}
			if got, want := describeLocal(l, m), strings.TrimSpace(c.want); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			lines := strings.Split(c.lock, "\n")
			for _, r := range l.Local(m) {
				if !strings.Contains(lines[r.Line-1], r.Path) && r.Kind == python.PathDependency {
					t.Errorf("line %d, %q, does not hold %q", r.Line, lines[r.Line-1], r.Path)
				}
			}
		})
	}
}

// poetryLocked writes a package of a poetry.lock: "name -> need need" with lines of its own, and a local source.
func poetryLocked(name, source, own string, needs ...string) string {
	text := fmt.Sprintf("[[package]]\nname = %q\nversion = \"1\"\n%sfiles = [\n    {file = \"%s-1.whl\", hash = \"sha256:00\"},\n]\n", name, own, name)
	if len(needs) > 0 {
		text += "\n[package.dependencies]\n"
		for _, need := range needs {
			text += need + " = \"*\"\n"
		}
	}
	if source != "" {
		text += "\n[package.source]\ntype = \"directory\"\nurl = \"" + source + "\"\n"
	}
	return text + "\n"
}

func TestPoetryLock(t *testing.T) {
	checkLocks(t, python.ParsePoetryLock, []lockCase{
		{"sources", "", `[[package]]
name = "My_Lib"
[package.source]
type = "directory"
url = "../lib"
[[package]]
name = "wheel"
source = {type = "file", url = "../w.whl", subdirectory = "x"}
[[package]]
name = "git"
[package.source]
type = "git"
url = "../git"
[[package]]
name = "self"
source = {url = ".", type = 'directory'}
[metadata]
lock-version = "2.0"
`, "5 path ../lib (my-lib)\n8 path ../w.whl#x (wheel)"},
		{"escapes", "", "[[package]]\nname = \"a\"\nsource = {type = \"d\\u0069rectory\", url = \"../a\"}\n", "3 path ../a (a)"},
		{"groups of 2.1", "[tool.poetry.dependencies]\na = '*'\n[tool.poetry.group.dev.dependencies]\nb = '*'\nc = '*'\n",
			poetryLocked("a", "../a", "groups = [\"main\"]\n") +
				poetryLocked("b", "../b", "groups = [\"dev\", \"test\"]\n") +
				poetryLocked("c", "../c", "groups = [\"dev\", \"aws\"]\n"),
			"11 path ../a (a)\n23 path ../b (b) dev\n35 path ../c (c)"},
		{"groups that the manifest has moved", "[tool.poetry.dependencies]\nb = '*'\n",
			poetryLocked("b", "", "groups = [\"dev\"]\n", "c") + poetryLocked("c", "../c", "groups = [\"dev\"]\n"),
			"22 path ../c (c)"},
		{"categories of 1.1", "[tool.poetry.dependencies]\na = '*'\n[tool.poetry.group.aws.dependencies]\nb = '*'\n[tool.poetry.dev-dependencies]\nc = '*'\n",
			poetryLocked("a", "../a", "category = \"main\"\n") +
				poetryLocked("b", "../b", "category = \"dev\"\n") +
				poetryLocked("c", "../c", "category = \"dev\"\n") +
				poetryLocked("d", "../d", "category = \"main\"\n"),
			"11 path ../a (a)\n23 path ../b (b)\n35 path ../c (c) dev\n47 path ../d (d)"},
		{"neither, in 2.0", "[tool.poetry.dependencies]\na = '*'\n[tool.poetry.group.dev.dependencies]\nb = '*'\n",
			poetryLocked("a", "", "", "C") + poetryLocked("b", "", "", "c", "d") + poetryLocked("c", "../c", "") + poetryLocked("d", "../d", "", "e") +
				poetryLocked("e", "../e", "", "d") + poetryLocked("stale", "../stale", "", "f") + poetryLocked("f", "../f", "") +
				poetryLocked("x", "../x", "", "y") + poetryLocked("y", "../y", "", "x"),
			`31 path ../c (c)
45 path ../d (d) dev
59 path ../e (e) dev
73 path ../stale (stale)
84 path ../f (f)
98 path ../x (x)
112 path ../y (y)`},
		{"nothing local", "", poetryLocked("a", "", ""), ""},
	})
}

func TestUVLock(t *testing.T) {
	const self = "version = 1\n\n[[package]]\nname = \"svc\"\nsource = { virtual = \".\" }\n"
	checkLocks(t, python.ParseUVLock, []lockCase{
		{"sources", "", self + `
[[package]]
name = "a"
source = { editable = "../a" }

[[package]]
name = "B_b"
source = { directory = "../b", subdirectory = "sub" }

[[package]]
name = "c"
[package.source]
path = "../c.whl"

[[package]]
name = "d"
source = { virtual = "../d" }

[[package]]
name = "e"
source = { registry = "../wheels" }

[[package]]
name = "pathspec"
source = { registry = "https://example.com/simple" }
`, `9 path ../a (a)
13 path ../b#sub (b-b)
18 path ../c.whl (c)
22 path ../d (d)
26 links ../wheels (e)`},
		{"development", "", `[[package]]
name = "svc"
source = { editable = "." }
dependencies = [
    { name = "a", extra = ["x"] },
]

[package.optional-dependencies]
wheels = [{ name = "b" }]

[package.dev-dependencies]
dev = [{ name = "c" }, { name = "a" }, { name = "b" }]
aws = [{ name = "d" }]

[[package]]
name = "a"
source = { editable = "../a" }
[package.optional-dependencies]
x = [{ name = "e" }]

[[package]]
name = "b"
source = { editable = "../b" }

[[package]]
name = "c"
source = { editable = "../c" }
dependencies = [{ name = "f" }]

[[package]]
name = "d"
source = { editable = "../d" }

[[package]]
name = "e"
source = { editable = "../e" }

[[package]]
name = "f"
source = { editable = "../f" }
`, `17 path ../a (a)
23 path ../b (b)
27 path ../c (c) dev
32 path ../d (d)
36 path ../e (e)
40 path ../f (f) dev`},
		{"a workspace without a project at its root", "", `[manifest]
members = ["m", "n"]

[manifest.dependency-groups]
dev = [{ name = "p" }]
aws = [{ name = "q" }]

[[package]]
name = "m"
source = { editable = "m" }
dependencies = [{ name = "o" }]
[package.dev-dependencies]
dev = [{ name = "n" }, { name = "r" }]

[[package]]
name = "n"
source = { editable = "n" }

[[package]]
name = "o"
source = { editable = "../o" }

[[package]]
name = "p"
source = { editable = "../p" }

[[package]]
name = "q"
source = { editable = "../q" }

[[package]]
name = "r"
source = { editable = "../r" }
`, `10 path m (m)
17 path n (n) dev
21 path ../o (o)
25 path ../p (p) dev
29 path ../q (q)
33 path ../r (r) dev`},
		{"nothing local", "", self + "[[package]]\nname = \"editable\"\nsource = { registry = \"https://example.com/simple\" }\n", ""},
	})
}

func TestLockWithoutLocalSourcesKeepsNames(t *testing.T) {
	const text = "version = 1\n\n[[package]]\nname = \"A_b\"\nsource = { registry = \"https://example.com/simple\" }\n\n[[package]]\r\nname = \"c\"\r\n"
	for name, parse := range map[string]func([]byte) (*python.Lock, error){"poetry": python.ParsePoetryLock, "uv": python.ParseUVLock} {
		l, err := parse([]byte(text))
		if err != nil || len(l.Packages) != 2 {
			t.Fatalf("%s: %+v, %v", name, l, err)
		}
		if a, c := l.Packages[0], l.Packages[1]; a.Name != "a-b" || a.Line != 4 || c.Name != "c" || c.Line != 8 {
			t.Errorf("%s: %+v", name, l.Packages)
		}
	}
}

func TestBrokenLocks(t *testing.T) {
	for _, text := range []string{
		"[[package]]\nname = \"a\"\n<<<<<<< HEAD\nversion = \"1\"\n",
		"[[package]]\nname = \"a\"\nsource = {type = \"directory\", editable = \"../a\"\n",
	} {
		if l, err := python.ParsePoetryLock([]byte(text)); err == nil || l == nil {
			t.Errorf("poetry %q: %v, %v", text, l, err)
		}
		if l, err := python.ParseUVLock([]byte(text)); err == nil || l == nil {
			t.Errorf("uv %q: %v, %v", text, l, err)
		}
	}
}

func TestDisagreements(t *testing.T) {
	manifest, err := python.ParsePyproject([]byte(`[project]
name = "svc"
dependencies = ["a", "b", "moved @ file:../new", "here @ file:../lib/../here", "around @ file:../../services/around", "indexed", "sourced", "member", "absolute @ file:///srv/absolute", "gone @ file:../gone"]
[tool.poetry.dependencies]
poetry-moved = {path = "../poetry-new"}
either = [{path = "../one"}, {path = "../two"}]
[tool.uv.sources]
sourced = {path = "../sourced"}
member = {workspace = true}
unused = {path = "../unused"}
`))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := python.ParsePoetryLock([]byte(
		poetryLocked("a", "../a", "") + poetryLocked("b", "", "") + poetryLocked("moved", "../old", "") + poetryLocked("here", "../here/", "") +
			poetryLocked("around", "../around", "") +
			poetryLocked("indexed", "", "") + poetryLocked("sourced", "", "") + poetryLocked("member", "../m", "") +
			poetryLocked("absolute", "../absolute", "") + poetryLocked("poetry-moved", "", "") + poetryLocked("either", "../two", "") +
			poetryLocked("unused", "", "")))
	if err != nil {
		t.Fatal(err)
	}
	want := []python.Disagreement{
		{Name: "a", LockPath: "../a", ManifestLine: 3, LockLine: 10},
		{Name: "moved", ManifestPath: "../new", LockPath: "../old", ManifestLine: 3, LockLine: 28},
		{Name: "sourced", ManifestPath: "../sourced", ManifestLine: 8, LockLine: 60},
		{Name: "poetry-moved", ManifestPath: "../poetry-new", ManifestLine: 5, LockLine: 89},
	}
	got := lock.Disagreements(manifest, "services/svc")
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
