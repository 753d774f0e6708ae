package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

// printOptions say how a plan is printed.
type printOptions struct {
	format   string
	nul      bool
	exitCode bool
}

func (o *printOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	formatFlag(cmd, &o.format, "text", "json", "names", "paths")
	flags.BoolVarP(&o.nul, "null", "z", false, "with names and paths: end each with a NUL instead of a newline")
	flags.BoolVar(&o.exitCode, "exit-code", false, fmt.Sprintf("exit %d if there is something to deploy or to remove", exitChanged))
}

func (o *printOptions) check() error {
	if o.nul && o.format != "names" && o.format != "paths" {
		return usage("add --format names or --format paths", "-z is for names and paths")
	}
	return nil
}

func (o *printOptions) print(a *app, p *planner.Plan) error {
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

// verdict is the exit code that --exit-code asks for.
func (o *printOptions) verdict(p *planner.Plan) error {
	if o.exitCode && p.Count(planner.Deploy)+p.Count(planner.Remove) > 0 {
		return statusError(exitChanged)
	}
	return nil
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
