//go:build unix

package builder

import (
	"os/exec"
	"syscall"
)

// endWithChildren gives a process a group of its own, and ends the group where it would end the process: a backend
// starts compilers.
func endWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
