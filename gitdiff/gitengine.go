package gitdiff

import (
	"context"
	"errors"
	"os/exec"
	"strings"

	"github.com/monoplan/monoplan/internal/tree"
)

// gitEngine reads a repository through the installed git: two processes for as long as it is open, and one more for a
// listing, a merge base, a log or a working tree.
type gitEngine struct {
	location *location
	env      environment
	command  *command
	objects  *catFile
	trees    *diffTree
	network  bool
	memo     map[string][]object // tree objects read by Lookup
	whole    map[string]bool     // trees of a partial clone that are here with all below them
}

var _ Engine = (*gitEngine)(nil)

// openGit starts git's processes, both at once, and waits for a first answer: so that a git that is too old, or that
// refuses the repository, is an error here.
func openGit(ctx context.Context, l *location, env environment, opts Options) (*gitEngine, error) {
	path, err := env.findGit()
	if err != nil {
		return nil, err
	}
	c := newCommand(path, l, env, opts)
	e := &gitEngine{
		location: l,
		env:      env,
		command:  c,
		objects:  &catFile{command: c},
		trees:    &diffTree{command: c, gitDir: l.gitDir},
		network:  opts.AllowNetwork,
		memo:     map[string][]object{},
		whole:    map[string]bool{},
	}
	err = errors.Join(e.objects.begin(), e.trees.begin())
	if err == nil {
		hello := []request{{"info", l.emptyTree()}}
		err = e.objects.ask(ctx, hello, func(int, *answer) error { return nil })
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (e *gitEngine) Name() string { return "git" }

func (e *gitEngine) Close() error {
	e.objects.close()
	e.trees.close()
	return nil
}

func (e *gitEngine) Tree(id string) tree.Reader {
	if id == "" {
		id = e.location.emptyTree()
	}
	return &gitTree{engine: e, id: id}
}

func (e *gitEngine) Diff(ctx context.Context, pairs []TreePair, yield func(int, tree.Change) error) error {
	var asked []TreePair
	var index []int
	for i, pair := range pairs {
		if pair.Old == "" {
			pair.Old = e.location.emptyTree()
		}
		if pair.New == "" {
			pair.New = e.location.emptyTree()
		}
		if pair.Old != pair.New {
			asked = append(asked, pair)
			index = append(index, i)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	if err := e.ensureTrees(ctx, treesOf(asked)); err != nil {
		return err
	}
	return e.trees.compare(ctx, asked, func(i int, c tree.Change) error { return yield(index[i], c) })
}

func (e *gitEngine) MergeBase(ctx context.Context, a, b string) (Commit, error) {
	out, err := e.command.output(ctx, nil, "merge-base", "--end-of-options", a, b)
	if exitCode(err) == 1 && len(out) == 0 {
		return Commit{}, e.location.noMergeBase(a, b)
	}
	if err != nil {
		return Commit{}, err
	}
	commits, err := e.commits(ctx, []string{strings.TrimSpace(string(out))})
	if err != nil {
		return Commit{}, err
	}
	return commits[0], nil
}

// commits reads the trees of commits, by their full IDs.
func (e *gitEngine) commits(ctx context.Context, ids []string) ([]Commit, error) {
	requests := make([]request, len(ids))
	for i, id := range ids {
		requests[i] = request{"contents", id}
	}
	commits := make([]Commit, len(ids))
	err := e.objects.ask(ctx, requests, func(i int, a *answer) (err error) {
		if a.kind != "commit" {
			return &ObjectError{ID: ids[i], What: "not a commit that the repository has"}
		}
		commits[i], err = commitOf(a)
		return err
	})
	return commits, err
}

// commitOf takes a commit's tree from its first line, "tree <id>".
func commitOf(a *answer) (Commit, error) {
	line, _, _ := strings.Cut(string(a.data), "\n")
	id, ok := strings.CutPrefix(line, "tree ")
	if !ok || !isFullHex(id) {
		return Commit{}, &ObjectError{ID: a.id, What: "a malformed commit"}
	}
	return Commit{ID: a.id, Tree: id}, nil
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
