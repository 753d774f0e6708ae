//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/monoplan/monoplan/internal/bucket/buckettest"
)

// Many deployers, each in a clone of its own: those of one service go one at a time, those of different services side by
// side, and each deploy is in the ledger, though the first of them is killed while it holds a lock: to machines that cannot
// know that, its lock would last some minutes yet, so a person takes it away. MONOPLAN_RACERS says how many; a few without it.
func TestRacingDeploys(t *testing.T) {
	racers := 8
	if n, err := strconv.Atoi(os.Getenv("MONOPLAN_RACERS")); err == nil {
		racers = n
	}
	for name, ledger := range map[string]func(t *testing.T) string{
		"git remote": func(*testing.T) string { return "{backend: git, remote: origin}" },
		"s3": func(t *testing.T) string {
			buckettest.Servers()[0].Start(t)
			return fmt.Sprintf("{backend: s3, url: s3://%s/ledger}", buckettest.Name)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRace(t, ledger(t))
			r.killOne()
			began := time.Now()
			var all sync.WaitGroup
			for i := range racers {
				all.Go(func() { r.deploy(i) })
			}
			r.run("unlock", "--service", "s0", "--why", "its run was killed")
			all.Wait()
			t.Logf("%d deployers took %s", racers, time.Since(began).Round(time.Millisecond))
			r.check(racers)
		})
	}
}

// race is a killCase whose commands tell when two of one service run at once.
type race struct {
	*killCase
	clones string
}

// racing is how many services there are for the deployers to fight over.
const racing = 5

func newRace(t *testing.T, ledger string) *race {
	r := &race{newKillCase(t, "{backend: git}"), t.TempDir()}
	seed := "ledger: " + ledger + "\npackage: false\nservices:\n"
	for i := range racing {
		seed += fmt.Sprintf("  - {path: s%d, deploy: {command: %q}}\n", i, fmt.Sprintf(
			`mkdir %s/busy-s%d || echo "clash" >> %[3]s; echo "began s%[2]d" >> %[3]s; test -z "$HANG" || { sleep 30; exit 1; }; sleep 0.05; rmdir %[1]s/busy-s%[2]d; echo "ended s%[2]d $MONOPLAN_RUN" >> %[3]s`,
			r.clones, i, r.truth))
	}
	r.write("seed.yml", seed)
	r.change("race")
	r.git("push", "-q", "origin", "main")
	if err := os.Remove(r.truth); err != nil {
		t.Fatal(err)
	}
	return r
}

// killOne kills a deployer of the first service while its command runs, and that too.
func (r *race) killOne() {
	r.t.Helper()
	cmd := r.command("deploy", "--only", "s0", "--force")
	cmd.Env = append(cmd.Env, "HANG=1")
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	busy := filepath.Join(r.clones, "busy-s0")
	for {
		if _, err := os.Stat(busy); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err := os.Remove(busy); err != nil {
		r.t.Fatal(err)
	}
}

func (r *race) deploy(i int) {
	clone := filepath.Join(r.clones, fmt.Sprint(i))
	clones := r.at(r.clones)
	clones.git("clone", "-q", "-b", "main", filepath.Join(r.dir, ".git"), clone)
	here := r.at(clone)
	here.git("remote", "set-url", "origin", r.git("remote", "get-url", "origin"))
	cmd := here.command("deploy", "--only", fmt.Sprintf("s%d", i%racing), "--force", "--wait")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		r.t.Errorf("deployer %d: %v\n%s", i, err, &out)
	}
}

// at is the same case seen from another directory.
func (c *killCase) at(dir string) *killCase {
	other := *c
	other.dir = dir
	return &other
}

// check holds the ledger against the commands' own notes.
func (r *race) check(racers int) {
	r.t.Helper()
	truth, err := os.ReadFile(r.truth)
	if err != nil {
		r.t.Fatal(err)
	}
	if strings.Contains(string(truth), "clash") {
		r.t.Errorf("two deploys of a service ran at once:\n%s", truth)
	}
	log := r.run("ledger", "log", "--limit", "0", "--format", "json")
	ended := 0
	for line := range strings.Lines(string(truth)) {
		fields := strings.Fields(line)
		if fields[0] != "ended" {
			continue
		}
		ended++
		if !strings.Contains(log, fields[2]) {
			r.t.Errorf("the log of the ledger lacks the run %s, which deployed %s", fields[2], fields[1])
		}
	}
	if ended != racers {
		r.t.Errorf("%d deploys ended, of %d", ended, racers)
	}
}
