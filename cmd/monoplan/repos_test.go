package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
)

// TestHistories runs every history of testdata/repos through the whole command: in all engines, without the cache, with
// an empty one, and with a warm one.
func TestHistories(t *testing.T) {
	for name, h := range readHistories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "repository")
			if err := h.Build(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			for _, engine := range []string{"auto", "git", "go-git"} {
				dropCache(t, dir)
				for _, how := range [][]string{{"--no-cache"}, {}, {}} {
					for _, want := range h.Plans {
						checkPlan(t, dir, want, append([]string{"--git-engine", engine}, how...))
					}
				}
			}
		})
	}
}

func dropCache(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, ".git", "monoplan")); err != nil {
		t.Fatal(err)
	}
}

func checkPlan(t *testing.T, dir string, want history.Plan, flags []string) {
	t.Helper()
	args := []string{"--since", want.Base, "--head", want.Head}
	if want.Head == "worktree" {
		args = []string{"--since", want.Base, "--worktree"}
	}
	args = slices.Concat(args, want.Flags, flags)
	got := planByCommand(t, dir, args)
	problems := got.problems(want)
	if len(problems) > 0 {
		t.Errorf("changed %q: exit code %d\n%s\nstderr:\n%s", args, got.code, strings.Join(problems, "\n"), got.stderr)
	}
}

// outcome is what one run of the command gave.
type outcome struct {
	code           int
	stdout, stderr string
	decisions      []history.Decision
}

// planByCommand runs monoplan changed with --format json, in this process.
func planByCommand(t *testing.T, dir string, args []string) outcome {
	t.Helper()
	return planInEnvironment(t, dir, args, slices.Concat(os.Environ(), history.Environment()))
}

func planInEnvironment(t *testing.T, dir string, args, env []string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = slices.Concat([]string{"changed", "-C", dir, "--format", "json"}, args)
	code := run(t.Context(), args, process{
		Stdout: &stdout, Stderr: &stderr, Dir: dir,
		Env: env,
	})
	o := outcome{code: int(code), stdout: stdout.String(), stderr: stderr.String()}
	if stdout.Len() > 0 {
		var err error
		if o.decisions, err = readPlan(stdout.Bytes()); err != nil {
			t.Fatalf("%q: %v in\n%s", args, err, stdout.Bytes())
		}
	}
	return o
}

// problems lists where the outcome is not what a history expects.
func (o outcome) problems(want history.Plan) []string {
	var problems []string
	wantCode := 0
	if want.Errors != nil {
		wantCode = 1
	}
	if want.Usage {
		wantCode = 2
	}
	if o.code != wantCode {
		problems = append(problems, fmt.Sprintf("exit code %d, want %d", o.code, wantCode))
	}
	for _, text := range want.Errors {
		if !strings.Contains(o.stderr, text) {
			problems = append(problems, "no error with "+text)
		}
	}
	if want.Errors != nil && o.stdout != "" {
		problems = append(problems, "a plan, want none:\n"+o.stdout)
	}
	if diff := compareDecisions(o.decisions, want.Decisions); diff != "" {
		problems = append(problems, diff)
	}
	return append(problems, o.warningProblems(want.Warnings)...)
}

// warningProblems compares the warnings on stderr with the parts that they must have: all of either.
func (o outcome) warningProblems(want []string) []string {
	var problems []string
	wanted := map[string]bool{}
	for line := range strings.Lines(o.stderr) {
		var message struct {
			Warning, File string
			Line          int
		}
		if json.Unmarshal([]byte(line), &message) != nil || message.Warning == "" {
			continue
		}
		warning := fmt.Sprintf("%s:%d: %s", message.File, message.Line, message.Warning)
		i := slices.IndexFunc(want, func(text string) bool { return strings.Contains(warning, text) })
		if i < 0 {
			problems = append(problems, "unexpected warning "+warning)
			continue
		}
		wanted[want[i]] = true
	}
	for _, text := range want {
		if !wanted[text] {
			problems = append(problems, "no warning with "+text)
		}
	}
	return problems
}

// readPlan reads the published form of a plan, and checks what it says twice.
func readPlan(data []byte) ([]history.Decision, error) {
	var plan struct {
		Version  int
		Services []struct {
			Name       string
			Path       string
			PathBase64 string `json:"path_base64"`
			Type       string
			Action     string
			Reasons    []struct {
				Rule       string
				File       string
				FileBase64 string `json:"file_base64"`
				Files      int
				Via        []string
				ViaBase64  []string `json:"via_base64"`
			}
		}
		Deploy, Skip, Remove []string
	}
	if err := json.Unmarshal(data, &plan); err != nil {
		return nil, err
	}
	names := map[string][]string{}
	var decisions []history.Decision
	for _, s := range plan.Services {
		names[s.Action] = append(names[s.Action], s.Name)
		d := history.Decision{Action: s.Action, Path: decoded(s.Path, s.PathBase64), Name: s.Name, Type: s.Type}
		for _, r := range s.Reasons {
			reason := history.Reason{Rule: r.Rule, File: decoded(r.File, r.FileBase64), Files: r.Files, Via: r.Via}
			for i, encoded := range r.ViaBase64 {
				reason.Via[i] = decoded(r.Via[i], encoded)
			}
			d.Reasons = append(d.Reasons, reason)
		}
		decisions = append(decisions, d)
	}
	if !slices.IsSortedFunc(decisions, func(a, b history.Decision) int { return strings.Compare(a.Path, b.Path) }) {
		return nil, fmt.Errorf("services are not sorted by path")
	}
	if plan.Version != 1 || !slices.Equal(plan.Deploy, names["deploy"]) || !slices.Equal(plan.Skip, names["skip"]) ||
		!slices.Equal(plan.Remove, names["remove"]) {
		return nil, fmt.Errorf("the lists of names are not those of the services")
	}
	return decisions, nil
}

// decoded prefers the bytes to the text, which has U+FFFD for what is not UTF-8.
func decoded(text, encoded string) string {
	if raw, err := base64.StdEncoding.DecodeString(encoded); err == nil && len(raw) > 0 {
		return string(raw)
	}
	return text
}
