package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
)

// The oracle cannot plan these: it lacks the forms that they show, or their changed paths come from more than two trees.
var beyondTheOracle = map[string]string{
	"baselines":           "errors, and a revision that is no commit of the history",
	"json-templates":      "an unusual marker",
	"locks":               "lock files",
	"commands":            "commands in seed.yml",
	"command-templates":   "commands in seed.yml",
	"outside-of-builds":   "Hatch, PDM and build systems",
	"hatch-file":          "Hatch",
	"other-tools":         "PDM, Hatch, setuptools and Pipfile.lock",
	"polylith":            "Hatch and PDM",
	"pep508":              "the rarer forms of a direct reference",
	"poetry":              "subdirectory",
	"program-markers":     "unusual markers and types",
	"requirements":        "the rarer options",
	"sam-paths":           "duplicate keys",
	"samconfig":           "samconfig.toml",
	"broken-above":        "manifests above a service",
	"variables":           "variables in Python manifests",
	"tsconfig":            "JSON with comments",
	"uv-sources":          "dynamic dependencies, normalised names",
	"uv-workspace":        "workspaces",
	"uv-workspace-lock":   "workspaces",
	"uv-workspace-linked": "workspaces",
	"uv-member-doubts":    "workspaces",
	"uv-leaves":           "workspaces",
	"scripts":             "commands in seed.yml",
	"script-requirements": "requirements that scripts install",
	"seed-mistakes":       "errors",
}

// TestHistoriesAgainstOracle compares two opinions about the rules: the plans written down in testdata/repos, and the
// oracle's. It runs no planner.
func TestHistoriesAgainstOracle(t *testing.T) {
	for name, h := range readHistories(t) {
		if beyondTheOracle[name] != "" || knowsPackages(h) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			trees, err := h.Trees()
			if err != nil {
				t.Fatal(err)
			}
			trees["worktree"] = worktreeOf(t, h, trees)
			for _, want := range h.Plans {
				base, known := trees[want.Base]
				head := trees[want.Head]
				hasBase := want.Base != "none"
				if hasBase && !known || want.Errors != nil || slices.ContainsFunc(want.Flags, func(f string) bool { return f != "--force" }) {
					continue
				}
				o := newOracle(base, head, differences(base, head), "repository")
				got := o.plan(hasBase, slices.Contains(want.Flags, "--force"))
				if diff := compareDecisions(got, want.Decisions); diff != "" {
					t.Errorf("%s..%s %v:\n%s", want.Base, want.Head, want.Flags, diff)
				}
			}
		})
	}
}

// knowsPackages reports whether a history is one of Lerna's or pnpm's algorithm, which the tools themselves are asked about.
func knowsPackages(h *history.History) bool {
	return slices.ContainsFunc(h.Commits[0].Ops, func(op history.Op) bool {
		return op.Path == "seed.yml" && (strings.Contains(op.Arg, "lerna") || strings.Contains(op.Arg, "pnpm"))
	})
}

// readHistories reads testdata/repos.
func readHistories(t *testing.T) map[string]*history.History {
	t.Helper()
	files, err := filepath.Glob("../../testdata/repos/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no histories", err)
	}
	histories := map[string]*history.History{}
	for _, file := range files {
		h, err := history.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		histories[strings.TrimSuffix(filepath.Base(file), ".txtar")] = h
	}
	return histories
}

func worktreeOf(t *testing.T, h *history.History, trees map[string]history.Tree) history.Tree {
	t.Helper()
	tree := maps.Clone(trees[h.Commits[len(h.Commits)-1].Name])
	for _, op := range h.Worktree {
		if strings.HasSuffix(op.Path, ".pyc") {
			continue // .gitignore names it
		}
		if err := tree.Apply(op); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

// differences lists the paths at which two trees differ.
func differences(base, head history.Tree) []string {
	var changed []string
	for p, file := range base {
		if head[p] != file {
			changed = append(changed, p)
		}
	}
	for p := range head {
		if _, ok := base[p]; !ok {
			changed = append(changed, p)
		}
	}
	slices.Sort(changed)
	return changed
}

// compareDecisions says how two plans differ, or nothing. What want does not say of a name or a type is not compared.
func compareDecisions(got, want []history.Decision) string {
	var b strings.Builder
	wanted := map[string]history.Decision{}
	for _, d := range want {
		wanted[d.Path] = d
	}
	for _, d := range got {
		w, ok := wanted[d.Path]
		delete(wanted, d.Path)
		if w.Name == "" {
			d.Name = ""
		}
		if w.Type == "" {
			d.Type = ""
		}
		if !ok || d.String() != w.String() {
			b.WriteString("got  " + d.String())
			if ok {
				b.WriteString("want " + w.String())
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(wanted)) {
		b.WriteString("want " + wanted[p].String())
	}
	return b.String()
}
