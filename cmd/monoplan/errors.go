package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// usageError is a command line that cannot be meant.
type usageError struct {
	message string
	hint    string
}

func (e *usageError) Error() string { return e.message }

func usage(hint, format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...), hint: hint}
}

// hinted is an error that knows what to do next better than its type does.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// errNoService is a repository in which there is nothing to plan.
var errNoService = errors.New("no service found")

// status is the exit code of an error.
func status(ctx context.Context, err error) exitCode {
	var wrongUsage *usageError
	var code statusError
	var stage *ledger.NameError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &code):
		return exitCode(code)
	case errors.As(err, &wrongUsage), errors.As(err, &stage):
		return exitUsage
	case isOfLedger(err):
		return exitLedger
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return exitFailed
}

// isQuiet reports whether there is nobody to tell: a reader that closed the pipe has what it wanted, and does not want
// to be told so. The command fails all the same, since not all was written.
func isQuiet(err error) bool {
	var written *outputError
	return errors.As(err, new(statusError)) || errors.As(err, &written) && errors.Is(err, syscall.EPIPE)
}

// hintFor says what to do next about an error; it is empty where there is nothing to say.
func hintFor(err error) string {
	var (
		own         *hinted
		wrongUsage  *usageError
		revision    *gitdiff.RevisionError
		unsafe      *gitdiff.UnsafeError
		unsupported *gitdiff.UnsupportedError
		partial     *gitdiff.PartialError
		object      *gitdiff.ObjectError
		newline     *report.NewlineError
		config      *workspace.ConfigError
	)
	switch {
	case errors.As(err, &own):
		return own.hint
	case errors.As(err, &wrongUsage):
		return wrongUsage.hint
	case errors.Is(err, errNoService):
		return "a service is a directory with a tracked serverless.yml, sst.config.ts, cdk.json or SAM template, or one that seed.yml lists under services:"
	case errors.Is(err, gitdiff.ErrNoCommits):
		return "commit something first; monoplan compares commits"
	case errors.As(err, &revision):
		return revisionHint(revision)
	case errors.As(err, &unsafe):
		return "if you trust the repository: git config --global --add safe.directory <its path>"
	case errors.As(err, &unsupported):
		return "install git and leave out --git-engine=go-git"
	case errors.As(err, &partial):
		return partialHint(partial)
	case errors.As(err, &object):
		return "the repository is damaged or lacks objects; git fsck tells more"
	case errors.As(err, &newline):
		return "-z ends each with a NUL instead of a newline"
	case errors.As(err, &config):
		return "seed.yml.example explains every key"
	}
	return cmp.Or(planHint(err), repositoryHint(err), ledgerHint(err), deployerHint(err), packagingHint(err), toolHint(err))
}

func partialHint(e *gitdiff.PartialError) string {
	switch {
	case e.InProcess:
		return "the go-git engine fetches nothing: install git, leave out --git-engine=go-git, and add --fetch"
	case e.Asked:
		return "the remote was asked and did not give them: git fetch --refetch tells more"
	}
	return "planning uses no network unless it is told to: add --fetch"
}

func repositoryHint(err error) string {
	switch {
	case errors.Is(err, gitdiff.ErrNotRepository):
		return "run it in a git repository, or name one with -C <dir>"
	case errors.Is(err, gitdiff.ErrNoMergeBase):
		return "a shallow clone lacks history: git fetch --unshallow; or leave out --merge-base"
	case errors.Is(err, gitdiff.ErrNoWorktree):
		return "a bare repository has commits only: leave out --worktree"
	case errors.Is(err, gitdiff.ErrGitTooOld), errors.Is(err, gitdiff.ErrNoGit):
		return "fetching, and a ledger at a remote, need a git command of today in PATH, whatever reads the repository"
	}
	return ""
}

func revisionHint(e *gitdiff.RevisionError) string {
	switch e.Kind {
	case gitdiff.NotCommit:
		return "name a commit, a tag of one, or a branch"
	case gitdiff.AmbiguousRevision:
		return "give more digits of the sha"
	case gitdiff.UnsupportedRevision:
		return "give the commit's full sha, or use --git-engine=git"
	case gitdiff.MissingObject:
		if strings.Trim(e.Rev, "0") == "" {
			return "zeros stand for no commit, as of a branch that was deleted"
		}
		return "fetch it, or the history that holds it: git fetch --unshallow"
	}
	switch {
	case strings.HasPrefix(e.Rev, "^"), strings.Contains(e.Rev, ".."):
		return "name one commit, and no range; --merge-base compares from where branches left each other"
	case strings.Contains(e.Rev, "@{"):
		return "name a commit: a reflog is this clone's own, and begins with it"
	}
	return "a shallow or single-branch clone lacks most branches and tags: git fetch may help"
}

// filePosition is where in a file something is wrong.
type filePosition struct {
	file         string
	line, column int
}

func positionOf(err error) filePosition {
	var config *workspace.ConfigError
	if errors.As(err, &config) {
		return filePosition{config.File, config.Line, config.Column}
	}
	return filePosition{}
}
