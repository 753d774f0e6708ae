package deployer

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cloud is a moto server, which behaves as AWS does, and a working tree to deploy to it.
type cloud struct {
	*bench
	tools string
	port  string
	// artifact is the zip archive of every service, sum its SHA-256 in base64.
	artifact Artifact
	sum      string
}

// newCloud starts a cloud for a test.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{bench: newBench(t), tools: os.Getenv("MONOPLAN_TEST_DEPLOY_TOOLS")}
	if c.tools == "" {
		t.Skip("MONOPLAN_TEST_DEPLOY_TOOLS names no directory of tools that deploy")
	}
	t.Parallel()
	c.serve()
	c.pack()
	// What the test was started with may be of a real cloud.
	c.config.Env = []string{
		"PATH=" + strings.Join([]string{filepath.Join(c.tools, "sam", "bin"), filepath.Join(c.tools, "cdk/node_modules/.bin"),
			filepath.Join(c.tools, "osls/node_modules/.bin"), os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing-canary", "SAM_CLI_TELEMETRY=0", "CI=true",
		// By this name SAM and moto find buckets in paths.
		"AWS_ENDPOINT_URL=http://localhost:" + c.port, "NODE_PATH=" + filepath.Join(c.tools, "cdk/node_modules"),
	}
	c.config.Region = "us-east-1"
	return c
}

// serve starts moto at a free port.
func (c *cloud) serve() {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	server := exec.Command(filepath.Join(c.tools, "moto/bin/python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", c.port)
	if err := server.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for {
		if response, err := http.Get("http://127.0.0.1:" + c.port + "/moto-api/"); err == nil {
			response.Body.Close()
			return
		}
		if c.t.Context().Err() != nil {
			c.t.Fatal("moto never answered")
		}
		time.Sleep(50 * time.Millisecond)
	}
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

// ask asks one of the cloud's services.
func (c *cloud) ask(method, service, path string) (status int, body []byte) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, "http://127.0.0.1:"+c.port+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, body
}

// codeOf gives the hash of what a function runs, as the cloud tells it; empty where there is no such function.
func (c *cloud) codeOf(function string) string {
	c.t.Helper()
	status, body := c.ask("GET", "lambda", "/2015-03-31/functions/"+function)
	if status == http.StatusNotFound {
		return ""
	}
	var found struct{ Configuration struct{ CodeSha256 string } }
	if err := json.Unmarshal(body, &found); err != nil || status != http.StatusOK {
		c.t.Fatalf("%d, %v: %s", status, err, body)
	}
	return found.Configuration.CodeSha256
}

// roundTrip deploys a service, finds its function to have the artifact, and removes it.
func (c *cloud) roundTrip(s Service, function string) {
	c.t.Helper()
	if r := c.run(c.t.Context(), s)[0]; r.Outcome != Succeeded {
		c.t.Fatalf("%v\n%s", r.Err, c.read(r.Log))
	}
	if got := c.codeOf(function); got != c.sum {
		c.t.Errorf("%s has the code %q, want %q", function, got, c.sum)
	}
	s.Remove = true
	r := c.run(c.t.Context(), s)[0]
	if r.Outcome != Succeeded {
		c.t.Fatalf("%v\n%s", r.Err, c.read(r.Log))
	}
	if got := c.codeOf(function); got != "" {
		c.t.Errorf("%s is there after it was removed, with the code %q", function, got)
	}
	if log := c.read(r.Log); strings.Contains(log, "testing-canary") {
		c.t.Errorf("a secret is in %s", log)
	}
}

func TestServerlessForReal(t *testing.T) {
	c := newCloud(t)
	// By the name localhost osls would look for buckets in host names.
	c.config.Env = append(c.config.Env, "AWS_ENDPOINT_URL=http://127.0.0.1:"+c.port)
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
	if status, body := c.ask("PUT", "s3", "/uploads"); status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
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
	if status, body := c.ask("PUT", "s3", "/uploads"); status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
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
