package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// services gives what was chosen as the deployer takes it.
func (d *deploy) services(ctx context.Context, o packageOptions) ([]deployer.Service, error) {
	if _, err := d.temporary(); err != nil {
		return nil, err
	}
	if err := d.openPackaging(ctx, o); err != nil {
		return nil, err
	}
	checkouts := map[string]string{}
	var services []deployer.Service
	for _, c := range d.chosen {
		s := deployer.Service{
			Name: c.Name, Path: c.Path, Type: c.Type, Phase: c.Phase, Commit: d.staged.head.ID, Remove: isRemoval(c),
		}
		if s.Remove {
			var err error
			if s.Commit, s.Checkout, err = d.checkout(ctx, c, checkouts); err != nil {
				return nil, err
			}
			if err := setFormerCommands(&s); err != nil {
				return nil, err
			}
		} else {
			d.setCommands(&s)
			s.Package = d.packaging.of(c)
		}
		services = append(services, s)
	}
	return services, nil
}

// markerOf is the name of a service's marker where its tool would not find it by itself.
func markerOf(w *workspace.Workspace, dir string) string {
	i := slices.IndexFunc(w.Services, func(s workspace.Service) bool { return s.Path == dir })
	if i < 0 || w.Services[i].Marker == "" {
		return ""
	}
	return path.Base(w.Services[i].Marker)
}

// checkout writes the files of the commit that a service was last deployed from, each commit once: head does not have the
// service, and its tool needs what describes it.
func (d *deploy) checkout(ctx context.Context, s planner.ServicePlan, done map[string]string) (commit, dir string, err error) {
	c, err := d.deployedFrom(ctx, s)
	if err != nil {
		return "", "", withoutFiles(s.Name, err)
	}
	if dir, ok := done[c.ID]; ok {
		return c.ID, dir, nil
	}
	dir = filepath.Join(d.temp.Dir, "removed-"+c.ID)
	if err := writeTree(ctx, d.repo.Tree(c.Tree), dir); err != nil {
		return "", "", withoutFiles(s.Name, err)
	}
	done[c.ID] = dir
	return c.ID, dir, nil
}

// deployedFrom gives the commit that a service was deployed from which is to be removed. Of one that no deploy ever succeeded of, the
// record may have been made by a run that was killed while it removed it, whose commit does without the service: the log has
// those before.
func (d *deploy) deployedFrom(ctx context.Context, s planner.ServicePlan) (gitdiff.Commit, error) {
	from := s.Baseline
	if d.staged.stage.Services[s.Path].Baseline == nil {
		f, err := d.readFormer(ctx, s.Baseline)
		if err != nil {
			return gitdiff.Commit{}, err
		}
		if !f.has(s.Path) {
			if from, err = d.triedFrom(ctx, s.Path); err != nil {
				return gitdiff.Commit{}, err
			}
		}
	}
	return d.commit(ctx, cmp.Or(from, s.Baseline))
}

// triedFrom gives the last commit in the log from which a service was deployed, or tried to be; empty where the log has none.
func (d *deploy) triedFrom(ctx context.Context, path string) (string, error) {
	for change, err := range d.staged.ledger.Log(ctx, d.staged.stage.Name) {
		if err != nil {
			return "", err
		}
		if change.Kind.IsAboutLocks() || !slices.Contains(change.Services, path) {
			continue
		}
		for _, id := range change.Commits {
			if f, err := d.readFormer(ctx, id); f.has(path) || err != nil {
				return id, err
			}
		}
	}
	return "", nil
}

// withoutFiles is the error of a service that is to be removed, and whose files cannot be had.
func withoutFiles(service string, err error) error {
	return &hinted{
		fmt.Errorf("%s cannot be removed, for its files are needed: %w", report.Quote(service), err),
		"fetch the commit that has them; or remove the service by hand, and have monoplan ledger forget drop the record",
	}
}

// commit gives a commit that may have to be fetched.
func (d *deploy) commit(ctx context.Context, id string) (gitdiff.Commit, error) {
	if c, ok := d.staged.baselines[id]; ok {
		return c, nil
	}
	found, err := d.repo.Resolve(ctx, []string{id})
	if err == nil && found[0].Err != nil {
		d.fetchBaselines(ctx, d.staged.ledger, []string{id})
		found, err = d.repo.Resolve(ctx, []string{id})
	}
	if err != nil {
		return gitdiff.Commit{}, err
	}
	return found[0].Commit, found[0].Err
}

// writeTree writes the files of a tree below a directory. Submodules are left out: their files are in no tree of this
// repository.
func writeTree(ctx context.Context, t tree.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	var entries []tree.Entry
	err = t.List(ctx, func(e tree.Entry) error {
		if e.Mode != tree.Submodule {
			entries = append(entries, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.Read(ctx, entries, func(i int, data []byte) error { return writeEntry(root, entries[i], data) })
}

func writeEntry(root *os.Root, e tree.Entry, data []byte) error {
	name := filepath.FromSlash(e.Path)
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	switch e.Mode {
	case tree.Symlink:
		return root.Symlink(string(data), name)
	case tree.Exec:
		return root.WriteFile(name, data, 0o777)
	}
	return root.WriteFile(name, data, 0o666)
}

// phasePackaging packages the services of a phase together, when the first of them asks: the hooks that prepare the
// working tree have run by then for all of them, and what services have in common is fetched and built once.
type phasePackaging struct {
	*packaging
	deploy *deploy
	prints fingerprints
	phases map[int]*packagedPhase
}

type packagedPhase struct {
	once    sync.Once
	chosen  []planner.ServicePlan
	results map[string]packager.Result
}

// openPackaging opens what packages the chosen services; of the working tree, where that is what is deployed.
func (d *deploy) openPackaging(ctx context.Context, o packageOptions) error {
	p := &planned{view: d.staged.view, plan: d.staged.plan}
	if len(d.dirty) > 0 {
		o.worktree = true
		var err error
		if p.tree, _, err = d.repo.Worktree(ctx, d.staged.head.Tree); err != nil {
			return err
		}
	}
	prints, err := d.fingerprint(ctx)
	if err != nil {
		return err
	}
	j, err := d.newPackaging(ctx, p, o)
	if err != nil {
		return err
	}
	j.progress.silent = true
	d.packaging = &phasePackaging{packaging: j, deploy: d, prints: prints, phases: map[int]*packagedPhase{}}
	for _, c := range d.chosen {
		if isRemoval(c) {
			continue
		}
		phase := d.packaging.phases[c.Phase]
		if phase == nil {
			phase = &packagedPhase{}
			d.packaging.phases[c.Phase] = phase
		}
		phase.chosen = append(phase.chosen, c)
	}
	return nil
}

// of gives what packages one service. A service that is left to its tool has no artifact.
func (j *phasePackaging) of(c planner.ServicePlan) func(context.Context, io.Writer) (deployer.Packaged, error) {
	return func(ctx context.Context, log io.Writer) (deployer.Packaged, error) {
		phase := j.phases[c.Phase]
		phase.once.Do(func() {
			phase.results = map[string]packager.Result{}
			for i, r := range j.run(ctx, phase.chosen) {
				phase.results[phase.chosen[i].Path] = r
				if r.Layer != nil {
					j.prints.addLayer(phase.chosen[i].Path, r.Layer.SHA256)
				}
			}
		})
		r := phase.results[c.Path]
		if r.Err != nil {
			fmt.Fprintln(log, r.Err)
			return deployer.Packaged{}, r.Err
		}
		if ctx.Err() != nil {
			return deployer.Packaged{}, context.Cause(ctx)
		}
		if r.Outcome != packager.Left { // which its summary says
			fmt.Fprintf(log, "%s ", r.Outcome)
		}
		fmt.Fprintln(log, j.summary(r))
		for _, large := range r.Upload {
			fmt.Fprintln(log, large)
		}
		for _, pattern := range r.Unmatched {
			fmt.Fprintln(log, unmatchedText(pattern))
		}
		artifact := deployer.Artifact{File: r.Artifact, Layer: r.LayerArtifact, SHA256: r.Code.SHA256}
		return deployer.Packaged{Artifact: artifact, Identical: j.isIdentical(c, artifact)}, nil
	}
}
