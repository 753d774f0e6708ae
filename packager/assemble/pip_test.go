package assemble

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/wheel"
)

// An archive of the wheels in testdata/wheels.txt has what pip's --target makes of them, file by file, and a Python
// imports from it, slim or whole.
//
// It needs Python 3.12 with pip (MONOPLAN_TEST_PYTHON_TOOLS/bin/python, or python3.12) and an index. With
// MONOPLAN_TEST_WHEELS the wheels are kept in that directory for the next run. Under the race detector, which takes
// five times as long, a few wheels must do: ./test runs it without as well.
func TestAsPipInstalls(t *testing.T) {
	python := hostPython(t)
	wheels := download(t, python)
	var whole, slim []string
	t.Run("archives", func(t *testing.T) {
		t.Run("whole", func(t *testing.T) {
			t.Parallel()
			target, bundle := t.TempDir(), t.TempDir()
			pip(t, python, append([]string{"install", "--quiet", "--no-deps", "--no-compile", "--no-index", "--target", target}, wheels...)...)
			whole = unzip(t, assembled(t, wheels, Spec{}), bundle)
			compareTrees(t, whole, bundle, target)
			importAll(t, python, bundle)
		})
		t.Run("slim", func(t *testing.T) {
			t.Parallel()
			bundle := t.TempDir()
			slim = unzip(t, assembled(t, wheels, Spec{Slim: true}), bundle)
			importAll(t, python, bundle)
		})
	})
	if len(slim) >= len(whole) {
		t.Errorf("slim has %d files, and the whole bundle %d", len(slim), len(whole))
	}
}

// fewWheels have scripts, headers, native code and a .data directory among them.
var fewWheels = []string{"greenlet", "jmespath", "markupsafe", "numpy", "requests"}

func wheelName(file string) string {
	name, _, _ := strings.Cut(filepath.Base(file), "-")
	return strings.ToLower(name)
}

// hostPython gives a Python for whose version testdata/wheels.txt was made.
func hostPython(t *testing.T) string {
	t.Helper()
	candidates := []string{"python3.12"}
	if tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS"); tools != "" {
		candidates = slices.Insert(candidates, 0, filepath.Join(tools, "bin", "python"))
	}
	for _, c := range candidates {
		out, err := exec.Command(c, "-c", "import sys, pip; print(sys.version_info[:2] == (3, 12))").Output()
		if err == nil && strings.TrimSpace(string(out)) == "True" {
			return c
		}
	}
	t.Skipf("no Python 3.12 with pip: %s", strings.Join(candidates, ", "))
	return ""
}

func pip(t *testing.T, python string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), python, append([]string{"-m", "pip"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("pip %s: %v\n%s", args[0], err, out)
	}
}

// download fetches the wheels, and gives the paths of those to test with.
func download(t *testing.T, python string) []string {
	t.Helper()
	directory := os.Getenv("MONOPLAN_TEST_WHEELS")
	if directory == "" {
		directory = t.TempDir()
	}
	out, err := exec.CommandContext(t.Context(), python, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
		"--find-links", directory, "--dest", directory, "--requirement", "testdata/wheels.txt").CombinedOutput()
	if err != nil {
		t.Skipf("the wheels cannot be downloaded: %v\n%s", err, out)
	}
	wheels, err := filepath.Glob(filepath.Join(directory, "*.whl"))
	if err != nil || len(wheels) != len(requirements(t)) {
		t.Fatalf("%d wheels for %d requirements, error %v", len(wheels), len(requirements(t)), err)
	}
	if underRace {
		wheels = slices.DeleteFunc(wheels, func(w string) bool { return !slices.Contains(fewWheels, wheelName(w)) })
		if len(wheels) != len(fewWheels) {
			t.Fatalf("%q are not all among the wheels", fewWheels)
		}
	}
	return wheels
}

// requirements gives the lines of testdata/wheels.txt: what to install, and which modules to import.
func requirements(t *testing.T) map[string][]string {
	t.Helper()
	content, err := os.ReadFile("testdata/wheels.txt")
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string][]string{}
	for line := range strings.Lines(string(content)) {
		requirement, comment, _ := strings.Cut(strings.TrimSpace(line), "#")
		if requirement != "" {
			modules[strings.TrimSpace(requirement)] = strings.FieldsFunc(comment, func(r rune) bool { return r == ' ' || r == ',' })
		}
	}
	return modules
}

// assembled gives the path of a bundle of wheels.
func assembled(t *testing.T, paths []string, spec Spec) string {
	t.Helper()
	for _, p := range paths {
		w, err := wheel.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		spec.Wheels = append(spec.Wheels, Dependency{Wheel: w})
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "bundle.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	report, err := Write(t.Context(), out, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("slim %v: %d files, %d bytes, %d unpacked", spec.Slim, report.Files, report.Size, report.Unpacked)
	return out.Name()
}

// unzip unpacks an archive with the standard library's reader, and gives the names in it.
func unzip(t *testing.T, archive, directory string) []string {
	t.Helper()
	r, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	root, err := os.OpenRoot(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var names []string
	for _, f := range r.File {
		if mode := f.Mode(); mode != 0o644 && mode != 0o755 {
			t.Errorf("%s has the mode %v", f.Name, mode)
		}
		if err := unzipFile(root, f); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	if !slices.IsSorted(names) {
		t.Error("the archive's names are not sorted")
	}
	return names
}

func unzipFile(root *os.Root, f *zip.File) error {
	if err := root.MkdirAll(path.Dir(f.Name), 0o755); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	return root.WriteFile(f.Name, content, f.Mode())
}

// compareTrees compares what was assembled with what pip installed. The differences are those of the documentation: what
// is about pip's installation is left out, and scripts name no path of this machine.
func compareTrees(t *testing.T, names []string, bundle, target string) {
	t.Helper()
	left := map[string]bool{}
	for _, n := range names {
		left[n] = true
	}
	err := fs.WalkDir(os.DirFS(target), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		where := bundled(name)
		if aboutInstallation(name) {
			if left[name] {
				t.Errorf("%s is in the archive", name)
			}
			return nil
		}
		if !left[where] {
			t.Errorf("pip installs %s, and the archive does not have it", name)
			return nil
		}
		delete(left, where)
		compareFiles(t, where, filepath.Join(bundle, where), filepath.Join(target, name))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("the archive has %s, and pip does not install it", name)
	}
}

// bundled gives the name in the archive of a file that pip installed: headers go elsewhere where pip runs in a virtual
// environment.
func bundled(name string) string {
	if header, ok := strings.CutPrefix(name, "include/site/python3.12/"); ok {
		return "include/python/" + header
	}
	return name
}

func aboutInstallation(name string) bool {
	switch path.Base(name) {
	case "RECORD", "INSTALLER", "REQUESTED", "direct_url.json":
		return strings.HasSuffix(path.Dir(name), ".dist-info") && !strings.Contains(path.Dir(name), "/")
	}
	return false
}

func compareFiles(t *testing.T, name, ourFile, theirFile string) {
	t.Helper()
	ours, executable := content(t, ourFile)
	theirs, theirsExecutable := content(t, theirFile)
	if executable != theirsExecutable {
		t.Errorf("%s is executable: %v, and for pip %v", name, executable, theirsExecutable)
	}
	if bytes.Equal(ours, theirs) {
		return
	}
	if !strings.HasPrefix(name, "bin/") || !bytes.HasPrefix(ours, []byte(wheel.Shebang)) || !bytes.HasPrefix(theirs, []byte("#!")) {
		t.Errorf("%s differs from what pip installs", name)
	}
}

func content(t *testing.T, name string) ([]byte, bool) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return all, info.Mode()&0o111 != 0
}

// importAll imports the modules of each requirement from the unpacked archive and nothing else but the standard library,
// and runs a script.
func importAll(t *testing.T, python, bundle string) {
	t.Helper()
	if underRace {
		return // the few wheels are not all that they need
	}
	var lines []string
	for requirement, modules := range requirements(t) {
		if len(modules) > 0 {
			lines = append(lines, requirement+" "+strings.Join(modules, " "))
		}
	}
	if len(lines) < 60 {
		t.Errorf("%d packages are imported, and 60 should be", len(lines))
	}
	slices.Sort(lines)
	// -S: without what is installed for this Python.
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-S", "-c", importer}, lines...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+bundle, "PYTHONDONTWRITEBYTECODE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("imports: %v\n%s", err, out)
	}
	cmd = exec.CommandContext(t.Context(), python, "-S", filepath.Join(bundle, "bin", "normalizer"), "--version")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("a script, with nothing on its path: %v\n%s", err, out)
	}
}

// importer imports what its arguments name, and fails with a line for each that cannot be imported.
const importer = `
import importlib, sys
failed = []
for line in sys.argv[1:]:
    requirement, *modules = line.split()
    for module in modules:
        try:
            importlib.import_module(module)
        except BaseException as error:
            failed.append(f"{requirement}: {module}: {error!r}")
sys.exit("\n".join(failed) or 0)
`
