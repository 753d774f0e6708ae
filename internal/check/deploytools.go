package main

import (
	"fmt"
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
// none.
func (c *checker) deployEnvironment() []string {
	dir, err := c.installed("deploy", c.installDeployTools, deployTools)
	if err != nil {
		fmt.Printf("NOT TESTED with the tools that deploy: %v\n", err)
		return nil
	}
	return []string{"MONOPLAN_TEST_DEPLOY_TOOLS=" + dir}
}

// installDeployTools installs everything below a directory.
func (c *checker) installDeployTools(dir string) error {
	python, err := c.findPython()
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("npm, which installs some of them, is not installed: %w", err)
	}
	for _, tool := range deployTools {
		into := filepath.Join(dir, tool.name)
		if tool.installer == "npm" {
			err = c.npmInstall(into, tool.packages...)
		} else {
			err = c.pipInstall(python, into, tool.packages)
		}
		if err != nil {
			return fmt.Errorf("installing %s: %w", tool.name, err)
		}
	}
	return nil
}
