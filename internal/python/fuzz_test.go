package python

import (
	"bytes"
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/syntax"
)

// checkReferences holds for whatever a parser finds: a path, without a NUL, on a line of the file.
func checkReferences(t *testing.T, data []byte, references []Reference) {
	t.Helper()
	lines := 1 + strings.Count(decodeText(data), "\n")
	for _, r := range references {
		if r.Path == "" || strings.Contains(r.Path, "\x00") {
			t.Errorf("a reference to %q: %+v", r.Path, r)
		}
		if r.Line < 1 || r.Line > lines {
			t.Errorf("line %d of %d: %+v", r.Line, lines, r)
		}
		if r.Name != NormalizeName(r.Name) {
			t.Errorf("name %q is not normalized", r.Name)
		}
	}
}

func checkError(t *testing.T, data []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("%T: %v", err, err)
	}
	if lines := 1 + strings.Count(decodeText(data), "\n"); syntax.Line < 1 || syntax.Line > lines || syntax.Column < 1 {
		t.Errorf("at %d:%d of %d lines: %v", syntax.Line, syntax.Column, lines, err)
	}
}

// checkManifest also parses a second time, which must give the same.
func checkManifest(t *testing.T, base string, data []byte) {
	t.Helper()
	original := bytes.Clone(data)
	m, err := Parse(base, data)
	checkError(t, data, err)
	if m == nil {
		t.Fatal("no manifest")
	}
	if !bytes.Equal(original, data) {
		t.Error("the parser has written to its input")
	}
	checkReferences(t, data, m.References)
	lines := 1 + bytes.Count(data, []byte("\n"))
	for _, s := range m.Sources {
		if (s.Path == "") != s.Workspace || s.Line < 1 || s.Line > lines {
			t.Errorf("source %+v", s)
		}
	}
	for _, d := range append(m.Dependencies, m.PoetryDependencies...) {
		if d.Name != NormalizeName(d.Name) || d.Line < 1 {
			t.Errorf("dependency %+v", d)
		}
	}
}

func FuzzPyproject(f *testing.F) {
	for _, seed := range []string{
		"[tool.poetry.dependencies]\nlib = {path = \"../lib\", develop = true}\n[tool.poetry.group.dev.dependencies.x]\nfile = '../x.whl'\n",
		"[project]\nname='x'\ndependencies = ['a @ file:../a ; x', 'b']\ndynamic = ['dependencies']\n[dependency-groups]\ndev=['c @ ../c',{include-group='d'}]\n",
		"[tool.uv.sources]\na = [{path='../a'},{workspace=true}]\n[tool.uv.workspace]\nmembers=['*']\n",
		"[tool.hatch.envs.x]\ntemplate='x'\noverrides.a.b.dependencies=[{value='l @ {root:parent:uri}/l'}]\n[tool.hatch.build.force-include]\n'../a'='b'\n",
		"[[a]]\nb.c=1\n[[a]]\n[a.b]\n\"\\u0061\"=1979-05-27T07:32:00Z\n",
		"[tool.poetry]\npackages=[{include='a*',from='../b'},'c']\n[tool.setuptools.packages.find]\nwhere=['../s']\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkManifest(t, "pyproject.toml", data) })
}

func FuzzRequirements(f *testing.F) {
	for _, seed := range []string{
		"-e ../a\n./b[x] ; python_version>'3'\n-r \\\nc.txt # d\n", "--find-links=file:///${PROJECT_ROOT}/w\n\f-c x\r\n", "\xff\xfe-\x00e\x00 \x00.\x00", "a @ file:../a#subdirectory=b\n<<<<<<< x\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkManifest(t, "requirements.txt", data) })
}

func FuzzPipfile(f *testing.F) {
	f.Add([]byte("[packages]\na = {path='../a'}\nb = [{file='${X}/b'},{path='../b'}]\n[dev-packages.c]\npath='c'\n"))
	f.Fuzz(func(t *testing.T, data []byte) { checkManifest(t, "Pipfile", data) })
}

func FuzzPipfileLock(f *testing.F) {
	f.Add([]byte(`{"_meta":{},"default":{"a":{"path":"../a","x":[{"path":"no"}]}},"develop":{"b":{"f\u0069le":"b.whl"}}}`))
	f.Add([]byte(`{"default":{"a":{"version":1e999,"path":"../a"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkManifest(t, "Pipfile.lock", data)
		data = syntax.CutBOM(data)
		if checkJSON(data) != nil || pipfileLockMayBeLocal(data) {
			return
		}
		// The scan has ruled the lock out: add a key that it cannot, and nothing else may be found.
		m, err := ParsePipfileLock(append([]byte(`{"default": {"known": {"path": "known"}}, "x": `), append(data, '}')...))
		if err != nil || len(m.References) != 1 {
			t.Errorf("the scan has missed %+v (%v)", m.References, err)
		}
	})
}

func FuzzPDMLock(f *testing.F) {
	f.Add([]byte("[[package]]\nname = \"a\"\npath = \"../a\"\nsubdirectory = \"b\"\ngroups = [\"dev\"]\n[[package]]\nurl = \"FILE:///${PROJECT_ROOT}/../w.whl\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkManifest(t, "pdm.lock", data)
		checkScan(t, data, readPDMLock)
	})
}

func FuzzPylock(f *testing.F) {
	f.Add([]byte("[[packages]]\nname = \"a\"\nmarker = \"'dev' in dependency_groups\"\ndirectory = { path = \"../a\" }\n[[packages]]\nwheels = [{ url = \"file:../w.whl\" }]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkManifest(t, "pylock.toml", data)
		checkScan(t, data, func(data []byte) (*Manifest, error) { return readPylock("pylock.toml", data) })
	})
}

// checkScan reads a lock that lockMayName has ruled out all the same.
func checkScan(t *testing.T, data []byte, read func([]byte) (*Manifest, error)) {
	t.Helper()
	if lockMayName(data) {
		return
	}
	if m, err := read(data); err == nil && len(m.References) > 0 {
		t.Errorf("the scan has missed %+v", m.References)
	}
}

func FuzzSetupCfg(f *testing.F) {
	f.Add([]byte("[metadata]\nname=x\n[options]\ninstall_requires =\n  a @ file:../a\n\n  # b\n  c\n[options.extras_require]\nx = file: a, b\n[options.packages.find]\nwhere = ../s\n"))
	f.Fuzz(func(t *testing.T, data []byte) { checkManifest(t, "setup.cfg", data) })
}

// checkLock compares what a lock's parser finds with what its scan says.
func checkLock(t *testing.T, data []byte, parse func([]byte) (*Lock, error), read func([]byte) (*Lock, error), mayBeLocal func([]byte) bool) {
	t.Helper()
	l, err := parse(data)
	checkError(t, data, err)
	m := &Manifest{Dependencies: []Dependency{{Name: "a", Line: 1, Dev: true}}, References: []Reference{{Name: "b", Path: "../b", Line: 1}}}
	checkReferences(t, data, l.Local(m))
	checkReferences(t, data, l.Local(nil))
	l.Disagreements(m, "libs/x")
	if mayBeLocal(data) {
		return
	}
	full, err := read(data)
	if err == nil && len(full.Local(nil)) > 0 {
		t.Errorf("the scan has missed %+v", full.Local(nil))
	}
}

func FuzzPoetryLock(f *testing.F) {
	for _, seed := range []string{
		"[[package]]\nname = \"a\"\ngroups=['dev']\n[package.dependencies]\nb='*'\n[package.source]\ntype = \"directory\"\nurl = \"../a\"\n",
		"[[package]]\nname='b'\ncategory='dev'\nsource={type='''\nfile''',url='../b'}\n", "[[package]]\nsource={type=\"\\u0066ile\",url='x'}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkLock(t, data, ParsePoetryLock, readPoetryLock, poetryLockMayBeLocal)
	})
}

func FuzzUVLock(f *testing.F) {
	for _, seed := range []string{
		"[[package]]\nname = \"a\"\nsource = { editable = \".\" }\ndependencies=[{name='b'}]\n[package.dev-dependencies]\ndev=[{name='b'}]\n[[package]]\nname='b'\nsource={ \"path\" = '../b.whl' }\n",
		"[manifest.dependency-groups]\nx=[{name='a'}]\n[[package]]\nname='a'\nsource.virtual='../a'\n", "[[package]]\nsource={registry='https://x'}\n[[package]]\nsource={registry='../w'}\n",
		"[[package]]\nsource={directory=\"\"\"\n../x\"\"\"}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkLock(t, data, ParseUVLock, readUVLock, uvLockMayBeLocal) })
}

func FuzzRequirement(f *testing.F) {
	for _, seed := range []string{
		"a", "a[b,c]>=1 ; x", "a @ file:../b#egg=c", "-e file:///${PROJECT_ROOT}/../x", "../x[y];z", "git+file:///a@b", "{root:parent:uri}/x", "file://localhost/%41%zz", "x.whl",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		req, ok := parseRequirement(text)
		if req.local && (!ok || req.loc.path == "") {
			t.Errorf("%q: %+v, %v", text, req, ok)
		}
		if req.name != NormalizeName(req.name) {
			t.Errorf("%q: name %q", text, req.name)
		}
	})
}

// What is named by a relative path in every way there is to write it must come out as that path.
func FuzzRelativePath(f *testing.F) {
	f.Add("lib")
	f.Add("a b/c.d/é")
	f.Fuzz(func(t *testing.T, name string) {
		want := path.Join("..", name)
		if strings.ContainsAny(name, "\x00#;[]{}$?%@\\'\"\n\r\t\v\f\x1c\x1d\x1e\u0085\u2028\u2029") || strings.TrimSpace(name) != name || name == "" ||
			strings.HasPrefix(name, "/") || strings.ToValidUTF8(name, "") != name || strings.Contains(name, " -") {
			return
		}
		for _, text := range []string{
			"../" + name, "file:../" + name, "x @ file:../" + name + " ; python_version > '3'", "x[a]@../" + name, "-e ../" + name,
			"file:///${PROJECT_ROOT}/../" + name, "x @ {root:parent:uri}/" + name, "x @ file:../" + name + "#egg=y",
		} {
			req, ok := parseRequirement(text)
			if !ok || !req.local || path.Clean(req.loc.path) != want {
				t.Errorf("%q: %+v, want %q", text, req, want)
			}
		}
	})
}
