package docker

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/dockertest"
	"github.com/monoplan/monoplan/packager/builder"
)

// A process in a container uses this machine's SSH agent, several connections at once, and the socket is gone afterwards.
func TestRelay(t *testing.T) {
	engine := dockertest.New(t)
	for _, tool := range []string{"ssh-agent", "ssh-add", "ssh-keygen"} {
		if _, err := exec.LookPath(tool); err != nil {
			dockertest.Missing(t, err.Error())
		}
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "agent")
	agent := exec.CommandContext(t.Context(), "ssh-agent", "-D", "-a", socket)
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Process.Kill(); _ = agent.Wait() })
	for range 100 {
		if exists(socket) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	key := filepath.Join(dir, "key")
	for _, args := range [][]string{{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the key of this test", "-f", key}, {"ssh-add", "-q", key}} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
	}
	env := append(os.Environ(), "SSH_AUTH_SOCK="+socket, "HOME="+dir)
	d := New(Config{Env: env, Now: time.Now()})
	defer d.Close()
	b := builder.Build{Name: "x", Version: "1", Python: engine.Python, Architecture: "x86_64", Image: engine.Base}
	if err := d.Accept(t.Context(), []builder.Build{b}); err != nil {
		t.Fatal(err)
	}
	c := d.all[0]
	r := c.newRun(b, *d.settings)
	task := task{Directory: "/", Set: map[string]string{}}
	relay, err := r.relay(t.Context(), &task)
	if err != nil {
		t.Fatal(err)
	}
	// SSH2_AGENTC_REQUEST_IDENTITIES (draft-miller-ssh-agent), over four connections.
	task.Steps = []step{{Command: []string{"python3", "-c", `
import os, socket, struct
all = [socket.socket(socket.AF_UNIX) for _ in range(4)]
for s in all: s.connect(os.environ["SSH_AUTH_SOCK"])
for s in all: s.sendall(struct.pack(">IB", 1, 11))
for s in all:
    n, = struct.unpack(">I", s.recv(4, socket.MSG_WAITALL))
    print(s.recv(n, socket.MSG_WAITALL)[-20:], flush=True)
`}}}
	var log bytes.Buffer
	if _, err := c.run(t.Context(), 0, task, &log, nil); err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	if strings.Count(log.String(), "the key of this test") != 4 {
		t.Errorf("the agent said %s", &log)
	}
	relay.close()
	task.Steps = []step{{Command: []string{"sh", "-c", "sleep 1; ls " + agentSocket}}}
	log.Reset()
	if _, err := c.run(t.Context(), 0, task, &log, nil); err == nil {
		t.Errorf("the socket is still there: %s", &log)
	}
}
