//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/dockertest"
)

// The image of a registry that wants a password is pulled with what docker login left, or a credential helper has; without, the error says so.
func TestDockerRegistry(t *testing.T) {
	engine := dockertest.New(t)
	host := startRegistry(t)
	login := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "docker", "--config", login, "login", "--username", registryUser, "--password-stdin", host)
	cmd.Stdin = strings.NewReader(registryPassword)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// The engine keeps the layers by the image's other name, so that what it pulls again and again is little.
	const kept = "monoplan-test/python:1"
	image := host + "/own/python:1"
	smallImage(t, engine, kept)
	dockertest.Docker(t, "tag", kept, image)
	dockertest.Docker(t, "--config", login, "push", "-q", image)
	dockertest.Docker(t, "image", "rm", image)
	helper := credentialHelper(t, host)
	for _, c := range []struct {
		name, config, store, want string
	}{
		{"logged in", login, "", ""},
		{"helper", configuration(t, `{"credsStore": "test"}`), registryPassword, ""},
		{"nobody", t.TempDir(), "", "no basic auth credentials"},
		{"wrong password", configuration(t, `{"credHelpers": {"`+host+`": "test"}}`), "wrong", "unauthorized"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := buildRepository(t, engine, "  image: "+image+"\n", "pass")
			env := []string{"DOCKER_CONFIG=" + c.config, "PATH=" + helper + string(os.PathListSeparator) + os.Getenv("PATH"), "TEST_REGISTRY_PASSWORD=" + c.store}
			p := startPackage(t, dir, t.TempDir(), env, nil)
			if c.want != "" {
				wantFailed(t, p, "api: image "+image+": pulling it: ", c.want, "docker login")
				leavesNothing(t, "", dir)
			} else if code := p.end(); code != int(exitFine) {
				t.Errorf("exit code %d\n%s", code, p)
			} else {
				dockertest.Docker(t, "image", "rm", image) // so it was pulled
			}
			if strings.Contains(p.String(), registryPassword) {
				t.Errorf("it tells the password:\n%s", p)
			}
		})
	}
}

// The user of the test's registry; the file of passwords has the last as bcrypt has it.
const (
	registryUser     = "user"
	registryPassword = "secret-of-a-test"
	registryUsers    = "user:$2y$04$7nk1GhkzYq69di/aTJWXDemblBIQxfd.FwXorzo3gbtzkluNRkDZW"
)

// startRegistry starts a registry of images that lets nobody in without a password, and gives its address.
func startRegistry(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("docker-registry"); err != nil {
		dockertest.Missing(t, "there is no docker-registry (Debian has a package of this name)")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, dir := listener.Addr().String(), t.TempDir()
	if err := listener.Close(); err != nil { // it takes no listener, so its port has to be free again
		t.Fatal(err)
	}
	users, config := filepath.Join(dir, "users"), filepath.Join(dir, "config.yml")
	settings := fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q}\nauth: {htpasswd: {realm: test, path: %s}}\n",
		filepath.Join(dir, "images"), address, users)
	for file, text := range map[string]string{users: registryUsers + "\n", config: settings} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, address, "docker-registry", "serve", config)
	return address
}

// serve starts a server for the time of the test, waits until it listens, and shows what it said where the test fails.
func serve(t *testing.T, address, program string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	waitFor(t, program, func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	})
}

// smallImage makes an image with a Python and nothing else, which is quick to push.
func smallImage(t *testing.T, engine dockertest.Engine, name string) {
	t.Helper()
	const script = `docker run --rm --network none "$0" sh -c 'cd / && tar -cf - --exclude=__pycache__ --exclude=config-* --exclude=*san.so* --exclude=libicu* ` +
		`--exclude=libperl* bin lib lib64 usr/bin/python3 usr/bin/python3.* usr/bin/sh usr/bin/dash usr/lib64 usr/lib/python3.* usr/lib/*-linux-gnu/*.so*' ` +
		`| docker import - "$1"`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script, engine.Base, name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", "-f", name).Run() })
}

// configuration is a directory with a config.json of the docker command.
func configuration(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// credentialHelper is a directory with a program as docker-credential-helpers has them, which knows the user of one registry.
func credentialHelper(t *testing.T, host string) string {
	t.Helper()
	dir := t.TempDir()
	script := fmt.Sprintf(`#!/bin/sh
read -r host
if [ "$1 $host" != "get %s" ]; then
	echo credentials not found in native keychain
	exit 1
fi
printf '{"ServerURL": "%%s", "Username": "%s", "Secret": "%%s"}' "$host" "$TEST_REGISTRY_PASSWORD"
`, host, registryUser)
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-test"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
