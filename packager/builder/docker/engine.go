package docker

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/monoplan/monoplan/internal/environ"
)

// UnreachableError says that no engine answers.
type UnreachableError struct {
	// Host is where it was looked for, and From what said so; empty for the usual places.
	Host, From string
	// TLS says that the engine and this program do not agree on how the connection is kept secret, or with whom it is.
	TLS bool
	Err error
}

func (e *UnreachableError) Error() string {
	from := ""
	if e.From != "" {
		from = " (" + e.From + ")"
	}
	return fmt.Sprintf("no Docker engine answers at %s%s: %v", e.Host, from, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// Unavailable marks the error of a builder that is not there at all, see builder.Unavailable.
func (e *UnreachableError) Unavailable() {}

// VersionError says that an engine is too old.
type VersionError struct{ Host, API string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the Docker engine at %s speaks API %s, and %s is the least that does", e.Host, e.API, client.MinAPIVersion)
}

// engine is a connection to an engine.
type engine struct {
	*client.Client
	endpoint
	ssh    *sshDialer // nil for an engine that is reached otherwise
	env    environment
	noPull bool
	now    time.Time
	report func(string)
	// arch is the machine that its containers are for, "amd64"; memory is how much it has, in bytes.
	arch   string
	memory int64
}

// connect finds the engine, as Docker's own command would, and makes sure that it answers.
func connect(ctx context.Context, config Config) (*engine, error) {
	env := environment(config.Env)
	at, err := findEndpoint(env)
	if err != nil {
		return nil, err
	}
	options := []client.Opt{client.WithHost(at.address()), client.WithAPIVersion(env.get("DOCKER_API_VERSION"))}
	if at.ca != "" {
		options = append(options, client.WithTLSClientConfig(at.ca, at.cert, at.key))
	}
	ssh := at.dialer(env)
	if ssh != nil {
		options = append(options, client.WithDialContext(ssh.dial))
	}
	c, err := client.New(options...)
	if err != nil {
		return nil, &UnreachableError{at.host, at.from, at.ca != "", err}
	}
	e := &engine{Client: c, endpoint: at, ssh: ssh, env: env, noPull: config.Offline || config.NoPull, now: config.Now, report: config.Report}
	if err := e.greet(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return e, nil
}

// greet asks the engine what it is.
func (e *engine) greet(ctx context.Context) error {
	ping, err := e.Ping(ctx, client.PingOptions{})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return e.unreachable(err)
	case older(ping.APIVersion, client.MinAPIVersion):
		return &VersionError{e.host, ping.APIVersion}
	}
	info, err := e.Info(ctx, client.InfoOptions{})
	if err != nil {
		return e.unreachable(err)
	}
	e.arch, e.memory = machine(info.Info.Architecture), info.Info.MemTotal
	return nil
}

// unreachable says why the engine did not answer a question.
func (e *engine) unreachable(err error) error {
	if e.ssh != nil {
		err = cmp.Or(e.ssh.refusal(), err)
	}
	var untrusted *tls.CertificateVerificationError
	var alert tls.AlertError
	secret := errors.As(err, &untrusted) || errors.As(err, &alert) || strings.Contains(err.Error(), "HTTP request to an HTTPS server")
	return &UnreachableError{e.host, e.from, secret, plain(err)}
}

// plain takes the library's advice off an error of the connection, which says the host again.
func plain(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return operation.Err
	}
	return err
}

// older compares two versions of the API, "1.40".
func older(version, than string) bool {
	a, b := apiVersion(version), apiVersion(than)
	return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
}

func apiVersion(text string) (v [2]int) {
	major, minor, _ := strings.Cut(text, ".")
	v[0], _ = strconv.Atoi(major) // what is no number is older than any
	v[1], _ = strconv.Atoi(minor)
	return v
}

// machine gives Docker's word for a processor, of the kernel's or of AWS's.
func machine(arch string) string {
	switch arch {
	case "x86_64":
		return "amd64"
	case "aarch64", "arm64":
		return "arm64"
	}
	return arch
}

// environment is a process environment.
type environment []string

// get gives a variable, empty where it is not set.
func (e environment) get(name string) string { return environ.Get(e, name) }

// home gives a file below the user's home directory.
func (e environment) home(names ...string) string {
	return filepath.Join(append([]string{e.get("HOME")}, names...)...)
}

// exists reports whether a file is there.
func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
