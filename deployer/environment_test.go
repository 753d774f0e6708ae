package deployer

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// environmentOf deploys a service whose tool and hooks print their variables, and gives those of each step that begin so.
func (b *bench) environmentOf(s Service, prefixes ...string) map[Step][]string {
	b.t.Helper()
	out := b.t.TempDir()
	printer := func(step Step) string { return "env -0 > " + filepath.Join(out, string(step)) }
	b.config.Hooks.BeforeBuild = []string{printer(StepBeforeBuild)}
	b.config.Hooks.AfterDeploy = []string{printer(StepAfterDeploy)}
	b.config.Hooks.BeforeRemove = []string{printer(StepBeforeRemove)}
	s.Deploy = Command{Args: []string{"sh", "-c", printer(StepDeploy)}}
	s.Withdraw = Command{Args: []string{"sh", "-c", printer(StepRemove)}}
	if r := b.run(b.t.Context(), s)[0]; r.Outcome != Succeeded {
		b.t.Fatal(r.Err)
	}
	seen := map[Step][]string{}
	entries, err := os.ReadDir(out)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range entries {
		for v := range strings.SplitSeq(b.read(filepath.Join(out, e.Name())), "\x00") {
			if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(v, p) }) {
				seen[Step(e.Name())] = append(seen[Step(e.Name())], v)
			}
		}
		slices.Sort(seen[Step(e.Name())])
	}
	return seen
}

func expect(t *testing.T, seen map[Step][]string, step Step, want ...string) {
	t.Helper()
	if !slices.Equal(seen[step], want) {
		t.Errorf("%s:\n got %q\nwant %q", step, seen[step], want)
	}
}

// The variables are Seed's and monoplan's, and never those of whoever started monoplan.
func TestVariables(t *testing.T) {
	b := newBench(t)
	b.config.Env = slices.DeleteFunc(slices.Clone(b.config.Env), func(v string) bool { return strings.HasPrefix(v, "MONOPLAN_") })
	b.config.Env = append(b.config.Env,
		"MONOPLAN_ARTIFACT=of another", "SEED_STAGE_BRANCH=of another", "SEED_PULL_REQUEST_NUMBER=1", "SEED_OWN=kept", "MONOPLAN_GIT_ENGINE=git")
	s := b.service("posts", 0, "")
	s.Package = func(context.Context, io.Writer) (Packaged, error) {
		return Packaged{Artifact: Artifact{File: "/a.zip", Layer: "/l.zip", SHA256: "00ff"}}, nil
	}
	seen := b.environmentOf(s, "SEED_", "MONOPLAN_")
	before := []string{
		"MONOPLAN_COMMIT=abc", "MONOPLAN_GIT_ENGINE=git", "MONOPLAN_RUN=run-1", "MONOPLAN_SERVICE=posts", "MONOPLAN_SERVICE_PATH=services/posts",
		"MONOPLAN_STAGE=prod", "SEED_APP_NAME=shop", "SEED_BUILD_ID=run-1", "SEED_BUILD_SERVICE_SHA=abc", "SEED_OWN=kept",
		"SEED_SERVICE_NAME=posts", "SEED_SERVICE_PATH=services/posts", "SEED_STAGE_NAME=prod",
	}
	packaged := append([]string{"MONOPLAN_ARTIFACT=/a.zip", "MONOPLAN_LAYER=/l.zip", "MONOPLAN_SHA256=00ff"}, before...)
	slices.Sort(packaged)
	expect(t, seen, StepBeforeBuild, before...)
	expect(t, seen, StepDeploy, packaged...)
	expect(t, seen, StepAfterDeploy, packaged...)
	if len(seen) != 3 {
		t.Errorf("steps ran: %v", seen)
	}
}

// At the root SEED_SERVICE_PATH is empty, as Seed has it. A branch and a pull request are set where there are any, and a
// region is in the variables that tools read.
func TestVariablesAtTheRoot(t *testing.T) {
	b := newBench(t)
	b.config.Env = append(b.config.Env, "AWS_REGION=us-east-1")
	b.config.Branch, b.config.StageBranch, b.config.PullRequest, b.config.Region = "fix", "main", "7", "eu-west-1"
	seen := b.environmentOf(Service{Name: "all", Path: ".", Type: OwnCommand}, "SEED_SERVICE_PATH", "MONOPLAN_SERVICE_PATH", "SEED_BRANCH",
		"SEED_STAGE_BRANCH", "SEED_PULL", "AWS_REGION", "AWS_DEFAULT_REGION")
	expect(t, seen, StepDeploy, "AWS_DEFAULT_REGION=eu-west-1", "AWS_REGION=eu-west-1", "MONOPLAN_SERVICE_PATH=.", "SEED_BRANCH=fix",
		"SEED_PULL_REQUEST_NUMBER=7", "SEED_SERVICE_PATH=", "SEED_STAGE_BRANCH=main")
}

// A configuration that takes the artifact from the environment can be read to remove what it describes.
func TestVariablesOfRemoved(t *testing.T) {
	b := newBench(t)
	s := b.service("posts", 0, "")
	s.Remove = true
	seen := b.environmentOf(s, "MONOPLAN_ARTIFACT", "MONOPLAN_LAYER", "MONOPLAN_SHA256")
	expect(t, seen, StepRemove, "MONOPLAN_ARTIFACT=", "MONOPLAN_LAYER=", "MONOPLAN_SHA256=")
	if len(seen) != 2 || seen[StepBeforeRemove] == nil {
		t.Errorf("steps ran: %v", seen)
	}
}

// BASH_ENV is a service's own, and goes on with the one that a CI has set. Every shell reads it, and so does, by way of a
// shell, what is none: a program that a hook puts into PATH is found.
func TestBashEnv(t *testing.T) {
	for _, only := range []string{"bash", "sh"} {
		t.Run(only, func(t *testing.T) {
			b := newBench(t)
			b.only(only, "env", "mkdir", "printf", "chmod", "cat")
			outer := filepath.Join(b.config.Root, "o'uter")
			if err := os.WriteFile(outer, []byte("export OUTER=out"), 0o666); err != nil {
				t.Fatal(err)
			}
			b.config.Env = append(b.config.Env, "BASH_ENV="+outer)
			b.config.Hooks = Hooks{
				Compile: []string{
					`echo "export WHO=$SEED_SERVICE_NAME LINES='a
b'" >> "$BASH_ENV"`,
					`mkdir -p tools-$WHO; printf '#!/bin/sh\necho "tool $WHO $OUTER $LINES"\n' > tools-$WHO/greet; chmod +x tools-$WHO/greet`,
					`echo "export PATH=$PWD/tools-$WHO:$PATH" >> "$BASH_ENV"`,
				},
				AfterDeploy: []string{`greet; echo "hook $WHO $OUTER"`},
			}
			posts, users := b.service("posts", 0, ""), b.service("users", 0, "")
			posts.Deploy, users.Deploy = Command{Args: []string{"greet"}}, Command{Args: []string{"greet"}}
			for _, r := range b.run(t.Context(), posts, users) {
				name := r.Service.Name
				if log := b.read(r.Log); r.Err != nil || strings.Count(log, "\ntool "+name+" out a\nb\n") != 2 || !strings.Contains(log, "\nhook "+name+" out\n") {
					t.Errorf("%s: %v\n%s", name, r.Err, log)
				}
			}
			if left, err := os.ReadDir(b.config.Temp); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// only leaves PATH with these programs.
func (b *bench) only(programs ...string) {
	b.t.Helper()
	dir := b.t.TempDir()
	for _, program := range programs {
		path, err := finder{env: os.Environ()}.find(program)
		if err != nil {
			b.t.Skipf("this machine has no %s", program)
		}
		if err := os.Symlink(path, filepath.Join(dir, program)); err != nil {
			b.t.Fatal(err)
		}
	}
	b.config.Env = []string{"PATH=" + dir}
}

// What hooks left that does not run fails the service, and says so.
func TestBrokenBashEnv(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.BeforeDeploy = []string{`echo 'echo no vault; exit 9' >> "$BASH_ENV"`}
	s := b.service("posts", 0, "")
	s.Deploy = Command{Args: []string{"sh", "-c", "echo deployed"}}
	r := b.run(t.Context(), s)[0]
	const want = "posts: deploy: what the hooks left in BASH_ENV does not run: exit status 9: no vault"
	if r.Outcome != Failed || r.Err == nil || r.Err.Error() != want {
		t.Errorf("%s: %v", r.Outcome, r.Err)
	}
}

// A tool has what BASH_ENV's file says when it begins, be it that the file is as long as it was, and it is told its own directory.
func TestBashEnvChanges(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.BeforeDeploy = []string{
		`echo 'export V=1; . "$WHERE/more"' > "$BASH_ENV"; echo 'export W=1' > more`, `echo 'export W=2' > more`, `sed -i s/V=1/V=2/ "$BASH_ENV"`,
	}
	b.config.Env = append(b.config.Env, "WHERE="+b.config.Root)
	s := b.service("posts", 0, "")
	s.Deploy = Command{Args: []string{"sh", "-c", `echo "tool $V $W in ${PWD#"$WHERE"/}"`}}
	r := b.run(t.Context(), s)[0]
	if log := b.read(r.Log); r.Outcome != Succeeded || !strings.Contains(log, "\ntool 2 2 in services/posts\n") {
		t.Errorf("%v\n%s", r.Err, log)
	}
}

// What hooks left is a command like others: it is told to stop.
func TestBashEnvIsInterrupted(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.BeforeDeploy = []string{`echo 'touch began; sleep 60' > "$BASH_ENV"`}
	s := b.service("posts", 0, "")
	s.Deploy = Command{Args: []string{"sh", "-c", "echo deployed"}}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for t.Context().Err() == nil {
			if _, err := os.Stat(filepath.Join(b.config.Root, "services", "posts", "began")); err == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	r := b.run(ctx, s)[0]
	if r.Outcome != Interrupted || r.Ended.Sub(r.Started) > 30*time.Second {
		t.Errorf("%s after %s: %v", r.Outcome, r.Ended.Sub(r.Started), r.Err)
	}
}
