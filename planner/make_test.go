package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// situation is an input in a few words.
type situation struct {
	services string // "path" or "path:open,isolated,missing,always,first,failed,unavailable", separated by blanks
	edges    string // "from>to", separated by blanks
	changes  string // "path", "path!" for a marker that moved, "path@" for a submodule, separated by blanks
	removed  string
	options  Options
}

const baseline = "b000"

func (s situation) input() Input {
	in := Input{Head: Revision{Ref: "HEAD", SHA: "a000"}, Base: &Revision{Ref: "v1", SHA: baseline}, Options: s.options}
	for field := range strings.FieldsSeq(s.services) {
		path, flags, _ := strings.Cut(field, ":")
		service := Service{Path: path, Name: path, Type: "serverless", Baseline: Baseline{State: Known, SHA: baseline}}
		for flag := range strings.SplitSeq(flags, ",") {
			switch flag {
			case "open":
				service.Open = true
			case "isolated":
				service.Isolated = true
			case "missing":
				service.Missing = true
			case "always":
				service.AlwaysDeploy = true
			case "first":
				service.Baseline = Baseline{}
			case "failed":
				service.Baseline.State = LastRunFailed
			case "unavailable":
				service.Baseline.State = Unavailable
			}
		}
		in.Services = append(in.Services, service)
	}
	in.Graph = graph(strings.Fields(s.edges))
	var c Comparison
	for field := range strings.FieldsSeq(s.changes) {
		c.Changes = append(c.Changes, Change{
			Path:      strings.TrimRight(field, "!@"),
			Marker:    strings.HasSuffix(field, "!"),
			Submodule: strings.HasSuffix(field, "@"),
			Seed:      field == "seed.yml",
		})
	}
	for path := range strings.FieldsSeq(s.removed) {
		c.Removed = append(c.Removed, Removed{Path: path, Name: path, Type: "serverless"})
	}
	in.Comparisons = map[string]Comparison{baseline: c}
	return in
}

func graph(edges []string) Graph {
	var paths []string
	for _, e := range edges {
		from, to, _ := strings.Cut(e, ">")
		paths = append(paths, from, to)
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	g := Graph{Nodes: make([]Node, len(paths))}
	for i, p := range paths {
		g.Nodes[i].Path = p
	}
	for _, e := range edges {
		from, to, _ := strings.Cut(e, ">")
		node := &g.Nodes[slices.Index(paths, from)]
		node.Edges = append(node.Edges, slices.Index(paths, to))
	}
	return g
}

// describe gives a plan a line a reason.
func describe(p *Plan) string {
	var lines []string
	for _, s := range p.Services {
		for _, r := range s.Reasons {
			line := fmt.Sprintf("%s %s %s", s.Action, s.Path, r.Rule)
			if r.File != "" {
				line += fmt.Sprintf(" %s %d", r.File, r.Files)
			}
			if r.Via != nil {
				line += " via " + strings.Join(r.Via, ">")
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestMake(t *testing.T) {
	tests := []struct {
		name string
		situation
		want []string
	}{
		{
			"own files count, those of a sibling with the same prefix do not",
			situation{services: "services/post services/posts", changes: "services/posts/b services/posts/a"},
			[]string{"skip services/post unchanged", "deploy services/posts own-file services/posts/a 2"},
		},
		{
			"a file of a nested service is nested-file outside and own-file inside",
			situation{services: "a a/b", changes: "a/b/x"},
			[]string{"deploy a nested-file a/b/x 1", "deploy a/b own-file a/b/x 1"},
		},
		{
			"an isolated service opts out of nested-file, not of a marker that came",
			situation{services: "a:isolated a/b", changes: "a/b/serverless.yml! a/b/x"},
			[]string{"deploy a own-file a/b/serverless.yml 1", "deploy a/b own-file a/b/serverless.yml 2"},
		},
		{
			"a parent's file deploys every service below it, at any depth",
			situation{services: "a a/b a/b/c z", changes: "a/x a/b/y"},
			[]string{
				"deploy a own-file a/x 1", "deploy a nested-file a/b/y 1",
				"deploy a/b own-file a/b/y 1", "deploy a/b parent-file a/x 1",
				"deploy a/b/c parent-file a/b/y 2", "skip z unchanged",
			},
		},
		{
			"the service at the root holds everything",
			situation{services: ". a", changes: "x"},
			[]string{"deploy . own-file x 1", "deploy a parent-file x 1"},
		},
		{
			"a plain file at the path of a service is not in it",
			situation{services: "a b", changes: "a"},
			[]string{"deploy a orphan-file a 1", "deploy b orphan-file a 1"},
		},
		{
			"a submodule at the path of a service is",
			situation{services: "a b", changes: "a@"},
			[]string{"deploy a own-file a 1", "skip b unchanged"},
		},
		{
			"a chain is the shortest, and of those the first in byte order",
			situation{services: "s t", edges: "s>m s>k k>goal m>goal s>long long>k", changes: "goal/x"},
			[]string{"deploy s path-dependency goal/x 1 via k>goal", "skip t unchanged"},
		},
		{
			"each chain has a reason",
			situation{services: "s t", edges: "s>libs/a libs/a>libs/b t>libs/b", changes: "libs/a/1 libs/b/2 libs/b/1"},
			[]string{
				"deploy s path-dependency libs/a/1 1 via libs/a", "deploy s path-dependency libs/b/1 2 via libs/a>libs/b",
				"deploy t path-dependency libs/b/1 2 via libs/b",
			},
		},
		{
			"of nested targets the shortest chain wins",
			situation{services: "s t", edges: "s>libs libs>libs/a t>libs/a", changes: "libs/a/x"},
			[]string{"deploy s path-dependency libs/a/x 1 via libs", "deploy t path-dependency libs/a/x 1 via libs/a"},
		},
		{
			"cycles end",
			situation{services: "s t", edges: "s>a a>b b>a b>s", changes: "a/x"},
			[]string{"deploy s path-dependency a/x 1 via a", "skip t unchanged"},
		},
		{
			"an open service takes the libraries that it does not reach, a closed one does not",
			situation{services: "closed open:open s", edges: "s>lib open>own", changes: "lib/x lib/y own/z"},
			[]string{
				"skip closed unchanged",
				"deploy open path-dependency own/z 1 via own", "deploy open library-file lib/x 2",
				"deploy s path-dependency lib/x 2 via lib",
			},
		},
		{
			"a target inside another service is no library",
			situation{services: "a b c:open", edges: "a>b/shared", changes: "b/shared/x"},
			[]string{
				"deploy a path-dependency b/shared/x 1 via b/shared", "deploy b own-file b/shared/x 1", "skip c unchanged",
			},
		},
		{
			"a target that contains a service is no library: what is in no service is an orphan",
			situation{services: "x/a x/b", edges: "x/a>x", changes: "x/readme"},
			[]string{
				"deploy x/a path-dependency x/readme 1 via x", "deploy x/a orphan-file x/readme 1",
				"deploy x/b orphan-file x/readme 1",
			},
		},
		{
			"what lies in the service's own directory is no path dependency",
			situation{services: "x/a:isolated x/a/n x/b", edges: "x/a>x", changes: "x/a/f x/a/n/f x/a@"},
			[]string{"deploy x/a own-file x/a 2", "deploy x/a/n own-file x/a/n/f 1", "deploy x/a/n parent-file x/a 2", "skip x/b unchanged"},
		},
		{
			"beside it, in the same target, is",
			situation{services: "x/a x/b", edges: "x/a>x", changes: "x/a/f x/a-z x/b/f"},
			[]string{
				"deploy x/a own-file x/a/f 1", "deploy x/a path-dependency x/a-z 2 via x", "deploy x/a orphan-file x/a-z 1",
				"deploy x/b own-file x/b/f 1", "deploy x/b orphan-file x/a-z 1",
			},
		},
		{
			"what a removed service leaves behind is no orphan",
			situation{services: "a b", changes: "gone/x", removed: "gone"},
			[]string{"skip a unchanged", "skip b unchanged", "remove gone not-in-commit"},
		},
		{
			"a library that nobody reaches is none",
			situation{services: "a b", edges: "lib>other", changes: "other/x"},
			[]string{"deploy a orphan-file other/x 1", "deploy b orphan-file other/x 1"},
		},
		{
			"orphans: open spares closed services, but not from seed.yml",
			situation{services: "closed open:open", changes: "README.md seed.yml", options: Options{OrphansOpen: true}},
			[]string{"deploy closed orphan-file seed.yml 1", "deploy open orphan-file README.md 2"},
		},
		{
			"seed.yml in a library deploys who does not use it, too",
			situation{services: "a b", edges: "a>seed.yml", changes: "seed.yml", options: Options{OrphansOpen: true}},
			[]string{"deploy a path-dependency seed.yml 1 via seed.yml", "deploy a orphan-file seed.yml 1", "deploy b orphan-file seed.yml 1"},
		},
		{
			"orphans: open narrows nothing without path dependencies",
			situation{
				services: "closed s", edges: "s>lib", changes: "lib/x",
				options: Options{OrphansOpen: true, NoPathDependencies: true},
			},
			[]string{"deploy closed orphan-file lib/x 1", "deploy s orphan-file lib/x 1"},
		},
		{
			"the first rule before the files is the only reason",
			situation{services: "a:always b:first c:failed d:unavailable e f:missing", changes: "a/x d/x"},
			[]string{
				"deploy a check-disabled", "deploy b first-deploy", "deploy c previous-failed", "deploy d missing-baseline",
				"skip e unchanged", "skip f not-in-commit",
			},
		},
		{
			"the only service that head has deploys whatever changed",
			situation{services: "a b:missing"},
			[]string{"deploy a single-service", "skip b not-in-commit"},
		},
		{
			"force goes before all, but deploys nothing that is not there",
			situation{services: "a:first b b:missing", options: Options{Force: true}, removed: "b"},
			[]string{"deploy a forced", "remove b not-in-commit"},
		},
		{
			"paths are ordered by their bytes, the root as a dot",
			situation{services: "-x . +x a"},
			[]string{"skip +x unchanged", "skip -x unchanged", "skip . unchanged", "skip a unchanged"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := describe(Make(test.input()))
			if want := strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The order of services, changes and removals in the input means nothing.
func TestMakeIgnoresOrder(t *testing.T) {
	s := situation{
		services: "a a/b c:open d", edges: "a>lib d>lib lib>other", changes: "a/x a/b/y lib/z other/w orphan", removed: "gone old",
	}
	in := s.input()
	want := describe(Make(in))
	slices.Reverse(in.Services)
	c := in.Comparisons[baseline]
	slices.Reverse(c.Changes)
	slices.Reverse(c.Removed)
	if got := describe(Make(in)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Every service has its own baseline, and is compared with that one alone.
func TestMakeWithSeveralBaselines(t *testing.T) {
	in := situation{services: "a b"}.input()
	in.Services[1].Baseline.SHA = "older"
	in.Comparisons = map[string]Comparison{
		baseline: {Changes: []Change{{Path: "b/x"}}},
		"older":  {Changes: []Change{{Path: "b/x"}, {Path: "a/x"}}},
	}
	const want = "skip a unchanged\ndeploy b own-file b/x 1"
	if got := describe(Make(in)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// For a stage, what is removed is what was deployed and is gone: not what some baseline had, and another run removed.
func TestMakeForStageRemovesWhatWasDeployed(t *testing.T) {
	in := situation{services: "a b c:missing", changes: "old/x", removed: "old"}.input()
	in.Stage, in.Base = "prod", nil
	in.Gone = []Gone{
		{Removed: Removed{Path: "gone", Name: "gone", Type: "sam", Phase: 2}, Baseline: "c000"},
		{Removed: Removed{Path: "c", Name: "c", Type: "serverless"}, Baseline: baseline},
	}
	plan := Make(in)
	if got, want := describe(plan), describe(&Plan{Services: []ServicePlan{
		{Path: "a", Action: Skip, Reasons: []Reason{{Rule: Unchanged}}},
		{Path: "b", Action: Skip, Reasons: []Reason{{Rule: Unchanged}}},
		{Path: "c", Action: Remove, Reasons: []Reason{{Rule: NotInCommit}}},
		{Path: "gone", Action: Remove, Reasons: []Reason{{Rule: NotInCommit}}},
	}}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if gone := plan.Services[3]; gone.Baseline != "c000" || gone.Type != "sam" || gone.Phase != 2 {
		t.Errorf("the service that is gone is %+v", gone)
	}
}

// What the changed files deploy is no matter of how often a service is deployed for other reasons.
func TestMakeByFilesAlone(t *testing.T) {
	for _, c := range []struct{ services, changes, want string }{
		{"a:always b:always", "b/x", "skip a unchanged\ndeploy b own-file b/x 1"},
		{"a", "", "skip a unchanged"},
		{"a", "orphan", "deploy a orphan-file orphan 1"},
	} {
		in := situation{services: c.services, changes: c.changes, options: Options{FilesAlone: true}}.input()
		if got := describe(Make(in)); got != c.want {
			t.Errorf("%s with %q: got\n%s\nwant\n%s", c.services, c.changes, got, c.want)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, size := range []struct{ services, changes int }{{2_000, 100}, {10_000, 100}, {10_000, 100_000}} {
		b.Run(fmt.Sprintf("services=%d/changes=%d", size.services, size.changes), func(b *testing.B) {
			in := large(size.services, size.changes)
			b.ReportAllocs()
			for b.Loop() {
				Make(in)
			}
		})
	}
}

// large makes a repository in which every service reaches three of a tenth as many libraries, and changes fall on
// services and libraries alike.
func large(services, changes int) Input {
	in := Input{Comparisons: map[string]Comparison{}}
	libraries := services / 10
	for i := range libraries {
		in.Graph.Nodes = append(in.Graph.Nodes, Node{Path: fmt.Sprintf("libs/lib%05d", i)})
	}
	for i := range services {
		path := fmt.Sprintf("services/group%03d/service%05d", i%200, i)
		in.Services = append(in.Services, Service{Path: path, Name: path, Baseline: Baseline{Known, baseline}, Open: i%10 == 0})
	}
	slices.SortFunc(in.Services, func(a, b Service) int { return ComparePaths(a.Path, b.Path) })
	for i, s := range in.Services {
		edges := []int{i % libraries, (i * 7) % libraries, (i * 13) % libraries}
		in.Graph.Nodes = append(in.Graph.Nodes, Node{Path: s.Path, Edges: edges})
	}
	var c Comparison
	for i := range changes {
		path := fmt.Sprintf("%s/src/file%d.py", in.Services[i*31%services].Path, i)
		if i%50 == 0 {
			path = fmt.Sprintf("libs/lib%05d/file%d.py", i/50%libraries, i)
		}
		c.Changes = append(c.Changes, Change{Path: path})
	}
	in.Comparisons[baseline] = c
	return in
}
