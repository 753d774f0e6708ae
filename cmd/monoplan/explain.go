package main

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

type explainOptions struct {
	comparison
	subject string
	format  string
}

const explainLong = `
Explain a service: every reason of the decision about it, in full, and where each path dependency was read. It takes the
service's name or directory, and --since.

Explain a file: which services a change of it deploys, and by which rules. The file need not have changed; with --since
it is also said whether it did.`

const explainExample = `  monoplan explain posts --since v1.2
  monoplan explain libs/dates/fmt.py`

func newExplain(a *app) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:     "explain <service or file>",
		Short:   "Explain why a service is deployed, or which services a file deploys",
		Long:    withExitCodes(explainLong),
		Example: explainExample,
		Args:    oneArgument("the name of a service, or a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			o.subject = args[0]
			return runExplain(cmd.Context(), a, o)
		},
	}
	o.addFlags(cmd)
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func runExplain(ctx context.Context, a *app, o explainOptions) error {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	p, err := s.plan(ctx, o.comparison, false)
	if err != nil {
		return err
	}
	a.warnAll(p.workspace.Warnings)
	if service, ok := findService(p.plan, s.repo.Prefix, o.subject); ok {
		if !o.hasSince {
			return usage("add --since <commit>; monoplan services tells what it uses", "%s is a service, and explain needs --since for one", o.subject)
		}
		if o.format == "json" {
			return report.ExplainServiceJSON(a.out, service, found(p.workspace))
		}
		return report.ExplainService(a.out, p.plan, service, found(p.workspace), a.style())
	}
	file, err := s.findFile(ctx, p, o.subject)
	if err != nil {
		return err
	}
	return s.explainFile(ctx, p, o, file)
}

// findService takes a name, or a directory relative to the repository's root or to the current one.
func findService(p *planner.Plan, prefix, subject string) (planner.ServicePlan, bool) {
	dir := path.Clean(subject)
	here := path.Join(prefix, subject)
	for _, is := range []func(planner.ServicePlan) bool{
		func(s planner.ServicePlan) bool { return s.Name == subject },
		func(s planner.ServicePlan) bool { return s.Path == here },
		func(s planner.ServicePlan) bool { return s.Path == dir },
	} {
		if i := slices.IndexFunc(p.Services, is); i >= 0 {
			return p.Services[i], true
		}
	}
	return planner.ServicePlan{}, false
}

// findFile takes a path relative to the current directory or else to the repository's root. One that neither the tree
// has nor any change names may still be explained, as a file to come, if it cannot be a mistyped service.
func (s *session) findFile(ctx context.Context, p *planned, subject string) (string, error) {
	candidates := slices.Compact([]string{path.Join(s.repo.Prefix, subject), path.Clean(subject)})
	candidates = slices.DeleteFunc(candidates, func(c string) bool { return !fs.ValidPath(c) && strings.HasPrefix(c, "..") })
	if len(candidates) == 0 {
		return "", usage("name a file of the repository", "%s is outside the repository", report.Quote(subject))
	}
	entries, err := p.tree.Lookup(ctx, candidates)
	if err != nil {
		return "", err
	}
	for i, e := range entries {
		switch {
		case e.Mode == tree.Dir && candidates[i] != ".":
			return "", usage("name a file in it", "%s is a directory, and no service", report.Quote(subject))
		case e.Exists() && e.Mode != tree.Dir, p.changed(candidates[i]):
			return candidates[i], nil
		}
	}
	if !strings.Contains(subject, "/") {
		return "", &hinted{fmt.Errorf("there is no service and no file %s", report.Quote(subject)), serviceHint(p.plan)}
	}
	s.app.messages().warn("", 0, report.Quote(subject)+" is not in the commit, and is explained as a file to be added")
	return candidates[0], nil
}

func serviceHint(p *planner.Plan) string {
	const most = 10
	var names []string
	for _, s := range p.Services {
		names = append(names, report.Quote(s.Name))
	}
	if len(names) > most {
		return "monoplan services lists the services"
	}
	return "the services are " + strings.Join(names, ", ")
}

// changed reports whether a path differs from the base, ignored or not.
func (p *planned) changed(file string) bool {
	is := func(c tree.Change) bool { return c.Path == file }
	return slices.ContainsFunc(p.net, is) || slices.ContainsFunc(p.touched, is)
}

// explainFile plans a change of this one file, as if head had been compared with itself but for it.
func (s *session) explainFile(ctx context.Context, p *planned, o explainOptions, file string) error {
	change, err := p.hypothetical(ctx, file)
	if err != nil {
		return err
	}
	base := workspace.Base{Tree: p.tree, Touched: []tree.Change{change}}
	changes, err := p.workspace.Compare(ctx, base)
	if err != nil {
		return err
	}
	changes.Removed = p.comparison.Removed // what lies in one that is gone is no orphan
	facts := report.FileFacts{File: file, Ignored: len(changes.Changes) == 0}
	if p.state == planner.Known {
		changed := p.changed(file)
		facts.Changed = &changed
		if p.marked(file) {
			changes.Changes[0].Marker = true
		}
	}
	plan := p.decide(o.comparison, planner.Baseline{State: planner.Known, SHA: p.head.ID}, changes, false)
	if o.format == "json" {
		return report.ExplainFileJSON(s.app.out, plan, facts, found(p.workspace))
	}
	return report.ExplainFile(s.app.out, plan, facts, found(p.workspace), s.app.style())
}

// marked reports whether the real comparison has the file as a marker that came or went.
func (p *planned) marked(file string) bool {
	return slices.ContainsFunc(p.comparison.Changes, func(c planner.Change) bool { return c.Path == file && c.Marker })
}

// hypothetical is a change of a file's content, or its addition where head does not have it.
func (p *planned) hypothetical(ctx context.Context, file string) (tree.Change, error) {
	entries, err := p.tree.Lookup(ctx, []string{file})
	if err != nil {
		return tree.Change{}, err
	}
	if e := entries[0]; e.Exists() {
		return tree.Change{Path: file, OldMode: e.Mode, NewMode: e.Mode, NewID: e.ID}, nil
	}
	return tree.Change{Path: file, NewMode: tree.File}, nil
}
