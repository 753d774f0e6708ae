package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"path"
	"slices"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace"
)

// fingerprints are hashes of what decides about a deploy besides the artifact.
type fingerprints struct {
	// configurations has that of each service, by its path. A service without one is never identical.
	configurations map[string]string
	// environment is that of the variables which seed.yml names.
	environment string
}

// identicalVersion is part of every hash: another way to hash is another number.
const identicalVersion = "monoplan identical 2"

// fingerprint hashes, for each closed service that is deployed, its directory, seed.yml, what it uses outside besides what
// an artifact has of it, and what its tool is installed from. All come from head's tree; of a dirty working tree nothing can
// be told, and neither of an open service, which may use anything.
func (d *deploy) fingerprint(ctx context.Context) (fingerprints, error) {
	f := fingerprints{configurations: map[string]string{}}
	open := map[string]bool{}
	for _, s := range d.staged.workspace.Services {
		open[s.Path] = s.Open
	}
	edges := edgesByNode(d.staged.workspace)
	reach := map[string][]string{}
	var paths []string
	for _, c := range d.chosen {
		if !isRemoval(c) && !open[c.Path] && !d.dirty[c.Path] {
			reach[c.Path] = slices.Concat([]string{c.Path}, usedOutside(edges, c.Path, d.isScripted(c)), toolFiles(c.Path))
			paths = append(paths, reach[c.Path]...)
		}
	}
	slices.Sort(paths) // services have the directories above them in common, and libraries
	paths = slices.Compact(paths)
	entries, err := d.repo.Tree(d.staged.head.Tree).Lookup(ctx, paths)
	if err != nil {
		return f, err
	}
	ids := make(map[string]string, len(paths))
	for i, e := range entries {
		ids[paths[i]] = e.ID
	}
	for service, reached := range reach {
		h := sha256.New()
		frame(h, identicalVersion, d.staged.configHash())
		for _, p := range reached {
			frame(h, p, ids[p])
		}
		f.configurations[service] = hex.EncodeToString(h.Sum(nil))
	}
	f.environment, err = d.app.environmentHash(d.staged.config.IdenticalEnvironment, d.staged.stage.Name)
	return f, err
}

// addLayer makes the layer that a service's artifact was split from a part of its configuration.
func (f fingerprints) addLayer(service, sha256sum string) {
	if f.configurations[service] != "" {
		h := sha256.New()
		frame(h, f.configurations[service], sha256sum)
		f.configurations[service] = hex.EncodeToString(h.Sum(nil))
	}
}

func edgesByNode(w *workspace.Workspace) map[string][]workspace.Edge {
	edges := map[string][]workspace.Edge{}
	for _, e := range w.Edges() {
		edges[e.From] = append(edges[e.From], e)
	}
	return edges
}

// usedOutside lists what a service reaches outside its directory in another way than by what its artifact is made of: its
// marker names it, seed.yml, a script or a link, or a library does. Of a service that is scripted it is all that it reaches.
func usedOutside(edges map[string][]workspace.Edge, service string, isScripted bool) []string {
	found, seen := map[string]bool{}, map[string]bool{service: true}
	for queue := []string{service}; len(queue) > 0; queue = queue[1:] {
		for _, e := range edges[queue[0]] {
			if isScripted || !e.Packaged {
				found[e.To] = true
			}
			if !seen[e.To] {
				seen[e.To] = true
				queue = append(queue, e.To)
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// toolFiles lists the files, in the directories above a service, from which Node's package managers install the tool that
// deploys it and the tool's plugins. Those beside the service are in its directory.
func toolFiles(service string) []string {
	var files []string
	for dir := service; dir != "."; {
		dir = path.Dir(dir)
		for _, name := range []string{"package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"} {
			files = append(files, path.Join(dir, name))
		}
	}
	return files
}

// environmentHash hashes variables, slowly: a ledger is read by many, and the values of some variables can be guessed.
func (a *app) environmentHash(names []string, stage string) (string, error) {
	h := sha256.New()
	for _, name := range slices.Sorted(slices.Values(names)) {
		frame(h, name, a.getenv(name))
	}
	if len(names) == 0 {
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	const rounds, size = 100_000, 32
	key, err := pbkdf2.Key(sha256.New, string(h.Sum(nil)), []byte(identicalVersion+" "+stage), rounds, size)
	return hex.EncodeToString(key), err
}

// frame adds texts to a hash so that no two lists of them are the same bytes.
func frame(h hash.Hash, texts ...string) {
	for _, text := range texts {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
}

// isIdentical reports whether just this is deployed already. Where anything but files is the reason to deploy, it is not
// asked, nor where the files may decide about a deploy in ways that no hash covers.
func (j *phasePackaging) isIdentical(c planner.ServicePlan, a deployer.Artifact) bool {
	d := j.deploy
	record := d.staged.stage.Services[c.Path]
	configuration := j.prints.configurations[c.Path]
	if !d.staged.config.SkipIdentical || a.SHA256 == "" || configuration == "" || record.Baseline == nil || record.Last != nil {
		return false
	}
	if slices.ContainsFunc(c.Reasons, func(r planner.Reason) bool { return !d.isCovered(c, r.Rule) }) {
		return false
	}
	b := record.Baseline
	return b.Artifact == a.SHA256 && b.Configuration == configuration && b.Environment == j.prints.environment
}

// isCovered reports whether artifact and configuration have all by which files that this rule holds for can change a deploy
// of a closed service. It provably reaches no orphan, but what seed.yml runs for it may.
func (d *deploy) isCovered(c planner.ServicePlan, rule planner.Rule) bool {
	switch rule {
	case planner.OwnFile, planner.NestedFile, planner.PathDependency:
		return true
	case planner.OrphanFile:
		return !d.isScripted(c)
	}
	return false
}

// isScripted reports whether seed.yml runs something of its own for a service, which may use any file that is there.
func (d *deploy) isScripted(c planner.ServicePlan) bool {
	own := d.staged.config.DeployOf(c.Path)
	return !command(own.Command).IsZero() || !d.hooks().IsZero()
}
