package main

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// copyExample makes a repository of one of examples/, with more lines at the end of its seed.yml.
func copyExample(t *testing.T, name, more string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("../../examples", name))); err != nil {
		t.Fatal(err)
	}
	seed := filepath.Join(dir, "seed.yml")
	text, err := os.ReadFile(seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(seed, append(text, more...), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func commitAll(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "one"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Env = dir, testEnvironment()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
}

// packageIn packages all services of a repository, with a store of its own, and gives what was printed.
func packageIn(t *testing.T, dir string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := testEnvironment(storeDirVariable + "=" + filepath.Join(t.TempDir(), "store"))
	code := run(t.Context(), []string{"package"}, process{Stdout: &stdout, Stderr: &stderr, Env: env, Dir: dir})
	if code != exitFine {
		t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
	return stdout.String()
}

// pythonTool gives a program that ./test installs.
func pythonTool(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS")
	if dir == "" {
		dockertest.Missing(t, "MONOPLAN_TEST_PYTHON_TOOLS names no directory with "+name)
	}
	return filepath.Join(dir, "bin", name)
}

// A project that is set up for the plugin serverless-python-monorepo needs three lines, works, and has
// .serverless/requirements as the plugin fills it.
func TestExampleFromPlugin(t *testing.T) {
	engine := dockertest.New(t)
	dir := copyExample(t, "serverless-python-monorepo", "  base_image: "+engine.Base+"\n")
	if seed, err := os.ReadFile("../../examples/serverless-python-monorepo/seed.yml"); err != nil || strings.Count(string(seed), "\n") > 3 {
		t.Errorf("seed.yml has more than three lines, or cannot be read: %v\n%s", err, seed)
	}
	commitAll(t, dir)
	packageIn(t, dir)
	artifacts := filepath.Join(dir, ".monoplan", "artifacts")
	for service, want := range map[string]string{
		"api-orders": `{"statusCode": 200, "body": "{\"orders\": [{\"id\": 1, \"item\": \"lamp\"}], \"agent\": \"python-requests/2.34.2\"}"}`,
		"api-users":  `{"statusCode": 200, "body": "{\"since\": \"2020-05-01T00:00:00\"}"}`,
	} {
		program := "import handler, json; print(json.dumps(handler.list_" + strings.TrimPrefix(service, "api-") + "({}, None)))"
		archives := map[string]string{filepath.Join(artifacts, service+".zip"): "var/task"}
		if got := engine.Import(t, archives, program); got != want {
			t.Errorf("%s answers %s, want %s", service, got, want)
		}
		t.Run(service, func(t *testing.T) {
			ours := filepath.Join(dir, service, ".serverless", "requirements")
			compareRequirements(t, installAsPlugin(t, engine, dir, service), ours)
		})
	}
}

// installAsPlugin does what the plugin does, but for the container and for the lock, which it leaves behind: it takes "develop" out of all
// manifests, has Poetry install into a virtual environment in the project, and takes the packages of that.
func installAsPlugin(t *testing.T, engine dockertest.Engine, dir, service string) string {
	t.Helper()
	poetry := pythonTool(t, "poetry-1.8")
	if _, err := exec.LookPath("python" + engine.Python); err != nil {
		dockertest.Missing(t, err.Error())
	}
	copied := t.TempDir()
	develop := regexp.MustCompile(`, *develop *= *true`)
	for _, project := range []string{"api-orders", "api-users", "sharedlib/shareddal", "sharedlib/sharedlog"} {
		if err := os.CopyFS(filepath.Join(copied, project), os.DirFS(filepath.Join(dir, project))); err != nil {
			t.Fatal(err)
		}
		manifest := filepath.Join(copied, project, "pyproject.toml")
		text, err := os.ReadFile(manifest)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(manifest, develop.ReplaceAll(text, nil), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	project := filepath.Join(copied, service)
	for _, args := range [][]string{{"env", "use", "python" + engine.Python}, {"lock", "--no-update"}, {"install", "--only", "main", "--no-root"}} {
		cmd := exec.CommandContext(t.Context(), poetry, append(args, "--no-interaction")...)
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "POETRY_VIRTUALENVS_IN_PROJECT=true", "POETRY_PYPI_MIRROR_URL=https://pypi.org/simple/")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("poetry %s: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(project, ".venv", "lib", "python"+engine.Python, "site-packages")
}

// compareRequirements holds a directory against what the plugin copies of site-packages: the same files, but for records of the installation.
// Of the metadata the directories' names have to be the same.
func compareRequirements(t *testing.T, theirs, ours string) {
	t.Helper()
	want, got := requirementFiles(t, theirs), requirementFiles(t, ours)
	for name, content := range want {
		if have, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if have != content {
			t.Errorf("%s has %q, want %q", name, have, content)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !strings.HasPrefix(name, "bin/") { // the plugin leaves programs behind
			t.Errorf("%s is too much", name)
		}
	}
	if len(want) < 10 {
		t.Errorf("only %d files to compare with", len(want))
	}
}

// leftOut has the names that the plugin does not copy.
var leftOut = []string{"pip*", "setuptools*", "wheel*", "*.pth", "*.virtualenv", "__pycache__", "_distutils_hack", "pkg_resources", "_virtualenv.py"}

// requirementFiles reads a directory of packages, without what the plugin leaves out. Metadata counts by its directory.
func requirementFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if slices.ContainsFunc(leftOut, func(pattern string) bool { ok, _ := path.Match(pattern, d.Name()); return ok }) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() && strings.HasSuffix(name, ".dist-info") {
			files[name] = "metadata"
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Functions of a CDK app have a layer each with what they need, or share one, by one lock.
func TestExampleLayers(t *testing.T) {
	engine := dockertest.New(t)
	dir := copyExample(t, "cdk-layers", "")
	seed := filepath.Join(dir, "seed.yml")
	text, err := os.ReadFile(seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(seed, bytes.Replace(text, []byte("builder: docker"), []byte("builder: docker, base_image: "+engine.Base), 1), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), pythonTool(t, "uv"), "lock", "--quiet", "--python", "python"+engine.Python)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("uv lock: %v\n%s", err, out)
	}
	commitAll(t, dir)
	packageIn(t, dir)
	artifacts := filepath.Join(dir, ".monoplan", "artifacts")
	layers := map[string][]string{"orders": {"attr", "attrs", "money"}, "reports": {"dateutil"}, "common": {"attr", "attrs", "money", "dateutil"}}
	for layer, want := range layers {
		got := packagesOf(t, filepath.Join(artifacts, "layers", layer+".zip"))
		for _, name := range []string{"attr", "attrs", "money", "dateutil"} {
			if slices.Contains(got, name) != slices.Contains(want, name) {
				t.Errorf("the layer %s has %q", layer, got)
			}
		}
	}
	for function, c := range map[string]struct{ event, want string }{
		"orders":  {"{}", "{'item': 'lamp', 'price': '19.99 EUR'}"},
		"reports": {"{'month': '2026-01-31'}", "{'until': '2026-02-28'}"},
	} {
		for _, layer := range []string{function, "common"} {
			archives := map[string]string{
				filepath.Join(artifacts, function+".zip"):        "var/task",
				filepath.Join(artifacts, "layers", layer+".zip"): "opt",
			}
			if got := engine.Import(t, archives, "import handler; print(handler.handle("+c.event+", None))"); got != c.want {
				t.Errorf("%s with the layer %s gives %s, want %s", function, layer, got, c.want)
			}
		}
	}
}

// packagesOf lists what is importable of a layer.
func packagesOf(t *testing.T, layer string) []string {
	t.Helper()
	z, err := zip.OpenReader(layer)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		inner, _ := strings.CutPrefix(f.Name, "python/")
		name, _, _ := strings.Cut(inner, "/")
		if !strings.HasSuffix(name, ".dist-info") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
