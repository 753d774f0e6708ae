package ledger

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// longestStage is how many letters a stage's name may have, for file systems and refs have limits of their own.
const longestStage = 128

// checkStage refuses names that could not be part of a ref (git-check-ref-format(1)), of a path and of an object's key. The
// error is a *NameError.
func checkStage(stage string) error {
	if why := whyNoStage(stage); why != "" {
		return &NameError{Stage: stage, Why: why}
	}
	return nil
}

// whyNoStage gives the rule that a name breaks, nothing for one that can be a stage's.
func whyNoStage(stage string) string {
	letter := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }
	for i, c := range stage {
		if !letter(c) && (i == 0 || !strings.ContainsRune("-_.", c)) {
			return "it may have letters, digits, - _ and ., beginning with a letter or a digit"
		}
	}
	switch {
	case stage == "":
		return "it is empty"
	case len(stage) > longestStage:
		return fmt.Sprintf("it has %d letters, and may have %d", len(stage), longestStage)
	case strings.Contains(stage, ".."):
		return "it may not have two dots in a row"
	case strings.HasSuffix(stage, "."):
		return "it may not end with a dot"
	case strings.HasSuffix(stage, ".lock"):
		return "it may not end with .lock, which is the name of a lock's file"
	}
	return ""
}

// checkTarget refuses what could be written and not be read again. The error is a *PathError where that is a path.
func checkTarget(t Target) error {
	switch {
	case t.Path == "":
		return errors.New("a service in the ledger has a path")
	case !utf8.ValidString(t.Path):
		return &PathError{t.Path}
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
