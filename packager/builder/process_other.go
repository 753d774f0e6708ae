//go:build !unix

package builder

import "os/exec"

// endWithChildren leaves it at the process itself: there are no process groups here.
func endWithChildren(*exec.Cmd) {}
