package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
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
const identicalVersion = "monoplan identical 1"

// fingerprint hashes, for each service that is deployed, its directory, seed.yml, and what its marker names outside. All
// come from head's tree; of a dirty working tree nothing can be told.
func (d *deploy) fingerprint(ctx context.Context) (fingerprints, error) {
	f := fingerprints{configurations: map[string]string{}}
	var paths []string
	reach := map[string][]string{}
	for _, c := range d.chosen {
		if !isRemoval(c) && !d.dirty[c.Path] {
			reach[c.Path] = append([]string{c.Path}, outsideOf(d.staged.workspace, c.Path)...)
			paths = append(paths, reach[c.Path]...)
		}
	}
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

// outsideOf lists what a service's marker names outside its directory, and what that names.
func outsideOf(w *workspace.Workspace, service string) []string {
	i := slices.IndexFunc(w.Services, func(s workspace.Service) bool { return s.Path == service })
	edges := w.Edges()
	var found []string
	for from, file := []string{service}, w.Services[i].Marker; len(from) > 0; from = from[1:] {
		for _, e := range edges {
			if e.From == from[0] && (e.From != service || e.File == file) && !slices.Contains(found, e.To) {
				found = append(found, e.To)
				from = append(from, e.To)
			}
		}
	}
	slices.Sort(found)
	return found
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
// asked.
func (j *phasePackaging) isIdentical(c planner.ServicePlan, a deployer.Artifact) bool {
	d := j.deploy
	record := d.staged.stage.Services[c.Path]
	configuration := j.prints.configurations[c.Path]
	if !d.staged.config.SkipIdentical || a.SHA256 == "" || configuration == "" || record.Baseline == nil || record.Last != nil {
		return false
	}
	if c.Reasons[0].Rule == planner.Forced || c.Reasons[0].Rule == planner.CheckDisabled {
		return false
	}
	b := record.Baseline
	return b.Artifact == a.SHA256 && b.Configuration == configuration && b.Environment == j.prints.environment
}
