package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

type changedOptions struct {
	comparison
	force    bool
	format   string
	nul      bool
	exitCode bool
}

const changedLong = `
Tell which services have to be deployed because of what differs between two commits, and why.

--since takes any revision that names a commit. A full sha that the repository does not have deploys every service
(--on-missing-baseline=fail makes it an error), since what changed cannot be known; none, or the all-zero sha that a CI
gives for a new branch, deploys every service for the first time.`

const changedExample = `  monoplan changed --since v1.2
  monoplan changed --since origin/main --merge-base        what a pull request changes
  monoplan changed --since "$LAST" --format names -z | xargs -0 -n1 ./deploy.sh
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
	o.addEngine(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&o.force, "force", false, "deploy every service, whatever changed")
	formatFlag(cmd, &o.format, "text", "json", "names", "paths")
	flags.BoolVarP(&o.nul, "null", "z", false, "with names and paths: end each with a NUL instead of a newline")
	flags.BoolVar(&o.exitCode, "exit-code", false, fmt.Sprintf("exit %d if there is something to deploy or to remove", exitChanged))
	return cmd
}

func (o *changedOptions) check(cmd *cobra.Command) error {
	if err := o.comparison.check(cmd); err != nil {
		return err
	}
	switch {
	case !o.hasSince:
		return usage("--since <commit>, or --since none for a first deploy", "--since is missing")
	case o.nul && o.format != "names" && o.format != "paths":
		return usage("add --format names or --format paths", "-z is for names and paths")
	}
	return nil
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
	if err := o.print(a, planned.plan); err != nil {
		return err
	}
	s.step("print")
	return o.verdict(planned.plan)
}

func (o *changedOptions) print(a *app, p *planner.Plan) error {
	switch o.format {
	case "json":
		return report.JSON(a.out, p)
	case "names":
		return report.Names(a.out, p, o.nul)
	case "paths":
		return report.Paths(a.out, p, o.nul)
	}
	return printPlan(a.out, p, a.style())
}

// printPlan writes the text of a plan, and the one hint that explains its most common surprise.
func printPlan(w io.Writer, p *planner.Plan, st report.Style) error {
	if err := report.Text(w, p, st); err != nil {
		return err
	}
	if hint := report.OrphanHint(p); hint != "" {
		_, err := fmt.Fprintf(w, "hint: %s\n", hint)
		return err
	}
	return nil
}

// verdict is the exit code that --exit-code asks for.
func (o *changedOptions) verdict(p *planner.Plan) error {
	changed := len(p.Names(planner.Deploy)) > 0 || len(p.Names(planner.Remove)) > 0
	if o.exitCode && changed {
		return statusError(exitChanged)
	}
	return nil
}
