package main

import (
	"bytes"
	"encoding/json"
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

// What monoplan packages is what runs: osls deploys to moto, which behaves as AWS does, and the function there has the
// hash of the manifest. Deployed anew it is not; a change of its code is; and what is gone from the commit is removed.
func TestDeployWithOsls(t *testing.T) {
	tools := os.Getenv("MONOPLAN_TEST_DEPLOY_TOOLS")
	if tools == "" {
		t.Skip("MONOPLAN_TEST_DEPLOY_TOOLS names no directory of tools that deploy")
	}
	t.Parallel()
	url := startMoto(t, tools)
	dir := t.TempDir()
	env := testEnvironment("PATH="+filepath.Join(tools, "osls/node_modules/.bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "CI=")
	deploy := func(want string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"deploy", "--stage", "prod", "--remove"}, process{Stdout: &stdout, Stderr: &stderr, Env: env, Dir: dir})
		if code != exitFine || !strings.Contains(stdout.String(), want) {
			t.Fatalf("exit code %d, want %q\n%s%s", code, want, &stdout, &stderr)
		}
	}
	commit := func(files map[string]string) {
		t.Helper()
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "-m", "one"}} {
			cmd := exec.CommandContext(t.Context(), "git", args...)
			cmd.Dir, cmd.Env = dir, env
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("git %s: %v\n%s", args[0], err, out)
			}
		}
	}
	expectDeployed := func() string {
		t.Helper()
		got, want := codeOf(t, url, "posts-prod-list"), manifestCode(t, dir)
		if got != want || want == "" {
			t.Errorf("the function has the code %q, the manifest %q", got, want)
		}
		return want
	}

	commit(map[string]string{
		".gitignore":                    ".serverless/\n",
		"services/posts/handler.py":     "def main(event, context):\n    return 1\n",
		"services/posts/pyproject.toml": "[project]\nname = 'posts'\nversion = '1'\nrequires-python = '>=3.12'\ndependencies = []\n",
		"services/posts/serverless.yml": "service: posts\nprovider: {name: aws, runtime: python3.12}\n" +
			"package: {artifact: '${env:MONOPLAN_ARTIFACT}'}\nfunctions:\n  list: {handler: handler.main}\n",
		"services/web/serverless.yml": "service: web\n",
		"seed.yml":                    "services: [services/posts, {path: services/web, deploy: {command: 'true', remove: 'true'}}]\n",
	})
	deploy("prod: 2 deployed in ")
	first := expectDeployed()
	deploy("prod: nothing to deploy")
	commit(map[string]string{"services/posts/handler.py": "def main(event, context):\n    return 2\n"})
	deploy("prod: 1 deployed in ")
	if expectDeployed() == first {
		t.Error("other code has the same hash")
	}
	if err := os.RemoveAll(filepath.Join(dir, "services/posts")); err != nil {
		t.Fatal(err)
	}
	commit(map[string]string{"seed.yml": "services: [{path: services/web, deploy: {command: 'true'}}]\n"})
	deploy("1 removed in ")
	if got := codeOf(t, url, "posts-prod-list"); got != "" {
		t.Errorf("the function is there with the code %q", got)
	}
}

// startMoto starts a server at a free port, and gives its URL.
func startMoto(t *testing.T, tools string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	server := exec.Command(filepath.Join(tools, "moto/bin/python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", strconv.Itoa(address.Port))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	url := "http://" + address.String()
	for {
		response, err := http.Get(url + "/moto-api/")
		if err == nil {
			response.Body.Close()
			return url
		}
		if t.Context().Err() != nil {
			t.Fatal("moto never answered")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// codeOf gives the hash of what a function runs, as the cloud tells it; empty where there is no such function.
func codeOf(t *testing.T, url, function string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", url+"/2015-03-31/functions/"+function, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=x")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return ""
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Configuration struct{ CodeSha256 string } }
	if err := json.Unmarshal(body, &found); err != nil || found.Configuration.CodeSha256 == "" {
		t.Fatalf("%v: %s", err, body)
	}
	return found.Configuration.CodeSha256
}

// manifestCode gives the hash that the manifest of posts has.
func manifestCode(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".monoplan/artifacts/posts/manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Code struct {
			CodeSHA256 string `json:"code_sha256"`
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Code.CodeSHA256
}
