package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/moto"
)

// What monoplan packages is what runs: osls deploys to moto, which behaves as AWS does, and the function there has the
// hash of the manifest. Deployed anew it is not; a change of its code is; and what is gone from the commit is removed.
func TestDeployWithOsls(t *testing.T) {
	t.Parallel()
	cloud := moto.Start(t)
	dir := t.TempDir()
	env := testEnvironment("PATH="+filepath.Join(moto.Tools(t), "osls/node_modules/.bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_ENDPOINT_URL="+cloud.URL(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "CI=")
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
		got, want := cloud.CodeOf("posts-prod-list"), manifestCode(t, dir)
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
	if got := cloud.CodeOf("posts-prod-list"); got != "" {
		t.Errorf("the function is there with the code %q", got)
	}
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
