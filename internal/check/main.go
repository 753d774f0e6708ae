// Command check is what ./test runs: every check of this repository, one after the other, with the time that each took.
//
// A check that quietly did not run is worse than none, because somebody believes it. So what was skipped is listed with
// its reason, and where CI=true it is a failure, but for the few things that a machine's git cannot do (skips.go);
// those it makes possible, where it can, with a newer git (newgit.go). The last line has the counts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c := &checker{ctx: ctx, ci: os.Getenv("CI") == "true"}
	flag.IntVar(&c.histories, "histories", 2000, "random histories of the differential `test`")
	flag.IntVar(&c.fuzzing, "fuzz", 2000, "`inputs` for each fuzz target; 0 leaves them out")
	flag.Parse()
	c.run()
	os.Exit(c.summary())
}

// checker runs the steps and counts.
type checker struct {
	ctx       context.Context
	ci        bool
	histories int
	fuzzing   int
	// race has the flag -race where the machine can do it.
	race []string

	passed, failed int
	failures       []string
	skipped        []skip
}

func (c *checker) run() {
	temp, err := os.MkdirTemp("", "monoplan-test-")
	if err != nil {
		c.fail("temporary directory", err.Error())
		return
	}
	defer os.RemoveAll(temp)
	monoplan := filepath.Join(temp, "monoplan")

	c.step("tools", c.tools)
	c.step("gofmt", c.gofmt)
	c.step("go.mod is tidy", c.command(nil, "go", "mod", "tidy", "-diff"))
	c.step("build", c.command(nil, "go", "build", "./..."))
	c.step("build one static binary", c.command([]string{"CGO_ENABLED=0"}, "go", "build", "-o", monoplan, "./cmd/monoplan"))
	c.step("build for macOS", c.command([]string{"GOOS=darwin", "GOARCH=arm64"}, "go", "build", "-o", os.DevNull, "./cmd/monoplan"))
	c.step("vet", c.command(nil, "go", "vet", "./..."))
	c.step("staticcheck", c.command(nil, "go", "tool", "staticcheck", "./..."))
	c.step("manual pages", c.command(nil, "go", "test", "-tags", "man", "-run", "TestManPages", "./cmd/monoplan"))
	c.recipes()
	c.step("demo, as README.md has it", c.command(nil, "go", "run", "./cmd/monoplan", "demo"))
	c.step("demo without git", c.command([]string{"PATH=" + temp}, monoplan, "demo"))
	c.tests()
	c.fuzz()
}

// step runs one check that counts as one.
func (c *checker) step(name string, check func() error) {
	if c.ctx.Err() != nil {
		c.fail(name, "interrupted")
		return
	}
	start := time.Now()
	err := check()
	c.timed(name, start)
	if err != nil {
		c.fail(name, err.Error())
		return
	}
	c.passed++
}

func (c *checker) timed(name string, start time.Time) {
	fmt.Printf("== %6.1fs  %s\n", time.Since(start).Seconds(), name)
}

func (c *checker) fail(name, detail string) {
	c.failed++
	c.failures = append(c.failures, name)
	fmt.Printf("FAILED %s\n%s\n", name, strings.TrimRight(detail, "\n"))
}

// command is a check that runs a command, whose output is worth reading only where it fails.
func (c *checker) command(env []string, name string, args ...string) func() error {
	return func() error {
		out, err := c.output(env, name, args...)
		if err != nil {
			return fmt.Errorf("%s\n%s %s: %w", out, name, strings.Join(args, " "), err)
		}
		return nil
	}
}

func (c *checker) output(env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(c.ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *checker) gofmt() error {
	out, err := c.output(nil, "gofmt", "-l", ".")
	if err != nil {
		return fmt.Errorf("%s%w", out, err)
	}
	if out != "" {
		return fmt.Errorf("not formatted:\n%s", out)
	}
	return nil
}

// tools says what the checks run with, and what is missing.
func (c *checker) tools() error {
	gitVersion, err := c.output(nil, "git", "version")
	if err != nil {
		return fmt.Errorf("git is not installed, and the tests make their repositories with it")
	}
	goVersion, err := c.output(nil, "go", "version")
	if err != nil {
		return err
	}
	fmt.Print(goVersion, gitVersion)
	cgo, err := c.output(nil, "go", "env", "CGO_ENABLED", "CC")
	if err != nil {
		return err
	}
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(cgo), "\n")
	if _, err := exec.LookPath(compiler); err != nil || enabled != "1" {
		c.skip("-race", "the race detector needs cgo and a C compiler (CC is "+compiler+")")
		return nil
	}
	c.race = []string{"-race"}
	return nil
}

// summary prints what was skipped and what failed, then the line of counts, and gives the exit code.
func (c *checker) summary() int {
	fmt.Println()
	for _, s := range c.skipped {
		if c.ci && !s.allowed() {
			c.fail("skipped: "+s.name, s.reason+"\nwith CI=true nothing may be skipped")
			continue
		}
		fmt.Printf("SKIPPED %s: %s\n", s.name, s.reason)
	}
	for _, name := range c.failures {
		fmt.Printf("FAILED %s\n", name)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", c.passed, c.failed, len(c.skipped))
	if c.failed > 0 {
		return 1
	}
	return 0
}
