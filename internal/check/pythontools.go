package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// pythonEnvironment is a virtual environment with the tools that tests of packaging hold monoplan against. Poetry's
// versions exclude each other, so each has its own.
type pythonEnvironment struct {
	name     string
	requires []string
	// links are the programs that tests look for, by the names that they have in the environment.
	links map[string]string
}

// pythonEnvironments are pinned: what a tool says depends on its version. The first has the Python that tests use.
var pythonEnvironments = []pythonEnvironment{
	{
		"base",
		[]string{"packaging==26.3", "moto[s3,server]==5.2.5", "pypiserver==2.4.2", "passlib==1.7.4", "uv==0.13.8"},
		map[string]string{"python": "python", "uv": "uv", "moto_server": "moto_server", "pypi-server": "pypi-server"},
	},
	{
		"poetry-1.8",
		[]string{"poetry==1.8.5", "poetry-plugin-export==1.8.0", "poetry-plugin-pypi-mirror==0.4.2"},
		map[string]string{"poetry": "poetry-1.8"},
	},
	{
		"poetry-2",
		[]string{"poetry==2.5.1", "poetry-plugin-export==1.10.1", "poetry-plugin-pypi-mirror==0.6.5"},
		map[string]string{"poetry": "poetry-2"},
	},
}

// versityGateway is a server of S3's protocol that keeps to it in what the store relies on.
const versityGateway = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

// testTools gives the variables by which the tests of packaging find the tools that they hold monoplan against.
func (c *checker) testTools() ([]string, error) {
	dir, err := c.installed("tools", c.installTools, pythonEnvironments, versityGateway)
	if err != nil {
		return nil, err
	}
	return []string{
		"MONOPLAN_TEST_PYTHON_TOOLS=" + dir,
		"MONOPLAN_TEST_VERSITYGW=" + filepath.Join(dir, "bin", "versitygw"),
	}, nil
}

// wheels gives the variable by which the test that holds archives against pip's finds, and keeps, the wheels that it
// downloads.
func (c *checker) wheels() []string {
	names, err := os.ReadFile("packager/assemble/testdata/wheels.txt")
	if err == nil {
		var dir string
		if dir, err = c.installed("wheels", func(dir string) error { return os.MkdirAll(dir, 0o777) }, names); err == nil {
			return []string{"MONOPLAN_TEST_WHEELS=" + dir}
		}
	}
	fmt.Printf("wheels are downloaded each time: %v\n", err)
	return nil
}

// installTools installs everything below a directory.
func (c *checker) installTools(dir string) error {
	python, err := c.findPython()
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o777); err != nil {
		return err
	}
	for _, e := range pythonEnvironments {
		if err := c.installEnvironment(python, dir, e); err != nil {
			return fmt.Errorf("installing %s: %w", e.name, err)
		}
	}
	if out, err := c.output([]string{"GOBIN=" + bin, "GOFLAGS=-mod=mod"}, "go", "install", versityGateway); err != nil {
		return fmt.Errorf("installing versitygw: %w\n%s", err, out)
	}
	return nil
}

func (c *checker) installEnvironment(python, dir string, e pythonEnvironment) error {
	environment := filepath.Join(dir, e.name)
	if err := c.pipInstall(python, environment, e.requires); err != nil {
		return err
	}
	for program, name := range e.links {
		// Not a link: a Python that is started through one takes its directory for its environment's.
		script := "#!/bin/sh\nexec " + filepath.Join(environment, "bin", program) + " \"$@\"\n"
		if err := os.WriteFile(filepath.Join(dir, "bin", name), []byte(script), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// pipInstall installs packages in a virtual environment of their own.
func (c *checker) pipInstall(python, dir string, packages []string) error {
	if out, err := c.output(nil, python, "-m", "venv", dir); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	args := append([]string{"-m", "pip", "install", "--quiet"}, packages...)
	if out, err := c.output(nil, filepath.Join(dir, "bin", "python"), args...); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// findPython gives a Python 3.12: the wheels of some tests are for it.
func (c *checker) findPython() (string, error) {
	candidates := []string{"python3.12", "python3"}
	pyenv := cmp.Or(os.Getenv("PYENV_ROOT"), filepath.Join(os.Getenv("HOME"), ".pyenv"))
	found, err := filepath.Glob(filepath.Join(pyenv, "versions", "3.12*", "bin", "python3.12"))
	if err != nil {
		return "", err
	}
	for _, candidate := range slices.Concat(candidates, found) {
		path, err := exec.LookPath(candidate)
		if err != nil {
			continue
		}
		out, err := c.output(nil, path, "-c", "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])")
		if err == nil && strings.TrimSpace(out) == "3.12" {
			return path, nil
		}
	}
	return "", errors.New("there is no Python 3.12 in PATH or pyenv")
}
