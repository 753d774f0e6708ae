package deployer

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// lead makes a process the leader of a group, as far as there are groups: they are for the signals of a console.
func lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// inherit does nothing: a process gets no files here but its standard ones (os/exec).
func inherit(*exec.Cmd, *os.File) {}

func stopGroup(leader *os.Process) error {
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(leader.Pid))
}

// killGroup ends a process and those that it started.
func killGroup(leader *os.Process) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(leader.Pid)).Run()
}

// groupLives reports false: a process whose parent has ended can no longer be found by it.
func groupLives(*os.Process) bool { return false }

// signalName is empty: there are no signals.
func signalName(*os.ProcessState) string { return "" }
