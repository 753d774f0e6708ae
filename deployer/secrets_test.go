package deployer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	if strings.Contains(said, "canary-") || !strings.Contains(said, "***") || !strings.Contains(said, "visible") {
		t.Errorf("a secret is in\n%s", said)
	}
}
