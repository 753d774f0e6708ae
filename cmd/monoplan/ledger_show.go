package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
)

const ledgerShowLong = `
Show what is remembered of a stage: of each service the commit that is live, how its last deploy ended where that is
another, and who holds it. Without --stage, list the stages.`

func newLedgerShow(a *app) *cobra.Command {
	var o ledgerFlags
	var format string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show what is remembered of a stage",
		Long:  withExitCodes(ledgerShowLong),
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(v *ledgerView) error { return v.show(cmd, o, format) })
		},
	}
	o.addStage(cmd)
	o.addServices(cmd, "show only")
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func (v *ledgerView) show(cmd *cobra.Command, o ledgerFlags, format string) error {
	ctx := cmd.Context()
	if !cmd.Flags().Changed("stage") {
		stages, err := v.ledger.Stages(ctx)
		if err != nil {
			return err
		}
		return v.printStages(stages, format)
	}
	if err := o.checkStage(); err != nil {
		return err
	}
	stage, err := v.ledger.Read(ctx, o.stage)
	if err != nil {
		return err
	}
	if len(o.services) > 0 {
		targets, err := v.targets(stage, o.services)
		if err != nil {
			return err
		}
		stage = onlyOf(stage, targets)
	}
	if format == "json" {
		return v.app.printObject(stageAsJSON(v.ledger.String(), stage))
	}
	return v.printStage(stage)
}

// onlyOf gives of a stage what is about some services. The stage itself stays as it is, for it may be others' too.
func onlyOf(stage *ledger.Stage, targets []ledger.Target) *ledger.Stage {
	isOther := func(path string) bool {
		return !slices.ContainsFunc(targets, func(t ledger.Target) bool { return t.Path == path })
	}
	only := *stage
	only.Services = maps.Clone(stage.Services)
	maps.DeleteFunc(only.Services, func(path string, _ ledger.Service) bool { return isOther(path) })
	only.Journaled = slices.DeleteFunc(slices.Clone(stage.Journaled), isOther)
	only.Locks = slices.Clone(stage.Locks)
	for i, lock := range stage.Locks {
		only.Locks[i].Services = slices.DeleteFunc(slices.Clone(lock.Services), isOther)
	}
	return &only
}

func (v *ledgerView) printStages(stages []string, format string) error {
	if format == "json" {
		return v.app.printObject(struct {
			Ledger string   `json:"ledger"`
			Stages []string `json:"stages"`
		}{v.ledger.String(), append([]string{}, stages...)})
	}
	for _, s := range stages {
		fmt.Fprintln(v.app.out, s)
	}
	if len(stages) == 0 {
		v.app.messages().warn("", 0, "nothing was ever deployed ("+v.ledger.String()+")")
	}
	return nil
}

// printStage writes a line for each service: what is live, and what came after it.
func (v *ledgerView) printStage(stage *ledger.Stage) error {
	paths := slices.Collect(maps.Keys(stage.Services))
	for _, l := range stage.Locks {
		paths = append(paths, l.Services...) // of which nothing may be remembered yet
	}
	paths = append(paths, stage.Journaled...) // which may be removals
	slices.Sort(paths)
	if len(paths) == 0 {
		v.app.messages().warn("", 0, fmt.Sprintf("nothing is remembered of stage %s (%s)", report.Quote(stage.Name), v.ledger))
		return nil
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, path := range slices.Compact(paths) {
		s, remembered := stage.Services[path]
		what := live(s.Baseline)
		if !remembered && isJournaled(stage, path) {
			what = "removed"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", report.Quote(cmp.Or(s.Name, path)), report.Quote(path), what, after(s.Last, stage, path))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(v.app.out, strings.TrimRight(line, " \n")) // the last cell is most often empty
	}
	return nil
}

// live says what of a service is deployed.
func live(d *ledger.Deploy) string {
	if d == nil {
		return "never deployed"
	}
	return short(d.Commit) + "  " + d.Time.Format(time.RFC3339)
}

// after says what came after the deploy that is live.
func after(last *ledger.Deploy, stage *ledger.Stage, path string) string {
	var said []string
	if last != nil {
		text := fmt.Sprintf("%s at %s, %s", last.Outcome, short(last.Commit), last.Time.Format(time.RFC3339))
		if last.Dirty {
			text += ", from files that were not committed"
		}
		said = append(said, text)
	}
	if lock, ok := stage.Holder(path); ok {
		said = append(said, fmt.Sprintf("locked by %s until %s", report.Quote(lock.Owner), lock.Expires.Format(time.RFC3339)))
	}
	if isJournaled(stage, path) {
		said = append(said, "in the journal of this machine, and not yet in the ledger")
	}
	return strings.Join(said, "; ")
}

// isJournaled reports whether this machine's journal has what the ledger does not have of a service.
func isJournaled(stage *ledger.Stage, path string) bool {
	_, ok := slices.BinarySearch(stage.Journaled, path)
	return ok
}

// stageJSON is a stage as a script reads it (docs/ledger.md).
type stageJSON struct {
	Version  int           `json:"version"`
	Ledger   string        `json:"ledger"`
	Stage    string        `json:"stage"`
	Services []serviceJSON `json:"services"`
	Locks    []lockJSON    `json:"locks"`
}

type serviceJSON struct {
	Path     string      `json:"path"`
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Phase    int         `json:"phase"`
	Baseline *deployJSON `json:"baseline"`
	Last     *deployJSON `json:"last"`
	// Journaled says that this machine's journal has it, and the ledger not yet.
	Journaled bool `json:"journaled,omitempty"`
}

type deployJSON struct {
	Commit        string         `json:"commit"`
	Outcome       ledger.Outcome `json:"outcome"`
	Time          time.Time      `json:"time"`
	Run           string         `json:"run,omitempty"`
	Artifact      string         `json:"artifact,omitempty"`
	Configuration string         `json:"configuration,omitempty"`
	Environment   string         `json:"environment,omitempty"`
	Identical     bool           `json:"identical,omitempty"`
	Dirty         bool           `json:"dirty,omitempty"`
}

type lockJSON struct {
	Run      string    `json:"run"`
	Owner    string    `json:"owner"`
	Host     string    `json:"host"`
	Commit   string    `json:"commit"`
	Taken    time.Time `json:"taken"`
	Expires  time.Time `json:"expires"`
	Services []string  `json:"services"`
}

func stageAsJSON(place string, s *ledger.Stage) stageJSON {
	out := stageJSON{Version: ledger.FormatVersion, Ledger: place, Stage: s.Name, Services: []serviceJSON{}, Locks: []lockJSON{}}
	for _, path := range slices.Sorted(maps.Keys(s.Services)) {
		service := s.Services[path]
		out.Services = append(out.Services, serviceJSON{
			path, service.Name, service.Type, service.Phase, (*deployJSON)(service.Baseline), (*deployJSON)(service.Last), isJournaled(s, path),
		})
	}
	for _, l := range s.Locks {
		out.Locks = append(out.Locks, lockJSON(l))
	}
	return out
}
