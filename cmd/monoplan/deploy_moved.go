package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// successors are the services of head that a gone one is deployed over by.
type successors struct {
	paths []string
	// doubtful says that they only may be: nothing tells that their tools know them by other names than the gone one's.
	doubtful bool
}

// warning says why the gone service is left where it is.
func (s successors) warning(gone planner.ServicePlan) string {
	if !s.doubtful {
		return fmt.Sprintf("%s was deployed from %s and is in another directory now: its tool would remove what is deployed from there, so it is left; monoplan ledger forget drops the record",
			report.Quote(gone.Name), report.Quote(gone.Path))
	}
	others := ""
	if n := len(s.paths) - 1; n > 0 {
		others = fmt.Sprintf(" (or in one of %d other directories)", n)
	}
	return fmt.Sprintf("%s was deployed from %s and may be in %s now%s, under a name that monoplan cannot read: its tool would remove what is deployed from there, so it is left; if it is another service, remove it with its tool, from the files of %s; monoplan ledger forget drops the record",
		report.Quote(gone.Name), report.Quote(gone.Path), report.Quote(s.paths[0]), others, short(gone.Baseline))
}

// findSuccessors gives, by the path of each service that is gone from head, the services of head that are deployed over it: its tool
// knows a service by its name, wherever it lies. That is the name that it calls itself, which is not what monoplan calls it
// where several do so; of two that had one name already, neither is the other's successor. Where there is none, those that may
// be are in its place.
func (d *deploy) findSuccessors(ctx context.Context) (map[string]successors, error) {
	found, known := map[string]successors{}, map[string]*former{}
	taken := map[string]bool{} // who goes by the name that one gone service had is no other
	for _, gone := range d.staged.plan.Services {
		if !isRemoval(gone) {
			continue
		}
		var was *former
		if d.clashes(gone) {
			var err error
			if was, err = d.formerOf(ctx, gone, known); err != nil {
				return nil, err
			}
		}
		var paths []string
		for _, s := range d.staged.workspace.Services {
			if !s.Missing && s.Path != gone.Path && (s.Name == gone.Name || was.isSame(s, gone.Path)) {
				paths = append(paths, s.Path)
				taken[s.Path] = taken[s.Path] || s.MarkerName == s.OwnName
			}
		}
		if len(paths) > 0 {
			found[gone.Path] = successors{paths: paths}
		}
	}
	for _, gone := range d.staged.plan.Services {
		if _, ok := found[gone.Path]; ok || !isRemoval(gone) {
			continue
		}
		paths, err := d.possibleSuccessors(ctx, gone, taken, known)
		if err != nil {
			return nil, err
		}
		if len(paths) > 0 {
			found[gone.Path] = successors{paths: paths, doubtful: true}
		}
	}
	return found, nil
}

// possibleSuccessors gives the services of head that may be a gone one which moved, but for those that are taken.
func (d *deploy) possibleSuccessors(ctx context.Context, gone planner.ServicePlan, taken map[string]bool, known map[string]*former) ([]string, error) {
	services := slices.DeleteFunc(slices.Clone(d.staged.workspace.Services), func(s workspace.Service) bool {
		return taken[s.Path] || !d.isCandidate(s, gone)
	})
	if len(services) == 0 {
		return nil, nil
	}
	was, err := d.formerOf(ctx, gone, known)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, s := range services {
		may, err := d.maySucceed(ctx, s, gone, was)
		if err != nil {
			return nil, err
		}
		if may {
			paths = append(paths, s.Path)
		}
	}
	return paths, nil
}

// maySucceed reports whether a candidate may be a gone service that moved, as far as their tools' names tell. What seed.yml has remove
// the gone one is its author's word, and nobody doubts it.
func (d *deploy) maySucceed(ctx context.Context, s workspace.Service, gone planner.ServicePlan, was *former) (bool, error) {
	if was.has(s.Path) || was.isRemovedByCommand(gone.Path) {
		return false, nil
	}
	old, err := was.toolName(ctx, gone)
	if err != nil || old == "" {
		return old == "", err
	}
	name, err := toolName(ctx, d.staged.tree, s)
	return name == "" || name == old, err
}

// toolName gives the name by which its tool knows a service, empty where no file that monoplan reads has it: a program names the stacks
// of cdk and sst, and samconfig.toml that of sam, stage by stage.
func toolName(ctx context.Context, t tree.Reader, s workspace.Service) (string, error) {
	switch s.Type {
	case deployer.Serverless:
		return s.MarkerName, nil
	case deployer.SAM:
		var files []string
		for _, name := range deployer.SAMConfigs() {
			files = append(files, path.Join(s.Path, name))
		}
		entries, err := t.Lookup(ctx, files)
		for _, e := range entries {
			if e.Exists() {
				return "", err
			}
		}
		return s.Name, err
	}
	return "", nil
}

// former is what a commit had that services were deployed from. A nil one is of a commit that cannot be had, or did not have the service.
type former struct {
	tree     tree.Reader
	config   *workspace.Config
	services map[string]workspace.Service
}

func (f *former) has(dir string) bool {
	if f == nil {
		return false
	}
	_, ok := f.services[dir]
	return ok
}

// isSame reports whether a service that is new since then calls itself what the gone one did.
func (f *former) isSame(s workspace.Service, gone string) bool {
	return f != nil && !f.has(s.Path) && s.OwnName == f.services[gone].OwnName
}

// isRemovedByCommand reports whether seed.yml had its own commands for a service.
func (f *former) isRemovedByCommand(dir string) bool {
	if f == nil {
		return false
	}
	own := f.config.DeployOf(dir)
	return !command(own.Command).IsZero() || !command(own.Remove).IsZero()
}

// toolName gives the name by which the tool of a gone service knew it. Of one whose files cannot be had there is the ledger's name
// alone, where its type can have one: without those files nothing removes it.
func (f *former) toolName(ctx context.Context, gone planner.ServicePlan) (string, error) {
	if f == nil {
		return gone.Name, nil
	}
	return toolName(ctx, f.tree, f.services[gone.Path])
}

// clashes reports whether the names of the ledger and of head do not tell what a gone service called itself, for several did so.
func (d *deploy) clashes(gone planner.ServicePlan) bool {
	return gone.Name == gone.Path || slices.ContainsFunc(d.staged.workspace.Services, func(s workspace.Service) bool {
		return s.OwnName == gone.Name && s.OwnName != s.Name
	})
}

// formerOf gives what the commit had that a gone service was deployed from; known has the commits that were read.
func (d *deploy) formerOf(ctx context.Context, gone planner.ServicePlan, known map[string]*former) (*former, error) {
	f, ok := known[gone.Baseline]
	if !ok {
		var err error
		if f, err = d.readFormer(ctx, gone.Baseline); err != nil {
			return nil, err
		}
		known[gone.Baseline] = f
	}
	if !f.has(gone.Path) {
		return nil, nil
	}
	return f, nil
}

// isCandidate reports whether a service of head may be a gone one that moved, before the commit is read that would deny it. What
// was deployed from that commit as well is another.
func (d *deploy) isCandidate(s workspace.Service, gone planner.ServicePlan) bool {
	deployed := d.staged.stage.Services[s.Path].Baseline
	return s.Type == gone.Type && s.Type != deployer.OwnCommand && !s.Missing && (deployed == nil || deployed.Commit != gone.Baseline)
}

// readFormer reads a commit; it gives nil where that cannot be had.
func (d *deploy) readFormer(ctx context.Context, id string) (*former, error) {
	commit, err := d.commit(ctx, id)
	if err != nil {
		if errors.As(err, new(*gitdiff.RevisionError)) {
			err = nil
		}
		return nil, err
	}
	v := &view{tree: d.repo.Tree(commit.Tree)}
	text, err := readFromTree(ctx, v.tree, workspace.ConfigFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	options := d.workspaceOptions(v, comparison{})
	if options.Config, err = d.parseConfig(text); err != nil {
		return nil, nil // it did not parse then either
	}
	w, err := workspace.Load(ctx, options)
	if err != nil {
		return nil, err
	}
	f := &former{tree: v.tree, config: options.Config, services: map[string]workspace.Service{}}
	for _, s := range w.Services {
		if !s.Missing {
			f.services[s.Path] = s
		}
	}
	return f, nil
}
