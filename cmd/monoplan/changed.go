package main

import (
	"context"

	"github.com/spf13/cobra"
)

type changedOptions struct {
	comparison
	force  bool
	output printOptions
}

const changedLong = `
Tell which services have to be deployed because of what differs between two commits, and why.

--since takes any revision that names a commit. A full sha that the repository does not have deploys every service
(--on-missing-baseline=fail makes it an error), since what changed cannot be known; none, or the all-zero sha that a CI
gives for a new branch, deploys every service for the first time.`

const changedExample = `  monoplan changed --since v1.2
  monoplan changed --since origin/main --merge-base        what a pull request changes
  monoplan changed --since "$LAST" --format names -z > names && xargs -0 -r -n1 ./deploy.sh < names
  monoplan changed --since HEAD --worktree                 what would be deployed if this were committed`

func newChanged(a *app) *cobra.Command {
	var o changedOptions
	cmd := &cobra.Command{
		Use:     "changed --since <commit>",
		Short:   "Tell which services changed since a commit, and why",
		Long:    withExitCodes(changedLong, exitChanged),
		Example: changedExample,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return runChanged(cmd.Context(), a, o)
		},
	}
	o.addFlags(cmd)
	engineFlag(cmd, &o.engine)
	cmd.Flags().BoolVar(&o.force, "force", false, "deploy every service, whatever changed")
	o.output.addFlags(cmd)
	return cmd
}

func (o *changedOptions) check(cmd *cobra.Command) error {
	if err := o.comparison.check(cmd); err != nil {
		return err
	}
	if !o.hasSince {
		return usage("--since <commit>, or --since none for a first deploy", "--since is missing")
	}
	return o.output.check()
}

func runChanged(ctx context.Context, a *app, o changedOptions) error {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	planned, err := s.plan(ctx, o.comparison, o.force)
	if err != nil {
		return err
	}
	a.warnAll(planned.workspace.Warnings)
	if err := o.output.print(a, planned.plan); err != nil {
		return err
	}
	s.step("print")
	return o.output.verdict(planned.plan)
}
