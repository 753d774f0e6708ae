package deployer

import "time"

// Outcome is how a service ended.
type Outcome string

// The outcomes.
const (
	// Succeeded: deployed, or removed.
	Succeeded Outcome = "succeeded"
	// Identical: its artifact and configuration are deployed already.
	Identical Outcome = "identical"
	// Failed: something went wrong, and it is not known what of it is deployed.
	Failed Outcome = "failed"
	// Interrupted: it was told to stop, and it is not known what of it is deployed.
	Interrupted Outcome = "interrupted"
	// Skipped: it was never begun.
	Skipped Outcome = "skipped"
)

// SkipReason says why a service was never begun.
type SkipReason string

// The reasons to skip.
const (
	// PhaseFailed: a service of an earlier phase failed, or could not be recorded.
	PhaseFailed SkipReason = "phase-failed"
	// RunInterrupted: the run was told to stop.
	RunInterrupted SkipReason = "run-interrupted"
)

// Result is how one service ended.
type Result struct {
	Service Service
	Outcome Outcome
	// Why is set for what was skipped, and Phase is then the one that failed.
	Why   SkipReason
	Phase int
	// Artifact is what was packaged, if anything was.
	Artifact Artifact
	// Started and Ended bound the time that the service took; zero for what was skipped.
	Started, Ended time.Time
	// Err says what went wrong, for what failed or was interrupted. A command's is a *StepError.
	Err error
	// RecordErr is the error of Config.Record, and LogErr what kept the log from being written in full.
	RecordErr, LogErr error
	// Log is the path of the service's log; empty where there is none.
	Log string
}

// Duration is how long the service took.
func (r Result) Duration() time.Duration { return r.Ended.Sub(r.Started) }
