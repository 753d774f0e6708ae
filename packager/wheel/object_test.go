package wheel

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/wheel/wheeltest"
)

// elfFile is an ELF file of nothing but a header.
func elfFile(machine elf.Machine, class elf.Class) string {
	b := make([]byte, elfHeader)
	copy(b, elfMagic)
	b[4], b[5], b[6] = byte(class), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	binary.LittleEndian.PutUint16(b[16:], uint16(elf.ET_DYN))
	binary.LittleEndian.PutUint16(b[18:], uint16(machine))
	binary.LittleEndian.PutUint32(b[20:], uint32(elf.EV_CURRENT))
	return string(b)
}

func TestObjects(t *testing.T) {
	w := mustOpen(t, wheeltest.Wheel{Files: map[string]string{
		"a/arm.so":    elfFile(elf.EM_AARCH64, elf.ELFCLASS64),
		"a/intel":     elfFile(elf.EM_X86_64, elf.ELFCLASS64),
		"a/old.so":    elfFile(elf.EM_386, elf.ELFCLASS32),
		"a/broken.so": "\x7fELF\x02\x01",
		"a/text.so":   "INPUT(libx.so)",
	}})
	if err := w.CheckELF("x86_64", Glibc{2, 34}); err == nil || !strings.Contains(err.Error(), "was not verified") {
		t.Errorf("error %v, want that it was not verified", err)
	}
	facts, err := w.Verify(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []Object{{Name: "a/arm.so", Machine: "aarch64"}, {Name: "a/broken.so", Machine: "unreadable"}, {Name: "a/intel", Machine: "x86_64"}, {Name: "a/old.so", Machine: "i686"}}
	if !slices.Equal(facts.Objects, want) {
		t.Errorf("objects are %+v, want %+v", facts.Objects, want)
	}
	err = w.CheckELF("arm64", Glibc{2, 34})
	if e, ok := errors.AsType[*UnfitError](err); !ok || e.Error() != "some_thing 1.0: a/broken.so is for unreadable, and the target is aarch64" {
		t.Errorf("error %v", err)
	}
}

func TestCheckELF(t *testing.T) {
	tests := map[string]struct {
		object       Object
		architecture string
		want         string
	}{
		"fits":           {Object{Machine: "x86_64", Glibc: Glibc{2, 26}}, "x86_64", ""},
		"fits, by arm64": {Object{Machine: "aarch64", Glibc: Glibc{2, 4}}, "arm64", ""},
		"needs nothing":  {Object{Machine: "x86_64"}, "x86_64", ""},
		"newer":          {Object{Machine: "x86_64", Glibc: Glibc{2, 34}}, "x86_64", "a 1.0: a.so needs glibc 2.34, and the target has 2.26"},
		"musl":           {Object{Machine: "x86_64", Musl: true}, "x86_64", "a 1.0: a.so needs the musl C library, and the target has glibc"},
		"other":          {Object{Machine: "x86_64"}, "arm64", "a 1.0: a.so is for x86_64, and the target is aarch64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.object.Name = "a.so"
			w := &Wheel{Name: "a", Version: "1.0"}
			w.Trust(Facts{Format: FactsFormat, Objects: []Object{test.object}})
			err := w.CheckELF(test.architecture, Glibc{2, 26})
			if got := errorText(err); got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Facts are kept as JSON, and those of another format are none.
func TestFactsAsJSON(t *testing.T) {
	facts := Facts{Format: FactsFormat, Objects: []Object{{Name: "a.so", Machine: "x86_64", Glibc: Glibc{2, 17}, Debug: 5}, {Name: "b.so", Machine: "x86_64"}}, Tests: []string{"a/tests"}, Stubs: true}
	text, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var again Facts
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	other, err := json.Marshal(again)
	if err != nil || !bytes.Equal(text, other) || !strings.Contains(string(text), `"glibc":"2.17"`) {
		t.Errorf("%s became %s, error %v", text, other, err)
	}
	w := &Wheel{}
	if again.Format++; w.Trust(again) {
		t.Error("facts of another format are trusted")
	}
}

// A program that is stripped has what is loaded as it was, and runs.
func TestStripped(t *testing.T) {
	program := builtProgram(t)
	w := mustOpen(t, wheeltest.Wheel{Files: map[string]string{"{data}/scripts/program": string(program), "{data}/scripts/padded": string(program) + "data of its own"}})
	if _, err := w.Verify(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for _, f := range w.Files {
		if f.Path == "bin/padded" && w.Debug(f) != 0 {
			t.Error("a program with data behind its end would be stripped")
		}
		if f.Path != "bin/program" {
			continue
		}
		content, err := w.stripped(f, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		checkStripped(t, program, content, w.Debug(f))
	}
}

// builtProgram gives a program for Linux, with its symbols.
func builtProgram(t *testing.T) []byte {
	t.Helper()
	directory := t.TempDir()
	source, program := filepath.Join(directory, "main.go"), filepath.Join(directory, "program")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() { print(\"it runs\") }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, source)
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func checkStripped(t *testing.T, program []byte, content io.Reader, debug int64) {
	t.Helper()
	stripped, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes became %d", len(program), len(stripped))
	if debug <= 0 || int64(len(program)-len(stripped)) != debug {
		t.Errorf("%d bytes became %d, which is not %d fewer", len(program), len(stripped), debug)
	}
	file, err := elf.NewFile(bytes.NewReader(stripped))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range whole.Progs {
		before, beforeErr := io.ReadAll(p.Open())
		after, afterErr := io.ReadAll(file.Progs[i].Open())
		// The first segment starts with the header, which says where the sections are.
		skip := 0
		if p.Off == 0 && p.Filesz >= elfHeader {
			skip = elfHeader
		}
		if err := errors.Join(beforeErr, afterErr); err != nil || !bytes.Equal(before[skip:], after[skip:]) {
			t.Errorf("segment %d is not as it was, error %v", i, err)
		}
	}
	if file.Section(".text") == nil || file.Section(".symtab") != nil || file.Section(".debug_info") != nil {
		t.Error("the sections are not those that are loaded")
	}
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, stripped, 0o700); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if out, err := exec.CommandContext(t.Context(), path).CombinedOutput(); err != nil || string(out) != "it runs" {
		t.Errorf("the program does not run: %v\n%s", err, out)
	}
}
