package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
)

// TestPackagesParity asks Lerna and pnpm themselves which packages of random workspaces changed, and compares the answer
// with the services that monoplan deploys for it.
//
// MONOPLAN_PARITY says how many workspaces for each tool; MONOPLAN_PARITY_FROM the first one's seed, to see one again.
func TestPackagesParity(t *testing.T) {
	nodeTools(t)
	n := variable(t, "MONOPLAN_PARITY", 300)
	from := variable(t, "MONOPLAN_PARITY_FROM", 1)
	for _, tool := range packageTools {
		t.Run(tool.name, func(t *testing.T) {
			t.Parallel()
			p := &parity{t: t, oracle: newPackageOracle(t, tool)}
			for seed := from; seed < from+n && p.disagreements < 3; seed++ {
				p.workspace(randomWorkspace(tool, uint64(seed)))
			}
			t.Logf("%d workspaces: %s", n, p.counts.String())
			for _, what := range []string{"listed", "listed nothing", "failed", "agreed about a service"} {
				if what == "failed" && tool.algorithm == "pnpm" {
					continue // nothing that is made here is wrong to it
				}
				if n >= 300 && p.counts.get(what) == 0 {
					t.Errorf("in no workspace the tool %s", what)
				}
			}
		})
	}
}

// The scripts that ask many questions in one process say what the programs say.
func TestPackageOraclesAreTheTools(t *testing.T) {
	tools := nodeTools(t)
	for _, tool := range packageTools {
		if tool.script == "" {
			continue
		}
		t.Run(tool.name, func(t *testing.T) {
			t.Parallel()
			o := newPackageOracle(t, tool)
			for seed := range 4 {
				dir := filepath.Join(t.TempDir(), "repository")
				h := randomWorkspace(tool, uint64(1000+seed))
				if err := h.Build(t.Context(), dir); err != nil {
					t.Fatal(err)
				}
				for _, since := range []string{"", "c0"} {
					got, want := o.ask(dir, since), tool.list(t, tools, dir, since, toolEnvironment(tools))
					if (got.failed != "") != (want.failed != "") || !slices.Equal(got.dirs, want.dirs) {
						t.Errorf("seed %d, since %q: %s says %q %s, %s itself %q %s", 1000+seed, since, tool.script, got.dirs, got.failed, tool.name, want.dirs, want.failed)
					}
				}
			}
		})
	}
}

// parity compares one tool with monoplan.
type parity struct {
	t             *testing.T
	oracle        *packageOracle
	counts        counters
	disagreements int
}

// workspace compares what is said about the last commit, since each commit before it.
func (p *parity) workspace(h *history.History) {
	p.t.Helper()
	dir := filepath.Join(p.t.TempDir(), "repository")
	if err := h.Build(p.t.Context(), dir); err != nil {
		p.t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	trees, err := h.Trees()
	if err != nil {
		p.t.Fatal(err)
	}
	head := h.Commits[len(h.Commits)-1].Name
	all := p.oracle.ask(dir, "")
	for _, base := range h.Commits[:len(h.Commits)-1] {
		if problem := p.compare(dir, base.Name, all); problem != "" {
			p.disagreements++
			pair := [2]history.Tree{trees[base.Name], trees[head]}
			p.t.Errorf("%s since %s: %s\n%s", strings.TrimSpace(h.Comment), base.Name, problem, p.shrunk(pair))
			return
		}
	}
}

// compare says how the two differ about a repository, or nothing.
func (p *parity) compare(dir, base string, all listing) string {
	listed := p.oracle.ask(dir, base)
	got := planByCommand(p.t, dir, []string{"--since", base, "--algorithm", p.oracle.tool.algorithm})
	if got.code != 0 {
		return fmt.Sprintf("exit code %d\n%s", got.code, got.stderr)
	}
	if listed.failed != "" || all.failed != "" {
		p.counts.add("failed")
		return failureProblem(got, all, listed)
	}
	p.counts.add(map[bool]string{true: "listed nothing", false: "listed"}[len(listed.dirs) == 0])
	var problems []string
	for _, d := range got.decisions {
		if len(d.Reasons) > 0 && d.Reasons[0].Rule == "single-service" {
			continue // as what is shrunk may come to: no package was looked at
		}
		owner := innermostOf(all.dirs, d.Path)
		if owner == "" && slices.ContainsFunc(all.dirs, func(dir string) bool { return isIn(dir, d.Path) }) {
			continue // of packages that it holds what those depend on counts, which no list says
		}
		want := owner != "" && slices.Contains(listed.dirs, owner)
		has := slices.ContainsFunc(d.Reasons, func(r history.Reason) bool { return r.Rule == "workspace-package" })
		if d.Action != "remove" && want != has {
			problems = append(problems, fmt.Sprintf("package %q listed: %v, but\n%s", owner, want, d.String()))
			continue
		}
		p.counts.add("agreed about a service")
	}
	if len(problems) == 0 {
		return ""
	}
	return fmt.Sprintf("%s lists %q of %q\n%s%s", p.oracle.tool.name, listed.dirs, all.dirs, strings.Join(problems, ""), got.stderr)
}

// failureProblem says what is wrong with a plan where the tool fails: a warning must say why, and whatever changed in a
// package must not be lost: the packages that hold a changed file are listed.
func failureProblem(got outcome, all, listed listing) string {
	lost := slices.ContainsFunc(got.decisions, func(d history.Decision) bool {
		return d.Action == "skip" && slices.ContainsFunc(got.decisions, func(other history.Decision) bool {
			return slices.ContainsFunc(other.Reasons, func(r history.Reason) bool { return r.Rule == "orphan-file" })
		})
	})
	if lost || !strings.Contains(got.stderr, `"warning"`) {
		return fmt.Sprintf("the tool fails, so a warning has to say so, and the plan to widen:\n%s\n%s\n%v\n%s", all.failed, listed.failed, got.decisions, got.stderr)
	}
	return ""
}

// innermostOf gives the innermost directory that holds a service, but for the root; "" where there is none.
func innermostOf(dirs []string, service string) string {
	best := ""
	for _, dir := range dirs {
		if dir != "." && len(dir) > len(best) && (service == dir || strings.HasPrefix(service, dir+"/")) {
			best = dir
		}
	}
	return best
}

// shrunk looks for a smaller pair of trees that the two disagree about, and prints it.
func (p *parity) shrunk(pair [2]history.Tree) string {
	problem := p.disagreeAbout(pair)
	if problem == "" {
		return "the two commits alone are no problem"
	}
	pair = shrink(pair, func(smaller [2]history.Tree) bool {
		if len(smaller[0]) == 0 || len(smaller[1]) == 0 {
			return false
		}
		now := p.disagreeAbout(smaller)
		same := now != "" && firstWord(now) == firstWord(problem)
		if same {
			problem = now
		}
		return same
	})
	return "shrunk: " + problem + "\n" + string(pairOf(pair).Format())
}

// firstWord keeps shrinking from turning one disagreement into another: a tool that fails is another matter.
func firstWord(problem string) string { return strings.SplitN(problem, " ", 3)[0] }

func (p *parity) disagreeAbout(pair [2]history.Tree) string {
	dir := filepath.Join(p.t.TempDir(), "repository")
	defer os.RemoveAll(dir)
	if err := pairOf(pair).Build(p.t.Context(), dir); err != nil {
		p.t.Fatal(err)
	}
	return p.compare(dir, "base", p.oracle.ask(dir, ""))
}

// pairOf makes a history of two trees, with the second one checked out.
func pairOf(pair [2]history.Tree) *history.History {
	h := &history.History{Comment: "Two trees.", Worktree: []history.Op{}}
	for i, name := range []string{"base", "head"} {
		g := generator{tree: history.Tree{}}
		if i == 1 {
			g.tree = maps.Clone(pair[0])
		}
		g.revert(pair[i])
		h.Commits = append(h.Commits, history.Commit{Name: name, Ops: g.ops})
	}
	h.Commits[1].Parents = []string{"base"}
	return h
}
