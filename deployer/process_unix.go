//go:build unix

package deployer

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// lead makes a process the leader of a group.
func lead(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// stopGroup asks a group to end. SIGTERM is what says so to every program: SIGINT is ignored by what a shell started in
// the background (POSIX, Shell Command Language 2.11).
func stopGroup(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGTERM) }

func killGroup(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGKILL) }

// groupLives reports whether a group has a process, its leader gone or not.
func groupLives(leader *os.Process) bool {
	return !errors.Is(syscall.Kill(-leader.Pid, 0), syscall.ESRCH)
}

// signalName names the signal that ended a process; empty where none did.
func signalName(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return ""
}
