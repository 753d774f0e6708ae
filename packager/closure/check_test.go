package closure_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/syntax"
	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/internal/python/toml"
	"github.com/monoplan/monoplan/packager/closure"
)

// poetryService is a service with a path dependency, whose lock is fresh.
func poetryService(t *testing.T, lib string) tree {
	t.Helper()
	manifest := `[tool.poetry]
name = "svc"

[tool.poetry.dependencies]
python = "^3.9"
lib = {path = "../../libs/lib", develop = true}
`
	document, err := toml.Parse([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return tree{
		"services/svc/pyproject.toml": manifest,
		"libs/lib/pyproject.toml":     lib,
		"services/svc/poetry.lock": `[[package]]
name = "lib"
version = "0.1.0"
optional = false
python-versions = ">=3.9"
groups = ["main"]
files = []
develop = true

[package.dependencies]
requests = ">=2"

[package.source]
type = "directory"
url = "../../libs/lib"

[[package]]
name = "requests"
version = "2.31.0"
optional = false
python-versions = ">=3.7"
groups = ["main"]
files = [
    {file = "requests-2.31.0-py3-none-any.whl", hash = "sha256:00"},
]

[metadata]
lock-version = "2.1"
python-versions = "^3.9"
content-hash = "` + lockfile.ContentHash(document) + `"
`,
	}
}

func resolve(t *testing.T, files tree) (*closure.Closure, error) {
	t.Helper()
	return closure.Resolve(files.read, "services/svc", closure.Options{Target: lambda(t, "3.12", "arm64")})
}

// Poetry says that such a lock is fine: it looks at the service's own manifest alone.
func TestManifestsOfPathDependencies(t *testing.T) {
	for _, c := range []struct{ name, manifest, want string }{
		{"as it is locked", "[tool.poetry.dependencies]\npython = \">=3.9\"\nrequests = \">=2,<3\"\n", ""},
		{"another version", "[tool.poetry.dependencies]\nrequests = \"^2.32\"\n", "libs/lib/pyproject.toml:2: lib needs requests ^2.32, and the lock has requests 2.31.0"},
		{"not in the lock", "[project]\nname = \"lib\"\ndependencies = [\n  \"requests\",\n  \"attrs>=23\",\n]\n", "libs/lib/pyproject.toml:5: lib needs attrs >=23, which is not in the lock"},
		{"not for this target", "[project]\nname = \"lib\"\ndependencies = [\"attrs; python_version < '3.10'\", \"colorama; sys_platform == 'win32'\"]\n", ""},
		{"for an extra that is not asked for", "[project]\nname = \"lib\"\ndependencies = [\"requests\"]\n[project.optional-dependencies]\nfast = [\"orjson\"]\n", ""},
		{"an extra that the lock does not have", "[project]\nname = \"lib\"\ndependencies = [\"requests[socks]\"]\n", "libs/lib/pyproject.toml:3: lib needs requests with its extra \"socks\", and the lock has requests 2.31.0 without"},
		{"in a group", "[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n", ""},
		{"another path", "[tool.poetry.dependencies]\nrequests = {path = \"../requests\"}\n", "libs/lib/pyproject.toml:2: lib needs requests from ../requests, and the lock has requests 2.31.0 from an index"},
		{"from git", "[tool.poetry.dependencies]\nrequests = {git = \"https://example.com/r.git\"}\n", "libs/lib/pyproject.toml:2: lib needs requests from a URL or git, and the lock has requests 2.31.0 from an index"},
		{"from a URL", "[project]\nname = \"lib\"\ndependencies = [\"requests @ https://example.com/requests-2.31.0-py3-none-any.whl\"]\n", "libs/lib/pyproject.toml:3: lib needs requests from a URL or git, and the lock has requests 2.31.0 from an index"},
		{"from git by uv alone", "[project]\nname = \"lib\"\ndependencies = [\"requests\"]\n[tool.uv.sources]\nrequests = {git = \"https://example.com/r.git\"}\n", ""},
		{"the service itself", "[tool.poetry.dependencies]\nsvc = {path = \"../../services/svc\"}\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := resolve(t, poetryService(t, c.manifest))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var mismatch *closure.MismatchError
			if !errors.As(err, &mismatch) || len(mismatch.Mismatches) != 1 {
				t.Fatalf("%v", err)
			}
			if got := mismatch.Mismatches[0].String(); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// What setuptools finds out when it builds is compared as far as it can be read.
func TestManifestsOfSetuptools(t *testing.T) {
	const dynamic = "[project]\nname = \"lib\"\ndynamic = [\"dependencies\"]\n"
	for _, c := range []struct {
		name  string
		files tree
		want  string
	}{
		{"a setup.cfg", tree{"setup.cfg": "[options]\ninstall_requires =\n    requests>=2\n    six ; python_version > '3'\n    old ; python_version < '3'\n"},
			"libs/lib/setup.cfg:4: lib needs six, which is not in the lock"},
		{"a setup.cfg whose versions are others", tree{"setup.cfg": "[options]\ninstall-requires = requests>=3; old<0\n"},
			"libs/lib/setup.cfg:2: lib needs requests >=3, and the lock has requests 2.31.0; libs/lib/setup.cfg:2: lib needs old <0, which is not in the lock"},
		{"a setup.cfg that names a file", tree{"setup.cfg": "[options]\ninstall_requires = file: needs.txt\n", "needs.txt": "# what it needs\nrequests\n\nsix  # for old times\n"},
			"libs/lib/needs.txt:4: lib needs six, which is not in the lock"},
		{"a file that is dynamic", tree{"pyproject.toml": dynamic + "[tool.setuptools.dynamic]\ndependencies = {file = [\"needs.txt\", \"made.txt\"]}\n", "needs.txt": "six\n"},
			"libs/lib/needs.txt:1: lib needs six, which is not in the lock"},
		{"an extra that nobody asks for", tree{"setup.cfg": "[options.extras_require]\nmore = six\n"}, ""},
		{"what cannot be read", tree{"setup.cfg": "[options]\ninstall_requires =\n    -e .\n    %(x)s\n"}, ""},
		{"a setup.cfg that does not count", tree{"setup.cfg": "[options]\ninstall_requires = six\n", "pyproject.toml": "[project]\nname = \"lib\"\n"}, ""},
		{"one of another backend", tree{"setup.cfg": "[options]\ninstall_requires = six\n", "pyproject.toml": dynamic + "[build-system]\nbuild-backend = \"flit_core.buildapi\"\n"}, ""},
		{"a setup.cfg that is broken", tree{"setup.cfg": "install_requires = six\n"}, "libs/lib/setup.cfg:1:1: an option before the first section"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := poetryService(t, "")
			delete(files, "libs/lib/pyproject.toml")
			for name, text := range c.files {
				files["libs/lib/"+name] = text
			}
			_, err := resolve(t, files)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// What a setup.py asks for is known when it was built, from the wheel's METADATA.
func TestCheckBuilt(t *testing.T) {
	files := poetryService(t, "")
	delete(files, "libs/lib/pyproject.toml")
	files["libs/lib/setup.py"] = "setup()"
	c, err := resolve(t, files)
	if err != nil {
		t.Fatal(err)
	}
	lib := c.Find("lib")
	for requires, want := range map[string]string{
		"requests (>=2)": "", "six; extra == 'more'": "", "six; python_version < '3'": "", "svc": "",
		"six>=1":      "libs/lib/setup.py: lib needs six >=1, which is not in the lock",
		"requests>=3": "libs/lib/setup.py: lib needs requests >=3, and the lock has requests 2.31.0",
		"=":           "libs/lib/setup.py: the wheel of lib says Requires-Dist: =",
	} {
		err := c.CheckBuilt(lib, []string{requires})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v", requires, err)
		}
	}
}

func TestLocalSources(t *testing.T) {
	c, err := resolve(t, poetryService(t, "[project]\nname = \"lib\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	lib := c.Find("lib")
	if lib == nil || lib.Source.Kind != lockfile.Directory || lib.Source.Path != "libs/lib" {
		t.Errorf("%+v", lib)
	}
	if want := "libs/lib/pyproject.toml services/svc/pyproject.toml"; strings.Join(c.Manifests, " ") != want {
		t.Errorf("manifests %v, want %s", c.Manifests, want)
	}
	if got := strings.Join(lib.DependsOn, " "); got != "requests" {
		t.Errorf("lib depends on %s", got)
	}
}

// What is wrong, and the one error that says so.
func TestErrors(t *testing.T) {
	service := func(change func(tree)) tree {
		files := poetryService(t, "[project]\nname = \"lib\"\n")
		change(files)
		return files
	}
	edit := func(file, old, with string) func(tree) {
		return func(files tree) {
			if !strings.Contains(files[file], old) {
				t.Fatalf("%q is not in %s", old, file)
			}
			files[file] = strings.ReplaceAll(files[file], old, with)
		}
	}
	const manifest, lock = "services/svc/pyproject.toml", "services/svc/poetry.lock"
	for _, c := range []struct {
		name  string
		files tree
		want  string
	}{
		{"stale", service(edit(manifest, `"^3.9"`, `"^3.10"`)), "services/svc/poetry.lock is out of date: it was not made from services/svc/pyproject.toml as that is now"},
		{"no manifest", service(func(files tree) { delete(files, manifest) }), "services/svc/pyproject.toml: no such file"},
		{"broken lock", service(edit(lock, "files = []", "files = [")), "services/svc/poetry.lock:8:"},
		{"broken value", service(edit(lock, `requests = ">=2"`, `requests = {version = ]}`)), "services/svc/poetry.lock:11:"},
		{"conflict", service(edit(lock, "[metadata]", "<<<<<<< HEAD\n[metadata]")), "services/svc/poetry.lock:27:1:"},
		{"broken manifest of a library", service(func(files tree) { files["libs/lib/pyproject.toml"] = "[project" }), "libs/lib/pyproject.toml:1:"},
		{"newer format", service(edit(lock, `"2.1"`, `"3.0"`)), "services/svc/poetry.lock:28:1: version 3.0 of the lock's format is not known, only 1.0 to 2.1"},
		{"outside", service(edit(lock, "../../libs/lib", "../../../libs/lib")), "services/svc/poetry.lock:2:1: lib comes from ../../../libs/lib, which is outside of the repository"},
		{"another Python", service(edit(lock, `python-versions = ">=3.7"`, `python-versions = ">=3.13"`)), "services/svc/poetry.lock:18: requests is for python >=3.13, and the target has 3.12"},
		{"broken marker", service(edit(lock, `requests = ">=2"`, `requests = {version = ">=2", markers = "python_version >"}`)), "services/svc/poetry.lock:11:1: marker"},
		{"no lock", service(func(files tree) { delete(files, lock) }), "services/svc/pyproject.toml:6: there are dependencies, and no poetry.lock, uv.lock or requirements.txt locks them"},
		{"Pipfile.lock", tree{"services/svc/Pipfile.lock": "{}"}, "services/svc/Pipfile.lock is not a lock that is read here; poetry.lock, uv.lock and requirements.txt are"},
		{"no hash", tree{"services/svc/requirements.txt": "# x\nrequests==2.31.0\n"}, "services/svc/requirements.txt:2: requests has no hash"},
		{"no pin", tree{"services/svc/requirements.txt": "requests>=2 --hash=sha256:00\n"}, "services/svc/requirements.txt:1: requests has no version that is pinned by =="},
		{"no such include", tree{"services/svc/requirements.txt": "# x\n-r base.txt\n"}, "services/svc/requirements.txt:2:1: there is no file services/svc/base.txt"},
		{"no such constraints", tree{"services/svc/requirements.txt": "-r in/base.txt\n", "services/svc/in/base.txt": "-c c.txt\n"}, "services/svc/in/base.txt:1:1: there is no file services/svc/in/c.txt"},
		{"an include at a URL", tree{"services/svc/requirements.txt": "# x\n-r https://example.com/x.txt\n"}, "services/svc/requirements.txt:2: --requirement names a file at a URL, and such files are not read"},
		{"twice", tree{"services/svc/requirements.txt": "a==1 --hash=sha256:00\na==2 --hash=sha256:00\n"}, "services/svc/requirements.txt:2: a 2 and 1 (line 1) are both for this target"},
		{"constrained elsewhere", tree{"services/svc/requirements.txt": "a==1 --hash=sha256:00\n-c c.txt\n", "services/svc/c.txt": "a==2\n"}, "services/svc/requirements.txt:1:1: a 1 is constrained to ==2"},
		{"constrained to a range", tree{"services/svc/requirements.txt": "a==1.5 --hash=sha256:00\n-c c.txt\n", "services/svc/c.txt": "a>=1\na<1.5; python_version>'3'\n"}, "services/svc/requirements.txt:1:1: a 1.5 is constrained to <1.5"},
		{"an extra of a path", tree{
			"services/svc/requirements.txt": "-e ../../libs/lib[all]\n",
			"libs/lib/pyproject.toml":       "[project]\nname = \"lib\"\n[project.optional-dependencies]\nmore = [\"click\"]\nall = [\"lib[most]\"]\nmost = [\"lib[more]\"]\nless = [\"six\"]\n",
		}, "services/svc/requirements.txt is out of date: libs/lib/pyproject.toml:4: lib needs click, which is not in the lock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := resolve(t, c.files)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// A file counts that is of the version that is locked, in any spelling of it. What names say nothing of counts, too.
func TestFilesOfOtherVersions(t *testing.T) {
	for _, c := range []struct{ version, files, want string }{
		{"3.7", "idna-3.7-py3-none-any.whl idna-3.7.tar.gz", "idna-3.7-py3-none-any.whl idna-3.7.tar.gz"},
		{"3.7.0", "IDNA-3.7-py3-none-any.whl", "IDNA-3.7-py3-none-any.whl"},
		{"1.0-rc.1", "idna-1.0rc1-py3-none-any.whl", "idna-1.0rc1-py3-none-any.whl"},
		{"3.7", "idna-3.7+cpu-py3-none-any.whl", "idna-3.7+cpu-py3-none-any.whl"},
		{"3.7+cpu", "idna-3.7+cpu-py3-none-any.whl idna-3.7+gpu-py3-none-any.whl idna-3.7.tar.gz", "idna-3.7+cpu-py3-none-any.whl"},
		{"3.99", "idna-3.7-py3-none-any.whl idna-3.99.tar.gz", "idna-3.99.tar.gz"},
		{"3.99", "idna-3.7.zip idna-3.7-py3-none-any.whl", ""},
		{"3.99", "idna.tar.gz idna-old.tar.gz other-3.7.tar.gz", "idna.tar.gz idna-old.tar.gz other-3.7.tar.gz"},
		{"no-version", "idna-3.7-py3-none-any.whl", "idna-3.7-py3-none-any.whl"},
	} {
		p := closure.Package{Name: "idna", Version: c.version, LockFile: "uv.lock", Line: 3}
		for name := range strings.FieldsSeq(c.files) {
			p.Files = append(p.Files, closure.File{Name: name})
		}
		all, first := p.Files, p.Files[0].Name
		err := p.CheckVersions()
		var names []string
		for _, f := range p.Files {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.version, c.files, got, c.want)
		}
		want := "uv.lock:3: idna is locked at " + c.version + ", and its files are of another version: " + first
		if (err != nil) != (c.want == "") || err != nil && err.Error() != want {
			t.Errorf("%s of %s: %v", c.version, c.files, err)
		}
		if all[0].Name != first {
			t.Errorf("%s of %s: the lock itself was changed", c.version, c.files)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	files := poetryService(t, "[project]\nname = \"lib\"\n")
	for _, o := range []closure.Options{{Groups: []string{"ops"}}, {Extras: []string{"ops"}}} {
		o.Target = lambda(t, "3.12", "arm64")
		_, err := closure.Resolve(files.read, "services/svc", o)
		var unknown *closure.UnknownNameError
		if !errors.As(err, &unknown) || unknown.Name != "ops" {
			t.Errorf("%v: %v", o, err)
		}
	}
}

func TestPythonOfTheProject(t *testing.T) {
	files := poetryService(t, "[project]\nname = \"lib\"\n")
	for _, python := range []string{"3.8", "3.99", "2.7", "three"} {
		if _, err := target.Lambda(python, "arm64"); err == nil {
			t.Errorf("python %s is a target", python)
		}
	}
	manifest := strings.ReplaceAll(files["services/svc/pyproject.toml"], "^3.9", ">=3.13")
	files["services/svc/pyproject.toml"] = manifest
	_, err := resolve(t, files)
	var python *closure.PythonError
	if !errors.As(err, &python) || python.Line != 5 || python.File != "services/svc/pyproject.toml" {
		t.Errorf("%v", err)
	}
}

// uv's lock remembers what the manifest said.
func TestStaleUVLock(t *testing.T) {
	const lock = `version = 1
requires-python = ">=3.9"

[[package]]
name = "requests"
version = "2.31.0"
source = { registry = "https://example.com/simple" }

[[package]]
name = "svc"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "requests" },
]

[package.metadata]
requires-dist = [
    { name = "requests", specifier = ">=2,<3" },
    { name = "attrs", marker = "extra == 'more'", specifier = ">=20" },
]
provides-extras = ["more"]
`
	manifest := func(dependencies string) tree {
		return tree{
			"services/svc/uv.lock":        lock,
			"services/svc/pyproject.toml": "[project]\nname = \"svc\"\nrequires-python = \">=3.9\"\ndependencies = " + dependencies + "\n[project.optional-dependencies]\nmore = [\"attrs>=20\"]\n",
		}
	}
	for _, fresh := range []string{`["requests<3,>=2"]`, `["requests >=2, <3.0 ; python_version >= '3.8'"]`, `["requests>=2,<3", "tomli ; python_version < '3.11'"]`} {
		files := manifest(fresh)
		if strings.Contains(fresh, "3.0") {
			files["services/svc/uv.lock"] = strings.ReplaceAll(lock, "<3\"", "<3.0\"")
		}
		if _, err := resolve(t, files); err != nil {
			t.Errorf("%s: %v", fresh, err)
		}
	}
	for _, c := range []struct {
		dependencies, missing string
		line                  int
	}{
		{`["requests>=2.32"]`, "requests", 4},
		{"[\n  \"requests>=2,<3\",\n  \"orjson\",\n]", "orjson", 6},
		{`["requests[socks]>=2,<3"]`, "requests", 4},
		{`[]`, "", 0},
	} {
		_, err := resolve(t, manifest(c.dependencies))
		var stale *closure.StaleError
		if !errors.As(err, &stale) || stale.Package != c.missing || stale.Line != c.line {
			t.Errorf("%s: %v", c.dependencies, err)
		}
	}
}

// uvWorkspace is a workspace of uv's with a service and a library, what else its root says, and the service's sources.
func uvWorkspace(root, sources string) tree {
	return tree{
		"pyproject.toml":              "[tool.uv.workspace]\nmembers = [\"services/*\", \"libs/*\"]\n" + root,
		"services/svc/pyproject.toml": "[project]\nname = \"svc\"\nversion = \"1\"\ndependencies = [\"lib\"]\n[tool.uv.sources]\n" + sources,
		"libs/lib/pyproject.toml":     "[project]\nname = \"lib\"\nversion = \"1\"\ndependencies = [\"requests\"]\n",
		"uv.lock": `version = 1
[[package]]
name = "lib"
version = "1"
source = { editable = "libs/lib" }
dependencies = [{ name = "requests" }]
[[package]]
name = "requests"
version = "2.31.0"
source = { registry = "https://example.com/simple" }
[[package]]
name = "svc"
version = "1"
source = { editable = "services/svc" }
dependencies = [{ name = "lib" }]
[package.metadata]
requires-dist = [{ name = "lib", editable = "libs/lib" }]
`,
	}
}

// A member of a workspace is locked at its root.
func TestUVWorkspace(t *testing.T) {
	files := uvWorkspace("", "lib = {workspace = true}\n")
	c, err := resolve(t, files)
	if err != nil {
		t.Fatal(err)
	}
	if c.Lock != "uv.lock" || len(c.Packages) != 2 || c.Find("lib").Source.Path != "libs/lib" {
		t.Errorf("%+v", c)
	}
	files["libs/lib/pyproject.toml"] = strings.Replace(files["libs/lib/pyproject.toml"], "requests", "httpx", 1)
	var mismatch *closure.MismatchError
	if _, err := resolve(t, files); !errors.As(err, &mismatch) {
		t.Errorf("%v", err)
	}
}

// What the root of a workspace says of sources and indexes holds for its members too, but where they say it themselves.
func TestUVWorkspaceSources(t *testing.T) {
	const index = "[[tool.uv.index]]\nname = \"private\"\nurl = \"https://example.com/simple\"\n"
	const workspace, elsewhere = "lib = {workspace = true}\n", "lib = {git = \"https://example.com/lib\"}\n"
	for _, c := range []struct {
		root, member string
		stale        bool
	}{
		{workspace, "", false},
		{"lib = {path = \"libs/lib\", editable = true}\n", "", false},
		{"Lib = [{workspace = true, marker = \"python_version > '3'\"}]\n", "", false},
		{"", workspace, false},
		{elsewhere, workspace, false},
		{workspace, elsewhere, true},
		{elsewhere, "", true},
		{"", "", true},
	} {
		made, err := resolve(t, uvWorkspace(index+"[tool.uv.sources]\n"+c.root, c.member))
		var stale *closure.StaleError
		switch {
		case errors.As(err, &stale) != c.stale:
			t.Errorf("%q %q: %v", c.root, c.member, err)
		case err != nil:
		case made.Find("lib") == nil || !slices.Contains(made.Manifests, "pyproject.toml"):
			t.Errorf("%q %q: %+v", c.root, c.member, made)
		case len(made.Indexes) != 1 || made.Indexes[0].Name != "private":
			t.Errorf("%q %q: indexes %v", c.root, c.member, made.Indexes)
		}
	}
}

func TestRequirements(t *testing.T) {
	files := tree{
		"services/svc/requirements.txt": `--index-url https://example.com/simple
--extra-index-url=https://example.com/more
-r common/base.txt
-c constraints.txt
tomli==2.0.1 ; python_version < "3.11" --hash=sha256:00
uvicorn[standard]==0.30.0 \
    --hash=sha256:AA \
    --hash=sha256:bb  # two
unpinned --hash=sha256:cc
./libs/local[Some,more_of-it] ; python_version > "3"
--editable ./libs/local[some]
-e ./libs/elsewhere ; sys_platform == 'win32' --hash=sha256:ff
vendor/Own_Lib-2.0-py3-none-any.whl
vendor/some-old-lib-1.5.tar.gz
https://example.com/Bare-3.0-1-py3-none-any.whl --hash=sha256:ff
wheel @ https://example.com/wheel-1.0-py3-none-any.whl#sha256=dd
git+https://example.com/repo.git@0123456789012345678901234567890123456789#egg=Repo&subdirectory=sub
`,
		"services/svc/common/base.txt":           "requests == 2.31.0 --hash sha256:ee\n",
		"services/svc/constraints.txt":           "unpinned==1.5\nnever==1\nunpinned==1.6 ; sys_platform == 'win32'\nrequests>2,<3\nrequests>9; python_version < '3'\n",
		"services/svc/libs/local/pyproject.toml": "[project]\nname = \"Local.Name\"\ndependencies = [\"requests>=2\"]\n[project.optional-dependencies]\nsome = [\"local-name[other]\"]\nother = [\"requests\"]\n",
	}
	c, err := resolve(t, files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.Packages {
		got = append(got, p.Name+" "+p.Version+" "+kindName(p)+" "+p.Source.Path+p.Source.URL+" "+strings.Join(p.Extras, ","))
	}
	want := []string{
		"bare 3.0 url https://example.com/Bare-3.0-1-py3-none-any.whl ",
		"local-name  directory services/svc/libs/local more-of-it,some",
		"own-lib 2.0 path services/svc/vendor/Own_Lib-2.0-py3-none-any.whl ",
		"repo  git https://example.com/repo.git ",
		"requests 2.31.0 registry  ",
		"some-old-lib 1.5 path services/svc/vendor/some-old-lib-1.5.tar.gz ",
		"unpinned 1.5 registry  ",
		"uvicorn 0.30.0 registry  standard",
		"wheel  url https://example.com/wheel-1.0-py3-none-any.whl ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	uvicorn := c.Find("uvicorn")
	if !uvicorn.NeedsIndex() || len(uvicorn.Files) != 2 || uvicorn.Files[0].Hash != "sha256:aa" || uvicorn.Line != 6 {
		t.Errorf("%+v", uvicorn)
	}
	if repo := c.Find("repo"); repo.Source.Commit == "" || repo.Source.Subdirectory != "sub" {
		t.Errorf("%+v", repo)
	}
	if requests := c.Find("requests"); requests.LockFile != "services/svc/common/base.txt" {
		t.Errorf("%+v", requests)
	}
	if len(c.Indexes) != 2 || c.Indexes[0].Priority != "default" || c.Indexes[0].URL != "https://example.com/simple" {
		t.Errorf("%+v", c.Indexes)
	}
	onWheel, err := c.Find("wheel").Best(lambda(t, "3.12", "arm64").Ranking())
	if err != nil || onWheel.Hash != "sha256:dd" {
		t.Errorf("%+v, %v", onWheel, err)
	}
}

// An error of the reader is that of the closure.
func TestReader(t *testing.T) {
	broken := errors.New("disk")
	files := poetryService(t, "")
	for path := range maps.Keys(files) {
		_, err := closure.Resolve(func(p string) ([]byte, bool, error) {
			if p == path {
				return nil, false, broken
			}
			return files.read(p)
		}, "services/svc", closure.Options{Target: lambda(t, "3.12", "arm64")})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", path, err)
		}
	}
	var inFile *syntax.FileError
	files["services/svc/poetry.lock"] = "["
	if _, err := resolve(t, files); !errors.As(err, &inFile) {
		t.Errorf("%v", err)
	}
}
