package gitdiff_test

import (
	"strings"
	"testing"

	"github.com/monoplan/monoplan/gitdiff"
)

// Neither the name of a remote nor what is said of it has a password, be it one with an @ in it.
func TestRemotesHaveNoCredentials(t *testing.T) {
	const remote = "https://user:p@canary@example.com/x"
	if got, want := gitdiff.RemoteName(remote), "https://example.com/x"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if said := (&gitdiff.RemoteError{Remote: remote}).Error(); strings.Contains(said, "canary") {
		t.Error(said)
	}
}
