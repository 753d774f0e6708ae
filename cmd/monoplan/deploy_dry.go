package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/internal/secret"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

// dryService is a service of a dry run, as --format json prints it.
type dryService struct {
	Name     string           `json:"name"`
	Path     string           `json:"path"`
	Phase    int              `json:"phase"`
	Action   string           `json:"action"`
	Package  packager.Outcome `json:"package,omitempty"`
	Commands []dryCommand     `json:"commands"`
	Error    string           `json:"error,omitempty"`
}

type dryCommand struct {
	Step    string `json:"step"`
	Command string `json:"command"`
}

// printDryRun says what would run, in the order in which it would. Nothing is locked, packaged or run; what is wrong with
// a service is said, and fails the command.
func (d *deploy) printDryRun(ctx context.Context) error {
	services, err := d.dryServices(ctx)
	if err != nil {
		return err
	}
	if err := d.writeDryRun(services); err != nil {
		return err
	}
	if slices.ContainsFunc(services, func(s dryService) bool { return s.Error != "" }) {
		return statusError(exitFailed)
	}
	return nil
}

func (d *deploy) dryServices(ctx context.Context) ([]dryService, error) {
	services, err := d.services(ctx, packageOptions{dryRun: true, concurrency: d.options.concurrency})
	if err != nil {
		return nil, err
	}
	packages := map[string]packager.Result{}
	deployed := slices.DeleteFunc(slices.Clone(d.chosen), isRemoval)
	for i, r := range d.packaging.run(ctx, deployed) {
		packages[deployed[i].Path] = r
	}
	config, secrets := d.config(), secret.In(d.app.Env)
	slices.SortStableFunc(services, deployer.Order)
	dry := make([]dryService, 0, len(services))
	for _, s := range services {
		out := dryService{Name: s.Name, Path: s.Path, Phase: s.Phase, Action: action(s.Remove), Commands: []dryCommand{}}
		out.Package = packages[s.Path].Outcome
		planned, err := deployer.Preview(config, s)
		for _, p := range planned {
			out.Commands = append(out.Commands, dryCommand{string(p.Step), secrets.Hide(p.Command.String())})
		}
		if unpackaged := packages[s.Path].Err; unpackaged != nil {
			err = named(s.Name, unpackaged)
		}
		if err != nil {
			out.Error = secrets.Hide(err.Error())
			d.app.messages().fail(errors.New(out.Error), hintFor(err), exitFailed)
		}
		dry = append(dry, out)
	}
	return dry, nil
}

func (d *deploy) writeDryRun(services []dryService) error {
	if d.options.format == "json" {
		e := json.NewEncoder(d.app.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(struct {
			Version  int          `json:"version"`
			Stage    string       `json:"stage"`
			Head     string       `json:"head"`
			Services []dryService `json:"services"`
		}{1, d.staged.stage.Name, d.staged.head.ID, services})
	}
	table := tabwriter.NewWriter(d.app.out, 0, 0, 2, ' ', 0)
	for _, s := range services {
		fmt.Fprintf(table, "%s\t%s\tphase %d\t%s\n", s.Action, report.Quote(s.Name), s.Phase, packageWords(s.Package))
		for _, c := range s.Commands {
			first, _, _ := strings.Cut(c.Command, "\n")
			fmt.Fprintf(table, "\t\t%s\t%s\n", c.Step, report.Printable(first))
		}
	}
	if len(services) > 0 {
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.app.out, "%s: %d would be deployed, %d removed; nothing was run\n", report.Quote(d.staged.stage.Name),
		len(services)-countRemovals(d.chosen), countRemovals(d.chosen))
	return err
}

// packageWords says what packaging would do.
func packageWords(o packager.Outcome) string {
	switch o {
	case packager.WouldPackage:
		return "to be packaged"
	case packager.Unchanged:
		return "packaged already"
	case packager.Left:
		return "packaged by its tool"
	case "":
		return "nothing to package"
	}
	return string(o)
}

func countRemovals(chosen []planner.ServicePlan) int {
	n := 0
	for _, s := range chosen {
		if isRemoval(s) {
			n++
		}
	}
	return n
}
