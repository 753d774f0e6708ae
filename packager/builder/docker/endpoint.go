package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// endpoint is where an engine listens.
type endpoint struct {
	// host is its address, with one of the schemes unix, tcp, npipe and ssh; from is what named it.
	host, from string
	// ca, cert and key are files for TLS; empty for none.
	ca, cert, key string
}

// findEndpoint looks where Docker's command does, in its order: DOCKER_HOST, DOCKER_CONTEXT, the context that its
// configuration has chosen. After those come the sockets at which an engine of a user of their own, or Podman, listens.
func findEndpoint(env environment) (endpoint, error) {
	if host := env.get("DOCKER_HOST"); host != "" {
		return fromVariables(env, host)
	}
	name, from := env.get("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
	if name == "" {
		name, from = chosenContext(env)
	}
	if name != "" && name != "default" {
		return readContext(env, name, from)
	}
	for _, socket := range sockets(env) {
		if exists(socket) {
			return endpoint{host: "unix://" + socket}, nil
		}
	}
	return endpoint{host: "unix://" + sockets(env)[0]}, nil
}

// sockets lists the usual places: the system's engine, Docker Desktop's, a rootless one's, Podman's.
func sockets(env environment) []string {
	list := []string{"/var/run/docker.sock", env.home(".docker", "run", "docker.sock")}
	if runtime := env.get("XDG_RUNTIME_DIR"); runtime != "" {
		list = append(list, filepath.Join(runtime, "docker.sock"), filepath.Join(runtime, "podman", "podman.sock"))
	}
	return append(list, "/run/podman/podman.sock")
}

// fromVariables is an engine that DOCKER_HOST names, with the certificates of DOCKER_CERT_PATH.
func fromVariables(env environment, host string) (endpoint, error) {
	at := endpoint{host: host, from: "DOCKER_HOST"}
	if !strings.Contains(host, "://") {
		return at, &UnreachableError{host, at.from, false, errors.New("it has no scheme such as unix:// or tcp://")}
	}
	dir := env.get("DOCKER_CERT_PATH")
	if dir == "" && env.get("DOCKER_TLS_VERIFY") != "" {
		dir = configDir(env)
	}
	if dir != "" && strings.HasPrefix(host, "tcp://") {
		at.ca, at.cert, at.key = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	}
	return at, nil
}

// configDir is where Docker's command has its configuration.
func configDir(env environment) string {
	if dir := env.get("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	return env.home(".docker")
}

// chosenContext gives the context that docker context use has chosen. Without a configuration there is none.
func chosenContext(env environment) (name, from string) {
	file := filepath.Join(configDir(env), "config.json")
	data, err := os.ReadFile(file)
	var config struct {
		CurrentContext string `json:"currentContext"`
	}
	if err != nil || json.Unmarshal(data, &config) != nil {
		return "", ""
	}
	return config.CurrentContext, file
}

// readContext reads a context from the store of Docker's command: meta and tls below contexts, each by the hash of the
// context's name.
func readContext(env environment, name, from string) (endpoint, error) {
	from = fmt.Sprintf("context %s of %s", name, from)
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	contexts := filepath.Join(configDir(env), "contexts")
	data, err := os.ReadFile(filepath.Join(contexts, "meta", id, "meta.json"))
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err == nil {
		err = json.Unmarshal(data, &meta)
	}
	host := meta.Endpoints["docker"].Host
	if err == nil && host == "" {
		err = errors.New("the context has no Docker engine")
	}
	if err != nil {
		return endpoint{}, &UnreachableError{name, from, false, err}
	}
	at := endpoint{host: host, from: from}
	tls := filepath.Join(contexts, "tls", id, "docker")
	for file, to := range map[string]*string{"ca.pem": &at.ca, "cert.pem": &at.cert, "key.pem": &at.key} {
		if exists(filepath.Join(tls, file)) {
			*to = filepath.Join(tls, file)
		}
	}
	return at, nil
}

// address is the host as the client takes it: one that is reached by ssh has none of its own.
func (e endpoint) address() string {
	if e.isSSH() {
		return "http://engine.localhost"
	}
	return e.host
}

func (e endpoint) isSSH() bool { return strings.HasPrefix(e.host, "ssh://") }

// isHere reports whether the engine is on this machine.
func (e endpoint) isHere() bool {
	return strings.HasPrefix(e.host, "unix://") || strings.HasPrefix(e.host, "npipe://")
}
