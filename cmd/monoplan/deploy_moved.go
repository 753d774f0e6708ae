package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace"
)

// findSuccessors gives, by the path of each service that is gone from head, the services of head that are deployed over it: its tool
// knows a service by its name, wherever it lies. That is the name that it calls itself, which is not what monoplan calls it
// where several do so; of two that had one name already, neither is the other's successor.
func (d *deploy) findSuccessors(ctx context.Context) (map[string][]string, error) {
	successors, known := map[string][]string{}, map[string]map[string]string{}
	for _, gone := range d.staged.plan.Services {
		if gone.Action != planner.Remove {
			continue
		}
		was, err := d.formerNames(ctx, gone, known)
		if err != nil {
			return nil, err
		}
		for _, s := range d.staged.workspace.Services {
			_, isOld := was[s.Path]
			isSame := s.Name == gone.Name || !isOld && s.OwnName == was[gone.Path]
			if isSame && !s.Missing && s.Path != gone.Path {
				successors[gone.Path] = append(successors[gone.Path], s.Path)
			}
		}
	}
	return successors, nil
}

// formerNames gives what the services of the commit that a gone one was deployed from called themselves, by their paths; known has
// those of the commits that were read. It gives nothing where the names of the ledger and of head tell the same, and where the
// commit cannot be had.
func (d *deploy) formerNames(ctx context.Context, gone planner.ServicePlan, known map[string]map[string]string) (map[string]string, error) {
	clashed := gone.Name == gone.Path
	for _, s := range d.staged.workspace.Services {
		clashed = clashed || s.OwnName == gone.Name && s.OwnName != s.Name
	}
	if !clashed {
		return nil, nil
	}
	if names, ok := known[gone.Baseline]; ok {
		return names, nil
	}
	names, err := d.ownNames(ctx, gone.Baseline)
	known[gone.Baseline] = names
	return names, err
}

// ownNames gives what the services of a commit call themselves, by their paths; nothing where the commit cannot be had.
func (d *deploy) ownNames(ctx context.Context, id string) (map[string]string, error) {
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
	names := map[string]string{}
	for _, s := range w.Services {
		if !s.Missing {
			names[s.Path] = s.OwnName
		}
	}
	return names, nil
}
