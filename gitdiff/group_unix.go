//go:build unix

package gitdiff

import (
	"os/exec"
	"syscall"
)

// apart starts a process in a group of its own: an interrupt that is typed at a terminal goes to all of the foreground's
// group, and this one is to end when we say so.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills what a process that is apart has started.
func killGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr != nil && cmd.SysProcAttr.Setpgid {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
