package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/internal/nearest"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

const ledgerCopyLong = `
Copy what is remembered from one ledger to another: from this clone to a remote when a team begins to share it, or from
git to S3. Places are git (this repository), git:<remote>, file:<path> and s3://<bucket>/<prefix>; one that is not named is the
one in seed.yml. The log stays behind: that of the new place begins, or with --replace goes on, with where this came from.`

func newLedgerCopy(a *app) *cobra.Command {
	var o ledgerFlags
	var from, to string
	var replace bool
	cmd := &cobra.Command{
		Use:     "copy --from <place> | --to <place>",
		Short:   "Copy what is remembered to another ledger",
		Long:    withExitCodes(ledgerCopyLong, exitLedger),
		Example: "  monoplan ledger copy --from git --to git:origin\n  monoplan ledger copy --to s3://example-bucket/ledger --stage prod",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == to {
				return usage("--from git --to git:origin, for example", "copying needs two places")
			}
			return a.withLedger(cmd.Context(), func(v *ledgerView) error {
				return v.copy(cmd.Context(), o, from, to, replace)
			})
		},
	}
	o.addStage(cmd)
	o.addWhy(cmd)
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "", "the `place` to copy from")
	flags.StringVar(&to, "to", "", "the `place` to copy to")
	flags.BoolVar(&replace, "replace", false, "take the place of what is remembered there")
	return cmd
}

func (v *ledgerView) copy(ctx context.Context, o ledgerFlags, from, to string, replace bool) (err error) {
	source, err := v.at(ctx, "--from", from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	target, err := v.at(ctx, "--to", to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.close()) }()
	if source.String() == target.String() {
		return usage("name two places", "both places are %s", source)
	}
	stages, err := source.stages(ctx, o.stage)
	if err != nil {
		return err
	}
	var errs []error
	for _, stage := range stages { // be it that another could not be copied: who copies again would find what was
		n, err := source.CopyTo(ctx, target.Ledger, stage, replace, o.why)
		if err != nil {
			errs = append(errs, fmt.Errorf("stage %s is not copied: %w", report.Quote(stage), err))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		fmt.Fprintf(v.app.out, "%s: %d services, from %s to %s\n", stage, n, source, target)
	}
	if len(stages) == 0 {
		v.app.messages().warn("", 0, "nothing is remembered there ("+source.String()+")")
	}
	return errors.Join(errs...)
}

// stages gives the stages to copy: the one that was named, which must be there, or all.
func (l *stageLedger) stages(ctx context.Context, named string) ([]string, error) {
	if named == "" {
		return l.Stages(ctx)
	}
	stage, err := l.Read(ctx, named)
	if err != nil || stage.Version != "" || len(stage.Services) > 0 { // which a journal may have without a version
		return []string{named}, err
	}
	known, err := l.Stages(ctx)
	if err != nil {
		return nil, err
	}
	hint := "monoplan ledger show lists the stages of the ledger in seed.yml; without --stage all are copied"
	if near := nearest.Name(named, known); near != "" {
		hint = fmt.Sprintf("did you mean --stage %s?", near)
	}
	return nil, usage(hint, "nothing is remembered of stage %s there (%s)", report.Quote(named), l)
}

// at opens the ledger of a place; an empty one is that of seed.yml.
func (v *ledgerView) at(ctx context.Context, flag, place string) (*stageLedger, error) {
	config := *v.view.config
	if place != "" {
		l := workspace.DefaultConfig().Ledger
		if config.Ledger.Backend == l.Backend {
			l.Ref = config.Ledger.Ref
		}
		kind, rest, _ := strings.Cut(place, ":")
		switch {
		case place == "git":
		case kind == "git" && rest != "" && rest[0] != '-':
			l.Remote = rest
		case kind == "file" && rest != "":
			l.Backend, l.Path = "file", v.app.resolve(rest)
		case strings.HasPrefix(place, "s3://"):
			l.Backend, l.URL = "s3", place
		default:
			return nil, usage("git, git:<remote>, file:<path> or s3://<bucket>/<prefix>", "%s: %q is no place of a ledger", flag, place)
		}
		config.Ledger = l
	}
	return v.openStageLedger(ctx, &config, ledgerOptions{network: true, local: true})
}
