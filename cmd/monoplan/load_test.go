package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/monoplan/monoplan/internal/history"
)

// These tests let processes do to one cache what a build server does: use it ten at a time, be killed while they write
// to it, go back and forth between heads, find it read-only or damaged. Whatever happens to the cache, each answer must be
// that of a run without one, to the byte.
//
// They take seconds; MONOPLAN_LOAD=20 makes them twenty times as long.

// TestManyProcesses has ten processes at a time use one cache, which is now and then taken away from under them.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	var crowd errgroup.Group
	for i := range 10 {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		crowd.Go(func() error {
			var problems []error
			for range 4 * variable(t, "MONOPLAN_LOAD", 1) {
				if random.IntN(10) == 0 {
					problems = append(problems, c.dropCache())
				}
				problems = append(problems, c.check(t.Context(), random.IntN(len(c.questions))))
			}
			return errors.Join(problems...)
		})
	}
	if err := crowd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestKilled kills processes with SIGKILL: half of them at some moment of their run, the others as soon as anything in
// the cache's directory is new, which is while they write. What they leave behind must be of no harm to the next one.
func TestKilled(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Now()
	if err := c.check(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start)
	killed := 0
	for i := range 20 * variable(t, "MONOPLAN_LOAD", 1) {
		question := random.IntN(len(c.questions))
		moment := time.After(time.Duration(random.Int64N(int64(whole))) / 2)
		if i%2 == 0 {
			if err := c.dropCache(); err != nil {
				t.Fatal(err)
			}
			moment = c.newInCache(t.Context())
		}
		if c.kill(t, question, moment) {
			killed++
		}
		if err := c.check(t.Context(), (question+i%3)%len(c.questions)); err != nil {
			t.Errorf("after the kill in turn %d: %v", i, err)
		}
	}
	t.Logf("%d processes were killed", killed)
	if killed == 0 {
		t.Error("every process ended before it was killed")
	}
}

// TestAlternatingHeads goes back and forth between two heads, as two branches do that one machine builds.
func TestAlternatingHeads(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	for range 6 * variable(t, "MONOPLAN_LOAD", 1) {
		for _, question := range c.toHeads("c2", "c5") {
			if err := c.checkHere(t, question); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestReadOnlyCache has processes share a cache that none of them can write to: an empty one, one with the snapshot of
// another head, and one with what is asked for.
func TestReadOnlyCache(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	for _, warmedBy := range []string{"", "c0", "c5"} {
		t.Run("with="+cmp.Or(warmedBy, "nothing"), func(t *testing.T) {
			if err := errors.Join(c.dropCache(), os.Mkdir(c.cacheDir(), 0o777)); err != nil {
				t.Fatal(err)
			}
			if warmedBy != "" {
				for _, question := range c.toHeads(warmedBy) {
					if err := c.check(t.Context(), question); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := c.cached(t)
			readOnly(t, filepath.Join(c.dir, ".git"))
			var crowd errgroup.Group
			crowd.SetLimit(4)
			for range variable(t, "MONOPLAN_LOAD", 1) {
				for _, question := range c.toHeads("c5") {
					crowd.Go(func() error {
						return withoutPrivilege(func() error { return c.check(t.Context(), question) })
					})
				}
			}
			if err := crowd.Wait(); err != nil {
				t.Error(err)
			}
			if after := c.cached(t); !slices.Equal(after, before) {
				t.Errorf("the cache held %q, and now holds %q", before, after)
			}
		})
	}
}

// TestDamagedCache cuts off and overwrites the cache's files, as a machine that loses power does to what it had not
// written out.
func TestDamagedCache(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	random := rand.New(rand.NewPCG(2, 3))
	questions := c.toHeads("c5")
	for turn := range 8 * variable(t, "MONOPLAN_LOAD", 1) {
		for _, question := range questions { // one of them makes what is damaged then
			if err := c.checkHere(t, question); err != nil {
				t.Errorf("turn %d: %v", turn, err)
			}
		}
		for _, name := range c.cached(t) {
			path := filepath.Join(c.cacheDir(), name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damaged(random, turn, data), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// damaged gives the file cut off, with zeros to its end, with a byte changed, or with more of itself behind it.
func damaged(random *rand.Rand, turn int, data []byte) []byte {
	at := random.IntN(len(data) + 1)
	switch turn % 4 {
	case 0:
		return data[:at]
	case 1:
		return append(data[:at:at], make([]byte, len(data)-at)...)
	case 2:
		data[at%len(data)] ^= byte(1 + random.IntN(255))
		return data
	}
	return append(data, data[at:]...)
}

// crowd is a repository that many plan at once, with questions and the answers of runs without a cache.
type crowd struct {
	dir       string
	questions [][]string
	answers   []answer
}

// answer is all that a run shows.
type answer struct {
	code           int
	stdout, stderr string
}

// newCrowd asks for every head from three bases, and for the working tree. Half of the questions go to the git engine, the
// others to go-git.
func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{dir: filepath.Join(t.TempDir(), "repository")}
	h := crowdedHistory()
	if err := h.Build(t.Context(), c.dir); err != nil {
		t.Fatal(err)
	}
	engines := []string{"git", "go-git", "auto"}
	for i, base := range []string{"c0", "c3", "c5"} {
		for j, head := range h.Commits {
			c.questions = append(c.questions, []string{"--since", base, "--head", head.Name, "--git-engine", engines[(i+j)%3]})
		}
	}
	for _, engine := range engines {
		c.questions = append(c.questions, []string{"--since", "c0", "--worktree", "--git-engine", engine})
	}
	for _, q := range c.questions {
		got := planByCommand(t, c.dir, append(slices.Clone(q), "--no-cache"))
		if got.code != 0 {
			t.Fatalf("%q: exit code %d\n%s", q, got.code, got.stderr)
		}
		c.answers = append(c.answers, answer{got.code, got.stdout, got.stderr})
	}
	return c
}

// crowdedHistory is some hundred services and libraries, and commits that each leave less of a snapshot as it was: a
// module changes; a library leads elsewhere; a service comes, one goes, and a manifest breaks; all is well again.
func crowdedHistory() *history.History {
	put := func(path, text string) history.Op { return history.Op{Verb: "put", Path: path, Arg: text} }
	pyproject := func(name string, paths ...string) string {
		text := fmt.Sprintf("[tool.poetry]\nname = %q\n[tool.poetry.dependencies]\npython = \"^3.12\"\n", name)
		for i, path := range paths {
			text += fmt.Sprintf("dependency-%d = {path = %q}\n", i, path)
		}
		return text
	}
	library := func(i int) string { return fmt.Sprintf("libs/lib-%03d", i) }
	service := func(i int) string { return fmt.Sprintf("services/svc-%03d", i) }
	var first []history.Op
	for i := range 200 {
		if i < 20 {
			first = append(first, put(library(i)+"/pyproject.toml", pyproject(library(i), "../../"+library(i/2))), put(library(i)+"/lib.py", ""))
		}
		first = append(first,
			put(service(i)+"/serverless.yml", fmt.Sprintf("service: svc-%d\n", i)),
			put(service(i)+"/pyproject.toml", pyproject(service(i), "../../"+library(i%20))),
			put(service(i)+"/handler.py", fmt.Sprint(i)))
	}
	h := &history.History{Comment: "Many services."}
	for i, ops := range [][]history.Op{
		first,
		{put(service(7)+"/handler.py", "changed")},
		{put(library(3)+"/pyproject.toml", pyproject(library(3), "../../"+library(9)))},
		{put("services/new/serverless.yml", "service: new\n"), put("docs/page.md", "")},
		{{Verb: "delete", Path: service(9)}, put(library(5)+"/pyproject.toml", "[tool.poetry\n")},
		{put(library(5)+"/pyproject.toml", pyproject(library(5), "../none"))},
	} {
		commit := history.Commit{Name: fmt.Sprintf("c%d", i), Ops: ops}
		if i > 0 {
			commit.Parents = []string{fmt.Sprintf("c%d", i-1)}
		}
		h.Commits = append(h.Commits, commit)
	}
	h.Worktree = []history.Op{put(library(4)+"/lib.py", "changed"), put("services/untracked/serverless.yml", "service: untracked\n")}
	return h
}

func (c *crowd) cacheDir() string { return filepath.Join(c.dir, ".git", "monoplan") }

// dropCache takes the cache away. Where others write to it at that time, the directory may fill up again before it goes.
func (c *crowd) dropCache() error {
	err := os.RemoveAll(c.cacheDir())
	if errors.Is(err, syscall.ENOTEMPTY) {
		return nil
	}
	return err
}

// cached gives the names of the cache's files.
func (c *crowd) cached(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(c.cacheDir())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// toHeads gives the questions that ask for one of these heads.
func (c *crowd) toHeads(heads ...string) []int {
	var questions []int
	for i, q := range c.questions {
		if slices.Contains(heads, q[3]) {
			questions = append(questions, i)
		}
	}
	return questions
}

func (c *crowd) command(ctx context.Context, question int) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "monoplan", append([]string{"changed", "-C", c.dir, "--format", "json"}, c.questions[question]...)...)
	cmd.Env = append(testEnvironment(history.Environment()...), "GORACE=atexit_sleep_ms=0")
	return cmd
}

// check asks a question in a process of its own.
func (c *crowd) check(ctx context.Context, question int) error {
	var stdout, stderr bytes.Buffer
	cmd := c.command(ctx, question)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return c.compare(question, answer{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()})
}

// checkHere asks a question in this process.
func (c *crowd) checkHere(t *testing.T, question int) error {
	t.Helper()
	got := planByCommand(t, c.dir, c.questions[question])
	return c.compare(question, answer{got.code, got.stdout, got.stderr})
}

func (c *crowd) compare(question int, got answer) error {
	if want := c.answers[question]; got != want {
		return fmt.Errorf("%q: exit code %d\n%s\nstderr:\n%s\nwithout a cache: exit code %d\n%s\nstderr:\n%s", c.questions[question],
			got.code, got.stdout, got.stderr, want.code, want.stdout, want.stderr)
	}
	return nil
}

// kill asks a question and kills the process at the moment. It reports whether the process was still running.
func (c *crowd) kill(t *testing.T, question int, moment <-chan time.Time) bool {
	t.Helper()
	cmd := c.command(t.Context(), question)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		return false
	case <-moment:
	}
	err := cmd.Process.Kill()
	<-ended
	return err == nil
}

// newInCache tells when the cache's directory holds a file that it does not hold now. It gives up after a second.
func (c *crowd) newInCache(ctx context.Context) <-chan time.Time {
	names := func() map[string]bool {
		there := map[string]bool{}
		entries, _ := os.ReadDir(c.cacheDir()) // a directory that is not there holds nothing
		for _, e := range entries {
			there[e.Name()] = true
		}
		return there
	}
	before, seen := names(), make(chan time.Time, 1)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	go func() {
		defer cancel()
		for ctx.Err() == nil {
			for name := range names() {
				if !before[name] {
					seen <- time.Now()
					return
				}
			}
			runtime.Gosched()
		}
		seen <- time.Now()
	}()
	return seen
}

// readOnly takes the right to write from a directory and all that is in it, until the test ends.
func readOnly(t *testing.T, dir string) {
	t.Helper()
	change := func(forbid bool) error {
		return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			mode := fs.FileMode(0o644)
			if e.IsDir() {
				mode = 0o755
			}
			if forbid {
				mode &^= 0o222
			}
			return os.Chmod(path, mode)
		})
	}
	if err := change(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := change(false); err != nil {
			t.Error(err)
		}
	})
}
