package deployer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shop is a working tree with programs in it.
type shop struct {
	t      *testing.T
	config Config
}

func newShop(t *testing.T) *shop {
	t.Helper()
	root := t.TempDir()
	return &shop{t, Config{Root: root, Env: []string{"PATH=" + filepath.Join(root, "bin")}, Stage: "prod", Now: time.Now}}
}

// has makes files, each of them a program.
func (s *shop) has(files ...string) *shop {
	s.t.Helper()
	for _, file := range files {
		path := filepath.Join(s.config.Root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o777); err != nil {
			s.t.Fatal(err)
		}
	}
	return s
}

// commands gives what deploys or removes a service, one command a line, paths without the working tree's.
func (s *shop) commands(service Service) (string, error) {
	s.t.Helper()
	commands, err := Commands(s.config.target(service, s.config.Env))
	var lines []string
	for _, c := range commands {
		lines = append(lines, strings.ReplaceAll(c.String(), s.config.Root+string(filepath.Separator), ""))
	}
	return strings.Join(lines, "\n"), err
}

// Each tool gets its stage, its region and its file in its own words.
func TestToolArguments(t *testing.T) {
	for name, test := range map[string]struct {
		service Service
		region  string
		files   []string
		want    string
	}{
		"serverless": {Service{Type: Serverless}, "", nil, "bin/serverless deploy --stage prod"},
		"serverless, removed": {
			Service{Type: Serverless, Remove: true}, "eu-west-1", nil, "bin/serverless remove --stage prod --region eu-west-1"},
		"serverless, its own marker": {
			Service{Type: Serverless, Marker: "serverless.ts"}, "", nil, "bin/serverless deploy --stage prod"},
		"serverless, another marker": {
			Service{Type: Serverless, Marker: "api.yml"}, "", nil, "bin/serverless deploy --stage prod --config api.yml"},
		"sst":          {Service{Type: SST}, "eu-west-1", nil, "bin/sst deploy --stage prod"},
		"sst, removed": {Service{Type: SST, Remove: true}, "", nil, "bin/sst remove --stage prod"},
		"cdk": {
			Service{Type: CDK}, "eu-west-1", nil, "bin/cdk deploy --all --require-approval never --context stage=prod"},
		"cdk, removed": {
			Service{Type: CDK, Remove: true}, "", nil, "bin/cdk destroy --all --force --context stage=prod"},
		"sam": {Service{Name: "posts", Type: SAM}, "", nil, `bin/sam build
bin/sam deploy --no-confirm-changeset --no-fail-on-empty-changeset --stack-name posts-prod --resolve-s3 --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameter-overrides Stage=prod`},
		"sam, configured": {Service{Name: "posts", Type: SAM, Marker: "app.yaml"}, "eu-west-1", []string{"samconfig.toml"}, `bin/sam build --config-env prod --region eu-west-1 --template-file app.yaml
bin/sam deploy --no-confirm-changeset --no-fail-on-empty-changeset --config-env prod --region eu-west-1`},
		"sam, removed": {
			Service{Name: "posts", Type: SAM, Remove: true}, "eu-west-1", nil, "bin/sam delete --no-prompts --region eu-west-1 --stack-name posts-prod"},
		"sam, configured, removed": {
			Service{Name: "posts", Type: SAM, Remove: true}, "", []string{"samconfig.yml"}, "bin/sam delete --no-prompts --config-env prod"},
		"command":  {Service{Type: OwnCommand, Deploy: Command{Shell: " ./deploy.sh $X\n"}}, "", nil, "./deploy.sh $X"},
		"a list":   {Service{Type: SAM, Deploy: Command{Args: []string{"./deploy", "a b", ""}}}, "", nil, "./deploy 'a b' ''"},
		"withdraw": {Service{Type: CDK, Remove: true, Withdraw: Command{Shell: "rm"}, Deploy: Command{Shell: "x"}}, "", nil, "rm"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t).has("bin/serverless", "bin/sst", "bin/cdk", "bin/sam")
			s.config.Region = test.region
			test.service.Path = "services/posts"
			for _, file := range test.files {
				s.has("services/posts/" + file)
			}
			if got, err := s.commands(test.service); err != nil || got != test.want {
				t.Errorf("%v\n got %s\nwant %s", err, got, test.want)
			}
		})
	}
}

// Without samconfig.toml the stack is called after the service, which has to be a name for one.
func TestNamesOfStacks(t *testing.T) {
	s := newShop(t).has("bin/sam")
	for name, want := range map[string]bool{
		"posts": true, "Posts-2": true, "user_api": false, "services/posts": false, "2posts": false, "caf\u00e9": false,
		strings.Repeat("a", 123): true, strings.Repeat("a", 124): false,
	} {
		_, err := s.commands(Service{Name: name, Path: "services/posts", Type: SAM})
		if got := errors.As(err, new(*StackNameError)); got == want || want && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.has("services/posts/samconfig.toml")
	if _, err := s.commands(Service{Name: "user_api", Path: "services/posts", Type: SAM}); err != nil {
		t.Errorf("the configuration names the stack: %v", err)
	}
}

// A stack is not called after the directory of a clone, unless it was, and is to be removed.
func TestStackWithoutName(t *testing.T) {
	s := newShop(t).has("bin/sam")
	service := Service{Name: "clone", Path: ".", Type: SAM, Unnamed: true}
	if got, err := s.commands(service); !errors.As(err, new(*UnnamedStackError)) {
		t.Errorf("%s, %v", got, err)
	}
	s.has("samconfig.toml")
	if _, err := s.commands(service); err != nil {
		t.Errorf("the configuration names the stack: %v", err)
	}
}

// A tool is that of the nearest node_modules up to the repository's root, and then that of PATH.
func TestFindTool(t *testing.T) {
	posts := Service{Path: "services/posts", Type: Serverless}
	s := newShop(t)
	for _, step := range []struct{ file, want string }{
		{"bin/sls", "bin/sls"},
		{"bin/serverless", "bin/serverless"},
		{"node_modules/.bin/osls", "node_modules/.bin/osls"},
		{"services/web/node_modules/.bin/serverless", "node_modules/.bin/osls"},
		{"services/node_modules/.bin/sls", "services/node_modules/.bin/sls"},
		{"services/posts/node_modules/.bin/serverless", "services/posts/node_modules/.bin/serverless"},
	} {
		got, err := s.has(step.file).commands(posts)
		if program, _, _ := strings.Cut(got, " "); err != nil || program != step.want {
			t.Errorf("with %s: got %s, %v, want %s", step.file, program, err, step.want)
		}
	}
	above := newShop(t).has("node_modules/.bin/sst", "repo/x")
	above.config.Root = filepath.Join(above.config.Root, "repo")
	if got, err := above.commands(Service{Path: ".", Type: SST}); err == nil {
		t.Errorf("found above the repository: %s", got)
	}
}

// What a removed service was deployed with is in its own checkout, or else in the working tree.
func TestFindToolOfRemoved(t *testing.T) {
	s := newShop(t).has("node_modules/.bin/sst")
	checkout := newShop(t)
	removed := Service{Path: "services/posts", Type: SST, Remove: true, Checkout: checkout.config.Root}
	if got, err := s.commands(removed); err != nil || !strings.HasPrefix(got, "node_modules/.bin/sst ") {
		t.Errorf("got %s, %v", got, err)
	}
	checkout.has("services/posts/node_modules/.bin/sst")
	if got, err := s.commands(removed); err != nil || !strings.HasPrefix(got, checkout.config.Root) {
		t.Errorf("got %s, %v", got, err)
	}
}

// What is not there is known before anything runs, unless a hook may bring it.
func TestCheck(t *testing.T) {
	s := newShop(t)
	posts := Service{Name: "posts", Path: "posts", Type: Serverless}
	for _, kind := range []string{Serverless, SAM, CDK, SST} {
		err := Check(s.config, []Service{{Name: "x", Path: "x", Type: kind}})
		var missing *ToolError
		if !errors.As(err, &missing) || missing.Get == "" || !strings.HasPrefix(err.Error(), "x: "+missing.Tool+" is not installed: ") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := Check(s.config, []Service{{Name: "x", Path: "x", Type: OwnCommand}}); !errors.As(err, new(*NoCommandError)) {
		t.Errorf("no command: %v", err)
	}
	err := Check(s.config, []Service{{Name: "a", Path: "a", Type: SAM}, posts, {Name: "b", Path: "b", Type: CDK}})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "a: ") || !strings.HasPrefix(lines[2], "b: ") {
		t.Errorf("not all that is missing: %v", err)
	}
	own := Service{Name: "web", Path: "web", Type: OwnCommand, Deploy: Command{Shell: "true"}}
	for _, check := range []func() error{
		func() error { return Check(s.config, []Service{own}) },
		func() error { _, err := Preview(s.config, own); return err },
	} {
		if err := check(); !errors.As(err, new(*DirectoryError)) || err.Error() != "web: its directory web is not in the working tree" {
			t.Errorf("no directory: %v", err)
		}
	}
	ran := false
	s.config.Observe = func(Event) { ran = true }
	if results, err := Run(t.Context(), s.config, []Service{posts}); err == nil || results != nil || ran {
		t.Errorf("it ran: %v, %v", results, err)
	}
	s.config.Hooks.BeforeCompile = []string{"npm ci"}
	if err := Check(s.config, []Service{posts, own}); err != nil {
		t.Errorf("a hook may install it: %v", err)
	}
	if err := Check(s.config, []Service{posts, {Name: "x", Path: "x", Type: OwnCommand}}); !errors.As(err, new(*NoCommandError)) {
		t.Errorf("no hook says how it is deployed: %v", err)
	}
	if err := Check(s.config, []Service{{Name: "posts", Type: Serverless, Remove: true}}); !errors.As(err, new(*ToolError)) {
		t.Errorf("that hook does not run for what is removed: %v", err)
	}
	if err := Check(s.config, []Service{posts, posts}); !errors.As(err, new(*NameError)) {
		t.Errorf("two of a name: %v", err)
	}
}

// What would run is what does, a tool that a hook may install by its name.
func TestPreview(t *testing.T) {
	s := newShop(t)
	s.config.Hooks = Hooks{Compile: []string{"npm ci"}, AfterDeploy: []string{"./smoke"}, BeforeRemove: []string{"./drain"}}
	posts := Service{Name: "posts", Path: "services/posts", Type: SST}
	preview := func(service Service) string {
		planned, err := Preview(s.config, service)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, p := range planned {
			lines = append(lines, string(p.Step)+": "+strings.ReplaceAll(p.Command.String(), s.config.Root+string(filepath.Separator), ""))
		}
		return strings.Join(lines, "\n")
	}
	if got, want := preview(posts), "compile: npm ci\ndeploy: sst deploy --stage prod\nafter_deploy: ./smoke"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	posts.Remove = true
	if got, want := preview(posts), "before_remove: ./drain\nremove: sst remove --stage prod"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.has("node_modules/.bin/sst")
	if got, want := preview(posts), "before_remove: ./drain\nremove: node_modules/.bin/sst remove --stage prod"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.config.Hooks.BeforeRemove = nil
	posts.Type = CDK
	if _, err := Preview(s.config, posts); !errors.As(err, new(*ToolError)) {
		t.Errorf("without a hook: %v", err)
	}
}
