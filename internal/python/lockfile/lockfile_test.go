package lockfile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// Locks from before 1.1 have hashes without names, and those of 1.1 have the files of all versions of a name together.
func TestOldPoetryLocks(t *testing.T) {
	l, err := lockfile.ParsePoetry([]byte("[[package]]\ncategory = \"main\"\nname = \"A.b\"\nversion = \"1.0\"\noptional = false\npython-versions = \"*\"\n\n[metadata]\ncontent-hash = \"00\"\n[metadata.hashes]\n\"A.b\" = [\"aa\", \"bb\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p := l.Packages[0]; l.Version != "1.0" || p.Name != "a-b" || fmt.Sprint(p.Files) != fmt.Sprint([]lockfile.File{{Hash: "sha256:aa"}, {Hash: "sha256:bb"}}) {
		t.Errorf("%+v", l)
	}
	l, err = lockfile.ParsePoetry([]byte("[[package]]\nname = \"a\"\nversion = \"1.10\"\n[[package]]\nname = \"a\"\nversion = \"1.1\"\n[metadata]\nlock-version = \"1.1\"\n[metadata.files]\na = [\n    {file = \"a-1.1-py3-none-any.whl\", hash = \"sha256:11\"},\n    {file = \"a-1.1.tar.gz\", hash = \"sha256:12\"},\n    {file = \"a-1.10-py3-none-any.whl\", hash = \"sha256:13\"},\n    {file = \"a-1.10.0.zip\", hash = \"sha256:14\"},\n]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a-1.10-py3-none-any.whl a-1.10.0.zip", "a-1.1-py3-none-any.whl a-1.1.tar.gz"} {
		var names []string
		for _, f := range l.Packages[i].Files {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("files %s, want %s", got, want)
		}
	}
}

func TestPoetrySources(t *testing.T) {
	for text, want := range map[string]lockfile.Source{
		"type = \"legacy\"\nurl = \"https://example.com/simple\"\nreference = \"mine\"":                                               {URL: "https://example.com/simple", Index: "mine"},
		"type = \"git\"\nurl = \"https://example.com/r\"\nreference = \"main\"\nresolved_reference = \"abc\"\nsubdirectory = \"sub\"": {Kind: lockfile.Git, URL: "https://example.com/r", Reference: "main", Commit: "abc", Subdirectory: "sub"},
		"type = \"url\"\nurl = \"https://example.com/a.whl\"":                                                                         {Kind: lockfile.URL, URL: "https://example.com/a.whl"},
		"type = \"file\"\nurl = \"../a-1-py3-none-any.whl\"":                                                                          {Kind: lockfile.Path, Path: "../a-1-py3-none-any.whl"},
		"type = \"directory\"\nurl = \"../a\"":                                                                                        {Kind: lockfile.Directory, Path: "../a"},
	} {
		l, err := lockfile.ParsePoetry([]byte("[[package]]\nname = \"a\"\nversion = \"1\"\n[package.source]\n" + text + "\n[metadata]\nlock-version = \"2.0\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Packages[0].Source; got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// The file of a package that is a URL is fetched from there; in a lock of 1.1 those for other machines are beside it.
func TestPoetryURLs(t *testing.T) {
	source := "[[package]]\nname = \"a\"\nversion = \"1+cpu\"\n%s[package.source]\ntype = \"url\"\nurl = \"https://example.com/a-1%%2Bcpu-py3-none-any.whl?x#y\"\n[metadata]\nlock-version = \"%s\"\n%s"
	own := "{file = \"a-1+cpu-py3-none-any.whl\", hash = \"sha256:00\"}"
	for _, text := range []string{
		fmt.Sprintf(source, "files = ["+own+"]\n", "2.1", ""),
		fmt.Sprintf(source, "", "1.1", "[metadata.files]\na = [{file = \"a-1+cpu-py2-none-any.whl\", hash = \"sha256:11\"}, "+own+"]\n"),
	} {
		l, err := lockfile.ParsePoetry([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want := []lockfile.File{{Name: "a-1+cpu-py3-none-any.whl", URL: "https://example.com/a-1%2Bcpu-py3-none-any.whl?x#y", Hash: "sha256:00"}}
		if got := l.Packages[0].Files; !slices.Equal(got, want) {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}

func TestUVSources(t *testing.T) {
	for text, want := range map[string]lockfile.Source{
		`{ registry = "https://example.com/simple" }`:                   {URL: "https://example.com/simple"},
		`{ registry = "../wheels" }`:                                    {Path: "../wheels"},
		`{ git = "https://example.com/r?subdirectory=sub&rev=v1#abc" }`: {Kind: lockfile.Git, URL: "https://example.com/r", Reference: "v1", Commit: "abc", Subdirectory: "sub"},
		`{ url = "https://example.com/a.tar.gz", subdirectory = "x" }`:  {Kind: lockfile.URL, URL: "https://example.com/a.tar.gz", Subdirectory: "x"},
		`{ path = "a.whl" }`:                                            {Kind: lockfile.Path, Path: "a.whl"},
		`{ editable = "../a" }`:                                         {Kind: lockfile.Directory, Path: "../a"},
		`{ virtual = "." }`:                                             {Kind: lockfile.Directory, Path: ".", Virtual: true},
	} {
		l, err := lockfile.ParseUV([]byte("version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = " + text + "\nsdist = { hash = \"sha256:00\" }\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Packages[0].Source; got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestUVFiles(t *testing.T) {
	const list = "version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"%s\" }\nwheels = [\n    { %s, hash = \"sha256:00\", size = 12, upload-time = \"2024-01-01T00:00:00Z\" },\n]\n"
	for _, c := range []struct {
		registry, file string
		want           lockfile.File
	}{
		{"https://example.com", `url = "https://example.com/x/a%2Bb-1-py3-none-any.whl?x#y"`, lockfile.File{Name: "a+b-1-py3-none-any.whl", URL: "https://example.com/x/a%2Bb-1-py3-none-any.whl?x#y", Hash: "sha256:00", Size: 12}},
		{"../wheels", `path = "a-1-py3-none-any.whl"`, lockfile.File{Name: "a-1-py3-none-any.whl", Path: "../wheels/a-1-py3-none-any.whl", Hash: "sha256:00", Size: 12}},
	} {
		l, err := lockfile.ParseUV(fmt.Appendf(nil, list, c.registry, c.file))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Packages[0].Files; len(got) != 1 || got[0] != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

func TestBrokenLocks(t *testing.T) {
	for text, line := range map[string]int{
		"[[package]]\nversion = \"1\"\n":                                     1,
		"\n[[package]]\nname = \"a\"\nversion = \"one\"\n":                   3,
		"[metadata]\nlock-version = \"3.0\"\n":                               2,
		"[[package]]\nname = \"a\"\nname = \"b\"\n":                          3,
		"[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [\n    {,},\n]": 5,
	} {
		_, err := lockfile.ParsePoetry([]byte(text))
		var at *syntax.Error
		if !errors.As(err, &at) || at.Line != line {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "version = 2\n", "version = 1\n[[package]]\n", "version = 1\n[[package]]\nname = \"a\"\nversion = \"one\"\n"} {
		if _, err := lockfile.ParseUV([]byte(text)); err == nil {
			t.Errorf("%q is a uv.lock", text)
		}
	}
}

// The hashes come from Poetry's own Locker, 1.1, 1.8 and 2.
func TestContentHash(t *testing.T) {
	const (
		legacy  = "[tool.poetry]\nname = \"x\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\n\"é\" = {version = \"1\", extras = [\"a\"], optional = true, n = 1.50, big = 1e22, hex = 0x1F}\n"
		groups  = legacy + "[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n"
		project = "[project]\nname = \"x\"\nrequires-python = \">=3.9\"\ndependencies = [\"a\"]\n[dependency-groups]\ndev = [\"pytest\"]\n[tool.poetry]\npackages = []\n"
	)
	for _, c := range []struct{ name, manifest, tool, hash string }{
		{"legacy", legacy, "", "cb55214d6db49f49e6443c9ce11d4d51f6f596d7eeba9e022f4e28f8648203e1"},
		{"groups", groups, "1.8.3", "b31a2dbe3de2d453cc0928341bd017628c207985def6061d86aead23e60c05cf"},
		{"project", project, "2.3.0", "f6e16920a930abd723624f2cadb99e3b008d7b0714668b80e4ff03968cea8fe8"},
		{"project, as Poetry 1 sees it", project, "1.8.3", "115cf985d932e9bf5f540555bbdd75decbb62cac81e399375fc19f6277f8c1d8"},
		{"project, before groups counted", project, "2.1.0", "bffdf672c7879f32e2b9f0c7ca866fe486db51450e473a665ce3545442654725"},
	} {
		document, err := toml.Parse([]byte(c.manifest))
		if err != nil {
			t.Fatal(err)
		}
		l := lockfile.Lock{ContentHash: c.hash, Tool: c.tool}
		if !l.IsFresh(document) {
			t.Errorf("%s: %s, want %s", c.name, lockfile.ContentHash(document), c.hash)
		}
		l.ContentHash = strings.Repeat("0", 64)
		if l.IsFresh(document) {
			t.Errorf("%s: any hash will do", c.name)
		}
	}
	if (&lockfile.Lock{}).IsFresh(nil) {
		t.Error("a lock without a hash is fresh")
	}
}

// checkLock holds for whatever a parser gives: names are normalized, lines are lines.
func checkLock(t *testing.T, data []byte, l *lockfile.Lock, err error) {
	t.Helper()
	if err != nil {
		return
	}
	lines := strings.Count(string(data), "\n") + 1
	for _, p := range l.Packages {
		if p.Line < 1 || p.Line > lines {
			t.Errorf("%s in line %d of %d", p.Name, p.Line, lines)
		}
		for _, d := range p.Dependencies {
			if d.Line < 1 || d.Line > lines {
				t.Errorf("%s needs %s in line %d of %d", p.Name, d.Name, d.Line, lines)
			}
		}
	}
}

func FuzzPoetry(f *testing.F) {
	f.Add([]byte("# @generated by Poetry 2.1.0\n[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"main\"]\nmarkers = {main = \"x\"}\nfiles = [\n    {file = \"a\", hash = \"b\"},\n]\n[package.dependencies]\nb = [\n    {version = \"1\", optional = true},\n]\n[package.extras]\nx = [\"b (>=1)\"]\n[package.source]\ntype = \"git\"\n[extras]\ny = [\"a\"]\n[metadata]\nlock-version = \"2.1\"\n"))
	f.Add([]byte("[[package]]\nname='a'\nversion='1'\n[metadata]\nfiles.a=[{file='a-1.tar.gz'}]\nhashes.a=['x']\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := lockfile.ParsePoetry(data)
		checkLock(t, data, l, err)
	})
}

func FuzzUV(f *testing.F) {
	f.Add([]byte("version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { git = \"x?rev=1#2\" }\ndependencies = [\n    { name = \"b\", extra = [\"x\"], marker = \"y\" },\n]\nwheels = [\n    { url = \"https://example.com/a%20b.whl\", size = 1 },\n]\n[package.optional-dependencies]\nx = [{ name = \"c\", source = { path = \"d\" } }]\n[package.metadata]\nrequires-dist = [{ name = \"b\", editable = \"../b\" }]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := lockfile.ParseUV(data)
		checkLock(t, data, l, err)
	})
}

func FuzzRequirements(f *testing.F) {
	for _, seed := range []string{
		"a==1 --hash=sha256:00 ; x\n-r b.txt\n", "git+https://u@example.com/r@main#egg=a&subdirectory=b\n-e ./x[y]\n", "a @ https://example.com/%zz.whl#sha256=1\n-c ../c\n--extra-index-url x\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := lockfile.ParseRequirements("d/requirements.txt", func(string) ([]byte, bool, error) { return data, true, nil })
		if err != nil {
			return
		}
		for _, p := range l.Packages {
			if p.File == "" || p.Line < 1 {
				t.Errorf("%+v", p)
			}
		}
	})
}
