package deployer

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/moto"
)

// cloud is a moto server, which behaves as AWS does, and a working tree to deploy to it.
type cloud struct {
	*bench
	*moto.Server
	// artifact is the zip archive of every service, sum its SHA-256 in base64.
	artifact Artifact
	sum      string
}

// newCloud starts a cloud for a test.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	t.Parallel()
	tools := moto.Tools(t)
	c := &cloud{bench: newBench(t), Server: moto.Start(t)}
	c.pack()
	// What the test was started with may be of a real cloud.
	c.config.Env = []string{
		"PATH=" + strings.Join([]string{filepath.Join(tools, "sam", "bin"), filepath.Join(tools, "cdk/node_modules/.bin"),
			filepath.Join(tools, "osls/node_modules/.bin"), os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing-canary", "SAM_CLI_TELEMETRY=0", "CI=true",
		"AWS_ENDPOINT_URL=" + c.NamedURL(), "NODE_PATH=" + filepath.Join(tools, "cdk/node_modules"),
	}
	c.config.Region = "us-east-1"
	return c
}

// pack makes the artifact.
func (c *cloud) pack() {
	c.t.Helper()
	path := filepath.Join(c.config.Root, "artifact.zip")
	file, err := os.Create(path)
	if err != nil {
		c.t.Fatal(err)
	}
	hash := sha256.New()
	archive := zip.NewWriter(io.MultiWriter(file, hash))
	w, err := archive.Create("handler.py")
	if err == nil {
		_, err = io.WriteString(w, "def main(event, context):\n    return 1\n")
	}
	if err := errors.Join(err, archive.Close(), file.Close()); err != nil {
		c.t.Fatal(err)
	}
	c.sum = base64.StdEncoding.EncodeToString(hash.Sum(nil))
	c.artifact = Artifact{File: path, SHA256: hex.EncodeToString(hash.Sum(nil))}
}

// packaged makes a service of files, whose artifact is the cloud's.
func (c *cloud) packaged(name, kind string, files map[string]string) Service {
	c.t.Helper()
	s := c.service(name, 0, "")
	s.Type, s.Deploy = kind, Command{}
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(c.config.Root, s.Path, file), []byte(text), 0o666); err != nil {
			c.t.Fatal(err)
		}
	}
	s.Package = func(context.Context, io.Writer) (Packaged, error) { return Packaged{Artifact: c.artifact}, nil }
	return s
}

// roundTrip deploys a service, finds its function to have the artifact, and removes it.
func (c *cloud) roundTrip(s Service, function string) {
	c.t.Helper()
	if r := c.run(c.t.Context(), s)[0]; r.Outcome != Succeeded {
		c.t.Fatalf("%v\n%s", r.Err, c.read(r.Log))
	}
	if got := c.CodeOf(function); got != c.sum {
		c.t.Errorf("%s has the code %q, want %q", function, got, c.sum)
	}
	s.Remove = true
	r := c.run(c.t.Context(), s)[0]
	if r.Outcome != Succeeded {
		c.t.Fatalf("%v\n%s", r.Err, c.read(r.Log))
	}
	if got := c.CodeOf(function); got != "" {
		c.t.Errorf("%s is there after it was removed, with the code %q", function, got)
	}
	if log := c.read(r.Log); strings.Contains(log, "testing-canary") {
		c.t.Errorf("a secret is in %s", log)
	}
}

func TestServerlessForReal(t *testing.T) {
	c := newCloud(t)
	c.config.Env = append(c.config.Env, "AWS_ENDPOINT_URL="+c.URL())
	c.roundTrip(c.packaged("posts", Serverless, map[string]string{"serverless.yml": `
service: posts
provider: {name: aws, runtime: python3.12}
package: {artifact: "${env:MONOPLAN_ARTIFACT}"}
functions:
  list: {handler: handler.main}
`}), "posts-prod-list")
}

// SAM leaves a zip archive as it is. Its environment of the stage says where to; moto knows no transform of SAM's, so
// the function is a plain one, which SAM packages the same way.
func TestSAMForReal(t *testing.T) {
	c := newCloud(t)
	c.MakeBucket("uploads")
	c.roundTrip(c.packaged("users", SAM, map[string]string{"template.yaml": `
Transform: AWS::Serverless-2016-10-31
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
  List:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: users-list
      Code: ../../artifact.zip
      Handler: handler.main
      Runtime: python3.12
      Role: !GetAtt Role.Arn
`, "samconfig.toml": `
version = 0.1
[prod.deploy.parameters]
stack_name = "users-prod"
s3_bucket = "uploads"
capabilities = "CAPABILITY_IAM"
[prod.delete.parameters]
stack_name = "users-prod"
`}), "users-list")
}

// A template that SAM validates is built with its archive left as it is.
func TestSAMBuildForReal(t *testing.T) {
	c := newCloud(t)
	s := c.packaged("users", SAM, map[string]string{"sam.yaml": `
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String}}
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ../../artifact.zip, Handler: handler.main, Runtime: python3.12}
`})
	s.Marker = "sam.yaml"
	commands, err := Commands(c.config.target(s, c.config.Env))
	if err != nil {
		t.Fatal(err)
	}
	validate := "sam validate --template-file sam.yaml --region us-east-1"
	s.Deploy = Command{Shell: validate + " && " + commands[0].String() + " && cat .aws-sam/build/template.yaml"}
	r := c.run(t.Context(), s)[0]
	if log := c.read(r.Log); r.Outcome != Succeeded || !strings.Contains(log, "is a valid SAM Template") || !strings.Contains(log, "CodeUri: ../../../../artifact.zip") {
		t.Errorf("%v\n%s", r.Err, log)
	}
}

func TestCDKForReal(t *testing.T) {
	c := newCloud(t)
	c.MakeBucket("uploads")
	c.roundTrip(c.packaged("web", CDK, map[string]string{"cdk.json": `{"app": "node app.js"}`, "app.js": `
const { App, Stack, CliCredentialsStackSynthesizer } = require('aws-cdk-lib');
const { Function, Runtime, Code } = require('aws-cdk-lib/aws-lambda');
const app = new App();
const stage = app.node.tryGetContext('stage');
const stack = new Stack(app, 'web-' + stage, {
  synthesizer: new CliCredentialsStackSynthesizer({ fileAssetsBucketName: 'uploads' }),
});
// What is removed has no artifact any more, and the app has to be read all the same.
const code = process.env.MONOPLAN_ARTIFACT ? Code.fromAsset(process.env.MONOPLAN_ARTIFACT) : Code.fromInline(' ');
new Function(stack, 'List', { functionName: 'web-list-' + stage, runtime: Runtime.PYTHON_3_12, handler: 'handler.main', code });
`}), "web-list-prod")
}
