package deployer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A value of the environment is in no log, event or error, whoever prints it and however.
func TestCanary(t *testing.T) {
	const canary, exported, password = "canary-1f2e3d4c", "canary-5b6a7988", "canary-0011=/+"
	b := newBench(t)
	b.config.Env = append(b.config.Env, "AWS_SECRET_ACCESS_KEY="+canary, "DATABASE_URL=postgres://shop:"+password+"@db/shop",
		"PRIVATE_KEY=-----BEGIN-----\n"+canary+"-line\n-----END-----")
	b.config.Hooks = Hooks{
		BeforeCompile: []string{`cat vault >> "$BASH_ENV"`},
		BeforeBuild:   []string{`env; echo "$DATABASE_URL"`},
		BeforeDeploy:  []string{`set -x; : "$AWS_SECRET_ACCESS_KEY" "$NPM_TOKEN"`},
		AfterDeploy:   []string{`for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do printf %s "${NPM_TOKEN:i:1}"; sleep 0.002; done; exit 3 # ` + canary},
	}
	if err := os.WriteFile(filepath.Join(b.config.Root, "vault"), []byte("export NPM_TOKEN="+exported), 0o600); err != nil {
		t.Fatal(err)
	}
	s := b.service("posts", 0, "")
	s.Deploy = Command{Args: []string{"sh", "-c", `printf "%s" "$NPM_TOKEN"; printf "%s\n" "$PRIVATE_KEY"; echo visible`}}
	r := b.run(t.Context(), s)[0]
	var step *StepError
	if r.Outcome != Failed || !errors.As(r.Err, &step) || step.Status != 3 {
		t.Fatalf("%s: %v", r.Outcome, r.Err)
	}
	said := fmt.Sprintf("%v\n%+v\n%+v\n", r.Err, *step, b.events)
	for _, e := range b.events {
		if e, ok := e.(StepEnded); ok && e.Err != nil {
			said += fmt.Sprintf("%+v\n", *e.Err.(*StepError))
		}
	}
	err := filepath.Walk(filepath.Join(b.config.Root, ".monoplan"), func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			said += path + b.read(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said, "canary-") || !strings.Contains(said, hidden) || !strings.Contains(said, "visible") {
		t.Errorf("a secret is in\n%s", said)
	}
}

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"AWS_SECRET_ACCESS_KEY": true, "GITHUB_TOKEN": true, "npm_config__authToken": true, "DB_PASSWORD": true, "STRIPE_KEY": true,
		"SENTRY_DSN": true, "PATH": false, "HOME": false, "AWS_REGION": false, "GITHUB_SHA": false, "KEYBOARD": false, "CI": false,
		"DB_PASS": true, "PASS": true, "SSHPASS": true, "DB_PWD": true, "MYSQL_PWD": true, "JWT": true, "ADMIN_JWT": true, "OTP": true,
		"NPM_CONFIG_OTP": true, "AUTHORIZATION": true, "PROXY_AUTHORIZATION": true, "AUTH": true, "CONNECTION_STRING": true,
		"SQL_CONNECTION_STRING": true, "smtp_pass": true, "GH_PAT": true, "PWD": false, "OLDPWD": false, "COMPASS": false,
		"BYPASS_CACHE": false, "BYPASS": false, "PASSENGER": false, "AUTHOR": false, "GIT_AUTHOR_NAME": false, "AUTHORS": false,
		"AUTHORITY": false, "FOOTPATH": false, "KEY": false,
	} {
		if got := isSecretName(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// What is hidden does not depend on how the text came, and nothing else is lost.
func FuzzHide(f *testing.F) {
	f.Add("abcabcabd", "abcabd", "abcabdabcabe", uint8(1))
	f.Add("the secret is secret-longer!", "secret", "secret-longer", uint8(3))
	f.Add("aaaaaaaaaaaaa", "aaaaaa", "aaaaaaaa", uint8(2))
	f.Add("no end: topsec", "topsecret", "psecret", uint8(200))
	f.Fuzz(func(t *testing.T, text, one, two string, size uint8) {
		env := []string{"A_TOKEN=" + one, "B_TOKEN=" + two}
		whole := newSecrets(env).hide(text)
		s := newSecrets(env)
		var parts, rest []byte
		for chunk := range slices.Chunk([]byte(text), int(size)+1) {
			clean, left := s.hideIn(append(rest, chunk...), false)
			parts, rest = append(parts, clean...), left
		}
		clean, _ := s.hideIn(rest, true)
		if parts = append(parts, clean...); string(parts) != whole {
			t.Errorf("%q in parts of %d: %q, whole: %q", text, size+1, parts, whole)
		}
		if !strings.Contains(whole, hidden) && whole != text {
			t.Errorf("%q became %q", text, whole)
		}
		for _, v := range []string{one, two} {
			if len(strings.TrimSpace(v)) >= shortSecret && !strings.Contains(v, "\n") && !strings.ContainsAny(v, "*") && strings.Contains(whole, v) {
				t.Errorf("%q is in %q", v, whole)
			}
		}
	})
}
