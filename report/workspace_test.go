package report_test

import (
	"io"
	"strings"
	"testing"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

// exampleWorkspace has a closed and an open service, a chain of two libraries, and names that need care.
func exampleWorkspace() report.Workspace {
	return report.Workspace{
		Services: []report.Service{
			{Name: "posts", Path: "services/posts", Type: "serverless", Marker: "services/posts/serverless.yml", Phase: 1,
				Why: report.Cause{Text: "it declares what it uses", File: "services/posts/pyproject.toml"}},
			{Name: `we"b<`, Path: "services/web", Type: "cdk", Marker: "services/web/cdk.json", Open: true,
				Why: report.Cause{Text: "a CDK app may use anything", File: "services/web/cdk.json", Line: 1}},
		},
		Edges: []report.Edge{
			{From: "libs/core", To: "libs/dates", File: "libs/core/pyproject.toml", Line: 4},
			{From: "services/posts", To: "libs/core", File: "services/posts/pyproject.toml", Line: 7},
			{From: "services/posts", To: "libs/core", File: "services/posts/poetry.lock", Line: 12},
		},
	}
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestServicesText(t *testing.T) {
	got := written(t, func(w io.Writer) error { return report.ServicesText(w, exampleWorkspace(), report.Style{}) })
	equal(t, got, `posts  services/posts  serverless  closed  it declares what it uses (services/posts/pyproject.toml)
we"b<  services/web    cdk         open    a CDK app may use anything (services/web/cdk.json:1)

path dependencies:
libs/core       -> libs/dates  libs/core/pyproject.toml:4
services/posts  -> libs/core   services/posts/pyproject.toml:7
services/posts  -> libs/core   services/posts/poetry.lock:12

2 services, 3 path dependencies
`)
}

func TestServicesJSON(t *testing.T) {
	found := exampleWorkspace()
	found.Services = found.Services[1:]
	found.Services[0].Marker = ""
	found.Edges = []report.Edge{{From: "services/web", To: "libs/\xff", File: "seed.yml"}}
	got := written(t, func(w io.Writer) error { return report.ServicesJSON(w, found) })
	equal(t, got, `{
  "version": 1,
  "services": [
    {
      "name": "we\"b<",
      "path": "services/web",
      "type": "cdk",
      "marker": null,
      "phase": 0,
      "missing": false,
      "open": true,
      "why": {
        "text": "a CDK app may use anything",
        "file": "services/web/cdk.json",
        "line": 1
      }
    }
  ],
  "edges": [
    {
      "from": "services/web",
      "to": "libs/\ufffd",
      "to_base64": "bGlicy//",
      "file": "seed.yml"
    }
  ]
}
`)
}

func TestDOT(t *testing.T) {
	got := written(t, func(w io.Writer) error { return report.DOT(w, exampleWorkspace()) })
	equal(t, got, `digraph monoplan {
  rankdir=LR;
  node [fontname="Helvetica"];
  n0 [shape=ellipse, label="libs/core"];
  n1 [shape=ellipse, label="libs/dates"];
  n2 [shape=box, label="posts\nservices/posts\nserverless, closed"];
  n3 [shape=box, label="we\"b<\nservices/web\ncdk, open"];
  n0 -> n1;
  n2 -> n0;
}
`)
}

// A service below a package's directory is in the package; one at it is the package.
func TestGraphOfPackages(t *testing.T) {
	var b strings.Builder
	found := report.Workspace{
		Services: []report.Service{
			{Name: "web", Path: "services/web", Algorithm: planner.Lerna},
			{Name: "jobs", Path: "services/web/jobs", Algorithm: planner.Lerna},
			{Name: "own", Path: "services/web/own", Algorithm: planner.Git},
		},
		Packages: []report.Package{
			{Algorithm: planner.Lerna, Path: "libs/ui", Name: "ui"},
			{Algorithm: planner.Lerna, Path: "services/web", Name: "web", Edges: []report.Edge{{From: "web", To: "ui"}}},
		},
	}
	if err := report.Mermaid(&b, found); err != nil {
		t.Fatal(err)
	}
	var links []string
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, "-->") {
			links = append(links, strings.TrimSpace(line))
		}
	}
	if got, want := strings.Join(links, ", "), "n1 --> n0, n2 --> n1"; got != want {
		t.Errorf("links %s, want %s, in\n%s", got, want, b.String())
	}
}

func TestMermaid(t *testing.T) {
	got := written(t, func(w io.Writer) error { return report.Mermaid(w, exampleWorkspace()) })
	equal(t, got, `flowchart LR
  n0(["libs/core"])
  n1(["libs/dates"])
  n2["posts<br>services/posts<br>serverless, closed"]
  n3["we#quot;b#lt;<br>services/web<br>cdk, open"]
  n0 --> n1
  n2 --> n0
`)
}

func TestExplainService(t *testing.T) {
	p := examplePlan()
	got := written(t, func(w io.Writer) error {
		return report.ExplainService(w, p, p.Services[1], exampleWorkspace(), report.Style{})
	})
	equal(t, got, `posts: deploy: v1.2 (2222222222) against HEAD (1111111111)
services/posts, serverless

own-file: services/posts/handler.py and 2 more files changed in its directory
  it lies in the service's own directory

path-dependency: libs/dates/<fmt>&.py changed, which it uses through libs/core -> libs/dates
  it lies in what the service reaches by path dependencies
  services/posts -> libs/core (services/posts/pyproject.toml:7)
  libs/core -> libs/dates (libs/core/pyproject.toml:4)

it is closed: it declares what it uses (services/posts/pyproject.toml)
`)
}

func TestExplainFile(t *testing.T) {
	p := &planner.Plan{
		Head: planner.Revision{Ref: "HEAD", SHA: headSHA},
		Base: &planner.Revision{Ref: "v1.2", SHA: baseSHA},
		Services: []planner.ServicePlan{
			{Name: "posts", Path: "services/posts", Action: planner.Deploy, Reasons: []planner.Reason{
				{Rule: planner.PathDependency, File: "libs/core/a.py", Files: 1, Via: []string{"libs/core"}}}},
			{Name: "always", Path: "services/always", Action: planner.Deploy, Reasons: []planner.Reason{{Rule: planner.CheckDisabled}}},
			{Name: "web", Path: "services/web", Action: planner.Skip, Reasons: []planner.Reason{{Rule: planner.Unchanged}}},
		},
	}
	no := false
	got := written(t, func(w io.Writer) error {
		return report.ExplainFile(w, p, report.FileFacts{File: "libs/core/a.py", Changed: &no}, exampleWorkspace(), report.Style{})
	})
	equal(t, got, `libs/core/a.py: a change of it deploys 2 of 3 services
it did not change: v1.2 (2222222222) against HEAD (1111111111)

posts (services/posts)
  path-dependency: it lies in what the service reaches by path dependencies
  services/posts -> libs/core (services/posts/pyproject.toml:7)

always (services/always)
  check-disabled: it is always deployed (check_code_change: false), whatever changed
`)
	p.Services = p.Services[2:]
	got = written(t, func(w io.Writer) error {
		return report.ExplainFile(w, p, report.FileFacts{File: "a\nb", Ignored: true}, exampleWorkspace(), report.Style{})
	})
	equal(t, got, "\"a\\nb\": seed.yml ignores it, so its changes deploy nothing\n")
}
