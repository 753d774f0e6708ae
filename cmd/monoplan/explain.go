package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
it is also said whether it did. The directory of a library, or of a package where Lerna's or pnpm's algorithm is used, is
explained as any file in it: who uses it, and through what.`

const explainExample = `  monoplan explain posts --since v1.2
  monoplan explain libs/dates/fmt.py
  monoplan explain libs/dates`

func newExplain(a *app) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:     "explain <service, file, library or package>",
		Short:   "Explain why a service is deployed, or which services a file, a library or a package deploys",
		Long:    withExitCodes(explainLong),
		Example: explainExample,
		Args:    oneArgument("the name of a service, a file, a library or a package"),
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
	paths := s.subjectPaths(o.subject)
	if service, ok := findService(p.plan, o.subject, paths); ok {
		if !o.hasSince {
			return usage("add --since <commit>; monoplan services tells what it uses", "%s is a service, and explain needs --since for one", o.subject)
		}
		if o.format == "json" {
			return report.ExplainServiceJSON(a.out, service, found(p.workspace))
		}
		return report.ExplainService(a.out, p.plan, service, found(p.workspace), a.style())
	}
	file, err := s.findFile(ctx, p, o.subject, paths)
	if err != nil {
		return err
	}
	return s.explainFile(ctx, p, o, file)
}

// subjectPaths gives the paths in the repository that a subject may mean: of a relative one that from the current
// directory and that from the root, of an absolute one where it lies. There are none for what lies outside.
func (s *session) subjectPaths(subject string) []string {
	if filepath.IsAbs(subject) {
		return pathInside(s.repo.WorkTree, subject)
	}
	paths := slices.Compact([]string{path.Join(s.repo.Prefix, subject), path.Clean(subject)})
	return slices.DeleteFunc(paths, func(p string) bool { return !fs.ValidPath(p) && strings.HasPrefix(p, "..") })
}

// pathInside gives an absolute path as one relative to a working tree, whose own has no links, or nothing where it lies
// outside. Only the links that lead to the working tree are followed: one in it is a file of the repository.
func pathInside(workTree, name string) []string {
	if workTree == "" {
		return nil
	}
	name = filepath.Clean(name)
	top := len(filepath.VolumeName(name)) + 1
	for end := top; end <= len(name); end++ {
		if end > top && end < len(name) && !os.IsPathSeparator(name[end]) {
			continue
		}
		real, err := filepath.EvalSymlinks(name[:end])
		if err != nil {
			return nil
		}
		if rel, err := filepath.Rel(workTree, real); err == nil && filepath.IsLocal(rel) {
			return []string{path.Join(filepath.ToSlash(rel), filepath.ToSlash(name[end:]))}
		}
	}
	return nil
}

// findService takes a name, or a directory. Of two of one name, where a service moved, it is the one that is still there.
func findService(p *planner.Plan, subject string, paths []string) (planner.ServicePlan, bool) {
	at := func(is func(planner.ServicePlan) bool) (planner.ServicePlan, bool) {
		if i := slices.IndexFunc(p.Services, is); i >= 0 {
			return p.Services[i], true
		}
		return planner.ServicePlan{}, false
	}
	for _, isGone := range []bool{false, true} {
		if s, ok := at(func(s planner.ServicePlan) bool { return s.Name == subject && isRemoval(s) == isGone }); ok {
			return s, true
		}
	}
	for _, dir := range paths {
		if s, ok := at(func(s planner.ServicePlan) bool { return s.Path == dir }); ok {
			return s, true
		}
	}
	return planner.ServicePlan{}, false
}

// subject is what a path names, of which a change is explained.
type subject struct {
	path string
	kind report.SubjectKind
}

// findFile takes the first of the paths that the tree has, or has had: what is gone changed. One that neither the tree has nor any
// change names may still be explained, as a file to come, if it cannot be a mistyped service.
func (s *session) findFile(ctx context.Context, p *planned, named string, paths []string) (subject, error) {
	if len(paths) == 0 {
		return subject{}, usage("name a file of the repository", "%s is outside the repository", report.Quote(named))
	}
	entries, err := p.tree.Lookup(ctx, paths)
	if err != nil {
		return subject{}, err
	}
	for i, e := range entries {
		isGone := !e.Exists() && p.changedBelow(paths[i])
		isDirectory := e.Mode == tree.Dir || isGone
		switch {
		case isDirectory && p.isPackage(paths[i]):
			return subject{paths[i], report.PackageDirectory}, nil
		case isDirectory && p.isLibrary(paths[i]):
			return subject{paths[i], report.LibraryDirectory}, nil
		case isGone:
			return subject{}, usage("name a file that was in it", "%s was a directory, and is neither a service nor a library nor a package", report.Quote(named))
		case isDirectory && (paths[i] != "." || filepath.IsAbs(named)):
			return subject{}, usage("name a file in it", "%s is a directory, and neither a service nor a library nor a package", report.Quote(named))
		case e.Exists() && e.Mode != tree.Dir, p.changed(paths[i]):
			return subject{path: paths[i]}, nil
		}
	}
	if !strings.Contains(named, "/") {
		return subject{}, &hinted{fmt.Errorf("there is no service and no file %s", report.Quote(named)), serviceHint(p.plan)}
	}
	s.app.messages().warn("", 0, report.Quote(named)+" is not in the commit, and is explained as a file to be added")
	return subject{path: paths[0]}, nil
}

// isPackage reports whether a directory is a package of an algorithm in use; the one at the root counts for none.
func (p *planned) isPackage(dir string) bool {
	for _, of := range p.packages {
		if dir != "." && slices.ContainsFunc(of.List, func(one planner.Package) bool { return one.Path == dir }) {
			return true
		}
	}
	return false
}

// isLibrary reports whether a directory is a target outside of every service, and around none (docs/rules.md, "Words").
func (p *planned) isLibrary(dir string) bool {
	return p.config.PathDependencies && dir != "." &&
		slices.ContainsFunc(p.workspace.Edges(), func(e workspace.Edge) bool { return e.To == dir }) &&
		!slices.ContainsFunc(p.workspace.Services, func(s workspace.Service) bool {
			return !s.Missing && (isIn(dir, s.Path) || isIn(s.Path, dir))
		})
}

// isIn reports whether a path is a directory or lies in it.
func isIn(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
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
	return p.hasChange(func(c tree.Change) bool { return c.Path == file })
}

// changedBelow reports whether anything in a directory differs from the base, ignored or not.
func (p *planned) changedBelow(dir string) bool {
	return p.hasChange(func(c tree.Change) bool { return c.Path != dir && isIn(c.Path, dir) })
}

func (p *planned) hasChange(is func(tree.Change) bool) bool {
	return slices.ContainsFunc(p.net, is) || slices.ContainsFunc(p.touched, is)
}

// explainFile plans a change of this one file, as if head had been compared with itself but for it; for a directory it is
// one of a file in it that is like any other.
func (s *session) explainFile(ctx context.Context, p *planned, o explainOptions, of subject) error {
	change, err := p.hypothetical(ctx, of)
	if err != nil {
		return err
	}
	base := workspace.Base{Tree: p.tree, Touched: []tree.Change{change}}
	changes, err := p.workspace.Compare(ctx, base)
	if err != nil {
		return err
	}
	changes.Removed = p.comparison.Removed // what lies in one that is gone is no orphan
	facts := report.FileFacts{File: of.path, Kind: of.kind, Ignored: len(changes.Changes) == 0}
	if p.state == planner.Known {
		changed := p.changed(of.path) || of.isDirectory() && p.changedBelow(of.path)
		facts.Changed = &changed
		if p.marked(of.path) {
			changes.Changes[0].Marker = true
		}
	}
	plan := p.decide(o.comparison, planner.Baseline{State: planner.Known, SHA: p.head.ID}, changes, false)
	if of.isDirectory() {
		nameDirectory(plan, change.Path, of.path)
	}
	if o.format == "json" {
		return report.ExplainFileJSON(s.app.out, plan, facts, found(p.workspace))
	}
	return report.ExplainFile(s.app.out, plan, facts, found(p.workspace), s.app.style())
}

func (of subject) isDirectory() bool { return of.kind != report.FileSubject }

// nameDirectory puts a directory in the place of the file that stood for all in it.
func nameDirectory(plan *planner.Plan, file, dir string) {
	for _, s := range plan.Services {
		for i := range s.Reasons {
			if s.Reasons[i].File == file {
				s.Reasons[i].File = dir
			}
		}
	}
}

// marked reports whether the real comparison has the file as a marker that came or went.
func (p *planned) marked(file string) bool {
	return slices.ContainsFunc(p.comparison.Changes, func(c planner.Change) bool { return c.Path == file && c.Marker })
}

// anyFile is the name of a file that stands for all that are in a directory: no tree has one that is called so.
const anyFile = "."

// hypothetical is a change of a file's content, or its addition where head does not have it.
func (p *planned) hypothetical(ctx context.Context, of subject) (tree.Change, error) {
	if of.isDirectory() {
		return tree.Change{Path: of.path + "/" + anyFile, OldMode: tree.File, NewMode: tree.File}, nil
	}
	entries, err := p.tree.Lookup(ctx, []string{of.path})
	if err != nil {
		return tree.Change{}, err
	}
	if e := entries[0]; e.Exists() {
		return tree.Change{Path: of.path, OldMode: e.Mode, NewMode: e.Mode, NewID: e.ID}, nil
	}
	return tree.Change{Path: of.path, NewMode: tree.File}, nil
}
