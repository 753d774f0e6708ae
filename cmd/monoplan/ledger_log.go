package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
)

const ledgerLogLong = `
Show who changed a stage of the ledger, when and why, the latest change first. Changes of locks alone are left out
unless --locks asks for them. A shallow clone has the last change of a ledger in git, and no more.`

func newLedgerLog(a *app) *cobra.Command {
	var o ledgerFlags
	var format string
	var limit int
	var locks bool
	cmd := &cobra.Command{
		Use:   "log --stage <stage>",
		Short: "Show who changed a stage of the ledger, when and why",
		Long:  withExitCodes(ledgerLogLong),
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.checkStage(); err != nil {
				return err
			}
			if limit < 0 {
				return usage("0 is for all", "--limit is negative")
			}
			return a.withLedger(cmd.Context(), func(v *ledgerView) error {
				var changes []ledger.Change
				for c, err := range v.ledger.Log(cmd.Context(), o.stage) {
					if err != nil {
						return err
					}
					if c.Kind.IsAboutLocks() && !locks {
						continue
					}
					if changes = append(changes, c); len(changes) == limit {
						break
					}
				}
				return v.printChanges(o.stage, changes, format)
			})
		},
	}
	o.addStage(cmd)
	cmd.Flags().IntVarP(&limit, "limit", "n", 20, "show so many changes; 0 for all")
	cmd.Flags().BoolVar(&locks, "locks", false, "show changes of locks too")
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

// changeJSON is a change as a script reads it (docs/ledger.md).
type changeJSON struct {
	Serial   int64       `json:"serial"`
	ID       string      `json:"id"`
	Time     time.Time   `json:"time"`
	Kind     ledger.Kind `json:"kind"`
	Who      string      `json:"who"`
	Run      string      `json:"run,omitempty"`
	Why      string      `json:"why,omitempty"`
	Services []string    `json:"services"`
	Commits  []string    `json:"commits"`
}

func (v *ledgerView) printChanges(stage string, changes []ledger.Change, format string) error {
	if format == "json" {
		list := []changeJSON{}
		for _, c := range changes {
			c.Services, c.Commits = append([]string{}, c.Services...), append([]string{}, c.Commits...)
			list = append(list, changeJSON(c))
		}
		return v.app.printObject(struct {
			Version int          `json:"version"`
			Ledger  string       `json:"ledger"`
			Stage   string       `json:"stage"`
			Changes []changeJSON `json:"changes"`
		}{ledger.FormatVersion, v.ledger.String(), stage, list})
	}
	for _, c := range changes {
		services := make([]string, len(c.Services))
		for i, path := range c.Services {
			services[i] = report.Quote(path)
		}
		fmt.Fprintf(v.app.out, "%d  %s  %s  %s  %s", c.Serial, c.Time.Format(time.RFC3339), report.Quote(c.Who), c.Kind, called(services))
		for _, commit := range c.Commits {
			fmt.Fprintf(v.app.out, "  %s", short(commit))
		}
		if c.Why != "" {
			fmt.Fprintf(v.app.out, "  (%s)", report.Quote(c.Why))
		}
		fmt.Fprintln(v.app.out)
	}
	if len(changes) == 0 {
		v.app.messages().warn("", 0, fmt.Sprintf("the log of stage %s has nothing (%s)", report.Quote(stage), v.ledger))
	}
	return nil
}
