package gitdiff

import (
	"errors"
	"fmt"
	"strings"
)

// What may be wrong with a repository. They are wrapped: compare with errors.Is.
var (
	// ErrNotRepository says that no repository holds the directory.
	ErrNotRepository = errors.New("not a git repository")
	// ErrNoCommits says that HEAD names a branch that has no commit yet.
	ErrNoCommits = errors.New("HEAD has no commits yet")
	// ErrNoMergeBase says that two commits have no common ancestor, or none that a shallow clone still has.
	ErrNoMergeBase = errors.New("no merge base")
	// ErrNoWorktree says that a bare repository was asked for its working tree.
	ErrNoWorktree = errors.New("the repository has no working tree")
	// ErrGitTooOld says that the installed git is older than 2.36, the first with cat-file --batch-command.
	ErrGitTooOld = errors.New("the installed git is too old: version 2.36 or later is needed")
	// ErrNoGit says that there is no git in PATH.
	ErrNoGit = errors.New("git is not installed")
)

// RevisionKind says what is wrong with a revision.
type RevisionKind int

// What may be wrong with a revision.
const (
	// UnknownRevision names nothing.
	UnknownRevision RevisionKind = iota
	// NotCommit names a blob or a tree.
	NotCommit
	// AmbiguousRevision is a short sha that several commits share, or several objects and no commit.
	AmbiguousRevision
	// MissingObject is a full sha (40 or 64 hex digits) that the repository does not have.
	MissingObject
	// UnbornHead is HEAD of a branch without commits; the error is ErrNoCommits too.
	UnbornHead
	// UnsupportedRevision is a form that the go-git engine cannot read.
	UnsupportedRevision
)

// RevisionError says why a revision gave no commit.
type RevisionError struct {
	Rev  string
	Kind RevisionKind
	// Detail is what more there is to say, in git's own words where git said it; it may be empty.
	Detail string
}

func (e *RevisionError) Error() string {
	var what string
	switch e.Kind {
	case UnknownRevision:
		what = "unknown revision"
	case NotCommit:
		what = "not a commit"
	case AmbiguousRevision:
		what = "ambiguous revision"
	case MissingObject:
		what = "the repository does not have this commit"
	case UnbornHead:
		what = ErrNoCommits.Error()
	case UnsupportedRevision:
		what = "a form of revision that the go-git engine cannot read"
	}
	if e.Detail != "" {
		what += " (" + e.Detail + ")"
	}
	return fmt.Sprintf("revision %q: %s", e.Rev, what)
}

func (e *RevisionError) Unwrap() error {
	if e.Kind == UnbornHead {
		return ErrNoCommits
	}
	return nil
}

// UnsafeError is git's refusal to read a repository that belongs to somebody else, or that it may not read
// (safe.directory and safe.bareRepository in git-config(1)).
type UnsafeError struct {
	// Words are git's own.
	Words string
}

func (e *UnsafeError) Error() string { return "git refuses to read this repository: " + e.Words }

// UnsupportedError says what of a repository the go-git engine cannot read.
type UnsupportedError struct {
	What string
}

func (e *UnsupportedError) Error() string {
	return "the go-git engine does not support " + e.What
}

// ObjectError is an object that the repository should have: it is missing, corrupt, or of another type.
type ObjectError struct {
	ID   string
	What string
}

func (e *ObjectError) Error() string { return fmt.Sprintf("object %s: %s", e.ID, e.What) }

// PartialError says that a partial clone does not have objects that are needed, and that they were not fetched.
type PartialError struct {
	Missing int
	Remote  string
	// Asked says that the network was allowed, and InProcess that the go-git engine read the repository, which fetches nothing.
	Asked, InProcess bool
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("partial clone: %d needed objects are not here, and were not fetched from %q", e.Missing, e.Remote)
}

// ProcessError is a git process that ended in failure, or before it had answered.
type ProcessError struct {
	// Command is the git command, without its options.
	Command string
	// Err is how it ended: its exit status or signal, or what was wrong with its answer.
	Err error
	// Stderr is what git said.
	Stderr string
}

func (e *ProcessError) Error() string {
	text := fmt.Sprintf("git %s: %v", e.Command, e.Err)
	if words := strings.TrimSpace(e.Stderr); words != "" {
		text += ": " + words
	}
	return text
}

func (e *ProcessError) Unwrap() error { return e.Err }
