package gitdiff

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"

	"github.com/monoplan/monoplan/internal/tree"
)

// autoEngine is both engines: it reads in process what is sure to be what git would read, and asks git for all else. To start git's
// processes takes longer than to read the few objects that a plan needs, so most plans do without.
//
// It is only made for a repository that is plain (see plain.go). Whatever the one engine cannot do there, be it for an object that is
// not here, a form of revision that it does not know or a file that is damaged, the other one does again, and it is
// the one whose errors count.
type autoEngine struct {
	near *goGitEngine
	// git opens the other engine, once.
	git    func() (*gitEngine, error)
	opened *gitEngine
}

var _ Engine = (*autoEngine)(nil)

// openAuto gives nothing where git is not installed, and for a repository that one engine alone is to read.
func openAuto(ctx context.Context, l *location, env environment, opts Options) *autoEngine {
	if _, err := env.findGit(); err != nil || !l.isPlain(env) {
		return nil
	}
	near, err := openGoGit(l, env)
	if err != nil {
		return nil
	}
	e := &autoEngine{near: near}
	e.git = sync.OnceValues(func() (*gitEngine, error) {
		var err error
		e.opened, err = openGit(ctx, l, env, opts)
		return e.opened, err
	})
	return e
}

// other gives the engine that is asked for what could not be read in process. Where git is too old for that, there is none, and it is
// the first one again, which says itself what it cannot read.
func (e *autoEngine) other() (Engine, error) {
	git, err := e.git()
	switch {
	case errors.Is(err, ErrGitTooOld):
		return e.near, nil
	case err != nil:
		return nil, err
	}
	return git, nil
}

func (e *autoEngine) Name() string { return "auto" }

func (e *autoEngine) Close() error {
	err := e.near.Close()
	if e.opened != nil {
		err = errors.Join(err, e.opened.Close())
	}
	return err
}

// Resolve asks git for each revision that is not a full sha, or a reference with steps from it.
func (e *autoEngine) Resolve(ctx context.Context, revs []string) ([]Resolution, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	results := make([]Resolution, len(revs))
	var others []string
	var index []int
	for i, rev := range revs {
		var ok bool
		if results[i], ok = e.resolve(rev); !ok {
			others = append(others, rev)
			index = append(index, i)
		}
	}
	if len(others) == 0 {
		return results, nil
	}
	other, err := e.other()
	if err != nil {
		return nil, err
	}
	resolved, err := other.Resolve(ctx, others)
	for n, r := range resolved {
		results[index[n]] = r
	}
	return results, err
}

// resolve resolves a revision, if there is but one thing that it can mean: a commit, or for what begins at a reference's name in full nothing.
func (e *autoEngine) resolve(rev string) (result Resolution, ok bool) {
	result.Rev = rev
	r := parseRevision(rev)
	if !sendable(rev) || r.malformed || r.unsupported != "" || r.hasPath || strings.Contains(r.name, "@{") {
		return result, false
	}
	if !isFullHex(r.name) && r.name != "@" && !e.near.refs.plain(r.name) {
		// Git takes the end of "<anything>-g<sha>" for a short sha, as git-describe(1) prints it.
		if !strings.HasPrefix(r.name, "refs/") || strings.Contains(r.name, "-g") || !e.near.refs.absent(r.name) {
			return result, false
		}
		result.Err = &RevisionError{Rev: rev, Kind: UnknownRevision}
		return result, true
	}
	if r.distance() > maxDistance && e.near.location.hasCommitGraph() {
		return result, false
	}
	c, err := e.near.resolve(rev)
	if err != nil {
		return result, false
	}
	result.Commit = c.Commit
	return result, true
}

// maxDistance is how many commits are read one after another where git has a commit-graph(5), and so would read none.
const maxDistance = 200

// distance is how many commits a revision is away from the one that it names.
func (r *revision) distance() (n int) {
	for _, step := range r.steps {
		if step.op == '~' {
			n += step.n
		}
	}
	return n
}

func (l *location) hasCommitGraph() bool {
	info := filepath.Join(l.commonDir, "objects", "info")
	return exists(filepath.Join(info, "commit-graph")) || exists(filepath.Join(info, "commit-graphs"))
}

// Diff goes on through git where the walk in process had to end: both come to the same changes in the same order.
func (e *autoEngine) Diff(ctx context.Context, pairs []TreePair, yield func(int, tree.Change) error) error {
	at, told := 0, 0 // the pair that is being compared, and how many of its changes were told
	var refused error
	err := e.near.Diff(ctx, pairs, func(i int, c tree.Change) error {
		if i != at {
			at, told = i, 0
		}
		told++
		refused = yield(i, c)
		return refused
	})
	if err == nil || refused != nil || ctx.Err() != nil {
		return err
	}
	other, err := e.other()
	if err != nil {
		return err
	}
	return other.Diff(ctx, pairs[at:], func(i int, c tree.Change) error {
		if i == 0 && told > 0 {
			told--
			return nil
		}
		return yield(at+i, c)
	})
}

func (e *autoEngine) MergeBase(ctx context.Context, a, b string) (Commit, error) {
	other, err := e.other()
	if err != nil {
		return Commit{}, err
	}
	return other.MergeBase(ctx, a, b)
}

func (e *autoEngine) Log(ctx context.Context, base, head string, yield func(tree.Change) error) error {
	other, err := e.other()
	if err != nil {
		return err
	}
	return other.Log(ctx, base, head, yield)
}

func (e *autoEngine) Worktree(ctx context.Context, treeID string) (tree.Reader, []tree.Change, error) {
	other, err := e.other()
	if err != nil {
		return nil, nil, err
	}
	return other.Worktree(ctx, treeID)
}

func (e *autoEngine) Absent(ctx context.Context) ([]tree.Entry, error) {
	other, err := e.other()
	if err != nil {
		return nil, err
	}
	return other.Absent(ctx)
}

func (e *autoEngine) Tree(id string) tree.Reader {
	if id == "" {
		id = e.near.location.emptyTree()
	}
	return &autoTree{engine: e, near: e.near.Tree(id)}
}

// autoTree reads one tree through both engines.
type autoTree struct {
	engine *autoEngine
	near   tree.Reader
}

var _ tree.Reader = (*autoTree)(nil)

func (t *autoTree) ID() string { return t.near.ID() }

func (t *autoTree) other() (tree.Reader, error) {
	other, err := t.engine.other()
	if err != nil {
		return nil, err
	}
	return other.Tree(t.ID()), nil
}

// List asks git for a tree that is not the index's: to list all of a tree git is the faster one.
func (t *autoTree) List(ctx context.Context, yield func(tree.Entry) error) error {
	if err := t.engine.near.location.listIndex(ctx, t.ID(), yield); !errors.Is(err, errNotListed) {
		return err
	}
	other, err := t.other()
	if err != nil {
		return err
	}
	return other.List(ctx, yield)
}

func (t *autoTree) Lookup(ctx context.Context, paths []string) ([]tree.Entry, error) {
	entries, err := t.near.Lookup(ctx, paths)
	if err == nil || ctx.Err() != nil {
		return entries, err
	}
	other, err := t.other()
	if err != nil {
		return nil, err
	}
	return other.Lookup(ctx, paths)
}

func (t *autoTree) Read(ctx context.Context, entries []tree.Entry, yield func(int, []byte) error) error {
	told := 0
	var refused error
	err := t.near.Read(ctx, entries, func(i int, data []byte) error {
		refused = yield(i, data)
		told = i + 1
		return refused
	})
	if err == nil || refused != nil || ctx.Err() != nil {
		return err
	}
	other, err := t.other()
	if err != nil {
		return err
	}
	return other.Read(ctx, entries[told:], func(i int, data []byte) error { return yield(told+i, data) })
}
