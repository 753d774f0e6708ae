package packager

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/lockfile"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/packager/assemble"
)

// parts is what an artifact is made of.
type parts struct {
	files        []stagedFile
	dependencies []*dependency
	// install is what poetry install brings, instead of dependencies; nil where there is no such thing.
	install *poetryWork
	// provided has the names of packages that the runtime has.
	provided []string
	inputs   []input
	key      string
	// layerKey is the part of the key that decides the layer's bytes; empty where there is none.
	layerKey string
	trace    *trace
}

// one packages one service: what goes in, the key, and, where there is no artifact of that key, the artifact.
func (r *run) one(ctx context.Context, s Service) Result {
	result := Result{Service: s}
	d := &resolver{run: r, service: s, staged: map[string][]stagedFile{}, asked: map[string]bool{}}
	p, err := d.find(ctx)
	var relock *RelockError
	if errors.As(err, &relock) {
		result.Outcome, result.Why = WouldPackage, err.Error()
		return result
	}
	if err != nil {
		result.Err = err
		return result
	}
	if d.relocked != nil {
		result.Relocked = d.relocked.moved
	}
	st := readState(r.output.path(serviceFile(s.Name, stateFile)))
	result.Key, result.First = p.key, st.Format == ""
	result.Unmatched = d.sel.unmatched(slices.Collect(maps.Values(p.trace.includes)))
	if !result.First {
		result.Moved = moves(st.Made.Inputs, p.inputs)
	}
	m := st.Made
	isThere := m.Key == p.key && m.isThere(r.Output) && r.hasStableFiles(s) && !r.lacksRequirements(s)
	switch {
	case r.DryRun && !isThere:
		result.Outcome = WouldPackage
		result.Err = d.foresee(ctx, p, &result)
		return result
	case isThere:
		result.Outcome = Unchanged
	default:
		result.Outcome = Packaged
		m, err = d.make(ctx, p, &result)
	}
	if err == nil && !r.DryRun {
		err = d.finish(p, m)
	}
	if err != nil {
		result.Err = full(err)
		return result
	}
	done := r.asMade(s, m)
	result.Code, result.Layer = done.Code, done.Layer
	result.Artifact, result.LayerArtifact, result.Manifest = done.Artifact, done.LayerArtifact, done.Manifest
	result.Upload = done.Upload
	return result
}

// find finds out what goes into the artifact.
func (r *resolver) find(ctx context.Context) (*parts, error) {
	var err error
	o := r.service.Options
	if r.sel, err = newSelection(o.Include, o.Exclude); err != nil {
		return nil, err
	}
	p := &parts{trace: newTrace(r.source)}
	r.stager = &stager{source: r.source, worktree: r.Worktree, trace: p.trace}
	found, err := r.source.lookup(ctx, r.service.Path)
	if err != nil {
		return nil, err
	}
	if found[0].Mode != tree.Dir {
		return nil, &StageError{Path: r.service.Path, Problem: "the service's directory is not in the commit"}
	}
	if p.files, err = r.stager.stage(ctx, r.service.Path, r.service.ownSelection(r.sel)); err != nil {
		return nil, err
	}
	if o.Relock {
		if r.relocked, err = r.relock(ctx); err != nil {
			return nil, err
		}
	}
	for _, m := range r.service.Modules {
		r.warn(fmt.Sprintf("%s:%d: what %s installs for one function is not read, and not in the artifact: it is one for the whole service", m.File, m.Line, m.Path))
	}
	if o.Install {
		p.install, err = r.planInstall(ctx)
	} else {
		p.dependencies, err = r.resolve(ctx)
	}
	if err != nil {
		return nil, err
	}
	if o.ExcludeRuntime {
		p.exclude(r.direct())
	}
	p.describe(r.service)
	return p, nil
}

// direct reports of a package whether the service or one of its path dependencies asks for it by name. A requirements file does not
// say: then all that no other package needs are.
func (r *resolver) direct() func(name string) bool {
	needed, asked := make(map[string]bool), maps.Clone(r.asked)
	if r.closure != nil {
		for _, p := range r.closure.Packages {
			for _, name := range p.DependsOn {
				needed[name] = true
				asked[name] = asked[name] || p.Source.Kind == lockfile.Directory
			}
		}
	}
	return func(name string) bool { return asked[name] || !needed[name] }
}

// exclude takes out what the runtime provides.
func (p *parts) exclude(direct func(string) bool) {
	var nodes []assemble.Node
	for _, d := range p.dependencies {
		nodes = append(nodes, assemble.Node{Name: d.Name, DependsOn: d.DependsOn, Direct: direct(d.Name), Extras: len(d.Extras) > 0})
	}
	p.provided = assemble.ExcludeRuntime(nodes)
	p.dependencies = slices.DeleteFunc(p.dependencies, func(d *dependency) bool { return slices.Contains(p.provided, d.Name) })
}

// describe lists the inputs of the key.
func (p *parts) describe(s Service) {
	var wheels []input
	for _, d := range p.dependencies {
		wheels = append(wheels, input{"package " + d.Name, d.value()})
	}
	if p.install != nil {
		wheels = append(wheels, input{"installed", p.install.key})
	}
	options := s.Options.inputs()
	p.inputs = slices.Concat([]input{{"version", formatVersion}, {"service", s.Name}, {"code " + s.Path, filesDigest("code", p.files)}}, options, wheels)
	p.key = keyOf(p.inputs)
	if s.Options.Format != Bundle && len(wheels) > 0 {
		p.layerKey = keyOf(slices.Concat(options, wheels))
	}
}

// foresee says what would have to be fetched and built, and whether it could.
func (r *resolver) foresee(ctx context.Context, p *parts, result *Result) error {
	if err := r.accept(ctx, p.dependencies); err != nil {
		return err
	}
	if p.install != nil {
		if _, ok, err := r.installRecords(ctx, p.install); err != nil || ok {
			return err
		}
		result.Built++
	}
	for _, d := range p.dependencies {
		if d.build != nil {
			if _, ok, err := r.built(ctx, d.build.key); err != nil {
				return err
			} else if !ok {
				result.Built++
			}
			continue
		}
		sum, isSHA256 := strings.CutPrefix(d.file.Hash, "sha256:")
		if isSHA256 {
			_, ok, err := r.Store.Get(ctx, sum)
			if err != nil {
				return err
			}
			if ok {
				continue
			}
		}
		result.Fetched++
		result.FetchedBytes += d.file.Size
	}
	return nil
}

// make makes the artifact.
func (r *resolver) make(ctx context.Context, p *parts, result *Result) (made, error) {
	wheels, err := r.wheels(ctx, p, result)
	if err != nil {
		return made{}, err
	}
	if err := errors.Join(r.keepOut(ctx), r.output.prepare(r.service.Name)); err != nil {
		return made{}, err
	}
	return r.assemble(ctx, p, wheels)
}

// wheels gets the wheels of all dependencies.
func (r *resolver) wheels(ctx context.Context, p *parts, result *Result) ([]openWheel, error) {
	if p.install == nil {
		wheels, err := r.collect(ctx, p.dependencies, result)
		if err == nil {
			err = r.checkMetadata(wheels)
		}
		return wheels, err
	}
	wheels, err := r.install(ctx, p.install, result)
	if err != nil || !r.service.Options.ExcludeRuntime {
		return wheels, err
	}
	for _, w := range wheels {
		p.dependencies = append(p.dependencies, w.dependency)
	}
	p.exclude(r.direct())
	return slices.DeleteFunc(wheels, func(w openWheel) bool { return slices.Contains(p.provided, w.Name) }), nil
}

// finish publishes the artifact under its stable names, and remembers it last of all.
func (r *resolver) finish(p *parts, m made) error {
	name := r.service.Name
	if err := r.output.publish(m.Code.File, stableFile(name)); err != nil {
		return err
	}
	if m.Layer != nil {
		if err := r.output.publish(m.Layer.File, stableLayerFile(name)); err != nil {
			return err
		}
	} else if err := ignoreAbsent(os.Remove(r.output.path(stableLayerFile(name)))); err != nil {
		return err // nobody is to deploy the layer that it had once
	}
	if err := r.keepLock(); err != nil {
		return err
	}
	next := state{Options: r.service.digest(), Seen: p.trace.seen(), Made: m}
	if err := next.write(r.output.path(serviceFile(name, stateFile))); err != nil {
		return err
	}
	return r.output.sweep(name, m)
}
