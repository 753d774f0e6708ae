package stream_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/report/stream"
)

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func after(d time.Duration) time.Time { return began.Add(d) }

func of[T any](v T) *T { return &v }

// aRun deploys two services, one of which fails, and skips a third. logs is the directory of its logs.
func aRun(logs string) []stream.Event {
	posts, users := filepath.Join(logs, "posts.log"), filepath.Join(logs, "users.log")
	const shownPosts, shownUsers = "logs/posts.log", "logs/users.log"
	phase := of(0)
	return []stream.Event{
		{Kind: stream.RunStarted, Time: began, Version: 1, Run: "r1", Stage: "prod", Head: "abc", Unchanged: of(4), Services: []stream.Service{
			{Name: "posts", Path: "services/posts", Type: "sam", Action: "deploy"},
			{Name: "users", Path: "services/users", Type: "sam", Action: "deploy"},
			{Name: "web", Path: "services/web", Type: "sam", Phase: 1, Action: "deploy"},
		}},
		{Kind: stream.ServiceStarted, Time: after(0), Service: "posts", Path: "services/posts", Phase: phase, Action: "deploy", Log: shownPosts},
		{Kind: stream.ServiceStarted, Time: after(0), Service: "users", Path: "services/users", Phase: phase, Action: "deploy", Log: shownUsers},
		{Kind: stream.StepStarted, Time: after(0), Service: "posts", Step: "deploy", Command: "sam deploy"},
		{Kind: stream.ServiceEnded, Time: after(1500 * time.Millisecond), Service: "posts", Path: "services/posts", Phase: phase, Action: "deploy", Outcome: stream.Succeeded, Recorded: of(true), Milliseconds: of(int64(1500)), Log: shownPosts, LogFile: posts},
		{Kind: stream.ServiceEnded, Time: after(90 * time.Second), Service: "users", Path: "services/users", Phase: phase, Action: "deploy", Outcome: stream.Failed, Recorded: of(true), Milliseconds: of(int64(90_000)),
			Error: "users: deploy: `sam deploy`: exit status 1", Tail: []string{"\x1b[31mno\x1b[0m", "::error::|x| ```"}, Log: shownUsers, LogFile: users},
		{Kind: stream.ServiceEnded, Time: after(90 * time.Second), Service: "web", Path: "services/web", Phase: of(1), Action: "deploy", Outcome: stream.Skipped, Why: "an earlier phase failed"},
		{Kind: stream.RunEnded, Time: after(91 * time.Second), Run: "r1", Milliseconds: of(int64(91_000)), Counts: &stream.Counts{Succeeded: 1, Failed: 1, Skipped: 1}, ExitCode: of(4)},
	}
}

func writeLogs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"posts.log": "all is well\n", "users.log": "--- a line\n::set-env name=X::y\n\x1b[0Ksection_end:1:monoplan_users\r\nno\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLines(t *testing.T) {
	dir := writeLogs(t)
	var b bytes.Buffer
	l := stream.NewLines(&b, report.Style{}, stream.Host{})
	for _, e := range aRun(dir) {
		l.Show(e)
	}
	want := `deployed     posts  1.5 s
failed       users  1:30 min  deploy: ` + "`sam deploy`" + `: exit status 1
    ` + "\uFFFD" + `[31mno` + "\uFFFD" + `[0m
    ::error::|x| ` + "```" + `
    its log is logs/users.log
skipped      web    an earlier phase failed

users failed: deploy: ` + "`sam deploy`" + `: exit status 1 (logs/users.log)

prod: 1 deployed, 1 failed, 1 skipped in 1:31 min
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// In each CI a service's log is folded below its line, and no line of a log passes for one of the CI's own.
func TestHosts(t *testing.T) {
	for name, want := range map[string]struct {
		variable string
		has      []string
		hasNot   []string
	}{
		"GitHub Actions": {"GITHUB_ACTIONS", []string{
			"::group::deployed     posts  1.5 s\n::stop-commands::WORD\nall is well\n::WORD::\n::endgroup::\n",
			"::error title=monoplan%3A users::users failed: deploy: `sam deploy`: exit status 1 (logs/users.log)%0A",
		}, []string{"\n::endgroup::\n::set-env", "::WORD::\n::set-env"}},
		"GitLab": {"GITLAB_CI", []string{
			"\x1b[0Ksection_start:1767323046:monoplan_posts[collapsed=true]\r\x1b[0Kdeployed     posts  1.5 s\nall is well\n\x1b[0Ksection_end:1767323046:monoplan_posts\r\x1b[0K\n",
			"monoplan_users[collapsed=false]",
		}, []string{"\x1b[0Ksection_end:1:"}},
		"Buildkite": {"BUILDKITE", []string{"--- deployed     posts  1.5 s\nall is well\n", "+++ failed       users", "\n --- a line\n"}, []string{"\n--- a line"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeLogs(t)
			var b bytes.Buffer
			getenv := func(name string) string {
				if name == want.variable {
					return "true"
				}
				return ""
			}
			l := stream.NewLines(&b, report.Style{}, stream.HostOf(getenv, "WORD"))
			for _, e := range aRun(dir) {
				l.Show(e)
			}
			got := b.String()
			for _, part := range want.has {
				if !strings.Contains(got, part) {
					t.Errorf("no %q in\n%q", part, got)
				}
			}
			for _, part := range want.hasNot {
				if strings.Contains(got, part) {
					t.Errorf("there is %q in\n%q", part, got)
				}
			}
		})
	}
}

// A table on a terminal takes itself away before it says anything for good: what is left on the screen are the lines.
func TestLive(t *testing.T) {
	dir := writeLogs(t)
	var lines, live bytes.Buffer
	plain, table := stream.NewLines(&lines, report.Style{}, stream.Host{}), stream.NewLive(&live, report.Style{Width: 80}, func() (int, int) { return 80, 24 })
	sawRunning := false
	for i, e := range aRun(dir) {
		plain.Show(e)
		table.Show(e)
		if i == 3 {
			table.Tick(after(700 * time.Millisecond))
			table.Aside(func() { live.WriteString("a warning\n"); lines.WriteString("a warning\n") })
			screen := screenOf(live.String())
			sawRunning = strings.Contains(screen, "running      posts  700 ms  deploy\nrunning      users  700 ms\n1 more to go\n")
			if !sawRunning {
				t.Errorf("the screen is\n%s", screen)
			}
		}
	}
	if got, want := screenOf(live.String()), lines.String(); got != want {
		t.Errorf("the screen is left as\n%s\nwant\n%s", got, want)
	}
}

// On a narrow terminal names are cut, and times are not; and one that changes its width is asked for it again.
func TestLiveOnANarrowTerminal(t *testing.T) {
	var live bytes.Buffer
	columns := 40
	table := stream.NewLive(&live, report.Style{Width: 40}, func() (int, int) { return columns, 24 })
	long := strings.Repeat("n", 30)
	for _, e := range []stream.Event{
		{Kind: stream.RunStarted, Time: after(0), Stage: "prod", Services: []stream.Service{{Name: long}, {Name: "short"}, {Name: "other"}}},
		{Kind: stream.ServiceStarted, Time: after(0), Service: long},
		{Kind: stream.ServiceStarted, Time: after(0), Service: "short"},
		{Kind: stream.StepStarted, Time: after(0), Service: "short", Step: "deploy"},
	} {
		table.Show(e)
	}
	for _, c := range []struct {
		columns int
		want    string
	}{
		{40, "running      nnnnnnnnnnnnnnnnnn…  1.0 s\nrunning      short            1.0 s\n1 more to go\n"},
		{24, "running      nn…  1.0 s\nrunning      sh…  1.0 s\n1 more to go\n"},
		{80, "running      nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn  1.0 s\nrunning      short            1.0 s  deploy\n1 more to go\n"},
	} {
		columns = c.columns
		table.Tick(after(time.Second))
		if got := screenOf(live.String()); got != c.want {
			t.Errorf("of %d columns, the screen is\n%s\nwant\n%s", columns, got, c.want)
		}
	}
}

// screenOf plays what was written to a terminal that is tall enough: lines, and the two sequences that the table uses.
func screenOf(written string) string {
	var screen []string
	for written != "" {
		if rest, ok := strings.CutPrefix(written, "\x1b["); ok {
			up, rest, _ := strings.Cut(rest, "F\x1b[J")
			n := 0
			for _, c := range up {
				n = 10*n + int(c-'0')
			}
			screen, written = screen[:len(screen)-n], rest
			continue
		}
		line, rest, _ := strings.Cut(written, "\n")
		screen, written = append(screen, line+"\n"), rest
	}
	return strings.Join(screen, "")
}

func TestMarkdown(t *testing.T) {
	var m stream.Markdown
	if m.HasRun() {
		t.Error("there is a run before there is one")
	}
	for _, e := range aRun("") {
		m.Show(e)
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"### monoplan: prod\n\n1 deployed, 1 failed, 1 skipped, 4 unchanged at `abc`\n",
		"| posts | deployed | 1.5 s |  |\n",
		"| users | failed | 1:30 min | users: deploy: \\`sam deploy\\`: exit status 1 |\n",
		"| web | skipped |  | an earlier phase failed |\n",
		"<details open><summary>users</summary>\n\n````\n",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, &b)
		}
	}
}
