// Package stream shows a deploy as it goes.
//
// A deploy is watched by three kinds of reader. A program wants each thing that happens as one object on one line, and
// nothing between: that is [JSON], a published contract (docs/events.schema.json). A log, of a CI for the most part,
// wants a line when a service ends, with what its tools printed where it failed, folded away where the CI can fold:
// [Lines]. A person at a terminal wants to see what runs at this moment: [Live], which keeps the lines and draws what
// runs below them.
//
// All of them are told the same events, one after another, and none of them knows a clock: what time it is comes with
// the event. What is shown of a repository or of a tool has its control characters taken out.
package stream

import "time"

// Kind says what happened.
type Kind string

// The kinds of events, in the order in which a run has them.
const (
	RunStarted     Kind = "run-started"
	LockWaiting    Kind = "lock-waiting"
	ServiceStarted Kind = "service-started"
	StepStarted    Kind = "step-started"
	StepEnded      Kind = "step-ended"
	ServiceEnded   Kind = "service-ended"
	RunEnded       Kind = "run-ended"
)

// The outcomes of a service and of a run.
const (
	Succeeded   = "succeeded"
	Identical   = "identical"
	Failed      = "failed"
	Interrupted = "interrupted"
	Skipped     = "skipped"
)

// Event is something that happened, as the published contract has it: of a kind's event those fields are set that
// docs/deploying.md names for it. Encoding it as JSON gives the contract's object, with its keys in their order.
type Event struct {
	Kind Kind      `json:"event"`
	Time time.Time `json:"time"`

	// Version is that of the contract, 1.
	Version int    `json:"version,omitempty"`
	Run     string `json:"run,omitempty"`
	Stage   string `json:"stage,omitempty"`
	// Head is the commit that is deployed, in hex.
	Head string `json:"head,omitempty"`
	// Services are those that the run is to deploy or to remove; Unchanged counts the others.
	Services  []Service `json:"services,omitzero"`
	Unchanged *int      `json:"unchanged,omitempty"`

	Service string `json:"service,omitempty"`
	Path    string `json:"path,omitempty"`
	Phase   *int   `json:"phase,omitempty"`
	// Action is "deploy" or "remove".
	Action  string `json:"action,omitempty"`
	Step    string `json:"step,omitempty"`
	Command string `json:"command,omitempty"`
	// Outcome is one of the outcomes above.
	Outcome string `json:"outcome,omitempty"`
	// Recorded says whether the ledger has it.
	Recorded *bool `json:"recorded,omitempty"`
	// Why is the reason for which a service was skipped, or the owner of what is waited for.
	Why string `json:"why,omitempty"`
	// Milliseconds is how long it took.
	Milliseconds *int64 `json:"duration_ms,omitempty"`
	// SHA256 is the artifact's, in hex.
	SHA256 string `json:"sha256,omitempty"`
	Error  string `json:"error,omitempty"`
	// Tail has the last lines that the failed command printed.
	Tail []string `json:"tail,omitempty"`
	// Log is the path of the service's log as it is shown, and LogFile the one that opens it.
	Log     string `json:"log,omitempty"`
	LogFile string `json:"-"`
	// Counts has the services by outcome, and ExitCode what the command ends with.
	Counts   *Counts `json:"counts,omitempty"`
	ExitCode *int    `json:"exit_code,omitempty"`
}

// Service is one of the services of a run.
type Service struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Type   string `json:"type"`
	Phase  int    `json:"phase"`
	Action string `json:"action"`
}

// Counts counts services by their outcome.
type Counts struct {
	Succeeded   int `json:"succeeded"`
	Identical   int `json:"identical"`
	Failed      int `json:"failed"`
	Interrupted int `json:"interrupted"`
	Skipped     int `json:"skipped"`
}

// Add counts one outcome.
func (c *Counts) Add(outcome string) {
	switch outcome {
	case Succeeded:
		c.Succeeded++
	case Identical:
		c.Identical++
	case Failed:
		c.Failed++
	case Interrupted:
		c.Interrupted++
	case Skipped:
		c.Skipped++
	}
}

// Sink is what shows a run. It is used by one goroutine at a time; what it could not write its writer remembers.
type Sink interface {
	// Show shows an event.
	Show(Event)
	// Aside lets something else write to the same place, with what was drawn out of its way.
	Aside(write func())
	// Tick says that time has passed since the last event.
	Tick(now time.Time)
}
