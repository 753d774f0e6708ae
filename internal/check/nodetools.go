package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// nodePackages are what npm installs for the tests of Lerna's and pnpm's algorithms, each list in a directory of its own
// name: versions of one tool exclude each other. All of it is pinned, for what a tool lists depends on its version.
var nodePackages = []struct {
	name     string
	packages []string
}{
	{"lerna-9", []string{"lerna@9.0.7"}},
	{"lerna-10", []string{"lerna@10.1.1"}},
	{"pnpm-10", []string{"pnpm@10.34.8"}},
	{"pnpm-11", []string{"pnpm@11.28.10"}},
	{"pnpm-12", []string{"pnpm@12.21.0"}},
	// What Lerna and pnpm themselves match paths and versions with.
	{"oracles", []string{"minimatch@10.2.6", "minimatch3@npm:minimatch@3.1.4", "micromatch@4.0.8", "semver@7.8.6", "tinyglobby@0.2.17"}},
}

// nodeVersion is of a Node.js that all of them run on, from npm: a machine's own is often older.
const nodeVersion = "24.21.0"

// nodeTools gives the variable by which those tests find the tools, and says loudly where there is none.
func (c *checker) nodeTools() []string {
	dir, err := c.installed("node", c.installNodeTools, nodePackages, nodeVersion)
	if err != nil {
		fmt.Printf("NOT TESTED against Lerna and pnpm: %v\n", err)
		return nil
	}
	return []string{"MONOPLAN_TEST_NODE_TOOLS=" + dir}
}

// installNodeTools installs everything below a directory.
func (c *checker) installNodeTools(dir string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("npm, which installs them, is not installed: %w", err)
	}
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok {
		return fmt.Errorf("npm has no Node.js for %s", runtime.GOARCH)
	}
	node := "node-" + runtime.GOOS + "-" + arch
	if err := c.npmInstall(filepath.Join(dir, "node"), node+"@"+nodeVersion); err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Symlink(filepath.Join("node", "node_modules", node, "bin"), bin); err != nil {
		return err
	}
	for _, p := range nodePackages {
		if err := c.npmInstall(filepath.Join(dir, p.name), p.packages...); err != nil {
			return err
		}
	}
	return nil
}

// npmInstall installs packages in a directory that has no others. Their own programs run on the new Node.js where it is
// there already.
func (c *checker) npmInstall(dir string, packages ...string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{}\n"), 0o666); err != nil {
		return err
	}
	args := append([]string{"install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel=error"}, packages...)
	path := filepath.Join(filepath.Dir(dir), "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	if out, err := c.output([]string{"PATH=" + path}, "npm", args...); err != nil {
		return fmt.Errorf("installing %q: %w\n%s", packages, err, out)
	}
	return nil
}
