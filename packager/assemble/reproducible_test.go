package assemble

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/wheel"
	"github.com/monoplan/monoplan/packager/wheel/wheeltest"
)

// sampleHash is the hash of the archive that sample describes. It is the same on every machine; where a change of the
// code or of a library changes it, artifacts change for everybody, and so must the format version in their keys.
const sampleHash = "ca66bf143efed125b18c43afb6000c7ff398e5ded8b02d1c4f0d6070141e88f5"

// sampleWheels makes the wheels of the sample in a directory.
func sampleWheels(t *testing.T, directory string) {
	t.Helper()
	for _, w := range []wheeltest.Wheel{
		{Name: "a", Version: "1.0", Files: files{
			"a/__init__.py": "a = 1\n", "a/tests/x.py": "", "{data}/scripts/s": "#!python\n", "{info}/entry_points.txt": "[console_scripts]\nrun = a:b\n",
		}},
		{Name: "B", Version: "2.0", Files: files{"b.py": strings.Repeat("b = 1\n", 1000), "a/b.py": ""}},
	} {
		if _, err := w.Write(directory); err != nil {
			t.Fatal(err)
		}
	}
}

// sample describes an archive of what is in a directory.
func sample(t *testing.T, directory string) Spec {
	t.Helper()
	spec := Spec{Slim: true, Code: []CodeFile{own("z.py", strings.Repeat("import a, b\n", 50)), own("ä.txt", "ä")}}
	paths, err := filepath.Glob(filepath.Join(directory, "*.whl"))
	if err != nil || len(paths) != 2 {
		t.Fatalf("%d wheels, error %v", len(paths), err)
	}
	for _, p := range paths {
		w, err := wheel.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		spec.Wheels = append(spec.Wheels, Dependency{Wheel: w})
	}
	return spec
}

// The bytes depend on nothing but the spec: not on the order of what is listed, the process, its settings, or where
// things are.
func TestReproducible(t *testing.T) {
	directory := t.TempDir()
	sampleWheels(t, directory)
	var first bytes.Buffer
	report, err := Write(t.Context(), &first, sample(t, directory))
	if err != nil {
		t.Fatal(err)
	}
	if report.SHA256 != sampleHash {
		t.Errorf("the sample's hash is %s, and was %s", report.SHA256, sampleHash)
	}
	spec := sample(t, directory)
	slices.Reverse(spec.Code)
	slices.Reverse(spec.Wheels)
	var second bytes.Buffer
	if _, err := Write(t.Context(), &second, spec); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("in another order, the bytes differ; error %v", err)
	}
}

// The same in other processes, on another path, with another umask, time zone, locale and number of processors.
func TestReproducibleElsewhere(t *testing.T) {
	if directory := os.Getenv("MONOPLAN_TEST_SAMPLE"); directory != "" {
		report, err := Write(t.Context(), &bytes.Buffer{}, sample(t, directory))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("hash: %s\n", report.SHA256)
		return
	}
	for name, test := range map[string]struct {
		umask string
		env   []string
	}{
		"umask 077":     {"077", nil},
		"umask 000":     {"000", nil},
		"Kiritimati":    {"022", []string{"TZ=Pacific/Kiritimati", "LC_ALL=C"}},
		"Turkish":       {"022", []string{"TZ=America/New_York", "LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8"}},
		"1 processor":   {"022", []string{"GOMAXPROCS=1"}},
		"16 processors": {"022", []string{"GOMAXPROCS=16"}},
	} {
		t.Run(name, func(t *testing.T) {
			directory := filepath.Join(t.TempDir(), "ein anderer Ort")
			if err := os.Mkdir(directory, 0o700); err != nil {
				t.Fatal(err)
			}
			sampleWheels(t, directory)
			cmd := exec.CommandContext(t.Context(), "sh", "-c", `umask "$1"; exec "$2" -test.run '^TestReproducibleElsewhere$'`, "sh", test.umask, os.Args[0])
			cmd.Env = append(append(os.Environ(), "MONOPLAN_TEST_SAMPLE="+directory), test.env...)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "hash: "+sampleHash+"\n") {
				t.Errorf("error %v\n%s\nwant the hash %s", err, out, sampleHash)
			}
		})
	}
}
