package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/report"
)

const unlockLong = `
Take away locks of a stage: those of a run that is over and could not give them up, because its machine is gone. A lock
ends by itself some minutes after its run; a run on this machine that was killed holds nothing any more.

What was locked counts as interrupted, and the next deploy deploys it. A run that still works finds out that its lock is
gone, and stops.`

func newUnlock(a *app) *cobra.Command {
	var o ledgerFlags
	var run string
	cmd := &cobra.Command{
		Use:     "unlock --stage <stage>",
		Short:   "Take away the locks of a run that is over",
		Long:    withExitCodes(unlockLong, exitLedger),
		Example: "  monoplan unlock --stage prod\n  monoplan unlock --stage prod --service posts",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.checkStage(); err != nil {
				return err
			}
			return a.withLedger(cmd.Context(), func(v *ledgerView) error { return v.unlock(cmd.Context(), o, run) })
		},
	}
	o.addStage(cmd)
	o.addServices(cmd, "unlock only")
	cmd.Flags().StringVar(&run, "run", "", "unlock only what this `run` holds")
	o.addWhy(cmd)
	return cmd
}

func (v *ledgerView) unlock(ctx context.Context, o ledgerFlags, run string) error {
	var paths []string
	if len(o.services) > 0 {
		stage, err := v.ledger.Read(ctx, o.stage)
		if err != nil {
			return err
		}
		targets, err := v.targets(stage, o.services)
		if err != nil {
			return err
		}
		for _, t := range targets {
			paths = append(paths, t.Path)
		}
	}
	taken, err := v.ledger.Unlock(ctx, o.stage, run, paths, o.why)
	if err != nil {
		return err
	}
	for _, l := range taken {
		var names []string
		for _, path := range l.Services {
			names = append(names, report.Quote(path))
		}
		fmt.Fprintf(v.app.out, "%s: unlocked %s, held by %s (run %s)\n", o.stage, called(names), report.Quote(l.Owner), report.Quote(l.Run))
	}
	if len(taken) == 0 {
		v.app.messages().warn("", 0, fmt.Sprintf("nothing of that is locked in stage %s", report.Quote(o.stage)))
	}
	return nil
}
