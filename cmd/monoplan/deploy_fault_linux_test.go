package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/monoplan/monoplan/internal/bucket/buckettest"
)

// faultCase is a repository of three services, the last in a phase of its own. The command of the first breaks something, as
// the variable BREAK says, when it has deployed.
type faultCase struct{ *killCase }

func newFaultCase(t *testing.T, dir, ledger string) *faultCase {
	c := &faultCase{&killCase{t: t, dir: filepath.Join(dir, "repository"), truth: filepath.Join(t.TempDir(), "truth")}}
	seed := "ledger: " + ledger + "\npackage: false\nservices:\n"
	for i := range 3 {
		name := fmt.Sprintf("s%d", i)
		c.names = append(c.names, name)
		breaks := ""
		if i == 0 {
			breaks = `eval "$BREAK"; `
		}
		seed += fmt.Sprintf("  - {path: %s, phase: %d, deploy: {command: %q}}\n", name, i/2,
			fmt.Sprintf(`%secho "what %s says"; echo "ended %[2]s $MONOPLAN_COMMIT" >> %[3]s`, breaks, name, c.truth))
		c.write(name+"/handler.js", "")
	}
	c.write("seed.yml", seed)
	c.git("init", "-q", "-b", "main")
	c.change("one")
	return c
}

// tries runs a command that may fail, and gives its exit code and what it says.
func (c *faultCase) tries(env []string, args ...string) (code int, out, said string) {
	c.t.Helper()
	cmd := c.command(args...)
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	for _, text := range []string{stdout.String(), stderr.String()} {
		if strings.Contains(text, buckettest.SecretKey) || strings.Contains(text, "goroutine ") {
			c.t.Errorf("monoplan %q says %s", args, text)
		}
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// deploys counts how often the command of a service has run to its end for head.
func (c *faultCase) deploys(name string) int {
	data, err := os.ReadFile(c.truth)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		c.t.Fatal(err)
	}
	return strings.Count(string(data), "ended "+name+" "+c.commit+"\n")
}

// breaksAndIsRepaired deploys while the ledger breaks: what was deployed is kept, nothing more begins, and as long as it is broken
// nothing does. When it is repaired the next run deploys the rest, and the ledger is whole.
func (c *faultCase) breaksAndIsRepaired(breaks, says string, repairs func()) {
	c.t.Helper()
	code, _, said := c.tries([]string{"BREAK=" + breaks}, "deploy", "--concurrency", "1")
	if code != int(exitFailed) || !strings.Contains(said, "is kept in the journal of this machine") || !strings.Contains(said, says) {
		c.t.Errorf("a deploy whose ledger breaks ends with %d and says %s", code, said)
	}
	before := [3]int{c.deploys("s0"), c.deploys("s1"), c.deploys("s2")}
	if before[0] != 1 || before[2] != 0 {
		c.t.Errorf("it deployed %v", before)
	}
	code, out, said := c.tries(nil, "deploy")
	if code == int(exitFine) || out != "" || !strings.Contains(said, says) || [3]int{c.deploys("s0"), c.deploys("s1"), c.deploys("s2")} != before {
		c.t.Errorf("a deploy to a broken ledger ends with %d, prints %q and says %s", code, out, said)
	}
	repairs()
	c.isRepaired()
}

// isRepaired deploys what is left; each service was then deployed once.
func (c *faultCase) isRepaired() {
	c.t.Helper()
	code, out, said := c.tries(nil, "deploy")
	if code != int(exitFine) {
		c.t.Errorf("a deploy to a ledger that is repaired ends with %d: %s%s", code, out, said)
	}
	for _, name := range c.names {
		if n := c.deploys(name); n != 1 {
			c.t.Errorf("%s was deployed %d times", name, n)
		}
	}
	if left := c.run("plan", "--fetch", "--format", "names"); left != "" {
		c.t.Errorf("in the end there is still %q", left)
	}
	if shown := c.run("ledger", "show", "--format", "json"); strings.Count(shown, `"succeeded"`) != 3 {
		c.t.Errorf("the ledger is %s", shown)
	}
	if log := c.run("ledger", "log"); log == "" {
		c.t.Error("the ledger has no log")
	}
}

// S3 that answers with an error, late, with half of what it has, or not at all, from the middle of a deploy on.
func TestDeployWhileS3Fails(t *testing.T) {
	endpoint := buckettest.Servers()[0].Start(t)
	fault := filepath.Join(t.TempDir(), "fault")
	buckettest.SetAWS(t, buckettest.Faulty(t, endpoint, func() string {
		kind, _ := os.ReadFile(fault)
		return strings.TrimSpace(string(kind))
	}))
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	for kind, says := range map[string]string{"500": "InternalServerError", "503": "ServiceUnavailable", "torn": "EOF", "none": "EOF", "slow": ""} {
		t.Run(kind, func(t *testing.T) {
			c := newFaultCase(t, t.TempDir(), fmt.Sprintf("{backend: s3, url: s3://%s/%s}", buckettest.Name, kind))
			breaks, repairs := "echo "+kind+" > "+fault, func() { _ = os.Remove(fault) }
			defer repairs()
			if kind != "slow" {
				c.breaksAndIsRepaired(breaks, says, repairs)
				return
			}
			if code, out, said := c.tries([]string{"BREAK=" + breaks}, "deploy"); code != int(exitFine) {
				t.Errorf("with a slow server it ends with %d: %s%s", code, out, said)
			}
			repairs()
			c.isRepaired()
		})
	}
}

// A remote that begins to reject pushes in the middle of a deploy, and one that is gone.
func TestDeployWhileRemoteRefuses(t *testing.T) {
	for name, fault := range map[string]struct{ breaks, repairs, says string }{
		"rejected": {
			`printf '#!/bin/sh\necho the policy says no\nexit 1\n' > $REMOTE/hooks/pre-receive; chmod 755 $REMOTE/hooks/pre-receive`,
			`rm $REMOTE/hooks/pre-receive`, "the policy says no",
		},
		"gone": {`mv $REMOTE $REMOTE.gone`, `mv $REMOTE.gone $REMOTE`, "does not appear to be a git repository"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newFaultCase(t, t.TempDir(), "{backend: git, remote: origin}")
			remote := filepath.Join(t.TempDir(), "remote.git")
			c.git("init", "-q", "--bare", remote)
			c.git("remote", "add", "origin", remote)
			t.Setenv("REMOTE", remote)
			c.breaksAndIsRepaired(fault.breaks, fault.says, func() {
				if out, err := exec.Command("sh", "-c", fault.repairs).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			})
			clone := filepath.Join(t.TempDir(), "clone")
			c.git("clone", "-q", c.dir, clone)
			there := c.at(clone)
			there.git("remote", "set-url", "origin", remote)
			if left := there.run("plan", "--fetch", "--format", "names"); left != "" {
				t.Errorf("a clone would deploy %q", left)
			}
		})
	}
}

// mount mounts something for the test, which root alone may.
func mount(t *testing.T, source, dir, kind string, flags uintptr, options string) {
	t.Helper()
	err := unix.Mount(source, dir, kind, flags, options)
	if errors.Is(err, unix.EPERM) && os.Getenv("CI") != "true" {
		t.Skip("only root may mount")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
}

// A disk that is full, be it the ledger's, that of the checkout with the journal and the logs, or the only one.
func TestDeployOntoAFullDisk(t *testing.T) {
	for _, name := range []string{"ledger", "checkout", "both"} {
		t.Run(name, func(t *testing.T) {
			disk := t.TempDir()
			mount(t, "tmpfs", disk, "tmpfs", 0, "size=2m")
			fill := filepath.Join(disk, "fill")
			breaks, repairs := "cat /dev/zero 2> /dev/null > "+fill+" || true", func() { _ = os.Remove(fill) }
			ledger, checkout := t.TempDir(), t.TempDir()
			if name != "checkout" {
				ledger = disk
			}
			if name != "ledger" {
				checkout = disk
			}
			c := newFaultCase(t, checkout, fmt.Sprintf("{backend: file, path: %q}", filepath.Join(ledger, "ledger.json")))
			if name == "ledger" {
				c.breaksAndIsRepaired(breaks, "no space left on device", repairs)
				return
			}
			code, out, said := c.tries([]string{"BREAK=" + breaks}, "deploy", "--concurrency", "1")
			repairs()
			if name == "checkout" { // what is not whole is a log, and that is said
				if code != int(exitFine) || !strings.Contains(said, "the log of s1 is not whole: write ") || !strings.Contains(said, "no space left on device") {
					t.Errorf("it ends with %d: %s%s", code, out, said)
				}
				c.isRepaired()
				return
			}
			if code != int(exitFailed) || !strings.Contains(said, "no space left on device; nor could it be kept here: the journal ") ||
				!strings.Contains(out, "s0 is deployed, and the ledger does not know") {
				t.Errorf("it ends with %d: %s%s", code, out, said)
			}
			// Nothing could be written anywhere. That it was deployed is not known, and it goes again.
			if plan := c.run("plan", "--format", "names"); !strings.HasPrefix(plan, "s0\n") {
				t.Errorf("the plan is %s", plan)
			}
			if code, out, said := c.tries(nil, "deploy"); code != int(exitFine) || c.deploys("s0") != 2 || c.deploys("s2") != 1 {
				t.Errorf("the next ends with %d: %s%s", code, out, said)
			}
		})
	}
}

// A checkout that cannot be written: plans are made, and a deploy says so before anything is deployed.
func TestDeployOfAReadOnlyCheckout(t *testing.T) {
	for _, ledger := range []string{"{backend: git}", fmt.Sprintf("{backend: file, path: %q}", filepath.Join(t.TempDir(), "ledger.json"))} {
		dir := t.TempDir()
		c := newFaultCase(t, dir, ledger)
		mount(t, dir, dir, "", unix.MS_BIND, "")
		mount(t, "", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
		if code, out, said := c.tries(nil, "plan", "--format", "names"); code != int(exitFine) || out != "s0\ns1\ns2\n" {
			t.Errorf("%s: a plan ends with %d: %s%s", ledger, code, out, said)
		}
		code, out, said := c.tries(nil, "deploy")
		if code != int(exitFailed) || !strings.Contains(said, "read-only file system") || strings.Contains(said, "credentials") || c.deploys("s0") != 0 {
			t.Errorf("%s: a deploy ends with %d: %s%s", ledger, code, out, said)
		}
		if left := c.run("plan", "--format", "names"); left != "s0\ns1\ns2\n" {
			t.Errorf("%s: then there is %q", ledger, left)
		}
	}
}
