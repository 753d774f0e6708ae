package deployer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// bench is a repository in which services are deployed, and what was seen of it.
type bench struct {
	t      *testing.T
	config Config
	events []Event
}

func newBench(t *testing.T) *bench {
	t.Helper()
	root := t.TempDir()
	b := &bench{t: t}
	b.config = Config{
		Root: root, Env: os.Environ(), Stage: "prod", App: "shop", Run: "run-1", Concurrency: 4,
		Logs: filepath.Join(root, ".monoplan", "logs"), Private: filepath.Join(root, ".monoplan"), Temp: t.TempDir(),
		Now: time.Now, Observe: func(e Event) { b.events = append(b.events, e) },
	}
	return b
}

// service makes a service with a command of its own.
func (b *bench) service(name string, phase int, script string) Service {
	b.t.Helper()
	path := "services/" + name
	if err := os.MkdirAll(filepath.Join(b.config.Root, path), 0o777); err != nil {
		b.t.Fatal(err)
	}
	return Service{Name: name, Path: path, Type: OwnCommand, Phase: phase, Commit: "abc", Deploy: Command{Shell: script}}
}

func (b *bench) run(ctx context.Context, services ...Service) []Result {
	b.t.Helper()
	results, err := Run(ctx, b.config, services)
	if err != nil {
		b.t.Fatal(err)
	}
	return results
}

func (b *bench) read(path string) string {
	b.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func outcomes(results []Result) string {
	var all []string
	for _, r := range results {
		all = append(all, r.Service.Name+" "+string(r.Outcome))
	}
	return strings.Join(all, ", ")
}

// A failure skips the phases after it, and lets those beside it finish.
func TestPhases(t *testing.T) {
	b := newBench(t)
	var recorded []string
	b.config.Concurrency = 1
	b.config.Record = func(_ context.Context, r Result) error {
		recorded = append(recorded, r.Service.Name)
		return nil
	}
	results := b.run(t.Context(),
		b.service("web", 2, "exit 0"), b.service("posts", 1, "echo oh; exit 3"), b.service("users", 1, "pwd"), b.service("base", 0, "exit 0"))
	if got, want := outcomes(results), "base succeeded, posts failed, users succeeded, web skipped"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if want := []string{"base", "posts", "users"}; !slices.Equal(recorded, want) {
		t.Errorf("recorded %q, want %q", recorded, want)
	}
	if got, want := results[1].Err.Error(), "posts: deploy: `echo oh; exit 3`: exit status 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r := results[3]; r.Why != PhaseFailed || r.Phase != 1 {
		t.Errorf("web was skipped for %q, phase %d", r.Why, r.Phase)
	}
	if got := b.read(results[2].Log); !strings.HasSuffix(got, "/services/users\n") {
		t.Errorf("the log of users is %q", got)
	}
}

// What a hook leaves in BASH_ENV is there for the next and for the tool, and what packaging gives is too.
func TestEnvironment(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.BeforeDeploy = []string{`echo 'export COLOUR=blue' >> "$BASH_ENV"`, `echo "hook $COLOUR"`}
	s := b.service("posts", 0, "")
	s.Deploy = Command{Args: []string{"sh", "-c", `echo "tool $COLOUR $MONOPLAN_ARTIFACT $MONOPLAN_SERVICE_PATH $SEED_STAGE_NAME"`}}
	s.Package = func(context.Context, io.Writer) (Packaged, error) {
		return Packaged{Artifact: Artifact{File: "/a.zip"}}, nil
	}
	r := b.run(t.Context(), s)[0]
	log := b.read(r.Log)
	if r.Outcome != Succeeded || !strings.Contains(log, "\nhook blue\n") || !strings.Contains(log, "\ntool blue /a.zip services/posts prod\n") {
		t.Errorf("%v\n%s", r.Err, log)
	}
}

// Services of a phase run side by side: none of these ends before all have begun.
func TestSideBySide(t *testing.T) {
	b := newBench(t)
	const meet = `touch ../../here-$MONOPLAN_SERVICE; until test -e ../../here-a -a -e ../../here-b -a -e ../../here-c; do sleep 0.01; done`
	if got, want := outcomes(b.run(t.Context(), b.service("a", 0, meet), b.service("b", 0, meet), b.service("c", 0, meet))),
		"a succeeded, b succeeded, c succeeded"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Never more than --concurrency run at once, and no phase begins before the one before it has ended.
func TestConcurrency(t *testing.T) {
	b := newBench(t)
	b.config.Concurrency = 2
	var services []Service
	for i, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		services = append(services, b.service(name, i/4, `
			mkdir ../../running-$MONOPLAN_SERVICE
			ls -d ../../running-* | wc -l >> ../../counts
			sleep 0.02
			rmdir ../../running-$MONOPLAN_SERVICE`))
	}
	b.run(t.Context(), services...)
	counts := strings.Fields(b.read(filepath.Join(b.config.Root, "counts")))
	if len(counts) != 7 || slices.Max(counts) != "2" {
		t.Errorf("at once: %s", counts)
	}
	ended := 0
	for _, e := range b.events {
		switch e := e.(type) {
		case ServiceEnded:
			ended++
		case ServiceStarted:
			if e.Service.Phase == 1 && ended < 4 {
				t.Errorf("%s began after %d had ended", e.Service.Name, ended)
			}
		}
	}
}

// Hooks that prepare the working tree run for one service after another, before the first is deployed.
func TestPreparation(t *testing.T) {
	b := newBench(t)
	b.config.Hooks = Hooks{
		Compile:     []string{`mkdir busy; echo "compile $SEED_SERVICE_NAME" >> order; rmdir busy`},
		BeforeBuild: []string{`mkdir busy; echo "build $SEED_SERVICE_NAME" >> order; test $SEED_SERVICE_NAME != b; s=$?; rmdir busy; exit $s`},
	}
	deploy := `echo "deploy $MONOPLAN_SERVICE" >> ../../order`
	results := b.run(t.Context(), b.service("a", 0, deploy), b.service("b", 0, deploy), b.service("c", 0, deploy), b.service("d", 1, deploy))
	if got, want := outcomes(results), "a succeeded, b failed, c succeeded, d skipped"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	lines := strings.Split(strings.TrimSpace(b.read(filepath.Join(b.config.Root, "order"))), "\n")
	slices.Sort(lines[6:])
	want := "compile a, build a, compile b, build b, compile c, build c, deploy a, deploy c"
	if got := strings.Join(lines, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// An interrupt ends what runs, and what has not begun never does. Only what was begun is recorded.
func TestInterruptedRun(t *testing.T) {
	b := newBench(t)
	b.config.Concurrency = 1
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var recorded []string
	b.config.Record = func(ctx context.Context, r Result) error {
		recorded = append(recorded, r.Service.Name+" "+string(r.Outcome))
		return ctx.Err()
	}
	b.config.Observe = func(e Event) {
		if e, ok := e.(StepStarted); ok && e.Service == "b" {
			cancel()
		}
	}
	b.config.Hooks.AfterDeploy = []string{"touch after-$SEED_SERVICE_NAME"}
	results := b.run(ctx, b.service("a", 0, "true"), b.service("b", 0, "sleep 600"), b.service("c", 0, "true"), b.service("d", 1, "true"))
	if got, want := outcomes(results), "a succeeded, b interrupted, c skipped, d skipped"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if want := []string{"a succeeded", "b interrupted"}; !slices.Equal(recorded, want) {
		t.Errorf("recorded %q, want %q", recorded, want)
	}
	if results[2].Why != RunInterrupted || results[3].Why != PhaseFailed && results[3].Why != RunInterrupted {
		t.Errorf("skipped for %q and %q", results[2].Why, results[3].Why)
	}
	if found, _ := filepath.Glob(filepath.Join(b.config.Root, "after-*")); len(found) != 1 {
		t.Errorf("after_deploy ran for %q", found)
	}
}

// Nothing is deployed on top of what could not be remembered.
func TestNotRecorded(t *testing.T) {
	b := newBench(t)
	b.config.Record = func(context.Context, Result) error { return io.ErrUnexpectedEOF }
	results := b.run(t.Context(), b.service("a", 0, "true"), b.service("b", 1, "true"))
	if got, want := outcomes(results), "a succeeded, b skipped"; got != want || results[0].RecordErr == nil || results[1].Why != PhaseFailed {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What is deployed already is deployed no more, and what is removed goes last and in reverse.
func TestIdenticalAndRemoved(t *testing.T) {
	b := newBench(t)
	b.config.Hooks = Hooks{BeforeDeploy: []string{"echo before $SEED_SERVICE_NAME >> order"}, AfterRemove: []string{"echo after $SEED_SERVICE_NAME >> order"}}
	same := b.service("same", 0, "echo same >> ../../order")
	same.Package = func(context.Context, io.Writer) (Packaged, error) {
		return Packaged{Artifact: Artifact{SHA256: "00"}, Identical: true}, nil
	}
	other := b.service("other", 1, "echo other >> ../../order")
	first, second := b.service("first", 0, ""), b.service("second", 1, "")
	for _, s := range []*Service{&first, &second} {
		s.Remove, s.Withdraw = true, Command{Shell: "echo remove $MONOPLAN_SERVICE >> ../../order"}
	}
	results := b.run(t.Context(), first, second, other, same)
	if got, want := outcomes(results), "same identical, other succeeded, second succeeded, first succeeded"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := b.read(filepath.Join(b.config.Root, "order")), "before other\nother\nremove second\nafter second\nremove first\nafter first\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if results[0].Artifact.SHA256 != "00" {
		t.Errorf("the artifact is %+v", results[0].Artifact)
	}
}

// A service that cannot be packaged fails, and its tool does not run.
func TestPackagingFails(t *testing.T) {
	b := newBench(t)
	s := b.service("posts", 0, "touch ran")
	s.Package = func(context.Context, io.Writer) (Packaged, error) { return Packaged{}, io.ErrUnexpectedEOF }
	r := b.run(t.Context(), s)[0]
	if r.Outcome != Failed || !errors.Is(r.Err, io.ErrUnexpectedEOF) || r.Err.Error() != "posts: unexpected EOF" {
		t.Errorf("%s, %v", r.Outcome, r.Err)
	}
	if _, err := os.Stat(filepath.Join(b.config.Root, s.Path, "ran")); err == nil {
		t.Error("the tool ran")
	}
}

// Every event comes once and in its order.
func TestEvents(t *testing.T) {
	b := newBench(t)
	b.config.Hooks.AfterDeploy = []string{"false"}
	b.run(t.Context(), b.service("posts", 0, "true"), b.service("web", 1, "true"))
	var got []string
	for _, e := range b.events {
		switch e := e.(type) {
		case RunStarted:
			got = append(got, "run "+e.Run+" "+e.Stage)
		case ServiceStarted:
			got = append(got, "begin "+e.Service.Name)
		case StepStarted:
			got = append(got, string(e.Step)+" "+e.Command)
		case StepEnded:
			got = append(got, fmt.Sprint("ended ", e.Step, e.Err != nil))
		case ServiceEnded:
			got = append(got, fmt.Sprint("end ", e.Result.Service.Name, " ", e.Result.Outcome))
		case RunEnded:
			got = append(got, fmt.Sprint("all ", len(e.Results)))
		}
	}
	want := []string{
		"run run-1 prod", "begin posts", "deploy true", "ended deployfalse", "after_deploy false", "ended after_deploytrue",
		"end posts failed", "end web skipped", "all 2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// A directory that no hook has made either is told as what it is, and not as a program that is not there.
func TestAServiceWithoutItsDirectory(t *testing.T) {
	b := newBench(t)
	s := b.service("posts", 0, "true")
	b.config.Hooks.BeforeDeploy = []string{"rmdir services/posts"}
	r := b.run(t.Context(), s)[0]
	if r.Outcome != Failed || !errors.As(r.Err, new(*DirectoryError)) {
		t.Errorf("%s: %v", r.Outcome, r.Err)
	}
}
