package assemble

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/wheel"
	"github.com/monoplan/monoplan/packager/wheel/wheeltest"
)

// files are the contents of a wheel by path.
type files = map[string]string

// dependency makes a wheel.
func dependency(t testing.TB, name string, contents files) Dependency {
	t.Helper()
	path, err := wheeltest.Wheel{Name: name, Version: "1.0", Files: contents}.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := wheel.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return Dependency{Wheel: w}
}

func own(path, content string) CodeFile {
	return CodeFile{Path: path, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// written gives the archive of a spec as a list of "path mode: content", without what wheels say about themselves.
func written(t *testing.T, spec Spec) ([]string, Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := Write(t.Context(), &out, spec)
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, report, out.Bytes())
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range r.File {
		if strings.Contains(f.Name, ".dist-info/") {
			continue
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %o: %s", f.Name, f.Mode().Perm(), content))
	}
	return list, report
}

// checkReport compares what a report says of an archive with the archive.
func checkReport(t *testing.T, report Report, content []byte) {
	t.Helper()
	sum := sha256.Sum256(content)
	if report.SHA256 != hex.EncodeToString(sum[:]) || report.CodeSHA256 != base64.StdEncoding.EncodeToString(sum[:]) || report.Size != int64(len(content)) {
		t.Errorf("the report says %s, %s, %d bytes, which is not the archive", report.SHA256, report.CodeSHA256, report.Size)
	}
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var unpacked, packed, count int64
	for _, f := range r.File {
		unpacked += int64(f.UncompressedSize64)
	}
	sums := Share{}
	for _, s := range report.Shares {
		sums.Files += s.Files
		sums.Unpacked += s.Unpacked
		sums.Packed += s.Packed
	}
	for _, f := range r.File {
		packed += int64(f.CompressedSize64)
		count++
	}
	if report.Unpacked != unpacked || sums.Unpacked != unpacked || sums.Packed != packed || int64(report.Files) != count || int64(sums.Files) != count {
		t.Errorf("the report says %d bytes in %d files, and its shares %+v; there are %d in %d", report.Unpacked, report.Files, sums, unpacked, count)
	}
}

func compare(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the archive has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestBundle(t *testing.T) {
	run := own("run.sh", "#!/bin/sh\n")
	run.Executable = true
	got, report := written(t, Spec{
		Code:   []CodeFile{run, own("handler.py", "import b, a\n"), own("empty", "")},
		Wheels: []Dependency{dependency(t, "b", files{"b.py": "b = 1\n"}), dependency(t, "a", files{"a/__init__.py": "a = 1\n"})},
	})
	compare(t, got, "a/__init__.py 644: a = 1\n", "b.py 644: b = 1\n", "empty 644: ", "handler.py 644: import b, a\n", "run.sh 755: #!/bin/sh\n")
	var names []string
	for _, s := range report.Shares {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"", "a", "b"}) {
		t.Errorf("shares are of %q", names)
	}
}

func TestLayer(t *testing.T) {
	got, _ := written(t, Spec{Layer: true, Wheels: []Dependency{dependency(t, "a", files{
		"a.py": "", "{data}/scripts/run": "#!python\n", "{info}/entry_points.txt": "[console_scripts]\na = a:main\n",
	})}})
	script := wheel.Script{Name: "a", Module: "a", Object: "main"}
	compare(t, got, "python/a.py 644: ", "python/bin/a 755: "+script.Content(), "python/bin/run 755: "+wheel.Shebang)
}

// A service in any language is its files.
func TestCodeAlone(t *testing.T) {
	got, _ := written(t, Spec{Code: []CodeFile{own("index.js", "1"), own("dir/ü.txt", "2")}})
	compare(t, got, "dir/ü.txt 644: 2", "index.js 644: 1")
}

func TestExclude(t *testing.T) {
	spec := Spec{
		Code:    []CodeFile{own("doc/own.md", "")},
		Wheels:  []Dependency{dependency(t, "a", files{"a/doc/a.md": "123", "a/b.md": "45", "a/keep.md": "", "a/c.py": ""})},
		Exclude: []string{"*.md", "!keep.md"},
	}
	got, report := written(t, spec)
	compare(t, got, "a/c.py 644: ", "a/keep.md 644: ", "doc/own.md 644: ")
	if report.Shares[1].Slimmed != 5 {
		t.Errorf("%d bytes were left out, want 5", report.Shares[1].Slimmed)
	}
	spec.Exclude = []string{"[a"}
	if _, err := Write(t.Context(), io.Discard, spec); err == nil || !strings.Contains(err.Error(), `"[a"`) {
		t.Errorf("error %v, want one about the pattern", err)
	}
}

// Slim leaves alone what the package itself imports from its tests, and stubs that are read when it is imported.
func TestSlim(t *testing.T) {
	a := dependency(t, "a", files{
		"a/__init__.py": "", "a/py.typed": "", "a/__init__.pyi": "", "a/conftest.py": "",
		"a/tests/__init__.py": "", "a/tests/test_a.py": "import a.sub.tests.data\n", "a/testing.py": "",
		"a/sub/tests/data.py": "", "a/latest/b.py": "", "tests/x.py": "",
	})
	b := dependency(t, "b", files{
		"b/__init__.py": "import lazy_loader\nx = lazy_loader.attach_stub(__name__, __file__)\n", "b/__init__.pyi": "from .c import d\n",
		"b/use.py": "    from .tests.util import (x,)\n", "b/tests/util.py": "from b.other.tests import *\n", "b/other/tests/__init__.py": "",
		"b/third/tests/t.py": "", "b/rel.py": "from . import tests\n",
	})
	got, _ := written(t, Spec{Slim: true, Wheels: []Dependency{a, b}})
	var paths []string
	for _, g := range got {
		path, _, _ := strings.Cut(g, " ")
		paths = append(paths, path)
	}
	compare(t, paths, "a/__init__.py", "a/latest/b.py", "a/testing.py", "b/__init__.py", "b/__init__.pyi", "b/other/tests/__init__.py",
		"b/rel.py", "b/tests/util.py", "b/use.py")
}

func TestConflicts(t *testing.T) {
	const (
		pkgutil   = "# comment of one\n__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
		resources = "try:\n    import pkg_resources\n    pkg_resources.declare_namespace(__name__)\nexcept ImportError:\n    import pkgutil\n    __path__ = pkgutil.extend_path(__path__, __name__)\n"
	)
	tests := map[string]struct {
		code []CodeFile
		a, b files
		want []string // what is written, or
		err  string
	}{
		"equal":                    {a: files{"x/y.py": "1"}, b: files{"x/y.py": "1"}, want: []string{"x/y.py 644: 1"}},
		"different":                {a: files{"x/y.py": "1"}, b: files{"x/y.py": "2"}, err: "x/y.py is in a 1.0 and in b 1.0, with two contents"},
		"same length":              {a: files{"LICENSE": "12"}, b: files{"LICENSE": "21"}, err: "LICENSE is in a 1.0 and in b 1.0, with two contents"},
		"namespaces":               {a: files{"n/__init__.py": pkgutil}, b: files{"n/__init__.py": resources}, want: []string{"n/__init__.py 644: " + pkgutil}},
		"namespace and empty":      {a: files{"n/__init__.py": "# nothing\n"}, b: files{"n/__init__.py": resources}, want: []string{"n/__init__.py 644: " + resources}},
		"namespace and more":       {a: files{"n/__init__.py": pkgutil}, b: files{"n/__init__.py": pkgutil + "x = 1\n"}, err: "n/__init__.py is in a 1.0 and in b 1.0"},
		"file and directory":       {a: files{"x": "1"}, b: files{"x/y": "2"}, err: "x is a file of a 1.0 and a directory of b 1.0"},
		"several":                  {a: files{"x": "1", "y": "1"}, b: files{"x": "2", "y": "2"}, err: "x is in a 1.0 and in b 1.0, with two contents\ny is in a 1.0 and in b 1.0, with two contents"},
		"script of two":            {a: files{"{info}/entry_points.txt": "[console_scripts]\nx = a:b\n"}, b: files{"{info}/entry_points.txt": "[console_scripts]\nx = c:d\n"}, err: "bin/x is in a 1.0 and in b 1.0"},
		"code":                     {code: []CodeFile{own("x.py", "1")}, a: files{"x.py": "2"}, err: "x.py is in the service's own code and in a 1.0, with two contents"},
		"code, equal":              {code: []CodeFile{own("x.py", "1")}, a: files{"x.py": "1"}, want: []string{"x.py 644: 1"}},
		"code, namespace":          {code: []CodeFile{own("n/__init__.py", "")}, a: files{"n/__init__.py": pkgutil}, err: "n/__init__.py is in the service's own code and in a 1.0"},
		"code twice":               {code: []CodeFile{own("x", "1"), own("x", "1")}, err: "x is in the service's own code and in the service's own code"},
		"code and directory":       {code: []CodeFile{own("x", "1")}, a: files{"x/y": "1"}, err: "x is a file of the service's own code and a directory of a 1.0"},
		"differing only in case":   {a: files{"X/a": "1"}, b: files{"x/a": "2"}, want: []string{"X/a 644: 1", "x/a 644: 2"}},
		"code with a bad name":     {code: []CodeFile{own("../x", "1")}, err: `"../x" leads out of its directory`},
		"code that is a wheel's":   {code: []CodeFile{own("b-1.0.dist-info/x", "1")}, want: nil},
		"code that is not there":   {code: []CodeFile{{Path: "x", Open: func() (io.ReadCloser, error) { return nil, errors.New("x is gone") }}}, err: "x is gone"},
		"code that cannot be read": {code: []CodeFile{{Path: "x", Open: func() (io.ReadCloser, error) { return io.NopCloser(failing{}), nil }}}, err: "x broke off"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := Spec{Code: test.code, Wheels: []Dependency{dependency(t, "b", test.b), dependency(t, "a", test.a)}}
			if test.err == "" {
				got, _ := written(t, spec)
				compare(t, got, test.want...)
				return
			}
			if _, err := Write(t.Context(), io.Discard, spec); err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %s", err, test.err)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("x broke off") }

// A wheel that is damaged is refused, even where nobody looked at it before.
func TestUnverifiedWheelIsVerified(t *testing.T) {
	path, err := wheeltest.Wheel{Name: "a", Version: "1.0", Files: files{"a.py": "1"}, Unrecorded: []string{"a.py"}}.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := wheel.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_, err = Write(t.Context(), io.Discard, Spec{Wheels: []Dependency{{Wheel: w}}})
	if _, ok := errors.AsType[*wheel.Error](err); !ok {
		t.Errorf("error %v, want a *wheel.Error", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, io.Discard, Spec{Code: []CodeFile{own("a", "1")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

// full takes some bytes and no more.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errors.New("no space left")
	}
	f.left -= len(p)
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	for _, size := range []int{0, 300 << 10} {
		noise := make([]byte, 400<<10)
		for i := range noise {
			noise[i] = byte(i*i>>3) ^ byte(i>>7)
		}
		spec := Spec{Code: []CodeFile{own("a", string(noise)), own("b", strings.Repeat("x", 10))}, Wheels: []Dependency{dependency(t, "a", nil)}}
		if _, err := Write(t.Context(), &full{size}, spec); err == nil {
			t.Errorf("no error with room for %d bytes", size)
		}
	}
}

// compiler is a stand-in that is honest about what it was given.
type compiler struct{}

func (compiler) Tag() string { return "cpython-312" }

func (compiler) Compile(_ context.Context, path string, source io.Reader) ([]byte, error) {
	content, err := io.ReadAll(source)
	if strings.Contains(string(content), "syntax error") {
		return nil, err
	}
	return []byte(path + " " + string(content)), err
}

func TestBytecode(t *testing.T) {
	spec := Spec{
		Compile: compiler{},
		Code:    []CodeFile{own("h.py", "1"), own("old.py", "syntax error")},
		Wheels:  []Dependency{dependency(t, "a", files{"a/b.py": "2", "a/__pycache__/b.cpython-38.pyc": "old", "{data}/scripts/s.py": "3"})},
	}
	got, _ := written(t, spec)
	compare(t, got, "__pycache__/h.cpython-312.pyc 644: /var/task/h.py 1", "a/__pycache__/b.cpython-312.pyc 644: /var/task/a/b.py 2",
		"a/b.py 644: 2", "bin/s.py 755: 3", "h.py 644: 1", "old.py 644: syntax error")
	spec.Code, spec.Layer = nil, true
	got, _ = written(t, spec)
	compare(t, got, "python/a/__pycache__/b.cpython-312.pyc 644: /opt/python/a/b.py 2", "python/a/b.py 644: 2", "python/bin/s.py 755: 3")
}

func TestErrorsAreTyped(t *testing.T) {
	_, err := Write(t.Context(), io.Discard, Spec{Code: []CodeFile{own("/x", "")}})
	if _, ok := errors.AsType[*archive.Error](err); !ok {
		t.Errorf("error %v, want an *archive.Error", err)
	}
	_, err = Write(t.Context(), io.Discard, Spec{Code: []CodeFile{own("x", "1"), own("x", "2")}})
	if e, ok := errors.AsType[*ConflictError](err); !ok || e.Path != "x" {
		t.Errorf("error %v, want a *ConflictError", err)
	}
}
