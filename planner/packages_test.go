package planner

import (
	"slices"
	"strings"
	"testing"
)

// workspace is the packages of a situation, in a few words.
type workspace struct {
	situation
	algorithm Algorithm
	packages  string // "path" or "path:forced", separated by blanks; their edges are "from>to" in dependencies
	dependencies,
	ignored, tests, affected, lost string
	unknown, included bool
}

func (w workspace) input() Input {
	in := w.situation.input()
	in.Algorithm = w.algorithm
	p := Packages{Overlapping: w.algorithm == Lerna, Unknown: w.unknown, IncludeDependencies: w.included}
	for field := range strings.FieldsSeq(w.packages) {
		path, flag, _ := strings.Cut(field, ":")
		p.List = append(p.List, Package{Path: path, Name: "@" + path, Forced: flag == "forced"})
	}
	at := func(path string) int { return slices.IndexFunc(p.List, func(p Package) bool { return p.Path == path }) }
	for field := range strings.FieldsSeq(w.dependencies) {
		from, to, _ := strings.Cut(field, ">")
		p.List[at(from)].Dependencies = append(p.List[at(from)].Dependencies, at(to))
	}
	in.Packages = map[Algorithm]Packages{w.algorithm: p}
	for i := range in.Services {
		in.Services[i].Algorithm = w.algorithm
	}
	l := Listing{Ignored: set(w.ignored), Tests: set(w.tests), Affected: map[int]string{}}
	for path := range strings.FieldsSeq(w.affected) {
		l.Affected[at(path)] = "pnpm-workspace.yaml"
	}
	c := in.Comparisons[baseline]
	c.Listings = map[Algorithm]Listing{w.algorithm: l}
	for i, change := range c.Changes {
		c.Changes[i].LostManifest = set(w.lost)[change.Path]
	}
	in.Comparisons[baseline] = c
	return in
}

func set(words string) map[string]bool {
	s := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		s[word] = true
	}
	return s
}

func TestWorkspacePackages(t *testing.T) {
	const two = "services/a services/b"
	tests := map[string]struct {
		workspace
		want string
	}{
		"own package": {
			workspace{situation: situation{services: two, changes: "services/a/x services/a/y"}, algorithm: Lerna, packages: two},
			"deploy services/a workspace-package services/a/x 2\nskip services/b unchanged",
		},
		"seed.yml, in a package": {
			workspace{situation: situation{services: two + " .", changes: "seed.yml", options: Options{OrphansOpen: true}}, algorithm: Pnpm, packages: two + " ."},
			"deploy . own-file seed.yml 1\ndeploy . orphan-file seed.yml 1\ndeploy services/a orphan-file seed.yml 1\ndeploy services/b orphan-file seed.yml 1",
		},
		"a dependent, by the shortest chain": {
			workspace{
				situation: situation{services: two, changes: "libs/t/x"}, algorithm: Pnpm, packages: "libs/t libs/u libs/v services/a services/b",
				dependencies: "services/a>libs/u services/a>libs/v libs/u>libs/v libs/v>libs/t",
			},
			"deploy services/a workspace-package libs/t/x 1 via @libs/v>@libs/t\nskip services/b unchanged",
		},
		"of two shortest chains the first": {
			workspace{
				situation: situation{services: two, changes: "libs/t/x"}, algorithm: Pnpm, packages: "libs/t libs/u libs/v services/a services/b",
				dependencies: "services/a>libs/v services/a>libs/u libs/u>libs/t libs/v>libs/t",
			},
			"deploy services/a workspace-package libs/t/x 1 via @libs/u>@libs/t\nskip services/b unchanged",
		},
		"a cycle": {
			workspace{
				situation: situation{services: two, changes: "services/b/x"}, algorithm: Lerna, packages: two,
				dependencies: "services/a>services/b services/b>services/a",
			},
			"deploy services/a workspace-package services/b/x 1 via @services/b\ndeploy services/b workspace-package services/b/x 1",
		},
		"a service inside a package": {
			workspace{situation: situation{services: "libs/p/svc services/b", changes: "libs/p/x"}, algorithm: Lerna, packages: "libs/p services/b"},
			"deploy libs/p/svc workspace-package libs/p/x 1\nskip services/b unchanged",
		},
		"a nested package's file is its parent's too, for Lerna": {
			workspace{situation: situation{services: "p p/in", changes: "p/in/x"}, algorithm: Lerna, packages: "p p/in"},
			"deploy p workspace-package p/in/x 1\ndeploy p/in workspace-package p/in/x 1",
		},
		"and for pnpm the nearest's alone": {
			workspace{situation: situation{services: "p p/in", changes: "p/in/x"}, algorithm: Pnpm, packages: "p p/in"},
			"skip p unchanged\ndeploy p/in workspace-package p/in/x 1",
		},
		"a file in no package": {
			workspace{situation: situation{services: two, changes: "README.md services/a/x"}, algorithm: Lerna, packages: two},
			"deploy services/a workspace-package services/a/x 1\ndeploy services/a orphan-file README.md 1\ndeploy services/b orphan-file README.md 1",
		},
		"a file of the root's package alone is in none": {
			workspace{situation: situation{services: two, changes: "x"}, algorithm: Pnpm, packages: ". services/a services/b"},
			"deploy services/a orphan-file x 1\ndeploy services/b orphan-file x 1",
		},
		"who depends on the root's package": {
			workspace{
				situation: situation{services: two, changes: "services/b/x"}, algorithm: Lerna, packages: ". services/a services/b",
				dependencies: "services/a>.",
			},
			"deploy services/a workspace-package services/b/x 1 via @.\ndeploy services/b workspace-package services/b/x 1",
		},
		"ignoreChanges shortens the list, and makes no orphan less": {
			workspace{situation: situation{services: two, changes: "services/a/x y"}, algorithm: Lerna, packages: two, ignored: "services/a/x y"},
			"deploy services/a orphan-file y 1\ndeploy services/b orphan-file y 1",
		},
		"a test lists its package alone": {
			workspace{
				situation: situation{services: two, changes: "services/a/x"}, algorithm: Pnpm, packages: two,
				dependencies: "services/b>services/a", tests: "services/a/x",
			},
			"deploy services/a workspace-package services/a/x 1\nskip services/b unchanged",
		},
		"a test beside a source": {
			workspace{
				situation: situation{services: two, changes: "services/a/x services/a/y"}, algorithm: Pnpm, packages: two,
				dependencies: "services/b>services/a", tests: "services/a/x",
			},
			"deploy services/a workspace-package services/a/x 2\ndeploy services/b workspace-package services/a/x 2 via @services/a",
		},
		"a changed catalog": {
			workspace{
				situation: situation{services: two, changes: "services/c"}, algorithm: Pnpm, packages: "services/a services/b services/c",
				dependencies: "services/b>services/a", affected: "services/a",
			},
			"deploy services/a workspace-package pnpm-workspace.yaml 1\ndeploy services/b workspace-package pnpm-workspace.yaml 1 via @services/a",
		},
		"forcePublish": {
			workspace{situation: situation{services: two}, algorithm: Lerna, packages: "services/a:forced services/b", dependencies: "services/b>services/a"},
			"deploy services/a workspace-package\ndeploy services/b workspace-package via @services/a",
		},
		"what a listed package depends on": {
			workspace{
				situation: situation{services: "a b c d", changes: "c/x"}, algorithm: Lerna, packages: "a b c d", dependencies: "b>a c>b d>c", included: true,
			},
			"deploy a workspace-package c/x 1 via @b>@c\ndeploy b workspace-package c/x 1 via @c\ndeploy c workspace-package c/x 1\ndeploy d workspace-package c/x 1 via @c",
		},
		"packages that could not be read": {
			workspace{situation: situation{services: two, changes: "services/a/x"}, algorithm: Lerna, packages: two, unknown: true},
			"deploy services/a workspace-package services/a/x 1\ndeploy services/a orphan-file services/a/x 1\ndeploy services/b orphan-file services/a/x 1",
		},
		"a service in no package keeps the rules about files": {
			workspace{
				situation: situation{services: "py services/a", edges: "py>libs/x", changes: "py/x libs/x/y"}, algorithm: Lerna, packages: "libs/x services/a",
			},
			"deploy py own-file py/x 1\ndeploy py path-dependency libs/x/y 1 via libs/x\nskip services/a unchanged",
		},
		"a library of a service in no package is in none either": {
			workspace{situation: situation{services: "py services/a", edges: "py>libs/x", changes: "libs/x/y"}, algorithm: Lerna, packages: "services/a"},
			"deploy py path-dependency libs/x/y 1 via libs/x\ndeploy py orphan-file libs/x/y 1\ndeploy services/a orphan-file libs/x/y 1",
		},
		"the rest of a package that is gone": {
			workspace{situation: situation{services: two, changes: "libs/x/package.json libs/x/y"}, algorithm: Lerna, packages: two, lost: "libs/x/package.json"},
			"deploy services/a orphan-file libs/x/package.json 2\ndeploy services/b orphan-file libs/x/package.json 2",
		},
		"a service that is gone with its package": {
			workspace{
				situation: situation{services: two, changes: "services/c/package.json services/c/x", removed: "services/c"}, algorithm: Lerna, packages: two,
				lost: "services/c/package.json",
			},
			"deploy services/a orphan-file services/c/package.json 2\ndeploy services/b orphan-file services/c/package.json 2\nremove services/c not-in-commit",
		},
		"a service that is gone and was in none": {
			workspace{situation: situation{services: two, changes: "py/x", removed: "py"}, algorithm: Lerna, packages: two},
			"remove py not-in-commit\nskip services/a unchanged\nskip services/b unchanged",
		},
		"orphans: open": {
			workspace{
				situation: situation{services: "services/a services/b:open", changes: "x", options: Options{OrphansOpen: true}}, algorithm: Pnpm, packages: two,
			},
			"skip services/a unchanged\ndeploy services/b orphan-file x 1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.TrimSpace(describe(Make(test.input()))); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// The reason names the service's own package, and each service goes by its own algorithm.
func TestAlgorithms(t *testing.T) {
	w := workspace{situation: situation{services: "services/a services/b", changes: "services/a/x"}, algorithm: Lerna, packages: "services/a services/b"}
	in := w.input()
	in.Services[1].Algorithm = ""
	in.Algorithm = Lerna
	plan := Make(in)
	if plan.Algorithm != Lerna || plan.Services[0].Algorithm != Lerna || plan.Services[1].Algorithm != Git {
		t.Errorf("the plan's algorithm is %q, the services' %q and %q", plan.Algorithm, plan.Services[0].Algorithm, plan.Services[1].Algorithm)
	}
	if got := plan.Services[0].Reasons[0].Package; got != "@services/a" {
		t.Errorf("package %q", got)
	}
}
