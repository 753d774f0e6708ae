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
	"git cannot make reftable repositories",
	"git cannot make sha256 repositories",
	"the file system does not tell case apart",
	"the file system refuses names that are not UTF-8",
}

// allowed reports whether the skip's reason is a capability that the machine does not have.
func (s skip) allowed() bool {
	return slices.ContainsFunc(capabilities, func(c string) bool { return strings.Contains(s.reason, c) })
}

// ofGit reports whether a newer git would have run the check.
func (s skip) ofGit() bool { return strings.Contains(s.reason, "git cannot make") }

func (c *checker) skip(name, reason string) {
	c.skipped = append(c.skipped, skip{name: name, reason: reason})
}
