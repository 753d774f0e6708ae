package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ciRecipes are the examples for CIs that no machine but theirs can run, with the schema that each is held against, which
// check-jsonschema brings along.
var ciRecipes = []struct {
	file, schema string
	arguments    []string
}{
	{"docs/ci/github.yml", "vendor.github-workflows", nil},
	{"docs/ci/gitlab.yml", "vendor.gitlab-ci", []string{"--data-transform", "gitlab-ci"}},
	{"docs/ci/buildkite.yml", "vendor.buildkite", nil},
	{"docs/ci/circleci.yml", "vendor.circle-ci", nil},
}

const schemaChecker = "check-jsonschema==0.39.0"

// recipes validates the examples. The checker is installed only where CI=true or MONOPLAN_TEST_TOOLS asks for it.
func (c *checker) recipes() {
	if !c.ci && os.Getenv("MONOPLAN_TEST_TOOLS") == "" {
		c.skip("recipes for CIs", "set MONOPLAN_TEST_TOOLS=1 to install what checks them (CI=true does)")
		return
	}
	c.step("recipes for CIs", c.checkRecipes)
}

func (c *checker) checkRecipes() error {
	program, err := c.schemaChecker()
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range ciRecipes {
		args := append([]string{"--builtin-schema", r.schema}, r.arguments...)
		if out, err := c.output(nil, program, append(args, r.file)...); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w\n%s", r.file, err, out))
		}
	}
	return errors.Join(errs...)
}

// schemaChecker gives the program, installed into the user's cache where it is not there yet.
func (c *checker) schemaChecker() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "monoplan-test", schemaChecker)
	program := filepath.Join(dir, "bin", "check-jsonschema")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	python, err := c.findPython()
	if err != nil {
		return "", err
	}
	for _, command := range [][]string{
		{python, "-m", "venv", "--clear", dir},
		{filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", schemaChecker},
	} {
		if out, err := c.output(nil, command[0], command[1:]...); err != nil {
			return "", fmt.Errorf("installing %s: %w\n%s", schemaChecker, err, out)
		}
	}
	return program, nil
}
