package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// checkAbsent finds the planned services that are deployed from files which the working tree lacks though nobody deleted them: a
// sparse checkout leaves them out, or a submodule was never checked out. What is deployed would not be what is recorded. A
// directory that is missing as a whole is the deployer's to tell; what a hook may bring is looked for once more when the service
// was deployed.
func (d *deploy) checkAbsent(ctx context.Context) error {
	if len(d.chosen) == 0 {
		return nil
	}
	entries, err := d.repo.Absent(ctx)
	if err != nil || len(entries) == 0 {
		return err
	}
	lacking, err := d.lacking(ctx, entries)
	if err != nil {
		return err
	}
	d.step("absent files")
	if d.hooks().Prepare() {
		d.absent = lacking
		return nil
	}
	e := &absentError{}
	for service, files := range lacking {
		switch _, err := os.Stat(filepath.Join(d.repo.WorkTree, filepath.FromSlash(service))); {
		case errors.Is(err, fs.ErrNotExist):
		case d.options.allowDirty:
			d.dirty[service] = true
		default:
			e.services++
			e.files = append(e.files, files...)
		}
	}
	if e.services == 0 {
		return nil
	}
	slices.SortFunc(e.files, compareEntries)
	e.files = slices.Compact(e.files)
	return e
}

// lacking gives, by the paths of the planned services, those of the absent files that they are deployed from.
func (d *deploy) lacking(ctx context.Context, absent []tree.Entry) (map[string][]tree.Entry, error) {
	p, err := d.ifChanged(ctx, absent)
	if err != nil {
		return nil, err
	}
	counted := map[string]bool{} // not what seed.yml ignores
	for _, c := range p.comparison.Changes {
		counted[c.Path] = true
	}
	absent = slices.DeleteFunc(slices.Clone(absent), func(e tree.Entry) bool { return !counted[e.Path] })
	var touched []planner.ServicePlan
	for _, s := range p.byFiles().Services {
		if s.Action == planner.Deploy && slices.ContainsFunc(d.chosen, func(c planner.ServicePlan) bool { return c.Path == s.Path && !isRemoval(c) }) {
			touched = append(touched, s)
		}
	}
	packaged, err := d.packaged(ctx, touched)
	if err != nil {
		return nil, err
	}
	edges := edgesByNode(p.workspace)
	lacking := map[string][]tree.Entry{}
	for _, s := range touched {
		places := placesOf(s, edges, packaged[s.Path])
		for _, e := range absent {
			counts := func(place string) bool { return isIn(e.Path, place) || e.Mode == tree.Submodule && isIn(place, e.Path) }
			if slices.ContainsFunc(places, counts) {
				lacking[s.Path] = append(lacking[s.Path], e)
			}
		}
	}
	return lacking, nil
}

// ifChanged is the planned commit as if it had been compared with itself, but for these files.
func (d *deploy) ifChanged(ctx context.Context, files []tree.Entry) (*planned, error) {
	changes := make([]tree.Change, len(files))
	for i, e := range files {
		changes[i] = tree.Change{Path: e.Path, OldMode: e.Mode, NewMode: e.Mode, NewID: e.ID}
	}
	v := *d.staged.view
	v.base, v.state = v.head, planner.Known
	found, err := v.workspace.Compare(ctx, workspace.Base{Tree: v.tree, Touched: changes})
	return &planned{view: &v, comparison: found}, err
}

// placesOf lists the paths below which absent files count for a service, by the rules that hold for them. What is only used by code
// that monoplan packages is read from the commit.
func placesOf(s planner.ServicePlan, edges map[string][]workspace.Edge, isPackaged bool) []string {
	var places []string
	for _, r := range s.Reasons {
		switch r.Rule {
		case planner.OwnFile, planner.NestedFile:
			places = append(places, s.Path)
		case planner.PathDependency:
			places = append(places, usedOutside(edges, s.Path, !isPackaged)...)
		case planner.WorkspacePackage:
			if !isPackaged || isIn(r.File, s.Path) {
				places = append(places, r.File)
			}
		}
	}
	return places
}

// packaged reports of services, by their paths, whether monoplan packages them, and not the tool that deploys them.
func (d *deploy) packaged(ctx context.Context, services []planner.ServicePlan) (_ map[string]bool, err error) {
	if len(services) == 0 {
		return nil, nil
	}
	p := &planned{view: d.staged.view, plan: d.staged.plan}
	j, err := d.newPackaging(ctx, p, packageOptions{dryRun: true, offline: true, concurrency: d.options.concurrency})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	j.progress.silent = true
	packaged := map[string]bool{}
	for i, r := range j.run(ctx, services) {
		packaged[services[i].Path] = r.Outcome != packager.Left
	}
	return packaged, nil
}

// isStillAbsent reports whether a service was deployed though hooks have not brought all that was absent; the warning tells so, or
// why that cannot be told. As in movedUnder, each service looks for itself.
func (d *deploy) isStillAbsent(ctx context.Context, service deployer.Service) (absent bool, warning error) {
	files := d.absent[service.Path]
	if len(files) == 0 {
		return false, nil
	}
	s, err := d.app.open(ctx)
	if err != nil {
		return true, err
	}
	defer s.close()
	now, err := s.repo.Absent(ctx)
	if err != nil {
		return true, err
	}
	files = slices.DeleteFunc(slices.Clone(files), func(e tree.Entry) bool {
		return !slices.ContainsFunc(now, func(n tree.Entry) bool { return n.Path == e.Path })
	})
	if len(files) == 0 {
		return false, nil
	}
	return true, fmt.Errorf("%s: it was deployed without files that are not checked out, and is not remembered: %s",
		report.Quote(service.Name), someOf(pathsOf(files)))
}

// absentError is a working tree that lacks files of its commit which nobody deleted.
type absentError struct {
	files    []tree.Entry
	services int
}

func (e *absentError) Error() string {
	return fmt.Sprintf("files of the commit that would be recorded for %d of the planned services are not checked out: %s",
		e.services, someOf(pathsOf(e.files)))
}

// hint says how the first of the files is had.
func (e *absentError) hint() string {
	first := e.files[0]
	how := "git sparse-checkout add " + report.Quote(path.Dir(first.Path))
	switch {
	case first.Mode == tree.Submodule:
		how = "git submodule update --init " + report.Quote(first.Path)
	case path.Dir(first.Path) == ".":
		how = "git sparse-checkout add " + report.Quote("/"+first.Path)
	}
	return how + " has git write it; or add --allow-dirty: what lacks files is then deployed and not remembered"
}

func pathsOf(entries []tree.Entry) []string {
	paths := make([]string, len(entries))
	for i, e := range entries {
		paths[i] = e.Path
	}
	return paths
}

func compareEntries(a, b tree.Entry) int { return cmp.Compare(a.Path, b.Path) }
