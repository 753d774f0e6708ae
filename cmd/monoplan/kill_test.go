//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/bucket/buckettest"
	"github.com/monoplan/monoplan/report/stream"
)

// A deploy that is killed at any moment: what was reported as deployed is remembered, what is remembered was deployed,
// and the next run deploys just the rest. MONOPLAN_KILLS says how often for each backend; a few times without it.
func TestKilledDeploys(t *testing.T) {
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("MONOPLAN_KILLS")); err == nil {
		kills = n
	}
	for name, ledger := range backends() {
		t.Run(name, func(t *testing.T) {
			c := newKillCase(t, ledger(t))
			for i := range kills {
				c.round(i)
			}
			t.Logf("%d kills: %d services were remembered when their run was killed, %d were not", kills, c.remembered, c.forgotten)
		})
	}
}

// backends give what seed.yml says of the ledger, for each of them; a remote of git's is the test's to make.
func backends() map[string]func(t *testing.T) string {
	return map[string]func(t *testing.T) string{
		"git":        func(*testing.T) string { return "{backend: git}" },
		"git remote": func(*testing.T) string { return "{backend: git, remote: origin}" },
		"file": func(t *testing.T) string {
			return fmt.Sprintf("{backend: file, path: %q}", filepath.Join(t.TempDir(), "ledger.json"))
		},
		"s3": func(t *testing.T) string {
			buckettest.Servers()[0].Start(t)
			return fmt.Sprintf("{backend: s3, url: s3://%s/ledger}", buckettest.Name)
		},
	}
}

// killCase is a repository of ten services, each deployed by a command that tells when it begins and when it has ended.
type killCase struct {
	t          *testing.T
	dir, truth string
	commit     string
	names      []string
	// whole is how long a deploy takes that nobody kills.
	whole time.Duration
	// remembered and forgotten count services after kills.
	remembered, forgotten int
}

func newKillCase(t *testing.T, ledger string) *killCase {
	c := &killCase{t: t, dir: filepath.Join(t.TempDir(), "repository"), truth: filepath.Join(t.TempDir(), "truth")}
	seed := "ledger: " + ledger + "\npackage: false\nservices:\n"
	for i := range 10 {
		name := fmt.Sprintf("s%d", i)
		c.names = append(c.names, name)
		seed += fmt.Sprintf("  - {path: %s, phase: %d, deploy: {command: %q}}\n", name, i/6,
			fmt.Sprintf(`echo "began %s $MONOPLAN_COMMIT" >> %s; sleep 0.0%d; echo "ended %[1]s $MONOPLAN_COMMIT" >> %[2]s`, name, c.truth, 1+i*3%7))
		c.write(name+"/handler.js", "")
	}
	c.write("seed.yml", seed)
	c.git("init", "-q", "-b", "main")
	remote := filepath.Join(t.TempDir(), "remote.git")
	c.git("init", "-q", "--bare", remote)
	c.git("remote", "add", "origin", remote)
	c.change("begin")
	began := time.Now()
	c.run("deploy")
	c.whole = time.Since(began)
	return c
}

func (c *killCase) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		c.t.Fatal(err)
	}
}

func (c *killCase) git(args ...string) string {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "git", args...)
	cmd.Dir, cmd.Env = c.dir, testEnvironment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

// command is monoplan, without what says that a CI runs it.
func (c *killCase) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(c.t.Context(), "monoplan", append(args, "--stage", "prod", "-C", c.dir)...)
	cmd.Env = testEnvironment("CI=", "GORACE=atexit_sleep_ms=0")
	return cmd
}

// run runs a command to its end and gives its output.
func (c *killCase) run(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("monoplan %q: %v\n%s%s", args, err, out, &stderr)
	}
	return string(out)
}

// change commits what concerns every service.
func (c *killCase) change(text string) {
	c.t.Helper()
	c.write("orphan", text)
	c.git("add", "-A")
	c.git("commit", "-q", "-m", text)
	c.commit = c.git("rev-parse", "HEAD")
}

// round makes every service one to deploy, kills a run, and has another end it.
func (c *killCase) round(i int) {
	c.change(fmt.Sprint(i))
	reported := c.killed()
	left := strings.Fields(c.run("plan", "--fetch", "--format", "names"))
	deployed := c.deployed()
	for _, name := range c.names {
		isLeft := slices.Contains(left, name)
		if isLeft {
			c.forgotten++
		} else {
			c.remembered++
		}
		if slices.Contains(reported, name) && isLeft {
			c.t.Errorf("round %d: %s was reported as deployed, and is to be deployed again", i, name)
		}
		if !isLeft && !deployed[name] {
			c.t.Errorf("round %d: %s counts as deployed, and its command has not ended", i, name)
		}
	}
	again := endedWell(c.run("deploy", "--format", "json", "--wait"))
	if slices.Sort(again); !slices.Equal(again, left) {
		c.t.Errorf("round %d: left were %q, and the next run deployed %q", i, left, again)
	}
	if rest := c.run("plan", "--fetch", "--format", "names"); rest != "" {
		c.t.Errorf("round %d: in the end there is still %q", i, rest)
	}
}

// killed runs a deploy, kills it at some moment, and gives the services that it reported before.
func (c *killCase) killed() []string {
	cmd := c.command("deploy", "--format", "json")
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(rand.N(c.whole))
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()
	// A push that it had begun goes on without it. What that records is true, and comes when it comes.
	for syscall.Kill(-cmd.Process.Pid, 0) == nil {
		time.Sleep(time.Millisecond)
	}
	return endedWell(out.String())
}

// endedWell gives the services that events report as deployed and recorded. The last line may be cut short.
func endedWell(events string) []string {
	var names []string
	lines := bufio.NewScanner(strings.NewReader(events))
	for lines.Scan() {
		var e stream.Event
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Kind == stream.ServiceEnded && e.Outcome == stream.Succeeded && *e.Recorded {
			names = append(names, e.Service)
		}
	}
	return names
}

// deployed reads from the commands' own notes which services are deployed at head.
func (c *killCase) deployed() map[string]bool {
	data, err := os.ReadFile(c.truth)
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	ended := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "ended" && fields[2] == c.commit {
			ended[fields[1]] = true
		}
	}
	return ended
}
