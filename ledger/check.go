package ledger

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// checkStage refuses names that could not be part of a ref, of a path and of an object's key.
func checkStage(stage string) error {
	letter := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }
	for i, c := range stage {
		if !letter(c) && (i == 0 || !strings.ContainsRune("-_.", c)) {
			return &NameError{Stage: stage}
		}
	}
	if stage == "" || len(stage) > 128 || strings.Contains(stage, "..") || strings.HasSuffix(stage, ".") || strings.HasSuffix(stage, ".lock") {
		return &NameError{Stage: stage}
	}
	return nil
}

// checkTarget refuses what could be written and not be read again.
func checkTarget(t Target) error {
	if t.Path == "" || !utf8.ValidString(t.Path) {
		return fmt.Errorf("%q cannot be the path of a service in the ledger: it is not UTF-8", t.Path)
	}
	return nil
}

func checkResult(r Result) error {
	if r.Removed {
		return checkTarget(r.Target)
	}
	switch d := r.Deploy; {
	case !isCommit(d.Commit):
		return fmt.Errorf("%q is not the full ID of a commit", d.Commit)
	case d.Outcome != Succeeded && d.Outcome != Failed && d.Outcome != Interrupted:
		return fmt.Errorf("%q is no outcome of a deploy", string(d.Outcome))
	}
	return checkTarget(r.Target)
}
