package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/internal/nearest"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

type deployOptions struct {
	stageOptions
	plan        string
	only        []string
	concurrency int
	dryRun      bool
	remove      bool
	allowDirty  bool
	wait        bool
	forwardOnly bool
	format      string
}

const deployLong = `
Deploy to a stage what changed since it was last deployed there: plan, package, deploy, remember. Each service is
deployed by its own tool (serverless, sam, cdk, sst, or the command that seed.yml gives it) in its directory, phase
after phase, and is written to the ledger when it has ended. So what succeeded in a failing run is not deployed again.

Only what is committed is deployed, and all of it: where uncommitted or untracked files would deploy a planned service, or
files of one are not checked out, nothing is deployed (--allow-dirty deploys it all the same, and does not remember it).
Services of the plan are locked for the run; what another run holds is waited for with --wait.

One interrupt tells the services that are running to stop, and records them; a second ends them at once.`

const deployExample = `  monoplan deploy --stage dev
  monoplan deploy --stage prod --plan plan.json
  monoplan deploy --stage dev --only posts --force
  monoplan deploy --stage dev --dry-run
  monoplan deploy --stage prod --format json | jq -r 'select(.event == "service-ended") | .service'`

func newDeploy(a *app) *cobra.Command {
	var o deployOptions
	cmd := &cobra.Command{
		Use:     "deploy --stage <stage>",
		Short:   "Deploy what changed since the last deploy to a stage",
		Long:    withExitCodes(deployLong, exitDeploy, exitLedger),
		Example: deployExample,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return runDeploy(cmd.Context(), a, o)
		},
	}
	o.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.plan, "plan", "", "deploy the plan in `file`, which plan --out made")
	flags.StringSliceVar(&o.only, "only", nil, "deploy none but these `services` of the plan")
	flags.IntVar(&o.concurrency, "concurrency", 4, "how many services of a phase are deployed at once")
	flags.BoolVar(&o.dryRun, "dry-run", false, "say what would run, and run nothing")
	flags.BoolVar(&o.remove, "remove", false, "remove the services that are gone, by their tools' own commands")
	flags.BoolVar(&o.allowDirty, "allow-dirty", false, "deploy uncommitted and untracked files too; what they are in is not remembered")
	flags.BoolVar(&o.wait, "wait", false, "wait for services that another run holds")
	flags.BoolVar(&o.forwardOnly, "forward-only", false, "refuse to deploy an older commit than the one that is deployed")
	flags.BoolVar(&o.ledger.local, "local-ledger", false, "keep the ledger on this machine, though CI=true")
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func (o *deployOptions) check(cmd *cobra.Command) error {
	flags := cmd.Flags()
	for _, name := range []string{"plan", "only"} {
		if f := flags.Lookup(name); f.Changed && strings.Trim(f.Value.String(), "[]") == "" {
			return usage("an unset variable?", "--%s is empty", name)
		}
	}
	if o.plan != "" && flags.Changed("branch") {
		return usage("the plan has its stage", "--plan and --branch exclude each other")
	}
	if o.plan != "" && o.force {
		return usage("monoplan plan --force --out makes a plan of every service", "--plan and --force exclude each other")
	}
	if o.concurrency < 1 {
		return usage("leave it out for 4", "--concurrency must be 1 or more")
	}
	o.head = "HEAD"
	if o.plan != "" && !flags.Changed("stage") {
		return nil
	}
	return o.stageOptions.check(cmd)
}

func runDeploy(ctx context.Context, a *app, o deployOptions) error {
	a.fetch = true // a deploy uses the network, and needs what it then can have
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if s.repo.WorkTree == "" {
		return &hinted{gitdiff.ErrNoWorktree, "what is deployed is checked out: run it in a clone, or in what git worktree add makes"}
	}
	o.ledger.network = true
	for attempt := 0; ; attempt++ {
		err := s.deploy(ctx, o)
		const most = 100 // each time somebody else got something done
		if o.plan != "" || !errors.As(err, new(*ledger.MovedError)) || attempt == most {
			return err
		}
		s.log.Debug("planning again", "because", err)
	}
}

// deploy plans and deploys once. Where another run was faster, between the plan and its lock, the error is a
// *ledger.MovedError and nothing was begun.
func (s *session) deploy(ctx context.Context, o deployOptions) (err error) {
	d := &deploy{session: s, options: o, run: newRunName()}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	if o.dryRun {
		return d.printDryRun(ctx)
	}
	return d.execute(ctx)
}

// deploy is one run.
type deploy struct {
	*session
	options deployOptions
	// run names it: no two have the same name.
	run    string
	staged *staged
	// successors has, by the path of a service that is gone from head, those of head that are, or may be, deployed over it.
	successors map[string]successors
	// chosen are the services of the plan that this run deploys or removes.
	chosen []planner.ServicePlan
	// dirty has the services, by their paths, that the working tree would deploy.
	dirty map[string]bool
	// absent has, by the paths of services, the files that they lack unless a hook brings them.
	absent map[string][]tree.Entry
	// packaging makes artifacts, phase by phase.
	packaging *phasePackaging
	// temp is a directory for what is removed at the end; nil until it is needed.
	temp *durable.Temporary
}

// prepare does all that can go wrong before anything is deployed.
func (d *deploy) prepare(ctx context.Context) (err error) {
	if d.staged, err = d.makePlan(ctx); err != nil {
		return err
	}
	d.app.warnAll(d.staged.workspace.Warnings)
	if err := d.staged.config.CheckPhases(d.staged.workspace.Services); err != nil {
		return err
	}
	if d.successors, err = d.findSuccessors(ctx); err != nil {
		return err
	}
	if d.chosen, err = d.choose(); err != nil {
		return err
	}
	if err := d.checkShared(); err != nil {
		return err
	}
	if err := d.checkDirty(ctx); err != nil {
		return err
	}
	if err := d.checkAbsent(ctx); err != nil {
		return err
	}
	if d.options.forwardOnly {
		return d.checkForward(ctx)
	}
	return nil
}

// makePlan makes the plan, or takes the one of a file if that still holds.
func (d *deploy) makePlan(ctx context.Context) (*staged, error) {
	o := d.options.stageOptions
	if d.options.plan == "" {
		return d.planStage(ctx, o)
	}
	kept, err := d.readPlan(ctx)
	if err != nil {
		return nil, err
	}
	o.name = kept.Plan.Stage
	o.isNew = true // it was said when the plan was made
	p, err := d.planStage(ctx, o)
	if err != nil {
		return nil, err
	}
	if moved := kept.Moved(p.file(), d.namesOf(kept.Plan, d.options.only)); len(moved) > 0 {
		return nil, &stalePlanError{d.options.plan, moved}
	}
	p.plan = kept.Plan
	return p, nil
}

// namesOf gives the names of services that may be given as directories; one that is not there stays what it is.
func (d *deploy) namesOf(p *planner.Plan, only []string) []string {
	var names []string
	for _, name := range only {
		if found, ok := findService(p, name, d.subjectPaths(name)); ok {
			name = found.Name
		}
		names = append(names, name)
	}
	return names
}

// choose gives the services of the plan that are deployed, and with --remove those that are removed.
func (d *deploy) choose() ([]planner.ServicePlan, error) {
	plan := d.staged.plan
	only := d.namesOf(plan, d.options.only)
	for _, name := range only {
		if !slices.ContainsFunc(plan.Services, func(s planner.ServicePlan) bool { return s.Name == name }) {
			return nil, unknownService(plan, name)
		}
	}
	var chosen []planner.ServicePlan
	for _, s := range plan.Services {
		switch {
		case len(only) > 0 && !slices.Contains(only, s.Name):
		case s.Action == planner.Deploy:
			chosen = append(chosen, s)
		case s.Action == planner.Remove && len(d.successors[s.Path].paths) > 0:
			d.app.messages().warn("", 0, d.successors[s.Path].warning(s))
		case s.Action == planner.Remove && !d.options.remove:
			d.app.messages().warn("", 0, fmt.Sprintf("%s is deployed and is gone from head; --remove removes it", report.Quote(s.Name)))
		case s.Action == planner.Remove:
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

func unknownService(p *planner.Plan, name string) error {
	var names []string
	for _, s := range p.Services {
		names = append(names, s.Name)
	}
	hint := serviceHint(p)
	if near := nearest.Name(name, names); near != "" {
		hint = "did you mean " + report.Quote(near) + "?"
	}
	return &usageError{"there is no service " + report.Quote(name), hint}
}
