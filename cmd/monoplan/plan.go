package main

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/internal/durable"
	"github.com/monoplan/monoplan/report"
)

type planOptions struct {
	stageOptions
	output printOptions
	out    string
}

const planLong = `
Tell which services a deploy to a stage would deploy or remove, and why. Each service is compared with the commit that
it was last deployed from, as the ledger has it.

A service whose last deploy failed or was interrupted is deployed again, one that was never deployed is deployed, and so
is one whose baseline the repository does not have (--on-missing-baseline=fail makes that an error). The network is used
with --fetch alone: for the ledger, and for baselines that a shallow clone lacks.

--out keeps the plan in a file for "monoplan deploy --plan", which refuses it when head, seed.yml or what the ledger has
of its services moved.`

const planExample = `  monoplan plan --stage prod --fetch
  monoplan plan --stage prod --format json
  monoplan plan --stage prod --out plan.json`

func newPlan(a *app) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:     "plan --stage <stage>",
		Short:   "Tell which services a deploy to a stage would deploy, and why",
		Long:    withExitCodes(planLong, exitChanged),
		Example: planExample,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return runPlan(cmd.Context(), a, o)
		},
	}
	o.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.head, "head", "HEAD", "the `commit` to be deployed; seed.yml is then its own")
	flags.StringVar(&o.out, "out", "", "keep the plan in `file` for deploy --plan")
	o.output.addFlags(cmd)
	return cmd
}

// addFlags adds the flags that plan and deploy share.
func (o *stageOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.name, "stage", "", "the `stage`: an environment such as dev or prod")
	flags.StringVar(&o.branch, "branch", "", "instead of --stage: the stage of a `branch`, called after it or by seed.yml's stage_name_constructor")
	flags.BoolVar(&o.force, "force", false, "deploy every service, whatever changed")
	flags.BoolVar(&o.isNew, "new-stage", false, "the stage is new, though its name is like that of another")
	flags.Var(newChoice(&o.onMissing, "deploy", "fail"), "on-missing-baseline", "what to do where the repository lacks a commit that was deployed: deploy or fail")
	algorithmFlag(cmd, &o.algorithm)
	engineFlag(cmd, &o.engine)
}

// check finds what cannot be meant.
func (o *stageOptions) check(cmd *cobra.Command) error {
	flags := cmd.Flags()
	o.hasHead = flags.Changed("head")
	switch {
	case flags.Changed("stage") && flags.Changed("branch"):
		return usage("name the one or the other", "--stage and --branch exclude each other")
	case flags.Changed("branch") && strings.TrimSpace(o.branch) == "":
		return usage("an unset variable?", "--branch is empty")
	case flags.Changed("branch"):
	case !flags.Changed("stage"):
		return usage("--stage <stage>, such as --stage dev", "--stage is missing")
	case strings.TrimSpace(o.name) == "":
		return usage("an unset variable?", "--stage is empty")
	}
	switch {
	case o.hasHead && strings.TrimSpace(o.head) == "":
		return usage("leave it out for HEAD", "--head is empty")
	}
	return nil
}

func (o *planOptions) check(cmd *cobra.Command) error {
	if err := o.stageOptions.check(cmd); err != nil {
		return err
	}
	if cmd.Flags().Changed("out") && o.out == "" {
		return usage("an unset variable?", "--out is empty")
	}
	return o.output.check()
}

func runPlan(ctx context.Context, a *app, o planOptions) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	o.ledger.network = a.fetch
	p, err := s.planStage(ctx, o.stageOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.ledger.close()) }()
	a.warnAll(p.workspace.Warnings)
	if o.out != "" {
		if err := a.keepPlan(p, o.out); err != nil {
			return err
		}
	}
	if err := o.output.print(a, p.plan); err != nil {
		return err
	}
	s.step("print")
	return o.output.verdict(p.plan)
}

// keepPlan writes a plan file, whole or not at all.
func (a *app) keepPlan(p *staged, name string) error {
	var file bytes.Buffer
	if err := report.WritePlanFile(&file, p.file()); err != nil {
		return err
	}
	return durable.Write(a.resolve(name), file.Bytes())
}

// file is the plan with what it was made from.
func (p *staged) file() report.PlanFile {
	f := report.PlanFile{By: version(), Plan: p.plan, Config: p.configHash(), Ledger: p.ledger.String()}
	for _, service := range p.plan.Services {
		record := p.stage.Services[service.Path]
		last := record.Last
		if last == nil {
			last = record.Baseline
		}
		if last == nil {
			continue
		}
		f.Remembered = append(f.Remembered, report.Remembered{
			Service: service.Name, Path: service.Path, Commit: last.Commit, Outcome: string(last.Outcome), Run: last.Run, Time: last.Time,
		})
	}
	return f
}
