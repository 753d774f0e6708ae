//go:build unix

package deployer

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// lead makes a process the leader of a group, and of a session: without a terminal, what would ask somebody for a
// password fails, where it would wait for ever beside others that wait, too.
func lead(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// inherit leaves a file open in a process.
func inherit(cmd *exec.Cmd, f *os.File) { cmd.ExtraFiles = append(cmd.ExtraFiles, f) }

// stopGroup asks a group to end. SIGTERM is what says so to every program: SIGINT is ignored by what a shell started in
// the background (POSIX, Shell Command Language 2.11). What was paused goes on to hear it.
func stopGroup(leader *os.Process) error {
	return errors.Join(syscall.Kill(-leader.Pid, syscall.SIGTERM), syscall.Kill(-leader.Pid, syscall.SIGCONT))
}

func killGroup(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGKILL) }

// hasGroup reports whether a group has a process, be it one that has ended and that nobody asked how.
func hasGroup(leader *os.Process) bool {
	return !errors.Is(syscall.Kill(-leader.Pid, 0), syscall.ESRCH)
}

// signalName names the signal that ended a process; empty where none did.
func signalName(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return ""
}
