package report_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

func examplePlanFile() report.PlanFile {
	p := examplePlan()
	p.Stage, p.Base = "prod", nil
	p.Services[1].Reasons[1].Via = []string{"libs/\xff", "libs/é"}
	p.Services[2].Name, p.Services[2].Path = "caf\xe9", "services/caf\xe9"
	return report.PlanFile{
		By: "1.2.3", Plan: p, Config: "c0ffee", Ledger: "refs/monoplan/prod at origin",
		Remembered: []report.Remembered{
			{Service: "posts", Path: "services/posts", Commit: baseSHA, Outcome: "succeeded", Run: "r1", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)},
		},
	}
}

func planFileText(t *testing.T, f report.PlanFile) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WritePlanFile(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPlanFileComesBack(t *testing.T) {
	want := examplePlanFile()
	got, err := report.ReadPlanFile(strings.NewReader(planFileText(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if moved := want.Moved(got, nil); len(moved) > 0 {
		t.Errorf("it moved: %q", moved)
	}
}

func TestPlanFileRefuses(t *testing.T) {
	text := planFileText(t, examplePlanFile())
	for name, broken := range map[string]string{
		"edited":          strings.Replace(text, `"action": "skip"`, `"action": "deploy"`, 1),
		"another sum":     strings.Replace(text, `"config": "c0ffee"`, `"config": "c0ffef"`, 1),
		"a key more":      strings.Replace(text, `"config"`, `"more": 1, "config"`, 1),
		"cut short":       text[:len(text)/2],
		"another version": strings.Replace(text, `"version": 1`, `"version": 2`, 1),
		"a plan alone":    exampleJSON,
		"nothing":         "",
		"no object":       "[]",
	} {
		if broken == text {
			t.Fatalf("%s: nothing was edited", name)
		}
		var wrong *report.PlanFileError
		if _, err := report.ReadPlanFile(strings.NewReader(broken)); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlanFileSaysWhatMoved(t *testing.T) {
	f := examplePlanFile()
	for name, c := range map[string]struct {
		edit func(*report.PlanFile)
		only []string
		want string
	}{
		"head":   {func(f *report.PlanFile) { f.Plan.Head.SHA = baseSHA }, nil, "head: the plan is of 1111111111, and head is 2222222222"},
		"config": {func(f *report.PlanFile) { f.Config = "" }, nil, "seed.yml is not the one that the plan was made with"},
		"place":  {func(f *report.PlanFile) { f.Ledger = "file" }, nil, "the ledger: the plan was made with refs/monoplan/prod at origin, and this is file"},
		"ledger": {
			func(f *report.PlanFile) { f.Remembered = nil }, []string{"posts"},
			"the ledger: posts: succeeded at 2222222222 2026-01-02T03:04:05Z then, never deployed now",
		},
		"one that moved": {
			func(f *report.PlanFile) { f.Remembered[0].Path = "services/web" }, []string{"posts"},
			"the ledger: posts: succeeded at 2222222222 2026-01-02T03:04:05Z then, never deployed now",
		},
		"another's": {func(f *report.PlanFile) { f.Remembered = nil }, []string{"old"}, ""},
	} {
		now := examplePlanFile()
		c.edit(&now)
		if got := strings.Join(f.Moved(now, c.only), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A path that is no UTF-8 is still the same path when the file was read.
func TestPlanFileOfOtherBytes(t *testing.T) {
	f := examplePlanFile()
	f.Remembered = append(f.Remembered, report.Remembered{Service: "caf\xe9", Path: "services/caf\xe9", Commit: baseSHA, Outcome: "failed"})
	kept, err := report.ReadPlanFile(strings.NewReader(planFileText(t, f)))
	if err != nil {
		t.Fatal(err)
	}
	if moved := kept.Moved(f, nil); len(moved) > 0 {
		t.Errorf("it moved: %q", moved)
	}
}

func FuzzPlanFile(f *testing.F) {
	var b bytes.Buffer
	p := planner.Plan{Stage: "dev", Head: planner.Revision{Ref: "HEAD", SHA: headSHA}}
	if err := report.WritePlanFile(&b, report.PlanFile{Plan: &p}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(exampleJSON))
	f.Add([]byte(`{"version":1,"plan":{"version":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := report.ReadPlanFile(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := report.ReadPlanFile(strings.NewReader(planFileText(t, file)))
		if err != nil || !reflect.DeepEqual(file, again) {
			t.Errorf("%+v\ncame back as\n%+v\n%v", file, again, err)
		}
	})
}
