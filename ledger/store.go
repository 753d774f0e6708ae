package ledger

import (
	"context"
	"iter"
)

// Store keeps one document a stage. Its methods may be called by several goroutines at once, and by any number of processes
// on any number of machines.
//
// Errors are *UnreachableError for a store that may be there again later, *RefusedError for one that does not let us,
// *CorruptError and *VersionError for a document that cannot be read, which is then never written.
type Store interface {
	// String is the place in a form for people, without credentials.
	String() string
	// Read gives a stage as it is now. One that was never written has no services and an empty Version.
	Read(ctx context.Context, stage string) (*Stage, error)
	// Write replaces the state of a stage that has next.Version by next, and gives the new version. Where the stage has
	// another version by now the error is a *MovedError and nothing is written. After any other error
	// the write may have happened or not.
	Write(ctx context.Context, next *Stage) (version string, err error)
	// Log gives the changes of a stage, the latest first, for as far back as the store has them.
	Log(ctx context.Context, stage string) iter.Seq2[Change, error]
	// Stages lists the stages that there are, in byte order.
	Stages(ctx context.Context) ([]string, error)
}
