// Package gitdiff reads git repositories: revisions, trees, what differs between two of them, and the working tree. It is
// the only package that knows git.
//
// # Why the difference of two trees
//
// What must be deployed is what differs between the tree that was deployed and the tree that is to be. How the one
// became the other is of no matter. So the difference is that of two trees, as "git diff A B" has it, and not one from
// their merge base: after a rollback, when the deployed commit is newer than the one at hand, that would be empty;
// and in a shallow clone there may be no merge base to be found. Two trees can always be compared, and comparing
// them costs what differs, since equal directories have equal names.
//
// The difference is raw: paths, modes and object IDs. Renames are never folded. Whether a file at one path resembles
// another at a second is a guess for readers of patches, while both services, the one that lost the file and the one
// that got it, have changed. And no attribute, filter or setting of the user's may take a path out of it.
//
// # Why two engines
//
// The git command is the one program that reads every repository: whatever hash, whatever reference storage, partial
// clones, whatever comes next. It is fast as well, if it is started few times. So the git engine starts it twice, at once,
// and speaks to it through pipes: cat-file resolves revisions and reads objects, diff-tree compares trees. Both
// answer in batches, and so every method of Engine takes a batch.
//
// But a plan is also wanted where no git is installed, as in a minimal container. There the go-git engine reads
// the repository in process. It knows less, and where it does it must say so: a difference that could not be read is an
// error, and never an empty difference. For the same reason a git that dies half way, or leaves a question without an
// answer, is an error; each answer has a mark by which its end is known.
//
// What the one knows well it reads faster than the other can be started, and so the default is both of them together: see autoEngine.
//
// One conformance suite runs over all, with the git command as its judge.
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
	// Name is the engine's name as --git-engine has it: "auto", "git" or "go-git".
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
	// Absent lists, in byte order, what the working tree lacks though nobody deleted it, as the index has it: files that a
	// sparse checkout leaves out, and submodules that were never checked out. Worktree has them for unchanged. It is an error
	// in a bare repository.
	Absent(ctx context.Context) ([]tree.Entry, error)
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
