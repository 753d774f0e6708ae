package gitdiff

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// environment is a process environment, as os.Environ gives it: of two settings of a name the last counts.
type environment []string

func (e environment) get(name string) string {
	for _, setting := range slices.Backward(e) {
		if value, ok := strings.CutPrefix(setting, name+"="); ok {
			return value
		}
	}
	return ""
}

// with gives a copy in which the settings replace those of the same names, and the names in without are not set.
func (e environment) with(without []string, settings ...string) environment {
	drop := slices.Clone(without)
	for _, setting := range settings {
		name, _, _ := strings.Cut(setting, "=")
		drop = append(drop, name)
	}
	kept := slices.DeleteFunc(slices.Clone(e), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(drop, name)
	})
	return append(kept, settings...)
}

// findGit finds the git command in PATH.
func (e environment) findGit() (string, error) {
	for _, dir := range filepath.SplitList(e.get("PATH")) {
		if !filepath.IsAbs(dir) {
			continue // a git in the current directory is not the installed one
		}
		if path, err := exec.LookPath(filepath.Join(dir, "git")); err == nil {
			return path, nil
		}
	}
	return "", ErrNoGit
}
