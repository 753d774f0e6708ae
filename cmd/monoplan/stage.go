package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/nearest"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// staged is a plan for a stage, with what it was made from.
type staged struct {
	*view
	plan   *planner.Plan
	ledger *stageLedger
	stage  *ledger.Stage
	// baselines has the commits that services were compared with, by their IDs.
	baselines map[string]gitdiff.Commit
}

// stageOptions are what a plan for a stage is asked for.
type stageOptions struct {
	// name is the stage; where it is empty, it is made of branch.
	name, branch string
	head         string
	hasHead      bool
	onMissing    string
	algorithm    string
	engine       string
	force        bool
	isNew        bool
	ledger       ledgerOptions
}

// planStage is the way from a stage to a plan: what is there, what was deployed, what differs, decisions. Each service is
// compared with its own baseline; services that share one share the comparison.
func (s *session) planStage(ctx context.Context, o stageOptions) (_ *staged, err error) {
	c := comparison{head: o.head, hasHead: o.hasHead, onMissing: o.onMissing, algorithm: o.algorithm}
	v, err := s.look(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &staged{view: v}
	defer func() {
		if err != nil && p.ledger != nil {
			err = errors.Join(err, p.ledger.close())
		}
	}()
	if p.ledger, err = s.openStageLedger(ctx, v.config, o.ledger); err != nil {
		return nil, err
	}
	if o.branch != "" {
		if o.name, err = s.stageOfBranch(ctx, v.config, o.branch); err != nil {
			return nil, err
		}
		o.isNew = true // made, and not typed
	}
	if p.stage, err = p.ledger.Read(ctx, o.name); err != nil {
		return nil, err
	}
	s.step("ledger")
	if err := p.ledger.checkKnown(ctx, p.stage, o.isNew); err != nil {
		return nil, err
	}
	if err := s.findBaselines(ctx, p, o); err != nil {
		return nil, err
	}
	comparisons, err := s.compareBaselines(ctx, p, o)
	if err != nil {
		return nil, err
	}
	if o.engine == engineCLI && !o.force {
		if err := s.askTools(ctx, c, v, comparisons); err != nil {
			return nil, err
		}
	}
	p.plan = planner.Make(p.input(o, comparisons))
	if len(p.plan.Services) == 0 {
		return nil, errNoService
	}
	s.step("plan")
	return p, nil
}

// stageOfBranch makes the name of a stage, by seed.yml's own command if there is one.
func (s *session) stageOfBranch(ctx context.Context, c *workspace.Config, branch string) (string, error) {
	made, err := deployer.MakeStageName(ctx, deployer.Config{
		Root: cmp.Or(s.repo.WorkTree, s.repo.CommonDir), Env: s.app.Env, App: s.repositoryName(), StageBranch: branch,
	}, c.StageNameConstructor)
	if err == nil && made.Doubt != nil {
		s.app.messages().warn(workspace.ConfigFile, 0, fmt.Sprintf("%v; the stage is called %s", made.Doubt, report.Quote(made.Name)))
	}
	return made.Name, err
}

// checkKnown finds a stage that was mistyped: one that was never deployed to, with a name that one letter makes another
// stage's. Stages that are numbered (pr-12) differ in digits, and are no mistakes.
func (l *stageLedger) checkKnown(ctx context.Context, stage *ledger.Stage, isNew bool) error {
	if stage.Version != "" || isNew {
		return nil
	}
	known, err := l.Stages(ctx)
	if err != nil {
		return err
	}
	const shortest = 3
	for _, name := range known {
		if len(name) >= shortest && nearest.Distance(stage.Name, name) == 1 && letters(stage.Name) != letters(name) {
			return usage(fmt.Sprintf("did you mean --stage %s? --new-stage is for the first deploy to a new one", name),
				"nothing was ever deployed to a stage %s", report.Quote(stage.Name))
		}
	}
	return nil
}

// letters takes the digits out of a name.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, name)
}

// findBaselines resolves the commits that services were deployed from. Those that are not here are fetched where the
// network may be used; what then is not here is missing, which deploys or is an error.
func (s *session) findBaselines(ctx context.Context, p *staged, o stageOptions) error {
	p.baselines = map[string]gitdiff.Commit{}
	ids := p.baselineIDs()
	missing, err := s.resolveBaselines(ctx, p, ids)
	if err != nil {
		return err
	}
	if len(missing) > 0 && o.ledger.network {
		s.fetchBaselines(ctx, p.ledger, missing)
		if missing, err = s.resolveBaselines(ctx, p, missing); err != nil {
			return err
		}
	}
	s.step("baselines")
	if len(missing) > 0 && o.onMissing == "fail" {
		return &missingBaselineError{missing[0], p.servicesAt(missing[0]), o.ledger.network}
	}
	return nil
}

// baselineIDs lists the commits that services of head are compared with, each once, those deployed first before the
// others: trees of one history are compared fastest in that order.
func (p *staged) baselineIDs() []string {
	deployed := map[string]time.Time{}
	for _, service := range p.workspace.Services {
		if b := baselineOf(p.stage.Services[service.Path]); b.State == planner.Known {
			when := p.stage.Services[service.Path].Baseline.Time
			if first, ok := deployed[b.SHA]; !ok || when.Before(first) {
				deployed[b.SHA] = when
			}
		}
	}
	return slices.SortedFunc(maps.Keys(deployed), func(a, b string) int {
		return cmp.Or(deployed[a].Compare(deployed[b]), cmp.Compare(a, b))
	})
}

func (s *session) resolveBaselines(ctx context.Context, p *staged, ids []string) (missing []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.repo.Resolve(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, f := range found {
		var revision *gitdiff.RevisionError
		switch {
		case f.Err == nil:
			p.baselines[ids[i]] = f.Commit
		case errors.As(f.Err, &revision) && revision.Kind == gitdiff.MissingObject:
			missing = append(missing, ids[i])
		default:
			return nil, f.Err
		}
	}
	return missing, nil
}

// fetchBaselines gets commits from the ledger's remote, which keeps what was deployed, and from origin those that it has not. What
// cannot be had is no error here: it stays missing.
func (s *session) fetchBaselines(ctx context.Context, l *stageLedger, ids []string) {
	const origin = "origin"
	missing := s.fetchFrom(ctx, cmp.Or(l.remote, origin), ids)
	if len(missing) > 0 && l.remote != "" && l.remote != origin {
		s.fetchFrom(ctx, origin, missing)
	}
}

// fetchFrom gets commits from a remote, all at once or else each by itself: a remote that lacks one of them sends none. It gives
// those that it did not get.
func (s *session) fetchFrom(ctx context.Context, remote string, ids []string) (missing []string) {
	err := s.repo.FetchCommits(ctx, remote, ids)
	s.log.Debug("commits fetched", "remote", gitdiff.RemoteName(remote), "commits", len(ids), "error", err)
	switch {
	case err == nil:
		return nil
	case len(ids) == 1:
		return ids
	}
	for _, id := range ids {
		missing = append(missing, s.fetchFrom(ctx, remote, []string{id})...)
	}
	return missing
}

// compareBaselines compares head with every baseline. One whose files cannot be read is missing after all: a clone may
// have a commit without them.
func (s *session) compareBaselines(ctx context.Context, p *staged, o stageOptions) (map[string]planner.Comparison, error) {
	var ids, trees []string
	for _, id := range p.baselineIDs() {
		if commit, ok := p.baselines[id]; ok {
			ids, trees = append(ids, id), append(trees, commit.Tree)
		}
	}
	changes, err := s.repo.Changes(ctx, trees, p.head.Tree)
	if err != nil {
		return nil, err
	}
	s.step("diff")
	comparisons := make(map[string]planner.Comparison, len(ids))
	for i, id := range ids {
		c, err := p.workspace.Compare(ctx, workspace.Base{Tree: s.repo.Tree(trees[i]), Changes: changes[i]})
		switch {
		case err == nil:
			comparisons[id] = c
		case o.onMissing == "fail" || !isLack(err):
			return nil, err
		default:
			s.app.messages().warn("", 0, fmt.Sprintf("%s counts as missing: %v", short(id), err))
		}
	}
	s.step("compare")
	return comparisons, nil
}

// isLack reports whether an error is about objects that are not here. Those of a partial clone can be fetched, and that they
// were not is an error.
func isLack(err error) bool { return errors.As(err, new(*gitdiff.ObjectError)) }

// input is what the planner is given.
func (p *staged) input(o stageOptions, comparisons map[string]planner.Comparison) planner.Input {
	in := p.view.input(o.head, planner.Baseline{}, o.force)
	in.Stage, in.Comparisons = p.stage.Name, comparisons
	present := make(map[string]bool, len(in.Services))
	for i := range in.Services {
		service := &in.Services[i]
		present[service.Path] = !service.Missing
		service.Baseline = baselineOf(p.stage.Services[service.Path])
		if _, ok := comparisons[service.Baseline.SHA]; service.Baseline.State == planner.Known && !ok {
			service.Baseline.State = planner.Unavailable
		}
	}
	for path, record := range p.stage.Services {
		if commit := deployedCommit(record); commit != "" && !present[path] {
			in.Gone = append(in.Gone, planner.Gone{
				Removed:  planner.Removed{Path: path, Name: record.Name, Type: record.Type, Phase: record.Phase},
				Baseline: commit,
			})
		}
	}
	return in
}

// baselineOf says what a service's record is to the planner. One that never was deployed as a commit has it has nothing to be
// compared with, however its deploys ended. A deploy of a working tree that was not its commit leaves something live that no
// commit has, so what follows it is as after a failure.
func baselineOf(record ledger.Service) planner.Baseline {
	if record.Baseline == nil {
		return planner.Baseline{}
	}
	b := planner.Baseline{State: planner.Known, SHA: record.Baseline.Commit}
	if record.Last != nil {
		b.State = planner.LastRunFailed
	}
	return b
}

// deployedCommit is the commit of which something is, or may be, deployed; it is empty where nothing ever was.
func deployedCommit(record ledger.Service) string {
	switch {
	case record.Baseline != nil:
		return record.Baseline.Commit
	case record.Last != nil:
		return record.Last.Commit
	}
	return ""
}

// servicesAt names the services whose baseline is a commit.
func (p *staged) servicesAt(commit string) []string {
	var names []string
	for _, service := range p.workspace.Services {
		if record := p.stage.Services[service.Path]; record.Baseline != nil && record.Baseline.Commit == commit {
			names = append(names, service.Name)
		}
	}
	return names
}

// missingBaselineError is a baseline that cannot be had, where that is to be an error.
type missingBaselineError struct {
	commit   string
	services []string
	// asked says that the remote was asked for it.
	asked bool
}

func (e *missingBaselineError) Error() string {
	return fmt.Sprintf("the repository does not have %s, from which %s", short(e.commit), wereDeployed(e.services))
}

func wereDeployed(services []string) string {
	if len(services) == 1 {
		return report.Quote(services[0]) + " was deployed"
	}
	return fmt.Sprintf("%s and %d more were deployed", report.Quote(services[0]), len(services)-1)
}

// short cuts a commit's ID to what a person compares by eye.
func short(id string) string { return id[:min(10, len(id))] }
