//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// poetryPackages are Poetry with what these ways ask of it; the second plugin does something only where
// POETRY_PYPI_MIRROR_URL is set.
var poetryPackages = []string{"poetry>=2,<3", "poetry-plugin-export", "poetry-plugin-pypi-mirror"}

// install installs what monoplan is compared with, where it is not there yet.
func (a *againstLab) install(ctx context.Context) error {
	var err error
	if a.poetry, err = a.installPython(ctx, "poetry", poetryPackages...); err != nil {
		return err
	}
	if a.sam, err = a.installPython(ctx, "sam", "aws-sam-cli"); err != nil {
		return err
	}
	_, err = a.lab.install(ctx, os.Getenv("PATH"), "osls", "osls", "serverless-python-requirements@6")
	return err
}

// installPython installs packages of which one has a program, in an environment of their own, and gives the program's directory.
func (l *lab) installPython(ctx context.Context, program string, packages ...string) (bin string, err error) {
	dir := filepath.Join(l.dir, "peers", program)
	bin = filepath.Join(dir, "bin")
	if _, err := os.Stat(filepath.Join(bin, program)); err == nil {
		return bin, nil
	}
	l.logf("installing %s", program)
	if _, err := l.output(ctx, "", nil, "python3", "-m", "venv", dir); err != nil {
		return "", err
	}
	_, err = l.output(ctx, "", nil, filepath.Join(bin, "python"), append([]string{"-m", "pip", "install", "-q"}, packages...)...)
	return bin, err
}

// versions says what was compared.
func (a *againstLab) versions(ctx context.Context) []string {
	var all []string
	for _, words := range [][]string{
		{filepath.Join(a.poetry, "poetry"), "--version"}, {filepath.Join(a.sam, "sam"), "--version"},
		{"docker", "version", "--format", "Docker {{.Server.Version}}"}, {"node", "-p", "'Node.js ' + process.version"},
	} {
		version, err := a.output(ctx, "", nil, words[0], words[1:]...)
		if err != nil {
			version = filepath.Base(words[0]) + " of unknown version"
		}
		all = append(all, strings.TrimSpace(version))
	}
	for _, name := range []string{"osls", "serverless-python-requirements"} {
		version, err := a.output(ctx, "", nil, "node", "-p", "require(process.argv[1]).version", filepath.Join(a.node, name, "package.json"))
		if err != nil {
			version = "of unknown version"
		}
		all = append(all, name+" "+strings.TrimSpace(version))
	}
	return all
}

// startContainer starts the container of the way of copying and installing, and installs Poetry in it: what starts and installs
// once is no part of what is measured. Cleanup removes it.
func (a *againstLab) startContainer(ctx context.Context) (cleanup func(), err error) {
	args := append([]string{"run", "-d", "--rm"}, a.containerSettings()...)
	id, err := a.output(ctx, "", nil, "docker", append(args, a.base, "sleep", "4h")...)
	if err != nil {
		return nil, err
	}
	a.container = strings.TrimSpace(id)
	cleanup = func() {
		if _, err := a.output(context.Background(), "", nil, "docker", "rm", "-f", a.container); err != nil {
			a.logf("removing a container: %v", err)
		}
	}
	a.logf("installing Poetry in a container")
	script := "python3 -m venv /poetry && /poetry/bin/pip install -q '" + strings.Join(poetryPackages, "' '") + "'"
	if _, err := a.output(ctx, "", nil, "docker", "exec", a.container, "sh", "-c", script); err != nil {
		cleanup()
		return nil, err
	}
	return cleanup, nil
}

// containerSettings are arguments of docker run by which pip and Poetry find their index: mirrors, and the certificate
// authorities of this machine, where it has its own. monoplan hands these in itself.
func (a *againstLab) containerSettings() []string {
	args := []string{"-e", "PIP_INDEX_URL", "-e", "POETRY_PYPI_MIRROR_URL"}
	if file := cmp.Or(os.Getenv("SSL_CERT_FILE"), os.Getenv("PIP_CERT")); file != "" {
		const inside = "/certificates.pem"
		args = append(args, "-v", file+":"+inside+":ro")
		for _, name := range []string{"SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"} {
			args = append(args, "-e", name+"="+inside)
		}
	}
	return args
}

// outputOf runs a command with a file as its input, and gives what it prints.
func (l *lab) outputOf(ctx context.Context, input, name string, args ...string) (string, error) {
	f, err := os.Open(input)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = f, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}
