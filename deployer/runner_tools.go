package deployer

import (
	"path/filepath"
	"strings"
)

// serverlessRunner is the Serverless Framework, versions 3 and 4, and osls, which goes on with version 3. Their commands
// are the same (serverless.com/framework/docs/providers/aws/cli-reference/deploy, and remove).
type serverlessRunner struct{}

func (serverlessRunner) Commands(t Target) ([]Command, error) {
	tool, err := t.tool("Serverless", "npm install --save-dev osls", "serverless", "osls", "sls")
	if err != nil {
		return nil, err
	}
	args := []string{tool, verb(t, "deploy", "remove"), "--stage", t.Stage}
	if t.Region != "" {
		args = append(args, "--region", t.Region)
	}
	if m := t.Service.Marker; m != "" && strings.TrimSuffix(m, filepath.Ext(m)) != "serverless" {
		args = append(args, "--config", m)
	}
	return []Command{{Args: args}}, nil
}

// sstRunner is SST, of any version: its region is a matter of its configuration or of AWS_REGION (sst.dev/docs/reference/cli).
type sstRunner struct{}

func (sstRunner) Commands(t Target) ([]Command, error) {
	tool, err := t.tool("SST", "npm install --save-dev sst", "sst")
	if err != nil {
		return nil, err
	}
	return []Command{{Args: []string{tool, verb(t, "deploy", "remove"), "--stage", t.Stage}}}, nil
}

// cdkRunner is the AWS CDK. It knows no stages; an app reads the context (docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html).
type cdkRunner struct{}

func (cdkRunner) Commands(t Target) ([]Command, error) {
	tool, err := t.tool("AWS CDK", "npm install --save-dev aws-cdk", "cdk")
	if err != nil {
		return nil, err
	}
	args := []string{tool, "deploy", "--all", "--require-approval", "never", "--context", "stage=" + t.Stage}
	if t.Service.Remove {
		args = []string{tool, "destroy", "--all", "--force", "--context", "stage=" + t.Stage}
	}
	return []Command{{Args: args}}, nil
}

// tool finds a tool.
func (t Target) tool(called, get string, names ...string) (string, error) {
	path, err := t.find.find(names...)
	if err != nil {
		return "", &ToolError{Tool: called, Names: names, Get: get}
	}
	return path, nil
}

func verb(t Target, deploy, remove string) string {
	if t.Service.Remove {
		return remove
	}
	return deploy
}
