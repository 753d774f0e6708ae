package packager

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// fullDirectory names the directory of artifacts of the process that TestFullDisk starts.
const fullDirectory = "PACKAGER_TEST_FULL"

// TestFullDisk gives a process a disk of a megabyte for its artifacts, in a mount namespace of its own. There it makes one that does not
// fit, sees that nothing of it is left, and makes one that does.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv(fullDirectory); dir != "" {
		onSmallDisk(t, dir)
		return
	}
	unshare, err := exec.LookPath("unshare")
	dir := t.TempDir()
	if err == nil {
		err = exec.Command(unshare, "--mount", "--map-root-user", "/bin/sh", "-c", `mount -t tmpfs tmpfs "$0"`, dir).Run()
	}
	if err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	script := `mount -t tmpfs -o size=1m tmpfs "$` + fullDirectory + `" && exec "$0" -test.run '^TestFullDisk$'`
	cmd := exec.Command(unshare, "--mount", "--map-root-user", "/bin/sh", "-c", script, os.Args[0])
	cmd.Env = append(os.Environ(), fullDirectory+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func onSmallDisk(t *testing.T, dir string) {
	w := newWorld(t)
	w.config.Output, w.config.Private = filepath.Join(dir, "artifacts"), dir
	noise := make([]byte, 2<<20)
	for i := range noise {
		noise[i] = byte(i * i >> 8 * i)
	}
	w.files["services/posts/large.bin"] = string(noise)
	results := w.run()
	w.want(results, "posts failed, users packaged")
	if err := results["posts"].Err; !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	delete(w.files, "services/posts/large.bin")
	w.want(w.run(), "posts packaged, users unchanged")
}
