// Command monoplan tells which services of a serverless monorepo have to be deployed, and why.
//
// The command is the only place that knows a terminal, the process environment and exit codes. It wires the packages,
// none of which knows another: gitdiff reads the repository, workspace finds the services and what they use, planner
// decides, report shows. Each subcommand is an options struct and a function that runs it; what they all need of the
// world outside is in process, so a test runs the whole command as a function call.
//
// Standard output has what was asked for and nothing else: a script may read it to its end. Everything said to a person
// besides goes to standard error, in one voice, through messages.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	relaxCollector()
	ctx, kill := untilInterrupted()
	dir, _ := os.Getwd() // where there is none, opening the repository says so
	os.Exit(int(run(ctx, os.Args[1:], process{
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Env:    os.Environ(),
		Dir:    dir,
		Kill:   kill,
		SurvivePipe: func() {
			// What is listened for ends no program, and a child begins as if nobody had listened (os/signal).
			signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
		},
	})))
}

// untilInterrupted gives a context that ends with the first interrupt, and a channel that is closed by the second. To listen
// takes a thread of its own, which is started beside the work; an interrupt before it listens ends the program as it would
// end any.
func untilInterrupted() (context.Context, <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	kill := make(chan struct{})
	go func() {
		interrupts := make(chan os.Signal, 2)
		signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
		if !signal.Ignored(syscall.SIGHUP) { // as nohup does
			signal.Notify(interrupts, syscall.SIGHUP)
		}
		<-interrupts
		cancel()
		<-interrupts
		close(kill)
	}()
	return ctx, kill
}
