package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packageTool is one version of a program that lists packages, installed by internal/check.
type packageTool struct {
	name string // as its directory is called
	// algorithm is the word that asks monoplan for the same.
	algorithm string
	// script answers many questions in one process; where there is none each question starts the program.
	script string
}

var packageTools = []packageTool{
	{"lerna-9", "lerna", "lerna.mjs"},
	{"lerna-10", "lerna", "lerna.mjs"},
	{"pnpm-10", "pnpm", "pnpm.mjs"},
	{"pnpm-11", "pnpm", "pnpm.mjs"},
	{"pnpm-12", "pnpm", ""},
}

// nodeTools gives the directory that internal/check installed the tools into.
func nodeTools(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MONOPLAN_TEST_NODE_TOOLS")
	if dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("MONOPLAN_TEST_NODE_TOOLS is not set, and with CI=true nothing may be skipped")
		}
		t.Skip("MONOPLAN_TEST_NODE_TOOLS names no directory with Lerna and pnpm (./test sets it)")
	}
	return dir
}

// program is the tool's own file, as npm installs it.
func (tool packageTool) program(tools string) string {
	return filepath.Join(tools, tool.name, "node_modules", ".bin", tool.algorithm)
}

// arguments are those that the algorithm stands for: all packages where since is empty.
func (tool packageTool) arguments(since string) []string {
	switch {
	case tool.algorithm == "lerna" && since == "":
		return []string{"ls", "--all", "--json"}
	case tool.algorithm == "lerna":
		return []string{"ls", "--since", since, "--all", "--json"}
	case since == "":
		return []string{"ls", "-r", "--depth", "-1", "--json"}
	}
	return []string{"ls", "-r", "--depth", "-1", "--json", "--filter", "...[" + since + "]"}
}

// toolEnvironment keeps the tools from asking, reporting and looking for another version of themselves, and git from
// folding renames and from escaping names: that is where they differ from monoplan by intent, as
// TestDocumentedDifferences shows.
func toolEnvironment(tools string) []string {
	return append(plainToolEnvironment(tools),
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=diff.renames", "GIT_CONFIG_VALUE_0=false",
		"GIT_CONFIG_KEY_1=core.quotePath", "GIT_CONFIG_VALUE_1=false")
}

func plainToolEnvironment(tools string) []string {
	env := slices.DeleteFunc(testEnvironment(), func(s string) bool { return strings.HasPrefix(s, "npm_") })
	return append(env,
		"PATH="+filepath.Join(tools, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"CI=1", "DO_NOT_TRACK=1", "NX_DAEMON=false", "NX_NO_CLOUD=true", "NX_CACHE_PROJECT_GRAPH=false", "NO_UPDATE_NOTIFIER=1",
		"npm_config_manage_package_manager_versions=false", "pnpm_config_pm_on_fail=ignore", "pnpm_config_manage_package_manager_versions=false",
		"NODE_COMPILE_CACHE="+filepath.Join(tools, "compiled"))
}

// listing is what a tool says of a repository: directories, relative to its root, sorted.
type listing struct {
	dirs   []string
	failed string
}

// listPackages asks the tool's own process.
func (tool packageTool) list(t *testing.T, tools, dir, since string, env []string) listing {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), tool.program(tools), tool.arguments(since)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return listing{failed: fmt.Sprintf("%v\n%s%s", err, stdout.String(), stderr.String())}
	}
	return readListing(t, dir, stdout.String())
}

// readListing reads the JSON of either tool. Without a pnpm-workspace.yaml pnpm 10 prints a list for each project.
func readListing(t *testing.T, dir, out string) listing {
	t.Helper()
	dirs := []string{}
	for decoder := json.NewDecoder(strings.NewReader(out)); decoder.More(); {
		var packages []struct{ Location, Path string }
		if err := decoder.Decode(&packages); err != nil {
			t.Fatalf("%s: %v in\n%s", dir, err, out)
		}
		for _, p := range packages {
			rel, err := filepath.Rel(dir, p.Location+p.Path)
			if err != nil {
				t.Fatal(err)
			}
			dirs = append(dirs, filepath.ToSlash(rel))
		}
	}
	slices.Sort(dirs)
	return listing{dirs: dirs}
}

// packageOracle is a tool that is asked many questions.
type packageOracle struct {
	t       *testing.T
	tool    packageTool
	tools   string
	current string
	in      io.Writer
	out     *bufio.Reader
}

func newPackageOracle(t *testing.T, tool packageTool) *packageOracle {
	t.Helper()
	o := &packageOracle{t: t, tool: tool, tools: nodeTools(t), current: filepath.Join(t.TempDir(), "current")}
	if tool.script == "" {
		return o
	}
	script, err := filepath.Abs("../../testdata/oracles/" + tool.script)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(o.tools, "bin", "node"), script, filepath.Join(o.tools, tool.name, "node_modules"), o.current)
	cmd.Env, cmd.Dir = toolEnvironment(o.tools), t.TempDir()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("%s: %v\n%s", tool.script, err, stderr.String())
		}
	})
	o.in, o.out = in, bufio.NewReader(out)
	return o
}

// ask gives what the tool lists; all packages where since is empty.
func (o *packageOracle) ask(dir, since string) listing {
	o.t.Helper()
	if o.in == nil {
		return o.tool.list(o.t, o.tools, dir, since, toolEnvironment(o.tools))
	}
	job, err := json.Marshal(struct {
		Dir   string `json:"dir"`
		Since string `json:"since,omitempty"`
	}{dir, since})
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(o.in, "%s\n", job); err != nil {
		o.t.Fatal(err)
	}
	line, err := o.out.ReadString('\n')
	if err != nil {
		o.t.Fatalf("%s about %s: %v", o.tool.script, dir, err)
	}
	var answer struct{ Out, Failed string }
	if err := json.Unmarshal([]byte(line), &answer); err != nil {
		o.t.Fatalf("%v in %s", err, line)
	}
	if answer.Failed != "" {
		return listing{failed: answer.Failed}
	}
	if o.tool.algorithm == "lerna" {
		dir = o.current
	}
	return readListing(o.t, dir, answer.Out)
}
