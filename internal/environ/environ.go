// Package environ reads environments of processes, which are as os.Environ gives them. Nothing but cmd asks for the one that
// this process has.
package environ

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Get gives a variable, empty where it is not set. Of two settings the last counts; on Windows names are the same in capitals.
func Get(env []string, name string) string {
	for _, setting := range slices.Backward(env) {
		set, value, _ := strings.Cut(setting, "=")
		if set == name || runtime.GOOS == "windows" && strings.EqualFold(set, name) {
			return value
		}
	}
	return ""
}

// LookPath finds a program in the environment's PATH. As os/exec has it, one in a relative directory is hardly what was meant. The
// error is an *exec.Error with exec.ErrNotFound.
func LookPath(env []string, program string) (string, error) {
	for _, dir := range filepath.SplitList(Get(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path, nil
		}
	}
	return "", &exec.Error{Name: program, Err: exec.ErrNotFound}
}
