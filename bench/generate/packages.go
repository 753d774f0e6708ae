package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// packages is a workspace of JavaScript packages before it is written. They come in areas of twenty; a package depends on
// up to three earlier ones of its area, so that a change has to be followed for a while, and ends.
type packages struct {
	size
	random       *rand.Rand
	dependencies [][]int
	changed      []int
}

const area = 20

// settings are the files at the root.
const settings = 8

func newPackages(s size) (*packages, error) {
	if s.services < 1 || s.changes < 1 || s.changes > s.services {
		return nil, errors.New("there must be a package, and a change, and no more changes than packages")
	}
	if s.files < settings+2*s.services {
		return nil, fmt.Errorf("%d files are too few for %d packages", s.files, s.services)
	}
	p := &packages{size: s, random: rand.New(rand.NewPCG(s.seed, 1))}
	for i := range s.services {
		earlier := map[int]bool{}
		for range p.random.IntN(4) {
			if n := i % area; n > 0 {
				earlier[i-1-p.random.IntN(n)] = true
			}
		}
		p.dependencies = append(p.dependencies, slices.Sorted(maps.Keys(earlier)))
	}
	p.changed = p.random.Perm(s.services)[:s.changes]
	return p, nil
}

func packageName(i int) string { return fmt.Sprintf("@bench/pkg-%05d", i) }
func packagePath(i int) string { return fmt.Sprintf("packages/pkg-%05d", i) }

// expected are the packages that changed, and those that depend on one that has to be rebuilt.
func (p *packages) expected() []string {
	var names []string
	rebuilt := map[int]bool{}
	for i, dependencies := range p.dependencies { // on earlier packages only
		rebuilt[i] = slices.Contains(p.changed, i) || slices.ContainsFunc(dependencies, func(d int) bool { return rebuilt[d] })
		if rebuilt[i] {
			names = append(names, packageName(i))
		}
	}
	return names
}

func (p *packages) write(w *bufio.Writer) {
	commit(w, "base", "")
	file(w, ".gitignore", "node_modules\n.nx\n.turbo\n")
	file(w, "package.json", `{"name": "monorepo", "private": true, "workspaces": ["packages/*"]}`+"\n")
	file(w, "pnpm-workspace.yaml", "packages:\n  - packages/*\n")
	file(w, "pnpm-lock.yaml", p.lock())
	file(w, "turbo.json", `{"dangerouslyDisablePackageManagerCheck": true, "tasks": {"build": {"dependsOn": ["^build"]}}}`+"\n")
	file(w, "nx.json", "{}\n")
	file(w, "lerna.json", `{"version": "independent", "packages": ["packages/*"]}`+"\n")
	file(w, "seed.yml", p.seedYML())
	for i := range p.dependencies {
		file(w, packagePath(i)+"/package.json", p.manifest(i))
		file(w, packagePath(i)+"/src/index.js", p.source(i))
	}
	for n := range p.files - settings - 2*p.services {
		file(w, fmt.Sprintf("%s/src/part-%05d.js", packagePath(n%p.services), n), p.source(n))
	}
	commit(w, "head", "base")
	for _, i := range p.changed {
		file(w, packagePath(i)+"/src/index.js", p.source(i)+"export const changed = true\n")
	}
	end(w)
}

func (p *packages) manifest(i int) string {
	dependencies := map[string]string{}
	for _, d := range p.dependencies[i] {
		dependencies[packageName(d)] = "workspace:*"
	}
	text, err := json.MarshalIndent(map[string]any{
		"name": packageName(i), "version": "1.0.0", "private": true, "dependencies": dependencies,
		"scripts": map[string]string{"build": "node src/index.js"},
	}, "", "  ")
	if err != nil {
		panic(err) // strings are always JSON
	}
	return string(text) + "\n"
}

// lock is what pnpm would write: without it Turborepo takes every package for affected.
func (p *packages) lock() string {
	var b strings.Builder
	b.WriteString("lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .: {}\n")
	for i, dependencies := range p.dependencies {
		fmt.Fprintf(&b, "\n  %s:", packagePath(i))
		if len(dependencies) == 0 {
			b.WriteString(" {}\n")
			continue
		}
		b.WriteString("\n    dependencies:\n")
		for _, d := range dependencies {
			fmt.Fprintf(&b, "      '%s':\n        specifier: workspace:*\n        version: link:../pkg-%05d\n", packageName(d), d)
		}
	}
	return b.String()
}

// seedYML registers the packages as services with the same edges.
func (p *packages) seedYML() string {
	var b strings.Builder
	b.WriteString("services:\n")
	for i, dependencies := range p.dependencies {
		var paths []string
		for _, d := range dependencies {
			paths = append(paths, packagePath(d))
		}
		fmt.Fprintf(&b, "  - {path: %s, name: \"%s\", depends_on: [%s]}\n", packagePath(i), packageName(i), strings.Join(paths, ", "))
	}
	return b.String()
}

func (p *packages) source(i int) string {
	return fmt.Sprintf("export const number%d = %d\n", i, p.random.Uint32())
}
