// Package docs has no code, but a test: what the documentation shows is what the command does.
package docs

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
	"github.com/monoplan/monoplan/planner"
)

var update = flag.Bool("update", false, "write what the command prints into the documents")

// TestExamples runs the examples of the documents. A fence of text that begins with a commit is a repository (see
// package history); each line after "$ " in a fence of console runs in the repository above it.
func TestExamples(t *testing.T) {
	monoplan := build(t)
	for _, path := range []string{"rules.md", "../README.md"} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text := read(t, path)
			e := examples{monoplan: monoplan}
			ran := fence.ReplaceAllStringFunc(text, func(block string) string { return e.run(t, block) })
			switch {
			case e.ran == 0:
				t.Error("no example was found")
			case ran != text && *update:
				if err := os.WriteFile(path, []byte(ran), 0o666); err != nil {
					t.Fatal(err)
				}
			case ran != text:
				t.Errorf("the examples print something else (go test ./docs -update writes it):\n%s", firstDifference(text, ran))
			}
		})
	}
}

// build gives the path of the command.
func build(t *testing.T) string {
	t.Helper()
	monoplan := filepath.Join(t.TempDir(), "monoplan")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", monoplan, "../cmd/monoplan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return monoplan
}

// The pipeline of the README deploys what changed, in a directory each, and fails where monoplan does.
func TestPipeline(t *testing.T) {
	text := read(t, "../README.md")
	repository := regexp.MustCompile("(?ms)^```text\n(-- commit.*?)^```$").FindStringSubmatch(text)
	pipeline := regexp.MustCompile("(?ms)^```sh\n([^`]*monoplan changed .*?)^```$").FindStringSubmatch(text)
	if repository == nil || pipeline == nil {
		t.Fatal("the README has no pipeline")
	}
	e := examples{monoplan: build(t)}
	e.build(t, repository[1])
	tools, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(filepath.Join(tools, "npx"), []byte("#!/bin/sh\necho \"${PWD##*/}: $*\" >> \"$LOG\"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	for since, want := range map[string]string{
		"v1":     "posts: serverless deploy\nweb: serverless deploy\n",
		"v2":     "",
		"":       "failed",
		"absent": "failed",
	} {
		if err := os.WriteFile(log, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", pipeline[1])
		cmd.Dir = e.repository
		cmd.Env = append(append(os.Environ(), history.Environment()...), "DEPLOYED_SHA="+since, "LOG="+log,
			"PATH="+tools+string(os.PathListSeparator)+filepath.Dir(e.monoplan)+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		got := read(t, log)
		if err != nil {
			got += "failed"
		}
		if got != want {
			t.Errorf("since %q: %q, want %q\n%s", since, got, want, out)
		}
	}
}

var fence = regexp.MustCompile("(?ms)^```(text|console)\n(.*?)^```$")

// examples goes through the fences of a document in order.
type examples struct {
	monoplan   string
	repository string
	ran        int
}

func (e *examples) run(t *testing.T, block string) string {
	match := fence.FindStringSubmatch(block)
	body := match[2]
	switch {
	case strings.HasPrefix(body, "-- commit"):
		e.build(t, body)
	case match[1] == "console" && strings.HasPrefix(body, "$ monoplan ") && e.repository != "":
		return "```console\n" + e.session(t, body) + "```"
	}
	return block
}

func (e *examples) build(t *testing.T, text string) {
	h, err := history.Parse([]byte("an example\n" + text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	h.Worktree = []history.Op{} // a checkout without further changes
	e.repository = filepath.Join(t.TempDir(), "repository")
	if err := h.Build(t.Context(), e.repository); err != nil {
		t.Fatal(err)
	}
}

// session runs the commands of a console, and gives it with what they print now.
func (e *examples) session(t *testing.T, body string) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ monoplan ")
		if !ok {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line)
		cmd := exec.CommandContext(t.Context(), e.monoplan, strings.Fields(command)...)
		cmd.Dir = e.repository
		cmd.Env = append(os.Environ(), history.Environment()...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("monoplan %s: %v\n%s", command, err, out)
		}
		b.Write(out)
		e.ran++
	}
	return b.String()
}

func firstDifference(old, now string) string {
	was, is := strings.SplitAfter(old, "\n"), strings.SplitAfter(now, "\n")
	for i := range was {
		if i >= len(is) || was[i] != is[i] {
			return "documented:\n" + strings.Join(was[i:min(i+8, len(was))], "") + "now:\n" + strings.Join(is[min(i, len(is)):min(i+8, len(is))], "")
		}
	}
	return strings.Join(is[len(was):], "")
}

// What the recipes for CIs run is what deploy.sh runs, and that is run by the tests of the command.
func TestRecipesRunTheScript(t *testing.T) {
	command := regexp.MustCompile(`monoplan (deploy|plan) .*`)
	script := command.FindString(read(t, "ci/deploy.sh"))
	recipes, err := filepath.Glob("ci/*")
	if err != nil || len(recipes) < 7 {
		t.Fatal(recipes, err)
	}
	for _, recipe := range recipes {
		if strings.HasSuffix(recipe, ".sh") {
			continue
		}
		found := command.FindAllString(read(t, recipe), -1)
		if len(found) != 1 || strings.ReplaceAll(found[0], "$$", "$") != script {
			t.Errorf("%s runs %q, and deploy.sh %q", recipe, found, script)
		}
	}
}

func TestEveryRuleIsExplained(t *testing.T) {
	text := read(t, "rules.md")
	at := 0
	for _, rule := range planner.Rules {
		heading := "\n### `" + string(rule) + "`\n"
		i := strings.Index(text, heading)
		if i < 0 {
			t.Errorf("rules.md has no heading for %s", rule)
			continue
		}
		if i < at {
			t.Errorf("%s is not where its reason comes", rule)
		}
		at = i
	}
}

// TestLinks looks at every link of the documents that leads to a file or a heading.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	documents, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range append(documents, "../README.md", "../CHANGELOG.md") {
		for _, match := range link.FindAllStringSubmatch(read(t, document), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			path, heading, _ := strings.Cut(match[1], "#")
			target := filepath.Join(filepath.Dir(document), path)
			if path == "" {
				target = document
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", document, match[1], err)
			} else if heading != "" && !headings(read(t, target))[heading] {
				t.Errorf("%s links to %s, which has no such heading", document, match[1])
			}
		}
	}
}

// headings gives the anchors of a document as GitHub makes them.
func headings(text string) map[string]bool {
	drop := regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
	found := map[string]bool{}
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); len(title) < len(line) {
			anchor := drop.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			found[strings.ReplaceAll(anchor, " ", "-")] = true
		}
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
