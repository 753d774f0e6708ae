package deployer

import "slices"

// samRunner is the AWS SAM command line. Its stages are the environments of samconfig.toml
// (docs.aws.amazon.com/serverless-application-model: "AWS SAM CLI configuration file"); without that file the stack is
// called after the service and the stage.
type samRunner struct{}

func (samRunner) Commands(t Target) ([]Command, error) {
	tool, err := t.tool("AWS SAM CLI", "pip install aws-sam-cli", "sam")
	if err != nil {
		return nil, err
	}
	common := []string{}
	if t.hasSamConfig() {
		common = append(common, "--config-env", t.Stage)
	}
	if t.Region != "" {
		common = append(common, "--region", t.Region)
	}
	stack := []string{}
	if !t.hasSamConfig() {
		stack = []string{"--stack-name", t.Service.Name + "-" + t.Stage}
	}
	if t.Service.Remove {
		return []Command{{Args: slices.Concat([]string{tool, "delete", "--no-prompts"}, stack, common)}}, nil
	}
	build := slices.Concat([]string{tool, "build"}, common)
	if t.Service.Marker != "" {
		build = append(build, "--template-file", t.Service.Marker)
	}
	deploy := slices.Concat([]string{tool, "deploy", "--no-confirm-changeset", "--no-fail-on-empty-changeset"}, stack, common)
	if !t.hasSamConfig() {
		deploy = append(deploy, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
	}
	return []Command{{Args: build}, {Args: deploy}}, nil
}

// hasSamConfig reports whether there is a file of configuration, under any of its names.
func (t Target) hasSamConfig() bool {
	return slices.ContainsFunc([]string{"samconfig.toml", "samconfig.yaml", "samconfig.yml"}, t.has)
}
