package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/monoplan/monoplan/internal/history"
	"github.com/monoplan/monoplan/workspace"
)

// TestDifferential plans random histories by the command and by the oracle, and compares everything that the plans say.
// The cache lives as long as a history: each head's snapshot comes from those of the commits planned before. Then each
// history's last step, and the way back to its first commit, are planned cold, from the base's snapshot, and warm, in both
// engines, and what the runs print must be the same bytes.
//
// MONOPLAN_DIFFERENTIAL says how many histories; MONOPLAN_DIFFERENTIAL_FROM the first one's seed, to see one again.
func TestDifferential(t *testing.T) {
	n := variable(t, "MONOPLAN_DIFFERENTIAL", 300)
	from := variable(t, "MONOPLAN_DIFFERENTIAL_FROM", 1)
	const batch = 20 // histories share a repository: making one costs more than planning
	workers := make(chan struct{}, runtime.GOMAXPROCS(0))
	var plans, rules counters
	t.Run("histories", func(t *testing.T) {
		for first := from; first < from+n; first += batch {
			t.Run(fmt.Sprint(first), func(t *testing.T) {
				t.Parallel()
				workers <- struct{}{}
				defer func() { <-workers }()
				comparePlansOf(t, first, min(batch, from+n-first), &plans, &rules)
			})
		}
	})
	t.Logf("%d histories, %s", n, plans.String()+"; "+rules.String())
	if n >= 300 {
		for _, rule := range []string{
			"single-service", "first-deploy", "check-disabled", "own-file", "nested-file", "parent-file", "path-dependency",
			"library-file", "orphan-file", "unchanged", "not-in-commit",
		} {
			if rules.get(rule) == 0 {
				t.Errorf("no plan has %s: the histories do not show all rules", rule)
			}
		}
	}
}

func variable(t *testing.T, name string, unset int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%s is no number", name, text)
	}
	return n
}

func comparePlansOf(t *testing.T, first, n int, plans, rules *counters) {
	histories := map[string]*history.History{}
	for seed := first; seed < first+n; seed++ {
		histories[fmt.Sprintf("s%d-", seed)] = randomHistory(uint64(seed))
	}
	dir := filepath.Join(t.TempDir(), "repository")
	if err := history.BuildAll(t.Context(), dir, histories); err != nil {
		t.Fatal(err)
	}
	for seed := first; seed < first+n; seed++ {
		prefix := fmt.Sprintf("s%d-", seed)
		d := differential{t: t, seed: seed, dir: dir, prefix: prefix, history: histories[prefix], plans: plans, rules: rules}
		d.run()
	}
}

// differential compares all plans of one history.
type differential struct {
	t            *testing.T
	seed         int
	dir, prefix  string
	history      *history.History
	shown        bool // a disagreement of this history was shrunk
	trees        map[string]history.Tree
	plans, rules *counters
}

func (d *differential) run() {
	dropCache(d.t, d.dir)
	var err error
	if d.trees, err = d.history.Trees(); err != nil {
		d.t.Fatal(err)
	}
	engines := []string{"git", []string{"auto", "go-git"}[d.seed%2]}
	if d.seed%4 < 2 {
		slices.Reverse(engines)
	}
	last := len(d.history.Commits) - 1
	for i := range last {
		d.compare(i, i+1, "--git-engine", engines[0])
	}
	d.compare(0, last, "--git-engine", engines[1], "--no-cache")
	d.compare(last, 0, "--git-engine", engines[0])
	d.compareChanges(0, last)
	if d.seed%5 == 0 {
		d.compare(-1, last, "--git-engine", engines[1])
	}
	if d.seed%7 == 0 {
		d.compare(0, last, "--git-engine", engines[1], "--force")
	}
	if d.seed%10 == 0 {
		d.compareWorktree(last, engines)
	}
	d.compareRuns(last-1, last, engines)
	if d.seed%9 == 0 {
		d.compareRuns(last, 0, engines)
	}
}

// compareRuns plans from one commit to another with nothing in the cache, with the snapshot of the base alone, and with
// that of head. Each engine reads the snapshot that the other one kept, beside one for another --algorithm.
func (d *differential) compareRuns(from, to int, engines []string) {
	base, head := fmt.Sprintf("%sc%d", d.prefix, from), fmt.Sprintf("%sc%d", d.prefix, to)
	question := []string{"--since", base, "--head", head, "--git-engine"}
	overriding := workspace.Algorithms()[d.seed%len(workspace.Algorithms())]
	var want outcome
	for i, engine := range engines {
		other := engines[1-i]
		dropCache(d.t, d.dir)
		for _, r := range []struct {
			how  string
			args []string
		}{
			{"cold", append(question[:5:5], engine, "--no-cache")},
			{"", []string{"--since", "none", "--head", base, "--git-engine", engine}}, // keeps the snapshot of the base
			{"", append(question[:5:5], engine, "--algorithm", overriding)},           // keeps what is no answer to the question
			{"incremental", append(question[:5:5], other)},
			{"warm", append(question[:5:5], engine)},
		} {
			got := planByCommand(d.t, d.dir, r.args)
			if r.how == "" {
				continue
			}
			d.plans.add(r.how)
			if i == 0 && r.how == "cold" {
				want = got
			}
			if got.code != want.code || got.stdout != want.stdout || got.stderr != want.stderr {
				d.t.Errorf("seed %d, %s, %q: exit code %d\n%s%s\nwant %d, as %s has it cold\n%s%s\n%s", d.seed, r.how, r.args, got.code, got.stdout,
					got.stderr, want.code, engines[0], want.stdout, want.stderr, d.history.Format())
			}
		}
	}
}

// compare plans from one commit to another; from -1 is no baseline.
func (d *differential) compare(from, to int, flags ...string) {
	base, head := "none", fmt.Sprintf("c%d", to)
	since := "none"
	if from >= 0 {
		base = fmt.Sprintf("c%d", from)
		since = d.prefix + base
	}
	got := planByCommand(d.t, d.dir, append([]string{"--since", since, "--head", d.prefix + head}, flags...))
	want := planByOracle(d.trees[base], d.trees[head], from >= 0, slices.Contains(flags, "--force"))
	d.plans.add(flags[1])
	for _, decision := range want {
		for _, reason := range decision.Reasons {
			d.rules.add(reason.Rule)
		}
	}
	if diff := disagreement(got, want); diff != "" {
		d.t.Errorf("seed %d, from %s to %s, %q:\n%s\n%s", d.seed, base, head, flags, diff, d.shrunk(base, head, want))

	}
}

// planByOracle gives nothing where there is no plan: what was a link that is called seed.yml may be a file that has the link's text.
func planByOracle(base, head history.Tree, hasBase, force bool) []history.Decision {
	if _, parses := readOracleSeed(head); !parses {
		return nil
	}
	return newOracle(base, head, differences(base, head), "repository").plan(hasBase, force)
}

// disagreement says how the command's plan differs from the oracle's, or nothing. A plan of nothing at all is an error.
func disagreement(got outcome, want []history.Decision) string {
	wantCode := 0
	if len(want) == 0 {
		wantCode = 1
	}
	if got.code != wantCode {
		return fmt.Sprintf("exit code %d, want %d\n%s", got.code, wantCode, got.stderr)
	}
	for i, d := range want {
		want[i].Name = string([]rune(d.Name)) // as JSON has it
	}
	return compareDecisions(got.decisions, want)
}

// compareWorktree leaves the last commit's changes uncommitted, and plans from the first commit to the working tree. A
// submodule's commit cannot be changed so: there is no repository in its directory.
func (d *differential) compareWorktree(last int, engines []string) {
	h := &history.History{Comment: d.history.Comment, Commits: d.history.Commits[:last], Worktree: append([]history.Op{}, d.history.Commits[last].Ops...)}
	committed, head := d.trees[fmt.Sprintf("c%d", last-1)], d.trees[fmt.Sprintf("c%d", last)]
	for _, p := range differences(committed, head) {
		if committed[p].Mode == "160000" || head[p].Mode == "160000" {
			return
		}
	}
	dir := filepath.Join(d.t.TempDir(), "repository")
	if err := h.Build(d.t.Context(), dir); err != nil {
		d.t.Fatal(err)
	}
	want := planByOracle(d.trees["c0"], head, true, false)
	for _, engine := range engines {
		got := planByCommand(d.t, dir, []string{"--since", "c0", "--worktree", "--git-engine", engine})
		d.plans.add("--worktree")
		if diff := disagreement(got, want); diff != "" {
			d.t.Errorf("seed %d, from c0 to the working tree, %s:\n%s\n%s", d.seed, engine, diff, h.Format())
		}
	}
}

// compareChanges checks the oracle's own idea of what changed against git's.
func (d *differential) compareChanges(from, to int) {
	base, head := fmt.Sprintf("c%d", from), fmt.Sprintf("c%d", to)
	cmd := exec.CommandContext(d.t.Context(), "git", "diff", "--raw", "-z", "--no-renames", d.prefix+base, d.prefix+head)
	cmd.Dir = d.dir
	cmd.Env = append(cmd.Environ(), history.Environment()...)
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatal(err)
	}
	var changed []string
	for i, field := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if i%2 == 1 {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	if want := differences(d.trees[base], d.trees[head]); !slices.Equal(changed, want) {
		d.t.Errorf("seed %d, %s..%s: git says %q changed, the oracle %q", d.seed, base, head, changed, want)
	}
}

// shrunk looks for a smaller pair of trees that the two disagree about, once for each history, and prints it with both
// plans.
func (d *differential) shrunk(base, head string, want []history.Decision) string {
	if d.shown {
		return ""
	}
	d.shown = true
	pair := [2]history.Tree{maps.Clone(d.trees[base]), maps.Clone(d.trees[head])}
	diff := ""
	if pair[0] != nil {
		diff = d.disagreeAbout(pair)
	}
	if diff == "" {
		d.history.Plans = []history.Plan{{Base: base, Head: head, Decisions: want}}
		return "The two commits alone are no problem: the cache or an engine may be.\n" + string(d.history.Format())
	}
	pair = shrink(pair, func(smaller [2]history.Tree) bool {
		now := d.disagreeAbout(smaller)
		if now != "" {
			diff = now
		}
		return now != ""
	})
	return "shrunk:\n" + diff + string(historyOf(pair).Format())
}

// shrink takes paths out of two trees for as long as that leaves wrong what is wrong with them.
func shrink(pair [2]history.Tree, stillWrong func([2]history.Tree) bool) [2]history.Tree {
	paths := maps.Clone(pair[0])
	maps.Copy(paths, pair[1])
	for again := true; again; {
		again = false
		for _, p := range slices.Sorted(maps.Keys(paths)) {
			for _, sides := range [][]int{{0, 1}, {0}, {1}} {
				smaller := [2]history.Tree{maps.Clone(pair[0]), maps.Clone(pair[1])}
				for _, side := range sides {
					delete(smaller[side], p)
				}
				if len(smaller[0])+len(smaller[1]) < len(pair[0])+len(pair[1]) && stillWrong(smaller) {
					pair, again = smaller, true
				}
			}
		}
	}
	return pair
}

func (d *differential) disagreeAbout(pair [2]history.Tree) string {
	dir := filepath.Join(d.t.TempDir(), "repository")
	if err := historyOf(pair).Build(d.t.Context(), dir); err != nil {
		d.t.Fatal(err)
	}
	want := planByOracle(pair[0], pair[1], true, false)
	return disagreement(planByCommand(d.t, dir, []string{"--since", "base", "--head", "head", "--no-cache"}), want)
}

// historyOf makes a history of two trees.
func historyOf(pair [2]history.Tree) *history.History {
	h := &history.History{Comment: "Two trees."}
	for i, name := range []string{"base", "head"} {
		g := generator{tree: history.Tree{}}
		if i == 1 {
			g.tree = maps.Clone(pair[0])
		}
		g.revert(pair[i])
		h.Commits = append(h.Commits, history.Commit{Name: name, Ops: g.ops})
	}
	h.Commits[1].Parents = []string{"base"}
	h.Plans = []history.Plan{{Base: "base", Head: "head", Decisions: planByOracle(pair[0], pair[1], true, false)}}
	return h
}

// counters count by name, from several goroutines.
type counters struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counters) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[name]++
}

func (c *counters) get(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[name]
}

func (c *counters) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", c.counts[name], name))
	}
	return strings.Join(parts, ", ")
}
