//go:build !unix

package gitdiff

import "os/exec"

// apart does nothing where there are no process groups.
func apart(*exec.Cmd) {}

// killGroup does nothing where there are no process groups.
func killGroup(*exec.Cmd) {}
