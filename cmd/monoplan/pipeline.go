package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace"
)

// view is a tree with the services that were found in it, and how it differs from the base.
type view struct {
	revisions
	tree      tree.Reader
	config    *workspace.Config
	workspace *workspace.Workspace
	// packages are those of each algorithm that knows packages.
	packages map[planner.Algorithm]planner.Packages
	// net is how the tree differs from the base, and touched the paths that --log counts instead.
	net, touched []tree.Change
}

// planned is a plan with what it was made from.
type planned struct {
	*view
	plan *planner.Plan
	// comparison is what the plan saw of the changes; it is empty where there is no base.
	comparison planner.Comparison
}

// plan makes a plan that is to be shown or packaged: one without any service is an error.
func (s *session) plan(ctx context.Context, c comparison, force bool) (*planned, error) {
	p, err := s.compare(ctx, c, force)
	if err == nil && len(p.plan.Services) == 0 {
		err = errNoService
	}
	return p, err
}

// compare is the way from the flags to a plan: revisions, seed.yml, services, changes, decisions. No step reaches back.
func (s *session) compare(ctx context.Context, c comparison, force bool) (*planned, error) {
	v, err := s.look(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &planned{view: v}
	if c.log {
		s.warnOfUntouched(v)
	}
	if v.state == planner.Known {
		base := workspace.Base{Tree: s.repo.Tree(v.base.Tree), Changes: v.net, Touched: v.touched}
		if p.comparison, err = v.workspace.Compare(ctx, base); err != nil {
			return nil, err
		}
		s.step("compare")
	}
	if c.engine == engineCLI && v.state == planner.Known && !force {
		comparisons := map[string]planner.Comparison{v.base.ID: p.comparison}
		if err := s.askTools(ctx, c, v, comparisons); err != nil {
			return nil, err
		}
		p.comparison = comparisons[v.base.ID]
	}
	p.plan = v.decide(c, v.baseline(), p.comparison, force)
	s.step("plan")
	return p, nil
}

// look reads head, and what differs from the base.
func (s *session) look(ctx context.Context, c comparison) (*view, error) {
	if c.worktree && s.repo.WorkTree == "" {
		return nil, gitdiff.ErrNoWorktree
	}
	r, err := s.resolve(ctx, c)
	if err != nil {
		return nil, err
	}
	v := &view{revisions: r, tree: s.repo.Tree(r.head.Tree)}
	text, err := s.configText(ctx, c, v.tree)
	if err != nil {
		return nil, err
	}
	options := s.workspaceOptions(v, c)
	// While git compares the trees, seed.yml is parsed, and the snapshot of head's is read; the working tree has none.
	if !c.worktree {
		options = options.Ahead(string(text), c.override())
	}
	var config errgroup.Group
	config.Go(func() (err error) {
		if v.config, err = s.parseConfig(text); err == nil && c.override() != "" {
			v.config.Override(c.override())
		}
		return err
	})
	compared := s.readChanges(ctx, c, v)
	if err := config.Wait(); err != nil {
		return nil, err
	}
	s.step("config")
	if compared != nil {
		return nil, compared
	}
	options.Tree, options.Config = v.tree, v.config
	if v.workspace, err = workspace.Load(ctx, options); err != nil {
		return nil, err
	}
	v.packages = v.workspace.Packages()
	return v, nil
}

// readChanges fills in what differs from the base, and with --worktree the tree. Where there is no base the working
// tree is read as it differs from head, and that difference is no change.
func (s *session) readChanges(ctx context.Context, c comparison, v *view) error {
	var err error
	switch {
	case c.worktree && v.state == planner.Known:
		v.tree, v.net, err = s.repo.Worktree(ctx, v.base.Tree)
	case c.worktree:
		v.tree, _, err = s.repo.Worktree(ctx, v.head.Tree)
	case v.state != planner.Known:
		return nil
	default:
		v.net, err = s.diff(ctx, v.base.Tree, v.head.Tree)
	}
	if err == nil && c.log {
		v.touched, err = s.touched(ctx, v.base.ID, v.head.ID)
	}
	s.step("diff")
	return err
}

// touched gives each path once that any commit since the base touched.
func (s *session) touched(ctx context.Context, base, head string) ([]tree.Change, error) {
	changes := []tree.Change{}
	seen := make(map[string]int)
	err := s.repo.Log(ctx, base, head, func(c tree.Change) error {
		if at, ok := seen[c.Path]; ok {
			changes[at] = eitherSubmodule(changes[at], c)
			return nil
		}
		seen[c.Path] = len(changes)
		changes = append(changes, c)
		return nil
	})
	return changes, err
}

// warnOfUntouched warns of what differs and no commit since the base touched: on a rollback that is all of it, and otherwise
// what only the base's own side has. Of a head that comes after the base there is nothing of the kind.
func (s *session) warnOfUntouched(v *view) {
	isTouched := make(map[string]bool, len(v.touched))
	for _, c := range v.touched {
		isTouched[c.Path] = true
	}
	untouched := 0
	for _, c := range v.net {
		if _, ignored := v.workspace.Ignored(c.Path, false); !ignored && !isTouched[c.Path] {
			untouched++
		}
	}
	what, whom := fmt.Sprintf("%d paths that differ", untouched), "them"
	switch untouched {
	case 0:
		return
	case 1:
		what, whom = "1 path that differs", "it"
	}
	s.app.messages().warn("", 0, fmt.Sprintf("--log leaves out %s, since no commit of head that the base lacks touched %s: the base is newer, or on another branch", what, whom))
}

// eitherSubmodule joins two changes of a path: it is a submodule's if it was one in any of them.
func eitherSubmodule(a, b tree.Change) tree.Change {
	if b.OldMode == tree.Submodule || b.NewMode == tree.Submodule {
		return b
	}
	return a
}

func (v *view) baseline() planner.Baseline { return planner.Baseline{State: v.state, SHA: v.base.ID} }

// decide makes the plan of what was found and what changed.
func (v *view) decide(c comparison, baseline planner.Baseline, changes planner.Comparison, force bool) *planner.Plan {
	in := v.input(c.head, baseline, force)
	in.Worktree = c.worktree
	if c.hasSince {
		in.Base = &planner.Revision{Ref: c.since, SHA: v.base.ID}
	}
	if baseline.State == planner.Known {
		in.Comparisons = map[string]planner.Comparison{baseline.SHA: changes}
	}
	return planner.Make(in)
}

// input is what the planner is given of the view, before it is compared with anything. head is the commit as the user
// named it.
func (v *view) input(head string, baseline planner.Baseline, force bool) planner.Input {
	return planner.Input{
		Head:      planner.Revision{Ref: head, SHA: v.head.ID},
		Algorithm: v.config.Algorithm,
		Services:  v.services(baseline),
		Graph:     v.workspace.Graph(),
		Packages:  v.packages,
		Options: planner.Options{
			Force:              force,
			OrphansOpen:        v.config.OrphansOpen,
			NoPathDependencies: !v.config.PathDependencies,
		},
	}
}

func (v *view) services(baseline planner.Baseline) []planner.Service {
	services := make([]planner.Service, 0, len(v.workspace.Services))
	for _, s := range v.workspace.Services {
		services = append(services, planner.Service{
			Path: s.Path, Name: s.Name, Type: s.Type, Phase: s.Phase,
			Algorithm: s.Algorithm, Missing: s.Missing, AlwaysDeploy: s.AlwaysDeploy, Isolated: s.Isolated, Open: s.Open,
			Baseline: baseline,
		})
	}
	return services
}

// warnAll says what the workspace has to say of the repository's files.
func (a *app) warnAll(warnings []workspace.Warning) {
	for _, w := range warnings {
		a.messages().warn(w.File, w.Line, w.Message)
	}
}
