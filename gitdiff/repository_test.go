package gitdiff_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
)

// engines are what every test of the suite runs over.
var engines = []string{"auto", "git", "go-git"}

func eachEngine(t *testing.T, test func(t *testing.T, engine string)) {
	t.Helper()
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) { test(t, engine) })
	}
}

// repo is a repository made with the git command, which is also what the engines are judged by.
type repo struct {
	t     testing.TB
	dir   string
	env   []string
	clock int
}

func newRepo(t testing.TB, init ...string) *repo {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &repo{t: t, dir: filepath.Join(home, "repo"), env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home,
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.com",
	}}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.git(append([]string{"init", "-q", "-b", "main"}, init...)...)
	return r
}

// at is the same repository seen from another directory.
func (r *repo) at(dir string) *repo {
	other := *r
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(r.dir, dir)
	}
	other.dir = dir
	return &other
}

func (r *repo) with(env ...string) *repo {
	other := *r
	other.env = append(append([]string{}, r.env...), env...)
	return &other
}

func (r *repo) tryGit(input []byte, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	r.clock++
	date := fmt.Sprintf("%d +0000", 1700000000+100*r.clock)
	cmd.Env = append(append([]string{}, r.env...), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, &stderr)
	}
	return string(out), err
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	out, err := r.tryGit(nil, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSuffix(out, "\n")
}

func (r *repo) write(path, content string) {
	r.t.Helper()
	full := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) remove(path string) {
	r.t.Helper()
	if err := os.RemoveAll(filepath.Join(r.dir, path)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) link(target, path string) {
	r.t.Helper()
	r.remove(path)
	if err := os.Symlink(target, filepath.Join(r.dir, path)); err != nil {
		r.t.Fatal(err)
	}
}

// commit commits everything, and gives the commit's ID.
func (r *repo) commit(message string) string {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", message)
	return r.git("rev-parse", "HEAD")
}

func (r *repo) options(engine string) gitdiff.Options {
	return gitdiff.Options{Engine: engine, Env: r.env}
}

func (r *repo) open(engine string) *gitdiff.Repository {
	r.t.Helper()
	opened, err := gitdiff.Open(r.t.Context(), r.dir, r.options(engine))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { opened.Close() })
	return opened
}

// openWithNetwork opens the repository until the test ends, for what has to be fetched.
func (r *repo) openWithNetwork(t *testing.T, engine string) *gitdiff.Repository {
	t.Helper()
	options := r.options(engine)
	options.AllowNetwork = true
	opened, err := gitdiff.Open(t.Context(), r.dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	return opened
}

// resolve resolves one revision that must be a commit.
func resolve(t testing.TB, r *gitdiff.Repository, rev string) gitdiff.Commit {
	t.Helper()
	results, err := r.Resolve(t.Context(), []string{rev})
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Err != nil {
		t.Fatal(results[0].Err)
	}
	return results[0].Commit
}

// diff lists the changes between two trees as lines.
func diff(t testing.TB, r *gitdiff.Repository, old, new string) []string {
	t.Helper()
	var lines []string
	err := r.Diff(t.Context(), []gitdiff.TreePair{{Old: old, New: new}}, func(_ int, c tree.Change) error {
		lines = append(lines, changeLine(c))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func changeLine(c tree.Change) string {
	return fmt.Sprintf("%06o %06o %s %s %q", c.OldMode, c.NewMode, c.OldID, c.NewID, c.Path)
}

// rawLines turns what git prints with --raw -z into lines as changeLine has them.
func rawLines(out string) []string {
	fields := strings.Split(out, "\x00")
	var lines []string
	for i := 0; i+1 < len(fields); i += 2 {
		head := strings.Fields(strings.TrimPrefix(fields[i], ":"))
		for n := 2; n <= 3; n++ {
			head[n] = strings.TrimLeft(head[n], "0")
		}
		if head[2] != "" {
			head[2] = strings.Fields(strings.TrimPrefix(fields[i], ":"))[2]
		}
		if head[3] != "" {
			head[3] = strings.Fields(strings.TrimPrefix(fields[i], ":"))[3]
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %q", head[0], head[1], head[2], head[3], fields[i+1]))
	}
	return lines
}

// list lists a tree as lines.
func list(t testing.TB, r tree.Reader) []string {
	t.Helper()
	var lines []string
	err := r.List(t.Context(), func(e tree.Entry) error {
		lines = append(lines, entryLine(e))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func entryLine(e tree.Entry) string { return fmt.Sprintf("%06o %s %q", e.Mode, e.ID, e.Path) }

// listedLines turns what git ls-tree -z prints into lines as entryLine has them.
func listedLines(out string) []string {
	var lines []string
	for record := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		head, path, ok := strings.Cut(record, "\t")
		if fields := strings.Fields(head); ok {
			lines = append(lines, fmt.Sprintf("%s %s %q", fields[0], fields[2], path))
		}
	}
	return lines
}

// read reads files of a tree by their paths.
func read(t testing.TB, r tree.Reader, paths ...string) []string {
	t.Helper()
	entries, err := r.Lookup(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	contents := make([]string, len(paths))
	err = r.Read(t.Context(), entries, func(i int, data []byte) error {
		contents[i] = string(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents
}

func equalLines(t testing.TB, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\ngot:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// time is a fixed time in the past.
func (r *repo) time() time.Time { return time.Unix(1600000000, 0) }
