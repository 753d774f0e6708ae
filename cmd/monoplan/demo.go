package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/gitdiff"
)

type demoOptions struct {
	dir   string
	clean bool
}

const demoLong = `
Make a small monorepo in a directory of its own, take it through five changes, and show the plan of each with its
reasons and the commands that repeat it by hand. That needs neither git nor a network. Then the services are packaged,
as far as this machine has what it takes: a Docker engine that has Lambda's build image already (the demo pulls none),
or a Python, and an index to install its build tools from. In the end they are
deployed, by commands that only say so: in two phases, of which one fails, a second time, and back again.`

func newDemo(a *app) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the plans of a small monorepo, its artifacts and its deploys",
		Long:  withExitCodes(demoLong),
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), a, o) },
	}
	cmd.Flags().StringVar(&o.dir, "dir", "", "make it in `directory`, which must be empty or not be there (default a temporary one)")
	cmd.Flags().BoolVar(&o.clean, "clean", false, "remove the directory at the end")
	return cmd
}

func runDemo(ctx context.Context, a *app, o demoOptions) (err error) {
	dir, err := a.demoDirectory(o.dir)
	if err != nil {
		return err
	}
	if o.clean {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	d := &demo{app: a, dir: dir, files: demoStart()}
	if err := d.begin(ctx); err != nil {
		return err
	}
	for i, c := range demoStory() {
		if err := d.tell(ctx, i+1, c); err != nil {
			return err
		}
	}
	if err := d.packages(ctx); err != nil {
		return err
	}
	if err := d.deploys(ctx); err != nil {
		return err
	}
	d.end(o.clean)
	return nil
}

// demoDirectory gives an empty directory. One that holds anything is not touched.
func (a *app) demoDirectory(name string) (string, error) {
	if name == "" {
		return os.MkdirTemp(a.getenv("TMPDIR"), "monoplan-demo-")
	}
	dir := a.resolve(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		err = &hinted{fmt.Errorf("%s is not empty", dir), "name another directory with --dir"}
	}
	return dir, err
}

// demo is the repository as it stands.
type demo struct {
	app    *app
	dir    string
	files  map[string]string
	commit string // the last one
	count  int
}

// author gives the commits of a demo the same IDs at any time.
func (d *demo) author() gitdiff.Author {
	d.count++
	return gitdiff.Author{Name: "monoplan demo", Email: "demo@example.com", When: time.Date(2026, 1, d.count, 12, 0, 0, 0, time.UTC)}
}

func (d *demo) begin(ctx context.Context) error {
	if err := gitdiff.Create(d.dir); err != nil {
		return err
	}
	if err := d.write(nil); err != nil {
		return err
	}
	if err := d.save("a small monorepo"); err != nil {
		return err
	}
	d.say("A small monorepo, made for this tour:\n\n")
	for _, dir := range d.directories() {
		d.say("    %s\n", dir)
	}
	d.say("\n    $ cd %s\n", d.dir)
	return d.run(ctx, "services", "--head", d.commit)
}

// tell makes one change, and shows what it does.
func (d *demo) tell(ctx context.Context, number int, c chapter) error {
	before := maps.Clone(d.files)
	c.change(d.files)
	if err := d.write(before); err != nil {
		return err
	}
	since := d.commit
	if err := d.save(c.title); err != nil {
		return err
	}
	d.say("\n%d. %s: %s\n", number, c.title, strings.Join(changedFiles(before, d.files), ", "))
	pair := []string{"--since", since, "--head", d.commit}
	if err := d.run(ctx, append([]string{"changed"}, pair...)...); err != nil {
		return err
	}
	if err := d.run(ctx, append([]string{"explain", c.explain}, pair...)...); err != nil {
		return err
	}
	d.say("\n%s\n", c.lesson)
	return nil
}

// packages makes artifacts with what the machine has. What fails is part of the story, and no failure of the demo.
func (d *demo) packages(ctx context.Context) error {
	before := maps.Clone(d.files)
	d.files["services/posts/poetry.lock"] = demoLock
	if err := d.write(before); err != nil {
		return err
	}
	if err := d.save("a lock"); err != nil {
		return err
	}
	d.say("\nArtifacts of the services, for AWS Lambda. A lock says what goes in, so posts has one now:\n")
	d.say("services/posts/poetry.lock. Its two libraries are built in Docker, where the engine there has Lambda's build image\n")
	d.say("already: that is large, and the demo pulls none. Or else this machine builds them, with its Python and an index to\n")
	d.say("have poetry-core from. What fails lacks something on this machine.\n")
	output, env := d.app.Stderr, d.app.Env
	defer func() { d.app.Stderr, d.app.Env = output, env }()
	d.app.Stderr = d.app.out
	if d.app.getenv(storeDirVariable) == "" { // what the demo fetches and builds goes with its directory
		d.app.Env = append(slices.Clone(env), storeDirVariable+"="+filepath.Join(d.dir, ".monoplan", "store"))
	}
	for _, args := range [][]string{{"package", "--head", d.commit}, {"package", "--head", d.commit, "--explain"}} {
		var status statusError
		if err := d.run(ctx, args...); err != nil && !errors.As(err, &status) {
			return err
		}
	}
	d.say("\nThe second time nothing was made: no input of an artifact had moved. JavaScript is left to its own bundler.\n")
	return nil
}

func (d *demo) end(removed bool) {
	if removed {
		d.say("\nThat was the tour; its repository is removed.\n")
		return
	}
	d.say("\nThat was the tour. Its repository is kept, to try more:\n\n    $ cd %s\n", d.dir)
	d.say("    $ monoplan graph --format mermaid\n")
	d.say("\nWithout an installed monoplan: go run ./cmd/monoplan -C %s changed --since HEAD~1\n", d.dir)
}

// run shows a command and runs it as the user would: its arguments are parsed, and it finds the repository by itself.
func (d *demo) run(ctx context.Context, args ...string) error {
	d.say("\n    $ monoplan %s\n\n", strings.Join(args, " "))
	inner := &app{process: d.app.process, out: d.app.out, noPull: true}
	inner.Dir = d.dir
	inner.Env = slices.DeleteFunc(slices.Clone(inner.Env), isOfAnother)
	root := newRoot(inner)
	root.SetArgs(append(args, "--git-engine", d.app.engine))
	return root.ExecuteContext(ctx)
}

// isOfAnother reports whether a variable is about another repository than the demo's, or about the job of a CI.
func isOfAnother(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "GITHUB_") ||
		slices.Contains([]string{"CI", "GITLAB_CI", "BUILDKITE"}, name)
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.app.out, format, args...) }

// save commits everything, and remembers the commit by as many digits as a person would type.
func (d *demo) save(message string) error {
	const digits = 10
	id, err := gitdiff.CommitAll(d.dir, message, d.author(), ".monoplan")
	if err != nil {
		return err
	}
	d.commit = id[:digits]
	return nil
}

// write brings the directory from what it held before to what the files say.
func (d *demo) write(before map[string]string) error {
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range changedFiles(before, d.files) {
		text, ok := d.files[name]
		if !ok {
			err = root.Remove(filepath.FromSlash(name))
		} else if err = root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o777); err == nil {
			err = root.WriteFile(filepath.FromSlash(name), []byte(text), 0o666)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// changedFiles lists the paths at which two sets of files differ.
func changedFiles(before, after map[string]string) []string {
	var names []string
	for name, text := range after {
		if old, ok := before[name]; !ok || old != text {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// directories lists where the files are, each directory once.
func (d *demo) directories() []string {
	var dirs []string
	for name := range d.files {
		if dir := path.Dir(name); dir != "." && (strings.HasPrefix(dir, "services/") || strings.Count(dir, "/") == 1) {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
