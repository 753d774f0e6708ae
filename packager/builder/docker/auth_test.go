package docker

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Helpers are those of the environment, as ssh is.
func TestProgramsOfTheEnvironment(t *testing.T) {
	bin := t.TempDir()
	helper := "#!/bin/sh\necho '{\"Username\": \"somebody\", \"Secret\": \"canary\"}'\n"
	if err := os.WriteFile(filepath.Join(bin, "docker-credential-monoplan"), []byte(helper), 0o777); err != nil {
		t.Fatal(err)
	}
	env := environment{"PATH=" + bin}
	if auth, err := fromHelper(t.Context(), env, "monoplan", "host"); auth == "" || err != nil {
		t.Errorf("got %q, %v", auth, err)
	}
	if _, err := fromHelper(t.Context(), env, "other", "host"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("a helper that is not there: %v", err)
	}
	if _, err := (&sshDialer{env: env, host: "ssh://host"}).dial(t.Context(), "", ""); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("without ssh: %v", err)
	}
}
