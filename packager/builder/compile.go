package builder

import (
	"bufio"
	"context"
	_ "embed" // for compile.py
	"encoding/binary"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/packager/builder/pep517"
)

//go:embed compile.py
var compileProgram string

// Compiler makes bytecode with a Python of this machine. It compiles one module at a time, for any number of callers, and is closed by who
// made it.
type Compiler struct {
	version string
	cmd     *exec.Cmd
	words   *pep517.Tail

	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
	err error // the first; nothing works after it
}

// CompilerError says that there is no Python to make bytecode with: bytecode is of one version.
type CompilerError struct{ Python string }

func (e *CompilerError) Error() string {
	return fmt.Sprintf("bytecode for Python %s is made by such a Python, and none is in PATH", e.Python)
}

// NewCompiler starts a Python of the given version. env is the process environment, and temp a directory for its files. The process ends with
// ctx, too.
func NewCompiler(ctx context.Context, env []string, temp, version string) (*Compiler, error) {
	clean := pep517.CleanEnvironment(env)
	found := &interpreters{env: clean, tried: map[string]string{}}
	python, ok := found.find(ctx, version, false)
	if !ok {
		return nil, &CompilerError{version}
	}
	c := &Compiler{version: version, words: pep517.NewTail(nil)}
	c.cmd = command(ctx, python.path, "-I", "-S", "-c", compileProgram)
	c.cmd.Env = append(clean, "TMPDIR="+temp)
	c.cmd.Stderr = c.words
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = in, bufio.NewReader(out)
	return c, c.cmd.Start()
}

// Tag gives the part of a compiled file's name that says for which Python it is, "cpython-312" (PEP 3147).
func (c *Compiler) Tag() string { return "cpython-" + strings.ReplaceAll(c.version, ".", "") }

// maxModule bounds a module and its bytecode, in bytes.
const maxModule = 1 << 30

// noBytecode is the length that stands for none.
const noBytecode = 1<<32 - 1

// Compile gives the bytecode of a source that will be at path, or nil for one that does not compile.
func (c *Compiler) Compile(ctx context.Context, path string, source io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(source, maxModule))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	code, err := c.exchange(path, text)
	if err != nil {
		c.err = fmt.Errorf("making the bytecode of %s: %w: %s", path, cause(ctx, err), c.words)
		return nil, c.err
	}
	return code, nil
}

func (c *Compiler) exchange(path string, source []byte) ([]byte, error) {
	request := binary.BigEndian.AppendUint32(nil, uint32(len(path)))
	request = append(request, path...)
	request = binary.BigEndian.AppendUint32(request, uint32(len(source)))
	for _, part := range [][]byte{request, source} {
		if _, err := c.in.Write(part); err != nil {
			return nil, err
		}
	}
	var length [4]byte
	if _, err := io.ReadFull(c.out, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	switch {
	case n == noBytecode:
		return nil, nil
	case n > maxModule:
		return nil, fmt.Errorf("an answer of %d bytes", n)
	}
	code := make([]byte, n)
	_, err := io.ReadFull(c.out, code)
	return code, err
}

// Close ends the process.
func (c *Compiler) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.in.Close(); err != nil {
		return err
	}
	return c.cmd.Wait()
}
