//go:build linux

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// ownEngine is an engine that a test may do anything to. It answers on a socket of its own, and with TLS at an address.
type ownEngine struct {
	*dockertest.Private
	base         dockertest.Engine
	certificates certificates
	tcp          string
}

// TestDockerOwnEngine is about engines as a whole: how one is reached, and what becomes of a build when it goes away or its disk is full. One
// engine is for all of it, since it takes long to give one an image.
func TestDockerOwnEngine(t *testing.T) {
	base := dockertest.New(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c := makeCertificates(t)
	e := &ownEngine{
		dockertest.NewPrivate(t, file, "--tlsverify", "--tlscacert", c.file("ca.pem"), "--tlscert", c.file("server.pem"), "--tlskey", c.file("server-key.pem")),
		base, c, "tcp://" + listener.Addr().String(),
	}
	e.Load(t, base.Base)
	t.Run("TLS", e.overTLS)
	t.Run("ssh", e.overSSH)
	t.Run("stopped", func(t *testing.T) { e.ends(t, syscall.SIGTERM) })
	t.Run("killed", func(t *testing.T) { e.ends(t, syscall.SIGKILL) })
	t.Run("disk full", e.diskFull)
}

// ends ends the engine while it builds: that is one error that says so. Nothing is left of the build, and with the engine there again the next
// run builds, and removes the container.
func (e *ownEngine) ends(t *testing.T, signal syscall.Signal) {
	env := []string{"DOCKER_HOST=" + e.Host, "DOCKER_CONTEXT="}
	dir, cache := buildRepository(t, e.base, "  image: "+e.base.Base+"\n", sleeps), t.TempDir()
	p := startPackage(t, dir, cache, env, nil)
	waitFor(t, "a build", func() bool {
		said, err := os.ReadFile(filepath.Join(dir, ".monoplan", "logs", "lib-1.0.log"))
		return err == nil && strings.Contains(string(said), "asleep")
	})
	e.End(t, signal)
	wantFailed(t, p, "api: building lib 1.0 (path dependency lib): the backend: ", e.Host+" has stopped answering", "asleep")
	leavesNothing(t, "", dir)
	e.Start(t)
	e.passes(t, dir, cache, env)
}

// diskFull has the files of builds on a disk that is too small for them.
func (e *ownEngine) diskFull(t *testing.T) {
	env := []string{"DOCKER_HOST=" + e.Host, "DOCKER_CONTEXT=", buildMemoryVariable + "=0"}
	e.SmallVolumes(t, "8m")
	dir, cache := buildRepository(t, e.base, "  image: "+e.base.Base+"\n", "open('large', 'wb').write(bytes(16 << 20))"), t.TempDir()
	p := startPackage(t, dir, cache, env, nil)
	wantFailed(t, p, "api: building lib 1.0 (path dependency lib): build_wheel: no space left on the disk of the Docker engine", "No space left on device", "docker system prune")
	leavesNothing(t, "", dir)
	change(t, dir, "lib/tools/backend.py", "16 << 20", "1 << 20")
	e.passes(t, dir, cache, env)
	if left := e.Docker(t, "volume", "ls", "-q"); left != "" {
		t.Errorf("volumes were left: %s", left)
	}
}

// passes packages, and wants no container to be left.
func (e *ownEngine) passes(t *testing.T, dir, cache string, env []string) {
	t.Helper()
	change(t, dir, "lib/tools/backend.py", "time.sleep(120)", "pass")
	if p := startPackage(t, dir, cache, env, nil); p.end() != int(exitFine) {
		t.Errorf("exit code %d\n%s", p.ProcessState.ExitCode(), p)
	}
	if left := e.Docker(t, "ps", "-aq"); left != "" {
		t.Errorf("containers were left: %s", left)
	}
}

// wantFailed wants a run to end with one error that says something.
func wantFailed(t *testing.T, p *packageProcess, want ...string) {
	t.Helper()
	if code := p.end(); code != int(exitFailed) || strings.Count(p.stderr.String(), "hint: ") != 1 {
		t.Errorf("exit code %d\n%s", code, p)
	}
	for _, text := range want {
		if !strings.Contains(p.stderr.String(), text) {
			t.Errorf("it does not say %q:\n%s", text, p)
		}
	}
}

// change replaces a text of a file, where there is such, and commits that.
func change(t *testing.T, dir, name, old, new string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(text, []byte(old), []byte(new))
	if bytes.Equal(text, changed) {
		return
	}
	if err := os.WriteFile(file, changed, 0o666); err != nil {
		t.Fatal(err)
	}
	commitAll(t, dir)
}
