package report_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

const exampleText = `remove  old    services/old    not-in-commit  it was there, and is gone
deploy  posts  services/posts  own-file       services/posts/handler.py and 2 more files changed in its directory (1 more reason)

1 of 2 services to deploy, 1 to remove, 1 skipped as unchanged: v1.2 (2222222222) against HEAD (1111111111)
`

func planText(t *testing.T, p *planner.Plan, st report.Style) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b, p, st); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	if got := planText(t, examplePlan(), report.Style{}); got != exampleText {
		t.Errorf("got\n%s\nwant\n%s", got, exampleText)
	}
}

func TestTextFitsTheWidth(t *testing.T) {
	for _, width := range []int{72, 80, 100, 200} {
		text := planText(t, examplePlan(), report.Style{Width: width})
		table, _, _ := strings.Cut(text, "\n\n")
		for line := range strings.Lines(table) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d columns: %s", width, n, line)
			}
		}
		if !strings.Contains(text, "posts") || !strings.Contains(text, "own-file") {
			t.Errorf("width %d: name or rule were cut:\n%s", width, text)
		}
	}
	if narrow := planText(t, examplePlan(), report.Style{Width: 72}); strings.Contains(narrow, "services/old") {
		t.Errorf("a narrow terminal still has the path column:\n%s", narrow)
	}
}

func TestTextColour(t *testing.T) {
	colours := planText(t, examplePlan(), report.Style{Colour: true})
	if !strings.Contains(colours, "\x1b[32mdeploy\x1b[0m") || !strings.Contains(colours, "\x1b[31mremove\x1b[0m") {
		t.Errorf("actions are not painted: %q", colours)
	}
	plain := strings.NewReplacer("\x1b[32m", "", "\x1b[31m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(colours)
	if plain != exampleText {
		t.Errorf("colour changes more than colour:\n%s", plain)
	}
}

func TestTextObeysNoFileName(t *testing.T) {
	p := examplePlan()
	p.Services[1].Name = "po\x1b[2Jsts"
	p.Services[1].Reasons[0].File = "services/posts/a\nb\xff"
	got := planText(t, p, report.Style{})
	if strings.Contains(got, "\x1b") || strings.Count(got, "\n") != strings.Count(exampleText, "\n") || !utf8.ValidString(got) {
		t.Errorf("a control character came through: %q", got)
	}
	for _, want := range []string{`"po\x1b[2Jsts"`, `"services/posts/a\nb\xff" and 2 more files`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestTextAlignsWideNames(t *testing.T) {
	p := examplePlan()
	p.Services[0].Name = "日本語"
	lines := strings.Split(planText(t, p, report.Style{}), "\n")
	if !strings.HasPrefix(lines[0], "remove  日本語  services/") || !strings.HasPrefix(lines[1], "deploy  posts   services/") {
		t.Errorf("not aligned:\n%s\n%s", lines[0], lines[1])
	}
}

func TestSummaries(t *testing.T) {
	unchanged := planner.ServicePlan{Name: "a", Action: planner.Skip, Reasons: []planner.Reason{{Rule: planner.Unchanged}}}
	absent := planner.ServicePlan{Name: "b", Action: planner.Skip, Reasons: []planner.Reason{{Rule: planner.NotInCommit}}}
	head := planner.Revision{Ref: "HEAD", SHA: headSHA}
	for want, p := range map[string]*planner.Plan{
		"nothing to deploy, 1 skipped as unchanged: 2222222222 against HEAD (1111111111)\n": {
			Head: head, Base: &planner.Revision{Ref: baseSHA, SHA: baseSHA}, Services: []planner.ServicePlan{unchanged}},
		"nothing to deploy, 1 skipped as unchanged, 1 skipped as not in this commit (b): v1 (2222222222) against the working tree\n": {
			Head: head, Worktree: true, Base: &planner.Revision{Ref: "v1", SHA: baseSHA}, Services: []planner.ServicePlan{unchanged, absent}},
		"nothing to deploy: no baseline against HEAD (1111111111)\n": {
			Head: head, Base: &planner.Revision{Ref: "none"}},
		"nothing to deploy: 2222222222 (not here) against HEAD (1111111111)\n": {
			Head: head, Base: &planner.Revision{Ref: baseSHA}},
	} {
		if got := planText(t, p, report.Style{}); got != want {
			t.Errorf("got %swant %s", got, want)
		}
	}
}

func TestEveryRuleHasWords(t *testing.T) {
	seen := map[string]planner.Rule{}
	for _, rule := range planner.Rules {
		s := report.Sentence(planner.ServicePlan{Action: planner.Deploy}, planner.Reason{Rule: rule, File: "a/b", Files: 2, Via: []string{"a"}})
		if s == "" || seen[s] != "" {
			t.Errorf("%s has the words of %s: %q", rule, seen[s], s)
		}
		seen[s] = rule
	}
}

func TestLists(t *testing.T) {
	p := examplePlan()
	p.Services = append(p.Services, planner.ServicePlan{Name: "web", Path: "web", Action: planner.Deploy})
	for want, write := range map[string]func(*strings.Builder) error{
		"posts\nweb\n":              func(b *strings.Builder) error { return report.Names(b, p, false) },
		"posts\x00web\x00":          func(b *strings.Builder) error { return report.Names(b, p, true) },
		"services/posts\nweb\n":     func(b *strings.Builder) error { return report.Paths(b, p, false) },
		"services/posts\x00web\x00": func(b *strings.Builder) error { return report.Paths(b, p, true) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil || b.String() != want {
			t.Errorf("got %q, %v, want %q", b.String(), err, want)
		}
	}
}

func TestListNeverSplitsAName(t *testing.T) {
	p := examplePlan()
	p.Services[1].Name = "a\nb"
	var b strings.Builder
	var newline *report.NewlineError
	if err := report.Names(&b, p, false); !errors.As(err, &newline) || b.Len() > 0 {
		t.Errorf("got %q, %v", b.String(), err)
	}
	if err := report.Names(&b, p, true); err != nil || b.String() != "a\nb\x00" {
		t.Errorf("with NUL: %q, %v", b.String(), err)
	}
}

func TestOrphanHint(t *testing.T) {
	orphan := func(file, left string, files int) *planner.Plan {
		p := examplePlan()
		p.Services[1].Reasons = []planner.Reason{{Rule: planner.OrphanFile, File: file, Left: left, Files: files}}
		return p
	}
	for _, c := range []struct {
		file, want string
		files      int
	}{
		{"README.md", `README.md is in no service and no library, and so deploys 1 service; if none of them needs it, add to seed.yml: ignore: ["/README.md"]`, 1},
		{"docs/a", `docs/a and 2 more files are in no service and no library, and so deploy 1 service; seed.yml can ignore those that none of them needs, as this one: ignore: ["/docs/a"]`, 3},
		{"a [b]*?\\ ", `ignore: ["/a \\[b]\\*\\?\\\\\\ "]`, 1},
		{"\xff\n\x7f", `ignore: ["/?\n\x7F"]`, 1},
	} {
		if got := report.OrphanHint(orphan(c.file, c.file, c.files)); !strings.HasSuffix(got, c.want) {
			t.Errorf("%q: got %s, want …%s", c.file, got, c.want)
		}
	}
	for _, left := range []string{"seed.yml", ""} {
		if got := report.OrphanHint(orphan("a", left, 2)); got != "" {
			t.Errorf("%q is to be ignored: %s", left, got)
		}
	}
	if got := report.OrphanHint(orphan("gone", "left", 2)); !strings.HasPrefix(got, "gone and 1 more file are in ") || !strings.HasSuffix(got, `ignore: ["/left"]`) {
		t.Errorf("got %s", got)
	}
	mixed := orphan("lib/x.js", "lib/x.js", 1)
	mixed.Services[0].Reasons = []planner.Reason{{Rule: planner.WorkspacePackage, File: "lib/x.js", Files: 1, Package: "app"}}
	if got := report.OrphanHint(mixed); got != "" {
		t.Errorf("a file of a package is to be ignored: %s", got)
	}
	if got := report.OrphanHint(examplePlan()); got != "" {
		t.Errorf("a plan without an orphan has a hint: %s", got)
	}
}

// A terminal obeys nothing of what is printed; tabs stay.
func TestPrintable(t *testing.T) {
	const text = "a\x1b[31mb\r\n\u009bc\x7f\td\u00e9"
	if got, want := report.Printable(text), "a\uFFFD[31mb\uFFFD\uFFFD\uFFFDc\uFFFD\tdé"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
