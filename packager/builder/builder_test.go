package builder_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/monoplan/monoplan/internal/dockertest"
	"github.com/monoplan/monoplan/packager/builder"
	"github.com/monoplan/monoplan/packager/builder/docker"
)

// files gives a source of a txtar archive.
func files(text string) builder.Source {
	return func(_ context.Context, yield func(builder.File) error) error {
		for _, f := range txtar.Parse([]byte(text)).Files {
			if err := yield(builder.File{Name: f.Name, Mode: 0o644, Content: bytes.NewReader(f.Data)}); err != nil {
				return err
			}
		}
		return nil
	}
}

// backend is a backend in the project's own tree, which needs nothing from an index. It says what it sees.
const backend = `
-- lib/pyproject.toml --
[build-system]
requires = []
build-backend = "backend:made"
backend-path = ["tools"]
-- lib/tools/backend.py --
import os, sys, zipfile

class made:
    @staticmethod
    def build_wheel(out, config_settings=None, metadata_directory=None):
        print("the backend is at work")
        name = "lib-1.0-py3-none-any.whl"
        with zipfile.ZipFile(os.path.join(out, name), "w") as z:
            z.write("lib.py")
            z.writestr("seen.txt", "\n".join([os.environ["SOURCE_DATE_EPOCH"], os.environ["SETUPTOOLS_SCM_PRETEND_VERSION"],
                                              str(os.path.exists("../other/pyproject.toml")), str(os.getcwd() in sys.path)]))
        return name
-- lib/lib.py --
x = 1
-- other/pyproject.toml --
`

// subject is a builder under test, with what its builds are for.
type subject struct {
	builder.Builder
	python, base string
}

// build gives a build of a project, with directories of its own.
func (s subject) build(t *testing.T, source builder.Source, project string, log io.Writer) builder.Build {
	t.Helper()
	return builder.Build{
		Name: "lib", Version: "1.0", Why: "path dependency lib", Python: s.python, Architecture: "x86_64", BaseImage: s.base,
		Source: source, Project: project, Out: t.TempDir(), Temp: t.TempDir(), Log: log,
	}
}

// build makes what there is to build.
func build(t *testing.T, b subject, source builder.Source, project string) (string, *bytes.Buffer, error) {
	t.Helper()
	var log bytes.Buffer
	file, err := b.Build(t.Context(), b.build(t, source, project, &log))
	return file, &log, err
}

func newLocal(t *testing.T) subject {
	return subject{Builder: closing(t, builder.NewLocal(os.Environ(), t.TempDir())), python: builder.HostPython(t)}
}

func newDocker(t *testing.T) subject {
	engine := dockertest.New(t)
	d := docker.New(docker.Config{Env: os.Environ(), Now: time.Now()})
	return subject{Builder: closing(t, d), python: engine.Python, base: engine.Base}
}

func closing(t *testing.T, b builder.Builder) builder.Builder {
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// subjects are the builders that build.
var subjects = map[string]func(*testing.T) subject{"local": newLocal, "docker": newDocker}

// TestConformance is what every builder that builds has to do.
func TestConformance(t *testing.T) {
	for name, make := range subjects {
		t.Run(name, func(t *testing.T) {
			b := make(t)
			if b.Name() != name {
				t.Errorf("its name is %q", b.Name())
			}
			t.Run("a wheel", func(t *testing.T) { conformWheel(t, b) })
			t.Run("a failing backend", func(t *testing.T) { conformFailure(t, b) })
			t.Run("a wheel that is none", func(t *testing.T) { conformNoWheel(t, b) })
			t.Run("a hostile source", func(t *testing.T) { conformHostile(t, b) })
			t.Run("an interrupt", func(t *testing.T) { conformInterrupt(t, b) })
			for backend, text := range projects {
				t.Run(backend, func(t *testing.T) { conformBackend(t, b, text) })
			}
		})
	}
}

func conformWheel(t *testing.T, b subject) {
	if err := b.Accept(t.Context(), []builder.Build{b.build(t, files(backend), "lib", nil)}); err != nil {
		t.Fatal(err)
	}
	file, log, err := build(t, b, files(backend), "lib")
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	seen, err := fs.ReadFile(z, "seen.txt")
	if want := "315532800\n1.0\nTrue\nFalse"; err != nil || string(seen) != want {
		t.Errorf("the backend saw %q, %v, want %q", seen, err, want)
	}
	if !strings.Contains(log.String(), "the backend is at work") {
		t.Errorf("the log has %q", log)
	}
}

func conformFailure(t *testing.T, b subject) {
	source := strings.Replace(backend, `print("the backend is at work")`, `raise Exception("no compiler")`, 1)
	_, log, err := build(t, b, files(source), "lib")
	var failed *builder.BackendError
	if !errors.As(err, &failed) || failed.Step != "build_wheel" || !strings.Contains(failed.Tail, "no compiler") {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "building lib 1.0 (path dependency lib)") || !strings.Contains(log.String(), "no compiler") {
		t.Errorf("got %v, and in the log %q", err, log)
	}
	// The next build is right.
	if _, _, err := build(t, b, files(backend), "lib"); err != nil {
		t.Error(err)
	}
}

func conformNoWheel(t *testing.T, b subject) {
	for _, name := range []string{"../lib.whl", "absent-1.0-py3-none-any.whl", "lib.tar.gz", ""} {
		source := strings.Replace(backend, "return name", "return "+`"`+name+`"`, 1)
		if _, _, err := build(t, b, files(source), "lib"); !errors.Is(err, builder.ErrNoWheel) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func conformHostile(t *testing.T, b subject) {
	for what, f := range map[string]builder.File{
		"a name that leads up": {Name: "../evil.py"}, "an absolute name": {Name: "/evil.py"}, "no name": {Name: "."},
		"a link that leads out": {Name: "lib/evil", Mode: fs.ModeSymlink, Link: "../../../etc"},
		"an absolute link":      {Name: "lib/evil", Mode: fs.ModeSymlink, Link: "/etc"},
		"a file twice":          {Name: "lib/lib.py"},
	} {
		f.Content = strings.NewReader("evil")
		source := func(ctx context.Context, yield func(builder.File) error) error {
			return errors.Join(files(backend)(ctx, yield), yield(f))
		}
		if _, _, err := build(t, b, source, "lib"); err == nil {
			t.Errorf("%s is no error", what)
		}
	}
}

func conformInterrupt(t *testing.T, b subject) {
	source := strings.Replace(backend, `print("the backend is at work")`,
		`import subprocess; subprocess.run([sys.executable, "-c", "import time; print('asleep', flush=True); time.sleep(600)"])`, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := writerFunc(func(p []byte) {
		if bytes.Contains(p, []byte("asleep")) {
			cancel()
		}
	})
	_, err := b.Build(ctx, b.build(t, files(source), "lib", log))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type writerFunc func([]byte)

func (w writerFunc) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

func TestNone(t *testing.T) {
	n := builder.None{}
	if err := n.Accept(t.Context(), nil); err != nil {
		t.Errorf("nothing to build: %v", err)
	}
	builds := []builder.Build{{Name: "core", Version: "1.0", Why: "path dependency libs/core"}, {Name: "psutil", Version: "6.0", Why: "no wheel fits"}}
	var refused *builder.RefusedError
	if err := n.Accept(t.Context(), builds); !errors.As(err, &refused) || len(refused.Builds) != 2 ||
		!strings.Contains(err.Error(), "core 1.0 (path dependency libs/core), psutil 6.0 (no wheel fits)") {
		t.Errorf("got %v", err)
	}
	if _, err := n.Build(t.Context(), builds[0]); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

// A backend that may look at its Python is built with the target's, or not at all; one that only collects files takes
// any.
func TestLocalPython(t *testing.T) {
	l := newLocal(t)
	_, err := l.Build(t.Context(), builder.Build{
		Name: "lib", Version: "1.0", Why: "w", Python: "3.99", Source: files(backend), Project: "lib", Out: t.TempDir(), Temp: t.TempDir(),
	})
	var unfit *builder.UnfitError
	if !errors.As(err, &unfit) || !strings.Contains(err.Error(), "it needs Python 3.99") {
		t.Errorf("got %v", err)
	}
	nowhere := builder.NewLocal([]string{"PATH=" + t.TempDir(), "HOME=" + t.TempDir()}, t.TempDir())
	err = nowhere.Accept(t.Context(), []builder.Build{{Name: "lib", Version: "1.0", Python: "3.12"}})
	if !errors.As(err, &unfit) || !strings.Contains(err.Error(), "no Python") {
		t.Errorf("without a Python: %v", err)
	}
}

// projects are built by the backends that are common, each from what an index has.
var projects = map[string]string{
	"poetry-core": `
-- lib/pyproject.toml --
[tool.poetry]
name = "lib"
version = "1.0"
description = ""
authors = []
[tool.poetry.dependencies]
python = ">=3.9"
other = {path = "../other", develop = true}
[build-system]
requires = ["poetry-core>=1.0.0"]
build-backend = "poetry.core.masonry.api"
-- lib/lib/__init__.py --
-- other/pyproject.toml --
[tool.poetry]
name = "other"
version = "1.0"
description = ""
authors = []
`,
	"hatchling": `
-- lib/pyproject.toml --
[project]
name = "lib"
version = "1.0"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
-- lib/lib/__init__.py --
`,
	"hatchling that asks for more": `
-- lib/pyproject.toml --
[project]
name = "lib"
version = "1.0"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[tool.hatch.build]
dependencies = ["editables"]
-- lib/lib/__init__.py --
`,
	"setuptools": `
-- lib/setup.py --
from setuptools import setup
setup(name="lib", version="1.0", py_modules=["lib"])
-- lib/lib.py --
`,
	"flit": `
-- lib/pyproject.toml --
[project]
name = "lib"
version = "1.0"
description = "a library"
[build-system]
requires = ["flit_core>=3"]
build-backend = "flit_core.buildapi"
-- lib/lib/__init__.py --
`,
}

// conformBackend builds with a backend that comes from an index.
func conformBackend(t *testing.T, b subject, text string) {
	file, log, err := build(t, b, files(text), "lib")
	var failed *builder.BackendError
	if errors.As(err, &failed) && failed.Installing {
		dockertest.Missing(t, "build requirements cannot be installed here: "+failed.Tail)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	if base := filepath.Base(file); !strings.HasPrefix(base, "lib-1.0-py") || !strings.HasSuffix(base, "-none-any.whl") {
		t.Errorf("it made %s", file)
	}
}
