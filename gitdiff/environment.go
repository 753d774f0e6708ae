package gitdiff

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/environ"
)

// environment is a process environment, as os.Environ gives it.
type environment []string

func (e environment) get(name string) string { return environ.Get(e, name) }

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

// online is the environment of a git that may use the network.
func (e environment) online() environment {
	return e.with([]string{"GIT_NO_LAZY_FETCH"}, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
}

// findGit finds the git command in PATH.
func (e environment) findGit() (string, error) {
	path, err := environ.LookPath(e, "git")
	if err != nil {
		return "", ErrNoGit
	}
	return path, nil
}
