package assemble

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/wheel"
	"github.com/monoplan/monoplan/packager/wheel/wheeltest"
)

// noise gives bytes that do not compress, as those of a wheel no longer do.
func noise(size int) string {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(b) // it never fails
	return string(b)
}

// largeWheels writes wheels of many small files and a large one each, and gives their directory.
func largeWheels(t testing.TB, count, smallFiles, large int) string {
	t.Helper()
	directory := t.TempDir()
	small, object := noise(4<<10), noise(large)
	for i := range count {
		name := fmt.Sprintf("wheel%d", i)
		contents := files{name + "/native.so": object}
		for j := range smallFiles {
			contents[fmt.Sprintf("%s/sub%d/module%d.py", name, j%20, j)] = "#" + small
		}
		if _, err := (wheeltest.Wheel{Name: name, Version: "1.0", Files: contents}).Write(directory); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func openAll(t testing.TB, directory string) []Dependency {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(directory, "*.whl"))
	if err != nil {
		t.Fatal(err)
	}
	var wheels []Dependency
	for _, p := range paths {
		w, err := wheel.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		wheels = append(wheels, Dependency{Wheel: w})
	}
	return wheels
}

// BenchmarkWrite assembles 56 MB, 5,000 files, from wheels that were verified before, as a change of code does: wheels
// are opened, the code is compressed, the archive goes to a file.
func BenchmarkWrite(b *testing.B) {
	directory := largeWheels(b, 10, 500, 3600<<10)
	source := strings.Repeat("def handler(event, context):\n    return {'statusCode': 200}\n", 200)
	out, err := os.Create(filepath.Join(b.TempDir(), "out.zip"))
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	for b.Loop() {
		spec := Spec{Wheels: openAll(b, directory)}
		for i := range 50 {
			spec.Code = append(spec.Code, own(fmt.Sprintf("app/file%d.py", i), source))
		}
		for _, d := range spec.Wheels {
			d.Wheel.Trust(wheel.Facts{Format: wheel.FactsFormat})
		}
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		report, err := Write(b.Context(), out, spec)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(report.Size)
		for _, d := range spec.Wheels {
			d.Wheel.Close()
		}
	}
}

// BenchmarkVerify is what a wheel costs once.
func BenchmarkVerify(b *testing.B) {
	wheels := openAll(b, largeWheels(b, 1, 500, 3600<<10))
	for b.Loop() {
		if _, err := wheels[0].Wheel.Verify(b.Context(), ""); err != nil {
			b.Fatal(err)
		}
	}
}

// maxMemory is how much a process may take that verifies and assembles 250 MB, in bytes.
const maxMemory = 200 << 20

func TestMemory(t *testing.T) {
	if directory := os.Getenv("MONOPLAN_TEST_LARGE"); directory != "" {
		report, err := Write(t.Context(), io.Discard, Spec{Wheels: openAll(t, directory)})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("written: %d\nmemory: %d\n", report.Size, peakMemory(t))
		return
	}
	directory := largeWheels(t, 10, 50, 25<<20)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestMemory$")
	cmd.Env = append(os.Environ(), "MONOPLAN_TEST_LARGE="+directory)
	out, err := cmd.CombinedOutput()
	var size, memory int64
	if _, scanErr := fmt.Sscanf(string(out), "written: %d\nmemory: %d\n", &size, &memory); err != nil || scanErr != nil {
		t.Fatalf("error %v\n%s", err, out)
	}
	t.Logf("%d MB were assembled in %d MB of memory", size>>20, memory>>20)
	if size < 250<<20 || memory > maxMemory {
		t.Errorf("%d bytes were assembled in %d bytes of memory, and %d are allowed", size, memory, maxMemory)
	}
}
