package ledger

import (
	"fmt"
	"strings"
	"time"
)

// MovedError is a stage that somebody else has written meanwhile.
type MovedError struct {
	Store, Stage string
	// Services has the paths of the services that somebody else recorded since a plan was made; it is empty where a store
	// says that what it has is not what was to be replaced.
	Services []string
}

func (e *MovedError) Error() string {
	if len(e.Services) > 0 {
		return fmt.Sprintf("the ledger of stage %q moved: %s recorded anew (%s)", e.Stage, listed(e.Services), e.Store)
	}
	return fmt.Sprintf("the ledger of stage %q moved: somebody else wrote it (%s)", e.Stage, e.Store)
}

// LockedError is a run that needs services which others hold.
type LockedError struct {
	Stage string
	// Locks has the locks that are in the way, and Services the paths of the services that they are in the way of.
	Locks    []Lock
	Services []string
}

func (e *LockedError) Error() string {
	var owners []string
	for _, l := range e.Locks {
		owners = append(owners, fmt.Sprintf("%s (run %s, until %s)", l.Owner, l.Run, l.Expires.UTC().Format(time.RFC3339)))
	}
	return fmt.Sprintf("stage %q: %s locked by %s", e.Stage, listed(e.Services), strings.Join(owners, ", "))
}

// listed names a few services, and counts the rest.
func listed(services []string) string {
	const few = 3
	switch n := len(services); {
	case n == 1:
		return services[0] + " is"
	case n <= few:
		return strings.Join(services, ", ") + " are"
	default:
		return fmt.Sprintf("%s and %d more are", strings.Join(services[:few], ", "), n-few)
	}
}

// LostError is a run that does not hold a service any more: its lock ended and another run took it, or a person took
// it away.
type LostError struct {
	Stage, Run string
	// Services has the paths of the services that were lost.
	Services []string
}

func (e *LostError) Error() string {
	return fmt.Sprintf("stage %q: %s no longer locked by this run (%s)", e.Stage, listed(e.Services), e.Run)
}

// VersionError is a ledger that a newer version of monoplan wrote.
type VersionError struct {
	// Where is the document; Found is its version, and Known the latest that is known here.
	Where        string
	Found, Known int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: the ledger has version %d, and this monoplan knows %d at most", e.Where, e.Found, e.Known)
}

// CorruptError is a document that is no ledger.
type CorruptError struct {
	Where string
	Err   error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s: the ledger is corrupt: %v", e.Where, e.Err)
}
func (e *CorruptError) Unwrap() error { return e.Err }

// UnreachableError is a store that does not answer, or answers that it cannot now.
type UnreachableError struct {
	Store string
	Err   error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the ledger cannot be reached (%s): %v", e.Store, e.Err)
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// RefusedError is a store that does not let this run read or write: credentials, a protected ref, a host that takes only
// branches, a directory that is read-only.
type RefusedError struct {
	Store string
	// RefOnly says that the store took the connection, and refused the ref.
	RefOnly bool
	Err     error
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the ledger was refused (%s): %v", e.Store, e.Err)
}
func (e *RefusedError) Unwrap() error { return e.Err }

// NotFetchedError is a shared ledger of which this machine has no copy, where it must not use the network.
type NotFetchedError struct {
	Store, Stage string
}

func (e *NotFetchedError) Error() string {
	return fmt.Sprintf("the ledger of stage %q was never fetched here (%s)", e.Stage, e.Store)
}

// DeferredError says that a change is in the journal of this machine and not in the ledger. It wraps the reason.
type DeferredError struct {
	Stage string
	// Services has the paths of the services whose deploys were not recorded.
	Services []string
	Err      error
}

func (e *DeferredError) Error() string {
	return fmt.Sprintf("stage %q: %s kept in the journal of this machine: %v", e.Stage, listed(e.Services), e.Err)
}
func (e *DeferredError) Unwrap() error { return e.Err }

// OvertakenError is a deploy in the journal of this machine that does not count any more: somebody else has recorded its
// service meanwhile. It is a warning.
type OvertakenError struct {
	Stage, Service, Commit string
}

func (e *OvertakenError) Error() string {
	return fmt.Sprintf("stage %q: the deploy of %s at %s could not be recorded in its time, and somebody else has recorded the service since", e.Stage, e.Service, e.Commit)
}

// JournalError is a journal of this machine that cannot be read or written.
type JournalError struct {
	Path string
	Err  error
}

func (e *JournalError) Error() string { return fmt.Sprintf("the journal %s: %v", e.Path, e.Err) }
func (e *JournalError) Unwrap() error { return e.Err }

// LivenessError says that a run could not leave on this machine what tells that it lives: should it be killed, what it holds
// stays locked until its lock ends. It is a warning.
type LivenessError struct{ Err error }

func (e *LivenessError) Error() string {
	return fmt.Sprintf("what tells this machine that the run lives cannot be written: should it be killed, what it holds stays locked until its lock ends: %v", e.Err)
}
func (e *LivenessError) Unwrap() error { return e.Err }

// PathError is a service whose path cannot be in a ledger, which is JSON and thus UTF-8.
type PathError struct{ Path string }

func (e *PathError) Error() string {
	return fmt.Sprintf("%q cannot be the path of a service in the ledger: it is not UTF-8", e.Path)
}

// NameError is a stage whose name cannot be one of a ledger.
type NameError struct {
	Stage string
	// Why is the rule that it breaks, in words.
	Why string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be the name of a stage: %s", e.Stage, e.Why)
}
