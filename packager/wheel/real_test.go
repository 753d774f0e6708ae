package wheel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Wheels of a published package for several machines say in their objects what they say in their names.
//
// It needs a Python with pip (MONOPLAN_TEST_PYTHON_TOOLS/bin/python, python3) and an index.
func TestPublishedWheels(t *testing.T) {
	tests := []struct {
		platform, python, machine string
		musl                      bool
		glibc                     Glibc // at most
	}{
		{"manylinux2014_x86_64", "312", "x86_64", false, Glibc{2, 17}},
		{"manylinux2014_aarch64", "312", "aarch64", false, Glibc{2, 17}},
		{"manylinux2014_aarch64", "310", "aarch64", false, Glibc{2, 17}},
		{"musllinux_1_2_x86_64", "312", "x86_64", true, Glibc{}},
	}
	for _, test := range tests {
		t.Run(test.platform+" "+test.python, func(t *testing.T) {
			w, err := Open(fetch(t, "markupsafe==3.0.3", test.platform, test.python))
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			facts, err := w.Verify(t.Context(), t.TempDir())
			if err != nil || len(facts.Objects) == 0 {
				t.Fatalf("objects %v, error %v", facts.Objects, err)
			}
			for _, o := range facts.Objects {
				if o.Machine != test.machine || o.Musl != test.musl || test.glibc.less(o.Glibc) || !test.musl && o.Glibc == (Glibc{}) {
					t.Errorf("%+v, want one for %s, musl %v, glibc up to %v", o, test.machine, test.musl, test.glibc)
				}
			}
			for _, architecture := range []string{"x86_64", "arm64"} {
				fits := !test.musl && (architecture == "arm64") == (test.machine == "aarch64")
				if err := w.CheckELF(architecture, Glibc{2, 26}); (err == nil) != fits {
					t.Errorf("for %s: error %v", architecture, err)
				}
			}
		})
	}
}

// fetch downloads the wheel of a requirement for another machine.
func fetch(t *testing.T, requirement, platform, version string) string {
	t.Helper()
	python := "python3"
	if tools := os.Getenv("MONOPLAN_TEST_PYTHON_TOOLS"); tools != "" {
		python = filepath.Join(tools, "bin", "python")
	}
	directory := t.TempDir()
	out, err := exec.CommandContext(t.Context(), python, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
		"--platform", platform, "--python-version", version, "--dest", directory, requirement).CombinedOutput()
	if err != nil {
		t.Skipf("%s cannot be downloaded with pip: %v\n%s", requirement, err, strings.TrimSpace(string(out)))
	}
	wheels, err := filepath.Glob(filepath.Join(directory, "*.whl"))
	if err != nil || len(wheels) != 1 {
		t.Fatalf("%d wheels, error %v", len(wheels), err)
	}
	return wheels[0]
}
