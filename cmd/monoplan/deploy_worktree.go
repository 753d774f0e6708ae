package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// checkDirty finds the planned services that the working tree would deploy if it were committed: what is deployed would
// not be what is recorded. What a tool left behind that git does not track, as every deploy does, is no change of anybody's.
func (d *deploy) checkDirty(ctx context.Context) error {
	if len(d.chosen) == 0 {
		return nil
	}
	found, err := d.differing(ctx, d.staged.head.ID, d.options.algorithm, func(c tree.Change) bool {
		return isLeftByTool(c) || c.Added() && d.isPlanFile(c.Path)
	})
	if err != nil {
		return err
	}
	d.step("working tree")
	d.dirty = map[string]bool{}
	for _, c := range d.chosen {
		if c.Action == planner.Deploy && found.has(c.Path) {
			d.dirty[c.Path] = true
		}
	}
	if len(d.dirty) == 0 || d.options.allowDirty {
		return nil
	}
	return &dirtyError{files: found.filesOf(d.dirty), services: len(d.dirty)}
}

// isLeftByTool reports whether a change is a file that a tool writes when it deploys.
func isLeftByTool(c tree.Change) bool { return c.Added() && workspace.IsWrittenByTool(c.Path) }

// isPlanFile reports whether a path is that of the plan that is deployed: it is often made beside what it is a plan of.
func (d *deploy) isPlanFile(path string) bool {
	if d.options.plan == "" {
		return false
	}
	plan, err := os.Stat(d.app.resolve(d.options.plan))
	if err != nil {
		return false
	}
	found, err := os.Stat(filepath.Join(d.repo.WorkTree, filepath.FromSlash(path)))
	return err == nil && os.SameFile(plan, found)
}

// treeDifference is how the working tree differs from a commit: the services that the rules would deploy for that, and the paths
// of the files.
type treeDifference struct {
	services []planner.ServicePlan
	files    []string
}

// differing compares the working tree with a commit under the commit's own seed.yml, but for the changes that count for none.
func (s *session) differing(ctx context.Context, commit, algorithm string, isNone func(tree.Change) bool) (*treeDifference, error) {
	p, err := s.compare(ctx, comparison{since: commit, hasSince: true, head: commit, hasHead: true, worktree: true, onMissing: "fail", algorithm: algorithm}, false)
	if err != nil {
		return nil, err
	}
	none := make(map[string]bool)
	for _, c := range p.net {
		none[c.Path] = isNone(c)
	}
	p.comparison.Changes = slices.DeleteFunc(p.comparison.Changes, func(c planner.Change) bool { return none[c.Path] })
	d := &treeDifference{}
	for _, c := range p.comparison.Changes {
		d.files = append(d.files, c.Path)
	}
	for _, s := range p.byFiles().Services {
		if s.Action != planner.Skip {
			d.services = append(d.services, s)
		}
	}
	return d, nil
}

func (d *treeDifference) has(service string) bool {
	return slices.ContainsFunc(d.services, func(s planner.ServicePlan) bool { return s.Path == service })
}

// filesOf lists the files for which some of the services would be deployed: all of their own, and one of each other kind.
func (d *treeDifference) filesOf(services map[string]bool) []string {
	var files []string
	for _, s := range d.services {
		if !services[s.Path] {
			continue
		}
		for _, r := range s.Reasons {
			files = append(files, cmp.Or(r.File, s.Path)) // without a file all of it is gone
		}
		for _, f := range d.files {
			if isIn(f, s.Path) {
				files = append(files, f)
			}
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// byFiles decides by the changed files alone: a service that is deployed whatever changed may have a clean tree.
func (p *planned) byFiles() *planner.Plan {
	baseline := planner.Baseline{State: planner.Known, SHA: p.base.ID}
	in := p.view.input("", baseline, false)
	in.Options.FilesAlone = true
	in.Comparisons = map[string]planner.Comparison{baseline.SHA: p.comparison}
	return planner.Make(in)
}

// checkPhase finds out whether the services of a phase would still be deployed from the planned commit: phases before it, and
// waiting for a lock, take their time. With another commit checked out they would not; neither with edited files, but for
// those that hooks may have written. What --allow-dirty deploys is not remembered.
func (d *deploy) checkPhase(ctx context.Context, services []deployer.Service, show *show) error {
	head, err := d.headNow(ctx)
	if err != nil {
		return err
	}
	moved := head != d.staged.head.ID
	isNone := isLeftByTool
	if !moved {
		if first := services[0].Phase == d.firstPhase(); first && !show.waited || !d.hooks().IsZero() {
			return nil
		}
		isNone = tree.Change.Added // what earlier phases have written for later ones
	}
	found, err := d.differing(ctx, d.staged.head.ID, d.options.algorithm, isNone)
	if err != nil {
		return err
	}
	now := map[string]bool{}
	for _, s := range services {
		if found.has(s.Path) && !d.dirty[s.Path] {
			now[s.Path] = true
		}
	}
	switch {
	case len(now) == 0:
		return nil
	case d.options.allowDirty:
		maps.Copy(d.dirty, now)
		return nil
	}
	e := &dirtyError{files: found.filesOf(now), services: len(now)}
	if moved {
		e.planned, e.head = d.staged.head.ID, head
	}
	return e
}

// movedUnder reports whether another commit was checked out while a service was deployed, so that it is not known what of it
// is deployed; the warning tells so, or why that cannot be told. Several services end at once, and the repository is read by
// one at a time, so each looks for itself.
func (d *deploy) movedUnder(ctx context.Context, service deployer.Service) (moved bool, warning error) {
	s, err := d.app.open(ctx)
	if err != nil {
		return true, err
	}
	defer s.close()
	head, err := s.headNow(ctx)
	if err != nil || head == d.staged.head.ID {
		return err != nil, err
	}
	found, err := s.differing(ctx, d.staged.head.ID, d.options.algorithm, isLeftByTool)
	if err != nil || !found.has(service.Path) {
		return err != nil, err
	}
	return true, fmt.Errorf("%s: HEAD moved from %s to %s while it was deployed, so that it is not remembered as either",
		report.Quote(service.Name), short(d.staged.head.ID), short(head))
}

// headNow is the commit that is checked out.
func (s *session) headNow(ctx context.Context) (string, error) {
	found, err := s.repo.Resolve(ctx, []string{"HEAD"})
	if err != nil {
		return "", err
	}
	return found[0].Commit.ID, found[0].Err
}

// firstPhase is the phase that is deployed first.
func (d *deploy) firstPhase() int {
	return slices.MinFunc(d.chosen, func(a, b planner.ServicePlan) int { return cmp.Compare(a.Phase, b.Phase) }).Phase
}

// dirtyError is a working tree that is not its commit.
type dirtyError struct {
	files    []string
	services int
	// planned and head are the planned commit and the one that is checked out now, where another is.
	planned, head string
}

func (e *dirtyError) Error() string {
	text := fmt.Sprintf("the working tree is not the commit that would be recorded for %d of the planned services: %s", e.services, someOf(e.files))
	if e.head != "" {
		text = fmt.Sprintf("HEAD moved from %s to %s while the run went on: %s", short(e.planned), short(e.head), text)
	}
	return text
}

// someOf lists the first of some files, and says how many more there are.
func someOf(files []string) string {
	const most = 10
	shown := files[:min(most, len(files))]
	var quoted []string
	for _, f := range shown {
		quoted = append(quoted, report.Quote(f))
	}
	text := strings.Join(quoted, ", ")
	if rest := len(files) - len(shown); rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}
