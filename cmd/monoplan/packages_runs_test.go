package main

import (
	"path/filepath"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
)

// What a plan by packages says is the same cold, from another tree's snapshot and from its own, in both engines: byte
// for byte, warnings included. The histories are those that are held against Lerna and pnpm themselves.
func TestPackagesRuns(t *testing.T) {
	n := variable(t, "MONOPLAN_DIFFERENTIAL", 300) / 30
	from := variable(t, "MONOPLAN_DIFFERENTIAL_FROM", 1)
	for _, tool := range packageTools {
		t.Run(tool.name, func(t *testing.T) {
			t.Parallel()
			var plans, rules counters
			for seed := from; seed < from+n; seed++ {
				h := randomWorkspace(tool, uint64(seed))
				choose := history.Op{Verb: "put", Path: "seed.yml", Arg: "check_code_change: " + string(tool.algorithm) + "\n"}
				h.Commits[0].Ops = append(h.Commits[0].Ops, choose)
				dir := filepath.Join(t.TempDir(), "repository")
				if err := h.Build(t.Context(), dir); err != nil {
					t.Fatal(err)
				}
				d := differential{t: t, seed: seed, dir: dir, history: h, plans: &plans, rules: &rules}
				last := len(h.Commits) - 1
				d.compareRuns(last-1, last, []string{"git", "go-git"})
				d.compareRuns(last, 0, []string{"auto", "git"})
			}
			t.Log(plans.String())
		})
	}
}
