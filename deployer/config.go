package deployer

import (
	"context"
	"os"
	"time"
)

// Config is what deploying needs of the world outside, and what holds for every service.
type Config struct {
	// Root is the top of the working tree: hooks run there.
	Root string
	// Env is the environment of every command, as os.Environ gives it.
	Env []string
	// Stage is what is deployed to. Region is that of the cloud; empty leaves it to the tools and their configuration.
	Stage, Region string
	// App names the repository, and Run this run: no two runs have the same.
	App, Run string
	// Branch is the one whose commit is deployed, StageBranch the one that deploys to the stage by itself, and
	// PullRequest the number of the pull request; empty where there is none.
	Branch, StageBranch, PullRequest string
	// Hooks are the commands around each service.
	Hooks Hooks
	// Concurrency is how many services of a phase run at once; 1 for less.
	Concurrency int
	// Logs is the directory of logs, in which each run has one of its own; Private is one that holds it and is kept out
	// of git, or empty.
	Logs, Private string
	// Temp is a directory for what is removed at the end.
	Temp string
	// Grace is how long a command that was told to stop may take before it is killed; 0 for as long as it takes.
	Grace time.Duration
	// Kill ends, when it is closed, all commands at once; it may be nil.
	Kill <-chan struct{}
	// Inherited is open in all commands as well, where the system knows that; nil for none. Whoever looks at it can tell
	// that commands still run after this process was killed.
	Inherited *os.File
	// Now is the clock.
	Now func() time.Time
	// Observe is told what happens, one event after another; it may be nil. What it does delays others.
	Observe func(Event)
	// BeforePhase is called before the services of a phase that deploys begin; it may be nil. What cancels the run's context in
	// it skips them.
	BeforePhase func(ctx context.Context, services []Service)
	// Record is called when a service that was begun has ended, before ServiceEnded, by several goroutines at once; it may be nil.
	// Its context outlives an interrupt. Its error makes the later phases be skipped: nothing is deployed on top of
	// what cannot be remembered.
	Record func(ctx context.Context, r Result) error
}

// Hooks are Seed's: commands for a shell at the repository's root, for each service anew.
type Hooks struct {
	// BeforeCompile, Compile and BeforeBuild prepare the working tree; they run for one service after another.
	BeforeCompile, Compile, BeforeBuild []string
	// BeforeDeploy and AfterDeploy are around the tool that deploys, BeforeRemove and AfterRemove around the one that removes.
	BeforeDeploy, AfterDeploy, BeforeRemove, AfterRemove []string
}

// Prepare reports whether there is a hook that runs before the tool that deploys, and may bring what that needs.
func (h Hooks) Prepare() bool {
	return len(h.BeforeCompile)+len(h.Compile)+len(h.BeforeBuild)+len(h.BeforeDeploy) > 0
}

// IsZero reports whether there is no hook.
func (h Hooks) IsZero() bool {
	return len(h.BeforeCompile)+len(h.Compile)+len(h.BeforeBuild)+len(h.BeforeDeploy)+len(h.AfterDeploy)+len(h.BeforeRemove)+len(h.AfterRemove) == 0
}
