package closure_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/python/target"
	"github.com/monoplan/monoplan/packager/closure"
)

// The locks in testdata/locks come from testdata/locks.py, which locks small projects with every tool and writes down what the tool itself
// exports for six targets.

func TestExports(t *testing.T) {
	files := lockArchives(t)
	if len(files) < 60 {
		t.Errorf("only %d locks", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			files, expected := readArchive(t, file)
			compareExports(t, files, expected)
		})
	}
}

// The tools themselves, on the same locks: today's part of them, as a start of Poetry takes a second.
func TestExportsLive(t *testing.T) {
	tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS")
	if tools == "" {
		t.Skip("MONOPLAN_TEST_PYTHON_TOOLS names no directory of Python tools")
	}
	const parts = 8
	today := time.Now().YearDay() % parts
	for i, file := range lockArchives(t) {
		if i%parts != today {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			files, recorded := readArchive(t, file)
			directory := t.TempDir()
			for path, text := range files {
				writeFile(t, filepath.Join(directory, path), text)
			}
			_, tool, _ := strings.Cut(name, ".")
			command := map[string]string{"poetry-1.1": "poetry-1.8", "poetry-1.8": "poetry-1.8", "uv": "uv"}[tool]
			if command == "" {
				command = "poetry-2"
			}
			arguments := []string{"testdata/locks.py", "expect", tool, filepath.Join(tools, "bin", command), filepath.Join(directory, "svc")}
			arguments = append(arguments, asked(recorded)...)
			out, err := exec.CommandContext(t.Context(), filepath.Join(tools, "bin", "python"), arguments...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			compareExports(t, files, string(out))
		})
	}
}

func lockArchives(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/locks/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readArchive(t *testing.T, file string) (files tree, expected string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files = tree{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	expected = files["expected"]
	delete(files, "expected")
	return files, expected
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// exported is one line of what a tool exports: "3.12 arm64 groups=ops,dev extras=: alpha==1.1#hashes …".
type exported struct {
	python, architecture string
	groups, extras       []string
	packages             string
}

func parseExported(t *testing.T, line string) exported {
	t.Helper()
	head, packages, found := strings.Cut(line, ": ")
	if !found {
		head = strings.TrimSuffix(line, ":")
	}
	fields := strings.Fields(head)
	if len(fields) != 4 {
		t.Fatalf("line %q", line)
	}
	return exported{fields[0], fields[1], list(fields[2]), list(fields[3]), strings.TrimSpace(packages)}
}

// list reads "groups=a,b".
func list(field string) []string {
	_, names, _ := strings.Cut(field, "=")
	if names == "" {
		return nil
	}
	return strings.Split(names, ",")
}

// asked gives the groups and extras of a recorded export, in the order of the script's arguments.
func asked(recorded string) []string {
	var all []string
	for line := range strings.Lines(recorded) {
		fields := strings.Fields(line)
		pair := strings.TrimPrefix(fields[2], "groups=") + ":" + strings.TrimSuffix(strings.TrimPrefix(fields[3], "extras="), ":")
		if !slices.Contains(all, pair) {
			all = append(all, pair)
		}
	}
	return all
}

func compareExports(t *testing.T, files tree, expected string) {
	t.Helper()
	lines := 0
	for line := range strings.Lines(expected) {
		e := parseExported(t, strings.TrimRight(line, "\n"))
		lines++
		c, err := closure.Resolve(files.read, "svc", closure.Options{
			Target: lambda(t, e.python, e.architecture), Groups: e.groups, Extras: e.extras,
		})
		if err != nil {
			t.Errorf("%+v: %v", e, err)
			continue
		}
		got := describe(c)
		if strings.Contains(files["svc/poetry.lock"], "[metadata.files]") {
			// Poetry exports the hashes of all versions of a name there, and only those of the locked one are right.
			got, e.packages = hashes().ReplaceAllString(got, ""), hashes().ReplaceAllString(e.packages, "")
		}
		if got != e.packages {
			t.Errorf("python %s %s, groups %v, extras %v:\n got %s\nwant %s", e.python, e.architecture, e.groups, e.extras, got, e.packages)
		}
	}
	if lines < 6 {
		t.Errorf("only %d exports", lines)
	}
}

func hashes() *regexp.Regexp { return regexp.MustCompile("#[0-9a-f]+") }

// describe writes a closure as the script writes an export: names with their versions or kinds of sources, and a digest of the hashes.
func describe(c *closure.Closure) string {
	var all []string
	for _, p := range c.Packages {
		text := p.Name + "=="
		switch p.Source.Kind {
		case lockfile.Registry:
			text += p.Version
		case lockfile.Git, lockfile.URL:
			text += kindName(p)
		default:
			text += "path"
		}
		var hashes []string
		for _, f := range p.Files {
			if f.Hash != "" {
				hashes = append(hashes, f.Hash)
			}
		}
		if slices.Sort(hashes); len(hashes) > 0 {
			sum := sha256.Sum256([]byte(strings.Join(hashes, " ")))
			text += "#" + hex.EncodeToString(sum[:])[:8]
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// What a closure says about who needs whom stays in the closure.
func TestDependsOn(t *testing.T) {
	for _, file := range lockArchives(t) {
		files, _ := readArchive(t, file)
		c, err := closure.Resolve(files.read, "svc", closure.Options{Target: lambda(t, "3.12", "arm64")})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, p := range c.Packages {
			for _, name := range p.DependsOn {
				if c.Find(name) == nil {
					t.Errorf("%s: %s depends on %s", file, p.Name, name)
				}
			}
		}
	}
}

func ExampleNoWheelError() {
	files := tree{
		"svc/pyproject.toml": "[project]\nname = 'svc'\nrequires-python = '>=3.9'\ndependencies = ['numpy']\n",
		"svc/uv.lock": `version = 1
[[package]]
name = "numpy"
version = "2.4.6"
source = { registry = "https://example.com/simple" }
wheels = [{ url = "https://example.com/numpy-2.4.6-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", hash = "sha256:00" }]
[[package]]
name = "svc"
source = { virtual = "." }
dependencies = [{ name = "numpy" }]
[package.metadata]
requires-dist = [{ name = "numpy" }]
`,
	}
	on, err := target.Lambda("3.11", "x86_64")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := closure.Resolve(files.read, "svc", closure.Options{Target: on})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Packages[0].Best(on.Ranking())
	fmt.Println(err)
	// Output: numpy 2.4.6 has no wheel for python3.11 x86_64 glibc 2.26; numpy 2.4.6 has one for python3.12 x86_64 glibc 2.34
}
