//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// overSSH reaches the engine by a real ssh and a real sshd, named by DOCKER_HOST or a context; where ssh does not get in, the error has its words.
func (e *ownEngine) overSSH(t *testing.T) {
	server := startSSHD(t)
	socket := strings.TrimPrefix(e.Host, "unix://")
	far := "ssh://" + server.user + "@" + server.address + socket
	configuration := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "docker", "--config", configuration, "context", "create", "far", "--docker", "host="+far).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	variable := func(host string) []string { return []string{"DOCKER_HOST=" + host, "DOCKER_CONTEXT="} }
	for _, c := range []struct {
		name string
		env  []string
		path string // of the ssh to use
		want string // where it fails
	}{
		{"variable", variable(far), server.known, ""},
		{"context", []string{"DOCKER_HOST=", "DOCKER_CONTEXT=far", "DOCKER_CONFIG=" + configuration}, server.known, ""},
		{"stranger", variable(far), server.stranger, "Permission denied (publickey"},
		{"nobody listens", variable("ssh://127.0.0.1:1" + socket), server.known, "ssh: connect to host 127.0.0.1 port 1: Connection refused\n"},
		{"no engine there", variable(far + ".none"), server.known, "dial unix " + socket + ".none: connect: no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := buildRepository(t, e.base, "  image: "+e.base.Base+"\n", "pass")
			env := append(c.env, "PATH="+c.path+string(os.PathListSeparator)+os.Getenv("PATH"))
			if c.want == "" {
				e.passes(t, dir, t.TempDir(), env)
				return
			}
			wantFailed(t, startPackage(t, dir, t.TempDir(), env, nil), "no Docker engine answers at ssh://", c.want)
			leavesNothing(t, "", dir)
		})
	}
}

// sshServer is an sshd on this machine, and directories with an ssh whose key it knows, and one whose key it does not.
type sshServer struct {
	address, user   string
	known, stranger string
}

func startSSHD(t *testing.T) sshServer {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		dockertest.Missing(t, "there is no sshd (Debian's openssh-server has it)")
	}
	// It separates its privileges into this directory, which Debian makes when the machine starts.
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	self, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := sshServer{address: listener.Addr().String(), user: self.Username, known: sshWithKey(t), stranger: sshWithKey(t)}
	if err := listener.Close(); err != nil { // it takes no listener, so its port has to be free again
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key")
	makeSSHKey(t, key)
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config")
	settings := fmt.Sprintf("ListenAddress %s\nPort %s\nHostKey %s\nAuthorizedKeysFile %s\nPermitRootLogin yes\nPasswordAuthentication no\nStrictModes no\nPidFile none\n",
		host, port, key, filepath.Join(s.known, "key.pub"))
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, s.address, sshd, "-D", "-e", "-f", config)
	return s
}

// sshWithKey makes a key, and an ssh that uses it and none of this machine's settings.
func sshWithKey(t *testing.T) (dir string) {
	t.Helper()
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		dockertest.Missing(t, "there is no ssh")
	}
	dir = t.TempDir()
	key := filepath.Join(dir, "key")
	makeSSHKey(t, key)
	script := fmt.Sprintf("#!/bin/sh\nexec %s -F none -i %s -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \"$@\"\n", ssh, key)
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func makeSSHKey(t *testing.T, file string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the key of a test", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
