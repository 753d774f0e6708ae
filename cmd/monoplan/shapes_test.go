package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// shapes has what the handler of each service of testdata/shapes.txtar says when all of its libraries are there.
var shapes = map[string]string{
	"chain": "abc", "diamond": "left c, right c", "layouts": "flat src data native one two", "upward": "above",
	"backends": "poetry1 poetry2 hatch setup flits pdms uvs", "uvshop": "hatch setup uvs",
}

// TestShapes packages libraries of every shape in each of the ways that there are. All work in a fresh container; the builders docker and
// local give the same bytes, and Poetry's own installation the same importable files. Libraries in a circle are refused.
func TestShapes(t *testing.T) {
	engine := dockertest.New(t)
	ways := map[string]map[string]string{}
	for _, way := range []string{"docker", "local"} {
		ways[way] = packageShapes(t, engine, way, "builder: "+way, slices.Sorted(maps.Keys(shapes)), nil)
	}
	for service, want := range shapes {
		got := engine.Import(t, map[string]string{ways["docker"][service]: "var/task"}, "import handler; print(handler.handle({}, None))")
		if got != want {
			t.Errorf("%s says %q, want %q", service, got, want)
		}
		if !bytes.Equal(content(t, ways["docker"][service]), content(t, ways["local"][service])) {
			t.Errorf("%s is not the same by the builders docker and local: %s", service, archiveDifferences(t, ways["docker"][service], ways["local"][service]))
		}
	}
}

// What Poetry itself installs are the same files as those of the wheels that are built one by one, but for what the records of an installation
// say; and they work. Most locks are of Poetry 1.8, and stand for those of Poetry 2 with the little that these have besides.
func TestShapesByPoetry(t *testing.T) {
	engine := dockertest.New(t)
	services := slices.DeleteFunc(slices.Sorted(maps.Keys(shapes)), func(s string) bool {
		return s == "uvshop" || s == "upward" // one has uv's lock, and of the other's library Poetry makes no wheel
	})
	wheels := packageShapes(t, engine, "docker", "builder: docker", services, nil)
	locks := map[string]*strings.Replacer{
		"1.8": nil,
		"2":   strings.NewReplacer("Poetry 1.8.5", "Poetry 2.5.1", `lock-version = "2.0"`, `lock-version = "2.1"`, "optional = false\n", "optional = false\ngroups = [\"main\"]\n"),
	}
	for version, lock := range locks {
		t.Run(version, func(t *testing.T) {
			installed := packageShapes(t, engine, version, "builder: docker\n  install: poetry", services, lock)
			for _, service := range services {
				sameImportable(t, service, unpacked(t, wheels[service]), unpacked(t, installed[service]))
				got := engine.Import(t, map[string]string{installed[service]: "var/task"}, "import handler; print(handler.handle({}, None))")
				if got != shapes[service] {
					t.Errorf("%s says %q, want %q", service, got, shapes[service])
				}
			}
		})
	}
}

// sameImportable wants the same files, and the same content of those that a program can import. What is compiled knows where that was done,
// which Poetry does not take out; and a lock may be rewritten.
func sameImportable(t *testing.T, service string, wheels, installed map[string]string) {
	t.Helper()
	if got, want := slices.Sorted(maps.Keys(installed)), slices.Sorted(maps.Keys(wheels)); !slices.Equal(got, want) {
		t.Errorf("%s: Poetry installs %q, and from wheels there is %q", service, got, want)
	}
	for name, content := range wheels {
		if installed[name] != content && !strings.Contains(name, ".dist-info/") && !strings.HasSuffix(name, ".so") && name != "poetry.lock" {
			t.Errorf("%s: %s is not the same", service, name)
		}
	}
}

// packageShapes packages some of the services with a setting of seed.yml, and locks that may be rewritten, and gives their artifacts.
func packageShapes(t *testing.T, engine dockertest.Engine, way, setting string, services []string, locks *strings.Replacer) map[string]string {
	t.Helper()
	dir := t.TempDir()
	archive, err := txtar.ParseFile("testdata/shapes.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seed := fmt.Sprintf("package:\n  %s\n  base_image: %s\n  glibc: %q\n", setting, engine.Base, engine.Glibc)
	for _, f := range append(archive.Files, txtar.File{Name: "seed.yml", Data: []byte(seed)}) {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		text := string(f.Data)
		if locks != nil && filepath.Base(name) == "poetry.lock" && strings.Contains(text, "Poetry 1.8.5") {
			text = locks.Replace(text)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	commitAll(t, dir)
	var stdout, stderr bytes.Buffer
	// The machine's own Python comes first: that is what the base image has.
	env := testEnvironment(storeDirVariable+"="+filepath.Join(t.TempDir(), "store"), "PATH=/usr/bin:/bin:"+os.Getenv("PATH"),
		"POETRY_PYPI_MIRROR_URL=https://pypi.org/simple/") // what Poetry asks of an index itself, not every mirror answers
	byPoetry := strings.Contains(setting, "install: poetry") // which knows no order, and minds no circle
	args := append([]string{"package"}, services...)
	if !byPoetry {
		args = append(args, "circle")
	}
	code := run(t.Context(), args, process{Stdout: &stdout, Stderr: &stderr, Env: env, Dir: dir})
	circle := "circle: path dependencies need each other in a circle: libs/x -> libs/y -> libs/x"
	if byPoetry && code != exitFine || !byPoetry && (code != exitFailed || strings.Count(stderr.String(), "error: ") != 1 || !strings.Contains(stderr.String(), circle)) {
		t.Fatalf("%s: exit code %d\n%s%s", way, code, &stdout, &stderr)
	}
	artifacts := map[string]string{}
	for _, s := range services {
		artifacts[s] = filepath.Join(dir, ".monoplan", "artifacts", s+".zip")
	}
	return artifacts
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// archiveDifferences lists the files of two archives that are not the same.
func archiveDifferences(t *testing.T, one, other string) string {
	t.Helper()
	a, b := unpacked(t, one), unpacked(t, other)
	var names []string
	for name := range a {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func unpacked(t *testing.T, file string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	return files
}

// The machine's own Python and compiler are those of the base image: else the builders docker and local could not give the same
// bytes of what is compiled.
func TestShapesCompilers(t *testing.T) {
	engine := dockertest.New(t)
	script := "python" + engine.Python + ` -c "import sysconfig as s; print(s.get_python_version(), s.get_config_var('CFLAGS'), s.get_config_var('LDSHARED'))"; gcc -dumpfullversion`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Env = append(os.Environ(), "PATH=/usr/bin:/bin")
	here, err := cmd.CombinedOutput()
	if err != nil {
		dockertest.Missing(t, fmt.Sprintf("%v: %s", err, here))
	}
	there := dockertest.Docker(t, "run", "--rm", "--network", "none", engine.Base, "sh", "-c", script)
	if strings.TrimSpace(string(here)) != there {
		t.Errorf("this machine has\n%s\nand the base image\n%s", here, there)
	}
}
