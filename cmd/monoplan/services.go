package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// tour is which tree is shown by the commands that compare nothing.
type tour struct {
	comparison
	format string
}

func (o *tour) addFlags(cmd *cobra.Command, formats ...string) {
	o.onMissing = "deploy"
	flags := cmd.Flags()
	flags.StringVar(&o.head, "head", "HEAD", "the `commit` to look at; seed.yml is then its own")
	flags.BoolVar(&o.worktree, "worktree", false, "look at the working tree, uncommitted and untracked files included")
	algorithmFlag(cmd, &o.algorithm)
	formatFlag(cmd, &o.format, formats...)
}

const servicesLong = `
List the services that were found: their types, whether each is closed (all that it reaches outside its directory is
declared in files that monoplan reads) or open, and why, and the path dependencies with the file and line of each.`

func newServices(a *app) *cobra.Command {
	var o tour
	cmd := &cobra.Command{
		Use:   "services",
		Short: "List the services that were found, and what they use",
		Long:  withExitCodes(servicesLong),
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runTour(cmd, a, o, func(found report.Workspace) error {
				if o.format == "json" {
					return report.ServicesJSON(a.out, found)
				}
				return report.ServicesText(a.out, found, a.style())
			})
		},
	}
	o.addFlags(cmd, "text", "json")
	return cmd
}

const graphLong = `
Draw the services and their path dependencies, in the language of Graphviz or as a Mermaid flowchart, which Markdown on
GitHub and GitLab shows as a picture.`

func newGraph(a *app) *cobra.Command {
	var o tour
	cmd := &cobra.Command{
		Use:     "graph",
		Short:   "Draw the services and their path dependencies",
		Long:    withExitCodes(graphLong),
		Example: "  monoplan graph | dot -Tsvg > services.svg",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runTour(cmd, a, o, func(found report.Workspace) error {
				if o.format == "mermaid" {
					return report.Mermaid(a.out, found)
				}
				return report.DOT(a.out, found)
			})
		},
	}
	o.addFlags(cmd, "dot", "mermaid")
	return cmd
}

// runTour shows what was found in a tree.
func runTour(cmd *cobra.Command, a *app, o tour, show func(report.Workspace) error) error {
	if err := o.check(cmd); err != nil {
		return err
	}
	w, err := a.explore(cmd.Context(), o.comparison)
	if err != nil {
		return err
	}
	a.warnAll(w.Warnings)
	return show(found(w))
}

func (a *app) explore(ctx context.Context, c comparison) (*workspace.Workspace, error) {
	s, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	v, err := s.look(ctx, c)
	if err != nil {
		return nil, err
	}
	if len(v.workspace.Services) == 0 {
		return nil, errNoService
	}
	return v.workspace, nil
}

// found gives a workspace as package report takes it.
func found(w *workspace.Workspace) report.Workspace {
	var out report.Workspace
	for _, s := range w.Services {
		out.Services = append(out.Services, report.Service{
			Name: s.Name, Path: s.Path, Type: s.Type, Marker: s.Marker, Phase: s.Phase, Missing: s.Missing, Open: s.Open,
			Algorithm: s.Algorithm,
			Why:       report.Cause{Text: s.Why.Text, File: s.Why.File, Line: s.Why.Line},
		})
	}
	for _, e := range w.Edges() {
		out.Edges = append(out.Edges, edgeOf(e))
	}
	for a, packages := range w.Packages() {
		for i, p := range packages.List {
			item := report.Package{Algorithm: a, Path: p.Path, Name: p.Name}
			for _, e := range w.PackageEdges(a, i) {
				item.Edges = append(item.Edges, edgeOf(e))
			}
			out.Packages = append(out.Packages, item)
		}
	}
	slices.SortFunc(out.Packages, func(p, q report.Package) int {
		return cmp.Or(cmp.Compare(p.Algorithm, q.Algorithm), cmp.Compare(p.Path, q.Path))
	})
	return out
}

func edgeOf(e workspace.Edge) report.Edge {
	return report.Edge{From: e.From, To: e.To, File: e.File, Line: e.Line}
}
