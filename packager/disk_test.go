package packager

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A file that changes between the key and the artifact is no part of it.
func TestFileThatChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "generated")
	sum, err := sumOf(openText(t, file, "as it was"))
	if err != nil {
		t.Fatal(err)
	}
	openText(t, file, "another content")
	f, err := openSame(file, "generated", sum)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.ReadAll(f); !as[*StageError](err) {
		t.Errorf("got %v", err)
	}
	if f, err = openSame(file, "generated", sum); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(io.Discard, f); !as[*StageError](err) {
		t.Errorf("copied: %v", err)
	}
}

// openText writes a file and opens it.
func openText(t *testing.T, file, text string) *os.File {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
