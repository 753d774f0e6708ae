package main

import (
	"slices"
	"strings"
)

// skip is a check that did not run, and why.
type skip struct {
	name, reason string
}

// capabilities has what a test may miss on some machines even where CI=true, as its reason says it. All else that is
// skipped there is a failure: put a line here only for what no setting of the machine can repair.
var capabilities = []string{
	"the installed git makes no reftable repositories", // before git 2.45
	"the installed git makes no sha256 repositories",   // before git 2.29
	"the installed git has no safe.bareRepository",     // before git 2.38
	"only root can be another user",                    // in a CI whose user is none but itself
}

// allowed reports whether the skip's reason is a capability that the machine does not have.
func (s skip) allowed() bool {
	return slices.ContainsFunc(capabilities, func(c string) bool { return strings.Contains(s.reason, c) })
}

// ofGit reports whether a newer git would have run the check.
func (s skip) ofGit() bool { return strings.Contains(s.reason, "the installed git") }

func (c *checker) skip(name, reason string) {
	c.skipped = append(c.skipped, skip{name: name, reason: reason})
}
