package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// deployTools are the tools that deploy, and the cloud that they deploy to in tests, each in a directory of its own. All
// of it is pinned. What pip installs has its programs in <name>/bin, what npm does in <name>/node_modules/.bin.
var deployTools = []struct {
	name, installer string
	packages        []string
}{
	{"moto", "pip", []string{"moto[awslambda,cloudformation,s3,server]==5.2.5"}},
	{"sam", "pip", []string{"aws-sam-cli==1.170.0"}},
	{"osls", "npm", []string{"osls@4.3.1"}},
	{"cdk", "npm", []string{"aws-cdk@2.1148.1", "aws-cdk-lib@2.276.0", "constructs@10.8.1"}},
}

// deployEnvironment gives the variable by which the tests of deploying find these tools, and says loudly where there is
// none. Like testTools it installs them only where CI=true or MONOPLAN_TEST_TOOLS asks for it: it downloads some 300 MB.
func (c *checker) deployEnvironment() []string {
	dir, err := c.findDeployTools()
	if err != nil {
		fmt.Printf("NOT TESTED with the tools that deploy: %v\n", err)
		return nil
	}
	return []string{"MONOPLAN_TEST_DEPLOY_TOOLS=" + dir}
}

func (c *checker) findDeployTools() (string, error) {
	if !c.ci && os.Getenv("MONOPLAN_TEST_TOOLS") == "" {
		return "", errors.New("set MONOPLAN_TEST_TOOLS=1 to install osls, SAM, the CDK and moto for them (CI=true does)")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Append(nil, deployTools))
	dir := filepath.Join(cache, "monoplan-test", "deploy-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return dir, nil
	}
	return dir, c.installDeployTools(dir)
}

// installDeployTools installs everything below a directory, and says at the end that it is complete.
func (c *checker) installDeployTools(dir string) error {
	python, err := c.findPython()
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("npm, which installs some of them, is not installed: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, tool := range deployTools {
		if err := c.installDeployTool(python, filepath.Join(dir, tool.name), tool.installer, tool.packages); err != nil {
			return fmt.Errorf("installing %s: %w", tool.name, err)
		}
	}
	return os.WriteFile(filepath.Join(dir, "complete"), nil, 0o666)
}

func (c *checker) installDeployTool(python, dir, installer string, packages []string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	commands := [][]string{
		{python, "-m", "venv", dir},
		append([]string{filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet"}, packages...),
	}
	if installer == "npm" {
		commands = [][]string{append([]string{"npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel=error"}, packages...)}
	}
	for _, command := range commands {
		if out, err := c.output(nil, command[0], command[1:]...); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	return nil
}
