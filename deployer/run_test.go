package deployer

import (
	"context"
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
