package gitdiff

import (
	"context"

	"github.com/monoplan/monoplan/internal/tree"
)

// Engine reads one repository. Its methods take many requests in one go: for the git engine a request is a round trip
// through a pipe, and a batch costs hardly more than one.
//
// An engine is used by one goroutine at a time, and is closed by who opened it.
type Engine interface {
	// Name is the engine's name as --git-engine has it: "git" or "go-git".
	Name() string
	// Resolve resolves each revision to the commit that it peels to. What is wrong with a revision is in its own
	// result; the error is for what is wrong with the repository.
	Resolve(ctx context.Context, revs []string) ([]Resolution, error)
	// Tree gives a reader of the tree with this ID.
	Tree(id string) tree.Reader
	// Diff calls yield for each change between the two trees of each pair, pairs in order, changes in the byte order
	// of their paths, renames never folded. An empty ID is the empty tree.
	Diff(ctx context.Context, pairs []TreePair, yield func(pair int, c tree.Change) error) error
	// MergeBase gives the commit of the best common ancestor of two commits, or an error that wraps ErrNoMergeBase.
	// Where there are several, it is the one that the git command prints first.
	MergeBase(ctx context.Context, a, b string) (Commit, error)
	// Log calls yield for every path that a commit reachable from head and not from base changed against any of its
	// parents (a root commit: against the empty tree). A path may come more than once.
	Log(ctx context.Context, base, head string, yield func(c tree.Change) error) error
	// Worktree gives a reader of the working tree, and how the working tree differs from the tree with this ID:
	// uncommitted and untracked files, those that git ignores not. It is an error in a bare repository.
	Worktree(ctx context.Context, treeID string) (tree.Reader, []tree.Change, error)
	// Close ends the engine's processes. It is safe to call twice.
	Close() error
}

// Commit is a commit's ID and that of its tree, in lower-case hex (40 digits, or 64 in a sha256 repository).
type Commit struct {
	ID   string
	Tree string
}

// TreePair is two trees to be compared, by their IDs.
type TreePair struct {
	Old, New string
}

// Resolution is what a revision resolved to, or why it did not.
type Resolution struct {
	Rev    string
	Commit Commit
	// Err is a *RevisionError where the revision gave no commit.
	Err error
}
