package imports

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"strings"
	"testing"
)

func TestImports(t *testing.T) {
	g := list(t)
	for _, want := range []string{module + "/planner", module + "/gitdiff", "fmt"} {
		if _, ok := g[want]; !ok {
			t.Fatalf("go list does not know %s: the rules would hold for nothing", want)
		}
	}
	for _, broken := range g.check(rules) {
		t.Error(broken)
	}
}

// list reads the module's packages, and all that they and their tests reach.
func list(t *testing.T) graph {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	g := graph{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatal(err)
		}
		g[p.ImportPath] = p
	}
}

// TestTheCheckCanFail breaks each kind of rule in a module that was made up, and holds the lines against what is printed.
func TestTheCheckCanFail(t *testing.T) {
	const sound = `
		planner: slices fmt
		gitdiff: planner internal/tree github.com/go-git/go-git/v5
		gitdiff test: internal/history
		workspace: planner internal/tree internal/python go.yaml.in/yaml/v4
		internal/python: github.com/pelletier/go-toml/v2
		internal/tree:
		internal/history: os/exec
		ledger: gitdiff planner
		report: planner
		cmd/monoplan: gitdiff workspace report ledger github.com/spf13/cobra
		cmd/monoplan test: internal/history testing
		fmt: os
		os: syscall
		slices:
	`
	for name, test := range map[string]struct{ add, want string }{
		"sound": {"", ""},
		"the planner and a library": {
			"planner: golang.org/x/text/unicode/norm", "planner > golang.org/x/text/unicode/norm"},
		"the planner and a clock": {
			"planner: time", "planner > time"},
		"the planner and a file, two packages away": {
			"planner: planner/order \n planner/order: os", "planner/order > os"},
		"the planner and what is private": {
			"planner: internal/tree", "planner > internal/tree"},
		"one step and another": {
			"workspace: gitdiff", "workspace > gitdiff"},
		"one step and another, through what is private": {
			"report: internal/wording \n internal/wording: workspace",
			"internal/wording > workspace\nreport > internal/wording > workspace"},
		"the ledger and packaging": {
			"ledger: packager", "ledger > packager"},
		"the shortest way is the one that is printed": {
			"report: example.com/a example.com/b \n example.com/a: example.com/c \n example.com/b: github.com/go-git/go-git/v5 \n" +
				"example.com/c: github.com/go-git/go-git/v5",
			"report > example.com/b > github.com/go-git/go-git/v5"},
		"go-git elsewhere": {
			"workspace: github.com/go-git/go-git/v5/plumbing", "workspace > github.com/go-git/go-git/v5/plumbing"},
		"go-git elsewhere, in a test": {
			"workspace test: github.com/go-git/go-git/v5", "workspace > github.com/go-git/go-git/v5"},
		"go-git elsewhere, through somebody's library": {
			"report: example.com/blame \n example.com/blame: github.com/go-git/go-git/v5",
			"report > example.com/blame > github.com/go-git/go-git/v5"},
		"YAML in the command": {
			"cmd/monoplan: go.yaml.in/yaml/v4", "cmd/monoplan > go.yaml.in/yaml/v4"},
		"TOML in a report": {
			"report: github.com/pelletier/go-toml/v2", "report > github.com/pelletier/go-toml/v2"},
		"Docker in a later package": {
			"deployer: github.com/docker/docker/client", "deployer > github.com/docker/docker/client"},
		"flags in a step": {
			"gitdiff: github.com/spf13/pflag", "gitdiff > github.com/spf13/pflag"},
		"a cloud in the ledger's core": {
			"ledger: github.com/aws/aws-sdk-go-v2/service/s3", "ledger > github.com/aws/aws-sdk-go-v2/service/s3"},
		"a cloud in its own package": {
			"ledger: internal/bucket \n internal/bucket: github.com/aws/aws-sdk-go-v2/service/s3", ""},
		"a package of tests in the binary": {
			"report: internal/history", "report > internal/history"},
		"a name that only begins alike": {
			"workspace: gitdifference reporting", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]bool{}
			for _, broken := range madeUp(sound + test.add).check(rules) {
				_, chain, _ := strings.Cut(broken, "\n\t")
				got[strings.ReplaceAll(strings.ReplaceAll(chain, "\n\t imports ", " > "), module+"/", "")] = true
			}
			want := map[string]bool{}
			for chain := range strings.Lines(test.want) {
				want[strings.TrimSpace(chain)] = true
			}
			if !maps.Equal(got, want) {
				t.Errorf("got\n%v\nwant\n%v", got, want)
			}
		})
	}
}

// madeUp reads lines of "package: imports" and "package test: imports".
func madeUp(text string) graph {
	g := graph{}
	for line := range strings.Lines(text) {
		name, imports, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		name, isTest := strings.CutSuffix(name, " test")
		p := g[full(name)]
		p.ImportPath, p.Standard = full(name), full(name) == name && !strings.Contains(name, ".")
		for _, to := range strings.Fields(imports) {
			if isTest {
				p.XTestImports = append(p.XTestImports, full(to))
			} else {
				p.Imports = append(p.Imports, full(to))
			}
			if _, ok := g[full(to)]; !ok {
				g[full(to)] = pkg{ImportPath: full(to), Standard: full(to) == to && !strings.Contains(to, ".")}
			}
		}
		g[p.ImportPath] = p
	}
	return g
}

// full gives the import path of a name: the standard library's few are named here, a library has a dot in it.
func full(name string) string {
	switch name {
	case "fmt", "os", "os/exec", "slices", "syscall", "testing", "time":
		return name
	}
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
		return name
	}
	return module + "/" + name
}
