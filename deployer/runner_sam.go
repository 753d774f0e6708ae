package deployer

import (
	"regexp"
	"slices"
)

// samRunner is the AWS SAM command line. Its stages are the environments of samconfig.toml
// (docs.aws.amazon.com/serverless-application-model: "AWS SAM CLI configuration file"); without that file the stack is
// called after the service and the stage, SAM keeps a bucket of its own for what it uploads, and a
// parameter that is called Stage has the stage; SAM passes over it where the template has none.
//
// What is deployed is what sam build leaves. A function whose CodeUri is a zip archive is taken as it is.
type samRunner struct{}

func (samRunner) Commands(t Target) ([]Command, error) {
	tool, err := t.tool("AWS SAM CLI", "pip install aws-sam-cli", "sam")
	if err != nil {
		return nil, err
	}
	var where []string
	configured := t.hasSamConfig()
	if configured {
		where = append(where, "--config-env", t.Stage)
	}
	if t.Region != "" {
		where = append(where, "--region", t.Region)
	}
	build := slices.Concat([]string{tool, "build"}, where)
	if m := t.Service.Marker; m != "" && m != "template.yaml" && m != "template.yml" {
		build = append(build, "--template-file", m)
	}
	if !configured {
		stack, err := t.stack()
		if err != nil {
			return nil, err
		}
		where = append(where, "--stack-name", stack)
	}
	if t.Service.Remove {
		return []Command{{Args: slices.Concat([]string{tool, "delete", "--no-prompts"}, where)}}, nil
	}
	deploy := slices.Concat([]string{tool, "deploy", "--no-confirm-changeset", "--no-fail-on-empty-changeset"}, where)
	if !configured {
		deploy = append(deploy, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
			"--parameter-overrides", "Stage="+t.Stage)
	}
	return []Command{{Args: build}, {Args: deploy}}, nil
}

// stack is what a stack is called that no file of configuration names.
func (t Target) stack() (string, error) {
	name := t.Service.Name + "-" + t.Stage
	switch {
	case t.Service.Unnamed:
		return "", &UnnamedStackError{name}
	case !isStackName(name):
		return "", &StackNameError{name}
	}
	return name, nil
}

// longestStackName is how many letters a stack's name may have (docs.aws.amazon.com/AWSCloudFormation: "CreateStack", StackName).
const longestStackName = 128

// isStackName reports whether a stack can be called so. Another name made to fit might be that of another service.
func isStackName(name string) bool {
	is, _ := regexp.MatchString(`^[a-zA-Z][-a-zA-Z0-9]*$`, name) // errs for a bad pattern alone
	return is && len(name) <= longestStackName
}

// hasSamConfig reports whether there is a file of configuration, under any of its names.
func (t Target) hasSamConfig() bool {
	return slices.ContainsFunc(SAMConfigs(), t.has)
}

// SAMConfigs gives the names that a file of configuration beside the template may have, which then names the stacks.
func SAMConfigs() []string { return []string{"samconfig.toml", "samconfig.yaml", "samconfig.yml"} }
