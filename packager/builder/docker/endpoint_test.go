package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write writes a file below a directory, with the directories above it.
func write(t *testing.T, content string, names ...string) string {
	t.Helper()
	file := filepath.Join(names...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// The engine is looked for where Docker's command looks, in its order.
func TestFindEndpoint(t *testing.T) {
	home := t.TempDir()
	sum := sha256.Sum256([]byte("build"))
	id := hex.EncodeToString(sum[:])
	write(t, `{"Name":"build","Endpoints":{"docker":{"Host":"tcp://10.0.0.1:2376"}}}`, home, ".docker", "contexts", "meta", id, "meta.json")
	ca := write(t, "ca", home, ".docker", "contexts", "tls", id, "docker", "ca.pem")
	podman := write(t, "", home, "run", "podman", "podman.sock")
	base := environment{"HOME=" + home, "XDG_RUNTIME_DIR=" + filepath.Join(home, "run")}
	for _, c := range []struct {
		name string
		env  environment
		want endpoint
	}{
		{"a variable", environment{"DOCKER_HOST=tcp://h:1", "DOCKER_CONTEXT=build"}, endpoint{host: "tcp://h:1", from: "DOCKER_HOST"}},
		{"with certificates", environment{"DOCKER_HOST=tcp://h:1", "DOCKER_CERT_PATH=/c"},
			endpoint{host: "tcp://h:1", from: "DOCKER_HOST", ca: "/c/ca.pem", cert: "/c/cert.pem", key: "/c/key.pem"}},
		{"the user's certificates", environment{"DOCKER_HOST=tcp://h:1", "DOCKER_TLS_VERIFY=1", "DOCKER_CONFIG=/d"},
			endpoint{host: "tcp://h:1", from: "DOCKER_HOST", ca: "/d/ca.pem", cert: "/d/cert.pem", key: "/d/key.pem"}},
		{"none for a socket", environment{"DOCKER_HOST=unix:///s", "DOCKER_CERT_PATH=/c"}, endpoint{host: "unix:///s", from: "DOCKER_HOST"}},
		{"a context", environment{"DOCKER_CONTEXT=build"}, endpoint{host: "tcp://10.0.0.1:2376", from: "context build of DOCKER_CONTEXT", ca: ca}},
	} {
		got, err := findEndpoint(append(base, c.env...))
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
	config := write(t, `{"currentContext":"build"}`, home, ".docker", "config.json")
	if got, err := findEndpoint(base); err != nil || got.host != "tcp://10.0.0.1:2376" || !strings.Contains(got.from, config) {
		t.Errorf("the chosen context: got %+v, %v", got, err)
	}
	if _, err := findEndpoint(append(base, "DOCKER_CONTEXT=gone")); !isUnreachable(err) || !strings.Contains(err.Error(), "context gone") {
		t.Errorf("a context that is not there: got %v", err)
	}
	if _, err := findEndpoint(append(base, "DOCKER_HOST=localhost")); !isUnreachable(err) {
		t.Errorf("a host without a scheme: got %v", err)
	}
	if places := sockets(base); places[0] != "/var/run/docker.sock" || places[3] != podman {
		t.Errorf("the usual places are %q", places)
	}
}

func isUnreachable(err error) bool {
	var e *UnreachableError
	return errors.As(err, &e)
}

// listen serves an engine that only says which version it is.
func listen(t *testing.T, api string) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "engine.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", api)
		if strings.HasSuffix(r.URL.Path, "/info") {
			_, _ = w.Write([]byte(`{"Architecture":"aarch64","MemTotal":4096}`))
		}
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return "unix://" + socket
}

// An engine that is not there, or is too old, is told apart from all else that can go wrong.
func TestConnect(t *testing.T) {
	to := func(host string) (*engine, error) {
		return connect(t.Context(), Config{Env: []string{"DOCKER_HOST=" + host}, Now: time.Now(), Report: func(string) {}})
	}
	nowhere := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	if _, err := to(nowhere); !isUnreachable(err) || !strings.Contains(err.Error(), "no Docker engine answers at "+nowhere+" (DOCKER_HOST): connect: no such file or directory") {
		t.Errorf("nothing there: got %v", err)
	}
	var old *VersionError
	if _, err := to(listen(t, "1.39")); !errors.As(err, &old) || old.API != "1.39" || !strings.Contains(err.Error(), "1.40 is the least") {
		t.Errorf("an old engine: got %v", err)
	}
	e, err := to(listen(t, "1.40"))
	if err != nil {
		t.Fatal(err)
	}
	if e.arch != "arm64" || e.memory != 4096 || !e.isHere() {
		t.Errorf("got %s, %d, %t", e.arch, e.memory, e.isHere())
	}
}

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		version string
		want    bool
	}{{"1.39", true}, {"1.4", true}, {"", true}, {"1.40", false}, {"1.41", false}, {"1.100", false}, {"2.0", false}} {
		if got := older(c.version, "1.40"); got != c.want {
			t.Errorf("%q is older than 1.40: %t", c.version, got)
		}
	}
}
