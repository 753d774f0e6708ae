package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
)

const ledgerSetLong = `
Say which commit of a service is live in a stage: what a project that monoplan begins to deploy has deployed already, or
what somebody deployed by hand. The next plan compares with that commit. Nothing is deployed.`

const ledgerSetExample = `  monoplan ledger set --stage prod --all --commit v1.4.0 --why "live before monoplan"
  monoplan ledger set --stage prod --service posts --commit 1f0c2d3`

func newLedgerSet(a *app) *cobra.Command {
	var o ledgerFlags
	var commit string
	cmd := &cobra.Command{
		Use:     "set --stage <stage> --commit <commit>",
		Short:   "Say which commit of a service is live",
		Long:    withExitCodes(ledgerSetLong, exitLedger),
		Example: ledgerSetExample,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if commit == "" {
				return usage("--commit <commit> names what is live", "--commit is missing")
			}
			if err := o.checkServices(); err != nil {
				return err
			}
			return a.withLedger(cmd.Context(), func(v *ledgerView) error { return v.set(cmd.Context(), o, commit) })
		},
	}
	o.addStage(cmd)
	o.addServices(cmd, "set")
	cmd.Flags().BoolVar(&o.all, "all", false, "set every service of head")
	cmd.Flags().StringVar(&commit, "commit", "", "the `commit` that is live")
	o.addWhy(cmd)
	return cmd
}

func (v *ledgerView) set(ctx context.Context, o ledgerFlags, rev string) error {
	stage, err := v.ledger.Read(ctx, o.stage)
	if err != nil {
		return err
	}
	var targets []ledger.Target
	if o.all {
		targets = v.known(&ledger.Stage{})
	} else if targets, err = v.targets(stage, o.services); err != nil {
		return err
	}
	if len(targets) == 0 {
		return errNoService
	}
	commit, err := v.commit(ctx, rev)
	if err != nil {
		return err
	}
	var results []ledger.Result
	var names []string
	for _, t := range targets {
		results = append(results, ledger.Result{Target: t, Deploy: ledger.Deploy{Commit: commit, Outcome: ledger.Succeeded}})
		names = append(names, report.Quote(t.Name))
	}
	if err := v.ledger.Set(ctx, o.stage, results, o.why); err != nil {
		return err
	}
	fmt.Fprintf(v.app.out, "%s: %s is live of %s\n", o.stage, short(commit), called(names))
	return nil
}

// commit resolves what a person named. A full ID that is not here is fetched.
func (v *ledgerView) commit(ctx context.Context, rev string) (string, error) {
	found, err := v.repo.Resolve(ctx, []string{rev})
	if err != nil {
		return "", err
	}
	var revision *gitdiff.RevisionError
	if errors.As(found[0].Err, &revision) && revision.Kind == gitdiff.MissingObject && isFullID(rev) && v.ledger.remote != "" {
		v.fetchBaselines(ctx, v.ledger, []string{rev})
		if found, err = v.repo.Resolve(ctx, []string{rev}); err != nil {
			return "", err
		}
	}
	return found[0].Commit.ID, found[0].Err
}

const ledgerForgetLong = `
Remove what is remembered of services in a stage: they count as never deployed, and the next deploy deploys them. The
log keeps what was.`

func newLedgerForget(a *app) *cobra.Command {
	var o ledgerFlags
	cmd := &cobra.Command{
		Use:     "forget --stage <stage>",
		Short:   "Remove what is remembered of services",
		Long:    withExitCodes(ledgerForgetLong, exitLedger),
		Example: `  monoplan ledger forget --stage prod --service posts --why "its stack was deleted"`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.checkServices(); err != nil {
				return err
			}
			return a.withLedger(cmd.Context(), func(v *ledgerView) error { return v.forget(cmd.Context(), o) })
		},
	}
	o.addStage(cmd)
	o.addServices(cmd, "forget")
	cmd.Flags().BoolVar(&o.all, "all", false, "forget every service of the stage")
	o.addWhy(cmd)
	return cmd
}

func (v *ledgerView) forget(ctx context.Context, o ledgerFlags) error {
	stage, err := v.ledger.Read(ctx, o.stage)
	if err != nil {
		return err
	}
	var paths, names []string
	if o.all {
		for path := range stage.Services {
			paths = append(paths, path)
		}
	} else {
		targets, err := v.targets(stage, o.services)
		if err != nil {
			return err
		}
		for _, t := range targets {
			paths = append(paths, t.Path)
		}
	}
	forgotten, err := v.ledger.Forget(ctx, o.stage, paths, o.why)
	if err != nil {
		return err
	}
	if len(forgotten) == 0 {
		v.app.messages().warn("", 0, fmt.Sprintf("nothing of that was remembered of stage %s", report.Quote(o.stage)))
		return nil
	}
	for _, path := range forgotten {
		names = append(names, report.Quote(path))
	}
	fmt.Fprintf(v.app.out, "%s: forgot %s\n", o.stage, called(names))
	return nil
}
