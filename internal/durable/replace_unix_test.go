//go:build unix

package durable

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A new file has the permissions that the process gives its files, and one that was there keeps its own.
func TestReplaceKeepsPermissions(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	path := filepath.Join(t.TempDir(), "file")
	for _, want := range []os.FileMode{0o640, 0o600} {
		if err := ReplaceText(path, "text"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("it has %v, %v, want %v", info.Mode(), err, want)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("there are %v, %v", left, err)
	}
}

// What a person names is written where it is: through a symbolic link, be there something yet or not, and into a pipe.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	link, file, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "below", "file"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o777), os.Symlink(filepath.Join("below", "file"), link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		if err := Write(link, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("the file has %q, %v", got, err)
		}
	}
	written := make(chan error)
	go func() { written <- Write(pipe, []byte("three")) }()
	got, err := os.ReadFile(pipe)
	if err := errors.Join(err, <-written); err != nil || string(got) != "three" {
		t.Errorf("the pipe gave %q, %v", got, err)
	}
	for name, want := range map[string]os.FileMode{link: os.ModeSymlink, pipe: os.ModeNamedPipe} {
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != want {
			t.Errorf("%s is now %v, %v", name, info.Mode(), err)
		}
	}
	if err := Write(dir, nil); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("a directory: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("there are %v, %v", left, err)
	}
}
