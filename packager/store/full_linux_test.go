package store

import (
	"os"
	"os/exec"
	"testing"
)

// TestFullDisk gives a process a disk of a megabyte, in a mount namespace of its own.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	c := command("full", dir, 0)
	script := `mount -t tmpfs -o size=1m tmpfs "$STORE_TEST_DIR" && exec "$0"`
	c.Path, c.Args = "/bin/sh", []string{"unshare", "--mount", "--map-root-user", "/bin/sh", "-c", script, os.Args[0]}
	unshare, err := exec.LookPath("unshare")
	if err == nil {
		c.Path = unshare
		err = exec.Command(unshare, "--mount", "--map-root-user", "/bin/sh", "-c", `mount -t tmpfs tmpfs "$0"`, dir).Run()
	}
	if err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	if said, err := c.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v: %s", err, said)
	}
}
