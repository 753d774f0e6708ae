package deployer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// errStopped is in the error of what was told to stop.
var errStopped = errors.New("interrupted")

// process is a command with all that it needs.
type process struct {
	argv   []string
	dir    string
	env    []string
	output io.Writer
	// grace is how long it may take to stop; 0 for as long as it likes. kill, when closed, ends it at once.
	grace      time.Duration
	kill       <-chan struct{}
	inherited  *os.File
	background *background
}

// processError is a process that did not end with status 0.
type processError struct {
	status int    // -1 where a signal ended it
	signal string // the signal's name
	err    error  // errStopped for one that was told to stop
}

func (e *processError) Error() string {
	switch {
	case e.err != nil:
		return e.err.Error()
	case e.signal != "":
		return "ended by signal: " + e.signal
	}
	return fmt.Sprintf("exit status %d", e.status)
}

func (e *processError) Unwrap() error { return e.err }

// run starts the process as the leader of a group, with nothing on its standard input, and waits for its end. A done
// context tells the group to stop. The error is a *processError, or one of starting.
func (p process) run(ctx context.Context) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	env := append(slices.Clip(p.env), "PWD="+p.dir) // the last of several counts
	cmd := &exec.Cmd{Path: p.argv[0], Args: p.argv, Dir: p.dir, Env: env, Stdout: write, Stderr: write}
	lead(cmd)
	if p.inherited != nil {
		inherit(cmd, p.inherited)
	}
	err = cmd.Start()
	write.Close()
	if err != nil {
		read.Close()
		return err
	}
	out := p.background.copy(read, p.output)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stopped, err := p.await(ctx, cmd.Process, ended)
	out.settle()
	return p.describe(cmd.ProcessState, stopped, err)
}

// await waits for the end of a process, and of its group where that was told to stop.
func (p process) await(ctx context.Context, leader *os.Process, ended <-chan error) (stopped bool, err error) {
	select {
	case err = <-ended:
		return false, err
	case <-p.kill:
	case <-ctx.Done():
		_ = stopGroup(leader) // it may have ended at this moment
		var late <-chan time.Time
		if p.grace > 0 {
			timer := time.NewTimer(p.grace)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case err = <-ended:
			awaitGroup(leader, late, p.kill)
			_ = killGroup(leader)
			return true, err
		case <-late:
		case <-p.kill:
		}
	}
	_ = killGroup(leader)
	return true, <-ended
}

// awaitGroup waits until no process of a group is left, or for one of the channels.
func awaitGroup(leader *os.Process, late <-chan time.Time, kill <-chan struct{}) {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for groupLives(leader) {
		select {
		case <-look.C:
		case <-late:
			return
		case <-kill:
			return
		}
	}
}

func (p process) describe(state *os.ProcessState, stopped bool, err error) error {
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		return err
	case stopped:
		return &processError{status: state.ExitCode(), signal: signalName(state), err: errStopped}
	case err != nil:
		return &processError{status: state.ExitCode(), signal: signalName(state)}
	}
	return nil
}
