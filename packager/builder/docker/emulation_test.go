package docker

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/dockertest"
	"github.com/monoplan/monoplan/packager/builder"
)

// alien is the beginning of a program for a machine that no engine emulates by itself: an ELF header that names it, EM_ARC
// (195) of System V's list.
func alien() []byte {
	header := make([]byte, 120)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20] = 2, 195, 1
	header[52], header[54], header[56] = 64, 56, 1
	return header
}

// alienImage is an image for arm64 as docker load takes it, with a program that is for no such machine.
func alienImage(t *testing.T, name string) []byte {
	t.Helper()
	layer := archiveOf(t, map[string][]byte{"usr/bin/python3": alien()})
	sum := sha256.Sum256(layer)
	config := fmt.Sprintf(`{"architecture":"arm64","os":"linux","config":{"Env":["PATH=/usr/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%x"]}}`, sum)
	return archiveOf(t, map[string][]byte{
		"layer.tar": layer, "config.json": []byte(config),
		"manifest.json": fmt.Appendf(nil, `[{"Config":"config.json","RepoTags":[%q],"Layers":["layer.tar"]}]`, name),
	})
}

func archiveOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for name, content := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// What the engine's machine cannot run is said once, with the wheels that need it.
func TestEmulation(t *testing.T) {
	dockertest.New(t)
	const name = "monoplan-test/alien:1"
	cmd := exec.CommandContext(t.Context(), "docker", "load")
	cmd.Stdin = bytes.NewReader(alienImage(t, name))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", name).Run() })
	d := New(Config{Env: os.Environ(), Now: time.Now()})
	defer d.Close()
	e, err := d.engine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if e.arch == "arm64" {
		t.Skip("this engine's machine is the one that is to be foreign")
	}
	build := builder.Build{Name: "psutil", Version: "6.0", Why: "no wheel of it fits", Python: "3.12", Architecture: "arm64", BaseImage: name}
	other := build
	other.Name = "lxml"
	pure := builder.Build{Name: "core", Version: "1.0", Python: "3.12", Architecture: "arm64", BaseImage: name, Pure: true}
	var emulation *EmulationError
	err = d.Accept(t.Context(), []builder.Build{build, other, pure})
	if !errors.As(err, &emulation) || len(emulation.Wheels) != 2 || emulation.Architecture != "arm64" || emulation.Engine != e.arch ||
		!strings.Contains(err.Error(), "psutil 6.0 (no wheel of it fits), lxml 6.0") {
		t.Errorf("got %v", err)
	}
}
