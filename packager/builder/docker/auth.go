package docker

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"

	"github.com/monoplan/monoplan/internal/environ"
)

// dockerHub is the name that Docker's configuration has for its own registry.
const dockerHub = "https://index.docker.io/v1/"

// registryAuth gives what docker login has left for the registry of an image, as the engine takes it; empty for nothing.
func registryAuth(ctx context.Context, env environment, image string) (string, error) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", err
	}
	host := reference.Domain(named)
	if host == "docker.io" {
		host = dockerHub
	}
	data, err := os.ReadFile(filepath.Join(configDir(env), "config.json"))
	if err != nil {
		return "", nil // nobody has logged in
	}
	var config struct {
		Auths       map[string]struct{ Auth, IdentityToken string }
		CredsStore  string
		CredHelpers map[string]string
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return "", fmt.Errorf("config.json: %w", err)
	}
	helper := config.CredHelpers[host]
	if helper == "" {
		helper = config.CredsStore
	}
	if helper != "" {
		return fromHelper(ctx, env, helper, host)
	}
	auth, ok := config.Auths[host]
	if !ok {
		return "", nil
	}
	decoded, err := base64.StdEncoding.DecodeString(auth.Auth)
	if err != nil {
		return "", fmt.Errorf("config.json: the credentials of %s: %w", host, err)
	}
	user, password, _ := strings.Cut(string(decoded), ":")
	return authconfig.Encode(registry.AuthConfig{Username: user, Password: password, IdentityToken: auth.IdentityToken, ServerAddress: host})
}

// helperPatience is how long the pipes of a helper may stay open after it.
const helperPatience = time.Second

// fromHelper asks a program that keeps credentials (docker-credential-helpers).
func fromHelper(ctx context.Context, env environment, helper, host string) (string, error) {
	program, err := environ.LookPath(env, "docker-credential-"+helper)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, program, "get")
	cmd.Env, cmd.Stdin, cmd.WaitDelay = env, strings.NewReader(host), helperPatience
	out, err := cmd.Output()
	if err != nil {
		if bytes.Contains(out, []byte("credentials not found")) {
			return "", nil
		}
		return "", fmt.Errorf("docker-credential-%s: %w", helper, err)
	}
	var got struct{ Username, Secret string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", fmt.Errorf("docker-credential-%s: %w", helper, err)
	}
	auth := registry.AuthConfig{Username: got.Username, Password: got.Secret, ServerAddress: host}
	if got.Username == "<token>" {
		auth.Username, auth.Password, auth.IdentityToken = "", "", got.Secret
	}
	return authconfig.Encode(auth)
}
