package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"monoplan": main})
}

// TestScripts runs the command's behaviour as the pages of testdata/script tell it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			// A program with the race detector sleeps a second at its end unless it is told not to.
			env.Vars = append(env.Vars, "GORACE=atexit_sleep_ms=0")
			env.Vars = append(env.Vars, gitEnvironment()...)
			recipes, err := filepath.Abs("../../docs/ci")
			env.Vars = append(env.Vars, "RECIPES="+recipes)
			if err != nil {
				return err
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"commit":     scriptCommit,
			"exits":      scriptExits,
			"brokenpipe": scriptBrokenPipe,
			"validate":   scriptValidate,
			"events":     scriptEvents,
			"write":      scriptWrite,
		},
	})
}

// gitEnvironment keeps the user's configuration, and the time, out of a test's repositories.
func gitEnvironment() []string {
	return []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=author", "GIT_AUTHOR_EMAIL=author@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME=committer", "GIT_COMMITTER_EMAIL=committer@example.com", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	}
}

// commit NAME commits all of the current directory, which becomes a repository if it is none, and tags it NAME.
func scriptCommit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: commit name")
	}
	if _, err := os.Stat(ts.MkAbs(".git")); err != nil {
		ts.Check(ts.Exec("git", "init", "-q", "-b", "main"))
	}
	ts.Check(ts.Exec("git", "add", "-A"))
	ts.Check(ts.Exec("git", "commit", "-q", "--allow-empty", "-m", args[0]))
	ts.Check(ts.Exec("git", "tag", args[0]))
}

// exits CODE PROGRAM ARGS... runs a program, which must end with the code.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// brokenpipe ARGS... runs monoplan with a standard output that nobody reads. It must fail, and say nothing.
func scriptBrokenPipe(ts *testscript.TestScript, neg bool, args []string) {
	r, w, err := os.Pipe()
	ts.Check(err)
	ts.Check(r.Close())
	path, err := exec.LookPath("monoplan")
	ts.Check(err)
	var stderr strings.Builder
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), w, &stderr
	cmd.Env = append(os.Environ(), gitEnvironment()...)
	err = cmd.Run()
	ts.Check(w.Close())
	var exit *exec.ExitError
	if neg || !errors.As(err, &exit) {
		ts.Fatalf("got %v, want a failure", err)
	}
	if stderr.Len() > 0 {
		ts.Fatalf("standard error: %s", stderr.String())
	}
}

// validate FILE validates a JSON file, or stdout, against docs/plan.schema.json.
func scriptValidate(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := os.Getwd()
	ts.Check(err)
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(dir, "../../docs/plan.schema.json"))
	ts.Check(err)
	plan, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	if err := schema.Validate(plan); (err != nil) != neg {
		ts.Fatalf("%v", err)
	}
}

// events FILE validates each line of a file, or of stdout, against docs/events.schema.json.
func scriptEvents(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: events file")
	}
	dir, err := os.Getwd()
	ts.Check(err)
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(dir, "../../docs/events.schema.json"))
	ts.Check(err)
	lines := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		event, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		ts.Check(err)
		if err := schema.Validate(event); err != nil {
			ts.Fatalf("%s%v", line, err)
		}
		lines++
	}
	if lines < 2 {
		ts.Fatalf("%d events", lines)
	}
}

// write FILE TEXT writes a file whose name or text a txtar file cannot hold; both are Go strings without their quotes.
func scriptWrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: write file text")
	}
	for i := range args {
		s, err := strconv.Unquote(`"` + args[i] + `"`)
		ts.Check(err)
		args[i] = s
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
	ts.Check(os.WriteFile(file, []byte(args[1]), 0o666))
}

// The documented table of exit codes, the one in the code, and what each command says of itself are one.
func TestExitCodesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/exit-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, known []string
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		if code, err := strconv.Atoi(strings.TrimSpace(cells[1])); err == nil {
			documented = append(documented, fmt.Sprintf("%d %s: %s", code, strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])))
		}
	}
	commands := runnable(newRoot(&app{}))
	for _, row := range exitCodes() {
		text := fmt.Sprintf("%d %s", row.Code, row.Meaning)
		var names []string
		for _, c := range commands {
			if strings.Contains(c.Long, fmt.Sprintf("\n  %-4d %s", row.Code, row.Meaning)) {
				names = append(names, "`"+strings.TrimPrefix(c.CommandPath(), "monoplan ")+"`")
			}
		}
		by := strings.Join(names, ", ")
		if len(names) == len(commands) {
			by = "all"
		}
		known = append(known, text+": "+by)
	}
	if got, want := strings.Join(documented, "\n"), strings.Join(known, "\n"); got != want {
		t.Errorf("docs/exit-codes.md has\n%s\nthe code has\n%s", got, want)
	}
}

// runnable gives the commands that tell of exit codes and have no commands below them, sorted.
func runnable(c *cobra.Command) []*cobra.Command {
	var found []*cobra.Command
	for _, below := range c.Commands() {
		if below.HasSubCommands() {
			found = append(found, runnable(below)...)
		} else if strings.Contains(below.Long, "Exit codes:") {
			found = append(found, below)
		}
	}
	return found
}
