//go:build unix && !linux

package deployer

import "os"

// groupLives reports whether a group has a process, its leader gone or not.
func groupLives(leader *os.Process) bool { return hasGroup(leader) }
