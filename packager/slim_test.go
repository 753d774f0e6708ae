package packager

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/monoplan/monoplan/packager/archive"
	"github.com/monoplan/monoplan/packager/store"
	"github.com/monoplan/monoplan/packager/wheel"
)

// slimWorld has a service whose wheel has a program with its symbols.
func slimWorld(t *testing.T) *world {
	w := newWorld(t)
	w.store = t.TempDir()
	w.index.add("dep", "1.0", map[string]string{"dep.py": "x = 1\n", "object.so": program(t)})
	w.service("posts", []string{"dep"}, nil)
	w.services[0].Options.Slim = true
	return w
}

func program(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	source, file := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", file, source)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A published wheel says by its name where it runs, and may bring programs for other machines (selenium, debugpy). One that was built,
// here or by whoever committed it, has to fit.
func TestObjectsOfOtherMachines(t *testing.T) {
	w := slimWorld(t)
	files := map[string]string{"dep.py": "x = 1\n", "object.so": program(t)}
	options := w.options()
	options.Target.Architecture = "arm64"
	w.services[0].Options = options
	if r := w.run()["posts"]; r.Err != nil {
		t.Error(r.Err)
	}
	for _, name := range []string{"services/posts/pyproject.toml", "services/posts/uv.lock"} {
		delete(w.files, name)
	}
	for file, fits := range map[string]bool{"dep-1.0-py3-none-any.whl": true, "dep-1.0-py3-none-linux_aarch64.whl": false} {
		w.files["wheels/"+file] = string(wheelOf("dep", "1.0", files))
		w.files["services/posts/requirements.txt"] = "../../wheels/" + file + "\n"
		var unfit *wheel.UnfitError
		if err := w.run()["posts"].Err; fits && err != nil || !fits && !errors.As(err, &unfit) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// An object is stripped once: what the store has of it is what later artifacts have, and the same as without.
func TestStrippedOnce(t *testing.T) {
	w := slimWorld(t)
	first := w.run()["posts"]
	if first.Err != nil {
		t.Fatal(first.Err)
	}
	w.files["services/posts/handler.py"] += "# more\n"
	kept := w.run()["posts"]
	full := w.store
	w.store, w.config.Output = t.TempDir(), t.TempDir()
	if made := w.run()["posts"]; made.Err != nil || made.Code.SHA256 != kept.Code.SHA256 || made.Code.SHA256 == first.Code.SHA256 {
		t.Errorf("from the store %s, made %s, %v", kept.Code.SHA256, made.Code.SHA256, made.Err)
	}
	w.store = full
	_, sum := w.index.file("dep")
	w.replaceStripped(sum, "object.so", "another")
	w.files["services/posts/handler.py"] += "# still more\n"
	again := w.run()["posts"]
	if again.Err != nil || again.Code.Unpacked > first.Code.Unpacked/2 {
		t.Errorf("%d bytes, at first %d: what the store has was not taken, %v", again.Code.Unpacked, first.Code.Unpacked, again.Err)
	}
}

// replaceStripped has the store say that the stripped objects of a wheel are others.
func (w *world) replaceStripped(wheel, name, content string) {
	w.t.Helper()
	var out bytes.Buffer
	to := archive.NewWriter(&out)
	packed, err := new(archive.Packer).Pack(bytes.NewReader([]byte(content)))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := to.Add(name, false, packed); err != nil {
		w.t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		w.t.Fatal(err)
	}
	s, err := store.Open(store.Config{Dir: w.store})
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	sum := sha256.Sum256(out.Bytes())
	if _, _, err := s.Put(w.t.Context(), hex.EncodeToString(sum[:]), &out); err != nil {
		w.t.Fatal(err)
	}
	if err := s.SetResult(w.t.Context(), strippedResult+wheel, []byte(hex.EncodeToString(sum[:]))); err != nil {
		w.t.Fatal(err)
	}
}
