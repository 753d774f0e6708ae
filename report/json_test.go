package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

const (
	headSHA = "1111111111111111111111111111111111111111"
	baseSHA = "2222222222222222222222222222222222222222"
)

// examplePlan has every action and reasons of several shapes.
func examplePlan() *planner.Plan {
	return &planner.Plan{
		Algorithm: "git",
		Head:      planner.Revision{Ref: "HEAD", SHA: headSHA},
		Base:      &planner.Revision{Ref: "v1.2", SHA: baseSHA},
		Services: []planner.ServicePlan{
			{Name: "old", Path: "services/old", Type: "sam", Action: planner.Remove, Baseline: baseSHA,
				Reasons: []planner.Reason{{Rule: planner.NotInCommit}}},
			{Name: "posts", Path: "services/posts", Type: "serverless", Phase: 1, Action: planner.Deploy, Baseline: baseSHA,
				Reasons: []planner.Reason{
					{Rule: planner.OwnFile, File: "services/posts/handler.py", Files: 3},
					{Rule: planner.PathDependency, File: "libs/dates/<fmt>&.py", Files: 1, Via: []string{"libs/core", "libs/dates"}},
				}},
			{Name: "users", Path: "services/users", Type: "cdk", Action: planner.Skip, Baseline: baseSHA,
				Reasons: []planner.Reason{{Rule: planner.Unchanged}}},
		},
	}
}

const exampleJSON = `{
  "version": 1,
  "algorithm": "git",
  "head": {
    "ref": "HEAD",
    "sha": "1111111111111111111111111111111111111111",
    "worktree": false
  },
  "base": {
    "ref": "v1.2",
    "sha": "2222222222222222222222222222222222222222"
  },
  "services": [
    {
      "name": "old",
      "path": "services/old",
      "type": "sam",
      "phase": 0,
      "action": "remove",
      "baseline": "2222222222222222222222222222222222222222",
      "reasons": [
        {
          "rule": "not-in-commit"
        }
      ]
    },
    {
      "name": "posts",
      "path": "services/posts",
      "type": "serverless",
      "phase": 1,
      "action": "deploy",
      "baseline": "2222222222222222222222222222222222222222",
      "reasons": [
        {
          "rule": "own-file",
          "file": "services/posts/handler.py",
          "files": 3
        },
        {
          "rule": "path-dependency",
          "file": "libs/dates/<fmt>&.py",
          "files": 1,
          "via": [
            "libs/core",
            "libs/dates"
          ]
        }
      ]
    },
    {
      "name": "users",
      "path": "services/users",
      "type": "cdk",
      "phase": 0,
      "action": "skip",
      "baseline": "2222222222222222222222222222222222222222",
      "reasons": [
        {
          "rule": "unchanged"
        }
      ]
    }
  ],
  "deploy": [
    "posts"
  ],
  "skip": [
    "users"
  ],
  "remove": [
    "old"
  ]
}
`

func TestJSONIsTheContract(t *testing.T) {
	if got := planJSON(t, examplePlan()); got != exampleJSON {
		t.Errorf("got\n%s\nwant\n%s", got, exampleJSON)
	}
}

func TestJSONOfNothing(t *testing.T) {
	p := &planner.Plan{
		Algorithm: "git",
		Stage:     "prod",
		Head:      planner.Revision{Ref: "HEAD", SHA: headSHA},
		Worktree:  true,
		Base:      &planner.Revision{Ref: "none"},
	}
	got := planJSON(t, p)
	for _, want := range []string{
		"  \"algorithm\": \"git\",\n  \"stage\": \"prod\",\n  \"head\": {\n",
		"    \"worktree\": true\n",
		"  \"base\": {\n    \"ref\": \"none\",\n    \"sha\": null\n  },\n",
		"  \"services\": [],\n  \"deploy\": [],\n  \"skip\": [],\n  \"remove\": []\n}\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	p.Base = nil
	if got := planJSON(t, p); strings.Contains(got, `"base"`) {
		t.Errorf("a plan without a base has the key:\n%s", got)
	}
}

func TestJSONOfBrokenBytes(t *testing.T) {
	p := &planner.Plan{
		Algorithm: "git",
		Head:      planner.Revision{Ref: "HEAD", SHA: headSHA},
		Services: []planner.ServicePlan{{
			Name: "caf\xe9\xe9", Path: "services/caf\xe9\xe9", Type: "serverless", Action: planner.Deploy,
			Reasons: []planner.Reason{
				{Rule: planner.OwnFile, File: "services/caf\xe9\xe9/a", Files: 1},
				{Rule: planner.PathDependency, File: "libs/é/a", Files: 1, Via: []string{"libs/\xff", "libs/é"}},
			},
		}},
	}
	text := planJSON(t, p)
	var got struct {
		Services []struct {
			Name       string
			NameBase64 []byte `json:"name_base64"`
			Path       string
			PathBase64 []byte `json:"path_base64"`
			Baseline   *string
			Reasons    []struct {
				File       string
				FileBase64 *[]byte `json:"file_base64"`
				Via        []string
				ViaBase64  []string `json:"via_base64"`
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	s := got.Services[0]
	if s.Name != "caf\uFFFD\uFFFD" || string(s.NameBase64) != "caf\xe9\xe9" || s.Path != "services/caf\uFFFD\uFFFD" || string(s.PathBase64) != "services/caf\xe9\xe9" {
		t.Errorf("name or path are not both there: %+v", s)
	}
	if s.Baseline != nil {
		t.Errorf("baseline is %q, want null", *s.Baseline)
	}
	if own := s.Reasons[0]; own.File != "services/caf\uFFFD\uFFFD/a" || string(*own.FileBase64) != "services/caf\xe9\xe9/a" {
		t.Errorf("own-file: %+v", own)
	}
	dep := s.Reasons[1]
	if dep.FileBase64 != nil {
		t.Errorf("a file name that is UTF-8 has file_base64 %q", *dep.FileBase64)
	}
	want := []string{base64.StdEncoding.EncodeToString([]byte("libs/\xff")), base64.StdEncoding.EncodeToString([]byte("libs/é"))}
	if dep.Via[0] != "libs/\uFFFD" || len(dep.ViaBase64) != 2 || dep.ViaBase64[0] != want[0] || dep.ViaBase64[1] != want[1] {
		t.Errorf("path-dependency: %+v, want via_base64 %q", dep, want)
	}
}

func TestJSONValidatesAgainstTheSchema(t *testing.T) {
	schema := planSchema(t)
	broken := examplePlan()
	broken.Services[1].Name, broken.Services[1].Reasons[1].Via[0] = "p\xff", "libs/\xff"
	worktree := examplePlan()
	worktree.Stage, worktree.Base, worktree.Worktree = "dev", nil, true
	first := examplePlan()
	first.Base = &planner.Revision{Ref: "none"}
	first.Services[1].Baseline = ""
	first.Services[1].Reasons = []planner.Reason{{Rule: planner.FirstDeploy}}
	for name, p := range map[string]*planner.Plan{"example": examplePlan(), "broken bytes": broken, "worktree": worktree, "first": first} {
		if err := validate(t, schema, planJSON(t, p)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := planSchema(t)
	for name, edit := range map[string]struct{ old, new string }{
		"another version":                {`"version": 1`, `"version": 2`},
		"an unknown key":                 {`"phase": 1,`, `"phase": 1, "fase": 1,`},
		"an unknown rule":                {`"rule": "own-file"`, `"rule": "own-fil"`},
		"a rule about files without one": {`"rule": "unchanged"`, `"rule": "orphan-file"`},
		"a file for a rule without":      {`"rule": "unchanged"`, `"rule": "unchanged", "file": "a", "files": 1`},
		"a count without a file":         {`"rule": "not-in-commit"`, `"rule": "not-in-commit", "files": 1`},
		"a short sha":                    {`"sha": "1111111111111111111111111111111111111111"`, `"sha": "1111111"`},
		"no head":                        {`"head"`, `"base2"`},
	} {
		text := strings.Replace(exampleJSON, edit.old, edit.new, 1)
		if text == exampleJSON {
			t.Fatalf("%s: nothing was edited", name)
		}
		if validate(t, schema, text) == nil {
			t.Errorf("%s: the schema allows it", name)
		}
	}
}

func planJSON(t *testing.T, p *planner.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func planSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../docs/plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(v)
}

// The example of docs/plan.md is a plan.
func TestDocumentedPlanIsValid(t *testing.T) {
	page, err := os.ReadFile("../docs/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	example, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("docs/plan.md has no example")
	}
	if err := validate(t, planSchema(t), example); err != nil {
		t.Error(err)
	}
	for _, rule := range planner.Rules {
		if !strings.Contains(string(page), "`"+string(rule)+"`") {
			t.Errorf("docs/plan.md does not name %s", rule)
		}
	}
}
