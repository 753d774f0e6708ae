package builder

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/packager/builder/pep517"
)

func newCompiler(t *testing.T) *Compiler {
	t.Helper()
	c, err := NewCompiler(t.Context(), os.Environ(), t.TempDir(), HostPython(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Bytecode is that of the module alone, whatever was compiled before it, and Python takes it.
func TestCompile(t *testing.T) {
	const module = "import os\n\ndef answer(items):\n    '''The answer.'''\n    return [os.path.join(i, 'x') for i in items[1:2]]\n"
	c := newCompiler(t)
	alone, err := c.Compile(t.Context(), "pkg/m.py", strings.NewReader(module))
	if err != nil || alone == nil {
		t.Fatalf("got %d bytes, %v", len(alone), err)
	}
	if flags := alone[4:8]; !bytes.Equal(flags, []byte{1, 0, 0, 0}) {
		t.Errorf("its flags are %v, not those of an unchecked hash", flags)
	}
	broken, err := c.Compile(t.Context(), "pkg/broken.py", strings.NewReader("def (:"))
	if err != nil || broken != nil {
		t.Errorf("a module that is none gives %d bytes, %v", len(broken), err)
	}
	if _, err := c.Compile(t.Context(), "pkg/other.py", strings.NewReader("answer = items = 'pkg/m.py'\nimport os, os.path\njoin = os.path.join\n")); err != nil {
		t.Fatal(err)
	}
	again, err := c.Compile(t.Context(), "pkg/m.py", strings.NewReader(module))
	if err != nil || !bytes.Equal(alone, again) {
		t.Errorf("after others the bytecode differs (%v)", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	other := newCompiler(t)
	defer other.Close()
	if again, err = other.Compile(t.Context(), "pkg/m.py", strings.NewReader(module)); err != nil || !bytes.Equal(alone, again) {
		t.Errorf("in another process the bytecode differs (%v)", err)
	}
	runs(t, again)
}

// runs imports a module from its bytecode alone.
func runs(t *testing.T, code []byte) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/m.pyc", code, 0o644); err != nil {
		t.Fatal(err)
	}
	i := &interpreters{env: pep517.CleanEnvironment(os.Environ()), tried: map[string]string{}}
	python, _ := i.find(t.Context(), HostPython(t), false)
	out, err := exec.CommandContext(t.Context(), python.path, "-I", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import m; print(m.answer(['a', 'b']))", dir).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "['b/x']" {
		t.Errorf("%s, %v", out, err)
	}
}

func TestCompileWithoutThePython(t *testing.T) {
	_, err := NewCompiler(t.Context(), os.Environ(), t.TempDir(), "3.99")
	var none *CompilerError
	if !errors.As(err, &none) {
		t.Errorf("got %v", err)
	}
}

func TestCompileAfterTheProcessEnded(t *testing.T) {
	c := newCompiler(t)
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Compile(t.Context(), "m.py", strings.NewReader("x = 1")); err == nil {
			t.Error("no error")
		}
	}
	_ = c.Close()
}
