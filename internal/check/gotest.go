package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Without -race, which would make them take as long as all others together and shows them nothing that those do not, run
// tests of cmd/monoplan that wait for other programs, and those of many random histories: some of these are left for it.
const (
	// onEngines wait for a Docker engine, for tools that deploy, or for monoplan itself, thousands of times.
	onEngines = "TestDockerFaults|TestDockerInterrupts|TestDockerTwoRuns|TestDockerConfinement|TestDockerSecrets|TestDockerOwnEngine|TestDockerFullDisk|" +
		"TestDockerRegistry|TestPoetryInDocker|TestExampleFromPlugin|TestExampleLayers|TestShapes|TestShapesByPoetry|TestShapesCompilers|" +
		"TestDeployWithOsls|TestRacingDeploys|TestKilledDeploys"
	// onNode wait for Lerna and pnpm.
	onNode = "TestPackagesParity|TestPackageOraclesAreTheTools|TestEngineCLI|TestDocumentedDifferences|TestRefusals"
	// onHistories plan as many random histories as MONOPLAN_DIFFERENTIAL says.
	onHistories = "TestDifferential|TestPackagesRuns"
)

// tests runs every test of the module, and those that the machine's git could not do once more with a newer git.
func (c *checker) tests() {
	var env []string
	start := time.Now()
	tools, err := c.testTools()
	c.timed("tools to hold packaging against", start)
	if err != nil {
		fmt.Printf("NOT TESTED against Python's own tools: %v\n", err)
	}
	env = append(env, tools...)
	env = append(env, c.nodeTools()...)
	start = time.Now()
	engine, stop, err := c.dockerEngine()
	defer stop()
	c.timed("a Docker engine, and the image that tests build in", start)
	if err != nil {
		fmt.Printf("NOT TESTED with Docker: %v\n", err)
	}
	env = append(env, engine...)
	env = append(env, c.deployEnvironment()...)
	if len(tools) > 0 {
		env = append(env, c.wheels()...)
	}
	r := c.goTest(env, "-skip", only(onEngines, onNode), "./...")
	beside := make(chan *results, 1)
	go func() { beside <- c.goTestPlain(env, "-run", only(onEngines), "./cmd/monoplan") }()
	many := append(slices.Clone(env), fmt.Sprintf("MONOPLAN_DIFFERENTIAL=%d", c.histories))
	r.resolve(c.goTestPlain(many, "-run", only(onNode, onHistories), "./cmd/monoplan"))
	r.resolve(<-beside)
	if len(c.race) > 0 && len(tools) > 0 {
		c.step("archives against pip, without -race", c.command(env, "go", "test", "-count=1", "-run", "TestAsPipInstalls", "./packager/assemble"))
	}
	skipped := r.skippedByGit()
	if len(skipped) == 0 {
		c.count(r)
		return
	}
	start = time.Now()
	path, err := c.newerGit()
	c.timed("a newer git", start)
	if err != nil {
		fmt.Printf("NOT TESTED with a git that can do more than this machine's: %v\n", err)
		c.count(r)
		return
	}
	fmt.Printf("with the git in %s:\n", path)
	newer := append(env, "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, pkg := range slices.Sorted(maps.Keys(skipped)) {
		r.resolve(c.goTest(newer, "-run", only(skipped[pkg]...), pkg))
	}
	c.count(r)
}

// only gives the pattern for the tests that lists name, and no others.
func only(tests ...string) string { return "^(" + strings.Join(tests, "|") + ")$" }

// goTest runs tests, with -race where the machine can do that. What their events say is counted by the caller.
func (c *checker) goTest(env []string, args ...string) *results {
	return c.goTestPlain(env, append(c.race[:len(c.race):len(c.race)], args...)...)
}

// goTestPlain runs tests without -race.
func (c *checker) goTestPlain(env []string, args ...string) *results {
	start := time.Now()
	cmd := exec.CommandContext(c.ctx, "go", append([]string{"test", "-json", "-count=1", "-timeout=45m"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	r := newResults()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.errs = append(r.errs, err)
		return r
	}
	r.read(out, os.Stdout)
	if err := cmd.Wait(); err != nil && !r.anyFailed() {
		r.errs = append(r.errs, err)
	}
	c.timed("go test "+strings.Join(args, " "), start)
	return r
}

func (c *checker) count(r *results) {
	for _, err := range r.errs {
		c.fail("go test", err.Error())
	}
	for _, id := range r.leaves() {
		switch r.outcome[id] {
		case "pass":
			c.passed++
		case "fail":
			c.fail(id.String(), r.output[id])
		case "skip":
			c.skip(id.String(), reason(r.output[id]))
		}
	}
}

// event is one line of go test -json (see go doc test2json); that of a failed build has its package in ImportPath.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// testID names a test; one without a test is the package as a whole.
type testID struct {
	pkg, test string
}

func (id testID) String() string { return strings.TrimSpace(id.pkg + " " + id.test) }

// results has the outcome of each test: pass, fail or skip.
type results struct {
	outcome map[testID]string
	output  map[testID]string
	errs    []error // of running the tests
}

func newResults() *results {
	return &results{outcome: map[testID]string{}, output: map[testID]string{}}
}

// read takes the events of go test -json, and writes a line for each package that is done. A line that is no event is
// passed on.
func (r *results) read(events io.Reader, w io.Writer) {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if strings.TrimSpace(line) != "" {
			if json.Unmarshal([]byte(line), &e) == nil {
				r.add(e, w)
			} else {
				fmt.Fprint(w, line)
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *results) add(e event, w io.Writer) {
	id := testID{e.Package, e.Test}
	switch e.Action {
	case "output":
		r.output[id] += e.Output
	case "build-output":
		pkg, _, _ := strings.Cut(e.ImportPath, " ")
		r.output[testID{pkg: pkg}] += e.Output
	case "pass", "fail", "skip":
		if e.Test == "" {
			fmt.Fprintf(w, "   %6.1fs  %s %s\n", e.Elapsed, e.Action, e.Package)
			if e.Action != "fail" {
				return // a package passes by its tests, and is skipped where it has none
			}
		}
		r.outcome[id] = e.Action
	}
}

func (r *results) anyFailed() bool {
	for _, outcome := range r.outcome {
		if outcome == "fail" {
			return true
		}
	}
	return false
}

// leaves lists the tests that count, in order: those without subtests. A test or a package that failed though nothing
// below it did (a build, a panic, its own last lines) counts too.
func (r *results) leaves() []testID {
	parents, failedBelow := map[testID]bool{}, map[testID]bool{}
	for id, outcome := range r.outcome {
		for up := range id.above() {
			parents[up] = true
			failedBelow[up] = failedBelow[up] || outcome == "fail"
		}
	}
	var ids []testID
	for id, outcome := range r.outcome {
		if !parents[id] || outcome == "fail" && !failedBelow[id] {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b testID) int { return strings.Compare(a.String(), b.String()) })
	return ids
}

// above gives the tests that hold this one, and its package.
func (id testID) above() func(yield func(testID) bool) {
	return func(yield func(testID) bool) {
		for i := len(id.test) - 1; i > 0; i-- {
			if id.test[i] == '/' && !yield(testID{id.pkg, id.test[:i]}) {
				return
			}
		}
		if id.test != "" {
			yield(testID{pkg: id.pkg})
		}
	}
}

// skippedByGit gives the tests that a newer git would run, by their packages: the outermost of each, in order.
func (r *results) skippedByGit() map[string][]string {
	tests := map[string][]string{}
	for _, id := range r.leaves() {
		name, _, _ := strings.Cut(id.test, "/")
		if r.outcome[id] == "skip" && (skip{reason: r.output[id]}).ofGit() && !slices.Contains(tests[id.pkg], name) {
			tests[id.pkg] = append(tests[id.pkg], name)
		}
	}
	return tests
}

// resolve takes over what a second run says of a test that was skipped in the first, and whatever failed in it.
func (r *results) resolve(again *results) {
	r.errs = append(r.errs, again.errs...)
	for id, outcome := range again.outcome {
		if first, known := r.outcome[id]; !known || first == "skip" || outcome == "fail" {
			r.outcome[id], r.output[id] = outcome, again.output[id]
		}
	}
}

// reason finds what a skipped test said last: "    file_test.go:12: reason".
func reason(output string) string {
	said := "no reason given"
	for line := range strings.Lines(output) {
		if _, after, ok := strings.Cut(line, "_test.go:"); ok {
			if _, text, ok := strings.Cut(after, ": "); ok {
				said = strings.TrimSpace(text)
			}
		}
	}
	return said
}
