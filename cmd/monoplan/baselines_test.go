package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/history"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace"
)

// BenchmarkBaselines plans services that were last deployed from one commit, or from fifty different ones: everything from
// opening the repository to the plan, with head's snapshot in the cache.
//
// MONOPLAN_BENCH_REPOSITORY names a repository to do it in, as bench/generate -baselines 50 makes it; without it a small
// one is made.
func BenchmarkBaselines(b *testing.B) {
	dir := os.Getenv("MONOPLAN_BENCH_REPOSITORY")
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "repository")
		if err := releases(50).Build(b.Context(), dir); err != nil {
			b.Fatal(err)
		}
	}
	for _, n := range []int{1, 50} {
		for _, engine := range []string{"git", "go-git"} {
			b.Run(fmt.Sprintf("baselines=%d/%s", n, engine), func(b *testing.B) {
				cache := &workspace.Cache{Dir: b.TempDir(), Failed: func(err error) { b.Error(err) }}
				if err := planFromBaselines(b.Context(), dir, engine, 1, cache); err != nil { // fills the cache
					b.Fatal(err)
				}
				cache.Wait()
				b.ReportAllocs()
				for b.Loop() {
					if err := planFromBaselines(b.Context(), dir, engine, n, cache); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// releases is a history of 200 services that was released n times, each time with ten changes. Each release has a tag, the
// latest base-1, and head comes after it.
func releases(n int) *history.History {
	h := &history.History{Comment: "Releases."}
	for i := range n + 1 {
		c := history.Commit{Name: fmt.Sprintf("base-%d", n-i)}
		if i == n {
			c.Name = "head"
		}
		for s := range 200 {
			dir := fmt.Sprintf("services/svc-%d/", s)
			if i == 0 {
				c.Ops = append(c.Ops, history.Op{Verb: "put", Path: dir + "serverless.yml", Arg: fmt.Sprintf("service: svc-%d\n", s)})
			}
			if i == 0 || s%20 == i%20 {
				c.Ops = append(c.Ops, history.Op{Verb: "put", Path: dir + "handler.py", Arg: fmt.Sprint(i)})
			}
		}
		if i > 0 {
			c.Parents = []string{h.Commits[i-1].Name}
		}
		h.Commits = append(h.Commits, c)
	}
	return h
}

// planFromBaselines gives the services the baselines base-1 to base-n in turn, compares all of them in one batch, and plans.
func planFromBaselines(ctx context.Context, dir, engine string, n int, cache *workspace.Cache) error {
	repo, err := gitdiff.Open(ctx, dir, gitdiff.Options{Engine: engine, Env: os.Environ()})
	if err != nil {
		return err
	}
	defer repo.Close()
	revisions := []string{"HEAD"}
	for i := range n {
		revisions = append(revisions, fmt.Sprintf("base-%d", i+1))
	}
	found, err := repo.Resolve(ctx, revisions)
	if err != nil {
		return err
	}
	head, baselines := found[0].Commit, found[1:]
	slices.Reverse(baselines) // base-1 is the latest
	var olds []string
	for _, r := range baselines {
		if r.Err != nil {
			return r.Err
		}
		olds = append(olds, r.Commit.Tree)
	}
	changes, err := repo.Changes(ctx, olds, head.Tree)
	if err != nil {
		return err
	}
	w, err := workspace.Load(ctx, workspace.Options{Tree: repo.Tree(head.Tree), Config: workspace.DefaultConfig(), Cache: cache})
	if err != nil {
		return err
	}
	in := planner.Input{Head: planner.Revision{SHA: head.ID}, Comparisons: map[string]planner.Comparison{}}
	for i, r := range baselines {
		c, err := w.Compare(ctx, workspace.Base{Tree: repo.Tree(r.Commit.Tree), Changes: changes[i]})
		if err != nil {
			return err
		}
		in.Comparisons[r.Commit.ID] = c
	}
	in.Graph = w.Graph()
	for i, s := range w.Services {
		in.Services = append(in.Services, planner.Service{
			Path: s.Path, Name: s.Name, Type: s.Type, Open: s.Open,
			Baseline: planner.Baseline{State: planner.Known, SHA: baselines[i%n].Commit.ID},
		})
	}
	if plan := planner.Make(in); plan.Count(planner.Deploy) == 0 {
		return fmt.Errorf("a plan of %d services deploys nothing", len(plan.Services))
	}
	return nil
}
