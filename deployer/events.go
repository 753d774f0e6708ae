package deployer

import "time"

// Event is something that happens in a run: one of RunStarted, ServiceStarted, StepStarted, StepEnded, ServiceEnded and
// RunEnded. A service that is skipped has a ServiceEnded alone.
type Event interface{ event() }

// RunStarted is the first event.
type RunStarted struct {
	Time time.Time
	// Run and Stage are those of the configuration; Logs is the directory of this run's logs.
	Run, Stage, Logs string
	// Services are in the order in which they will begin, as far as one is given.
	Services []Service
	// LogsErr is what kept the logs of old runs from being removed, or nil.
	LogsErr error
}

// ServiceStarted is the first event of a service that is not skipped.
type ServiceStarted struct {
	Time    time.Time
	Service Service
	// Log is the path of its log.
	Log string
}

// StepStarted is a command that begins, or packaging.
type StepStarted struct {
	Time    time.Time
	Service string
	Step    Step
	// Command is what runs, as a person would type it; empty for packaging.
	Command string
}

// StepEnded is the end of a step.
type StepEnded struct {
	Time     time.Time
	Service  string
	Step     Step
	Command  string
	Duration time.Duration
	// Err is nil for a step that succeeded.
	Err error
}

// ServiceEnded is the last event of a service; its Result has been recorded.
type ServiceEnded struct {
	Time   time.Time
	Result Result
}

// RunEnded is the last event.
type RunEnded struct {
	Time     time.Time
	Duration time.Duration
	// Results are those of all services, in the order in which RunStarted has them.
	Results []Result
}

func (RunStarted) event()     {}
func (ServiceStarted) event() {}
func (StepStarted) event()    {}
func (StepEnded) event()      {}
func (ServiceEnded) event()   {}
func (RunEnded) event()       {}

// Step names a part of a service's deploy: one of Seed's hooks, packaging, deploying or removing.
type Step string

// The steps, in their order.
const (
	StepBeforeCompile Step = "before_compile"
	StepCompile       Step = "compile"
	StepBeforeBuild   Step = "before_build"
	StepPackage       Step = "package"
	StepBeforeDeploy  Step = "before_deploy"
	StepDeploy        Step = "deploy"
	StepAfterDeploy   Step = "after_deploy"
	StepBeforeRemove  Step = "before_remove"
	StepRemove        Step = "remove"
	StepAfterRemove   Step = "after_remove"
)
