package deployer

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// groupLives reports whether a group has a process that runs, its leader gone or not. A process that has ended belongs
// to its group until its parent takes note, and in a container, where nobody adopts orphans, that may be never; so where
// there is one, /proc tells (proc_pid_stat(5)).
func groupLives(leader *os.Process) bool {
	if !hasGroup(leader) {
		return false
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return true
	}
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err == nil && runsIn(stat, leader.Pid) {
			return true
		}
	}
	return false
}

// runsIn reads of a process's stat whether it runs and is of the group. The name before, in parentheses, may be anything.
func runsIn(stat []byte, group int) bool {
	var state string
	var parent, of int
	_, err := fmt.Sscan(string(stat[bytes.LastIndexByte(stat, ')')+1:]), &state, &parent, &of)
	return err == nil && of == group && state != "Z" && state != "X"
}
