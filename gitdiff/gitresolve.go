package gitdiff

import (
	"context"
	"errors"
	"strings"
)

// Resolve asks for every revision as a commit in one round, and in a second one what the others are.
func (e *gitEngine) Resolve(ctx context.Context, revs []string) ([]Resolution, error) {
	results, err := e.resolve(ctx, revs)
	if err == nil {
		err = e.checkDates(ctx, results)
	}
	var failure *ProcessError
	if !errors.As(err, &failure) || ctx.Err() != nil {
		return results, err
	}
	// Git ends at some revisions that it cannot read, such as @{u} where there is no upstream. So each is asked of a
	// process of its own, and what those give is read as before.
	ids, words := make([]string, len(revs)), make([]string, len(revs))
	for i, rev := range revs {
		if ids[i], words[i], err = e.verify(ctx, rev); err != nil {
			return nil, err
		}
	}
	if results, err = e.resolve(ctx, ids); err != nil {
		return nil, err
	}
	for i := range results {
		results[i].Rev = revs[i]
		var problem *RevisionError
		if errors.As(results[i].Err, &problem) {
			problem.Rev, problem.Detail = revs[i], words[i]
		}
	}
	return results, nil
}

// checkDates takes back the commits of dates before a reflog begins: git takes its first entry for them, with a warning, and in a fresh
// clone that is head itself.
func (e *gitEngine) checkDates(ctx context.Context, results []Resolution) error {
	for i, r := range results {
		if r.Err != nil || !parseRevision(r.Rev).dated {
			continue
		}
		_, words, err := e.verify(ctx, r.Rev)
		if err != nil {
			return err
		}
		if strings.Contains(words, "only goes back to") {
			results[i] = Resolution{Rev: r.Rev, Err: &RevisionError{Rev: r.Rev, Detail: strings.TrimPrefix(words, "warning: ")}}
		}
	}
	return nil
}

func (e *gitEngine) resolve(ctx context.Context, revs []string) ([]Resolution, error) {
	results := make([]Resolution, len(revs))
	var requests []request
	var index []int
	for i, rev := range revs {
		results[i].Rev = rev
		if !sendable(rev) {
			results[i].Err = &RevisionError{Rev: rev}
			continue
		}
		requests = append(requests, request{"contents", asCommit(rev)})
		index = append(index, i)
	}
	var failed []int
	err := e.objects.ask(ctx, requests, func(i int, a *answer) (err error) {
		i = index[i]
		if a.kind != "commit" {
			failed = append(failed, i)
			return nil
		}
		results[i].Commit, err = commitOf(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return results, e.explain(ctx, results, failed)
}

// sendable reports whether a revision fits on a line. What does not is the name of nothing.
func sendable(rev string) bool { return rev != "" && !strings.ContainsAny(rev, "\n\x00") }

// asCommit adds the suffix that peels to a commit, but where it would be part of a text that is searched for.
func asCommit(rev string) string {
	if strings.HasPrefix(rev, ":/") {
		return rev
	}
	return rev + "^{commit}"
}

// explain tells what is wrong with the revisions that gave no commit.
func (e *gitEngine) explain(ctx context.Context, results []Resolution, failed []int) error {
	var requests []request
	for _, i := range failed {
		rev := results[i].Rev
		requests = append(requests, request{"info", rev}, request{"info", rev + "^{}"}, request{"info", "HEAD^{commit}"})
	}
	answers := make([]answer, len(requests))
	err := e.objects.ask(ctx, requests, func(i int, a *answer) error {
		answers[i] = *a
		return nil
	})
	if err != nil {
		return err
	}
	for n, i := range failed {
		itself, peeled, head := answers[3*n], answers[3*n+1], answers[3*n+2]
		problem := &RevisionError{Rev: results[i].Rev}
		problem.Kind, problem.Detail = kindOf(results[i].Rev, itself, peeled)
		if problem.Kind == UnknownRevision && namesHead(problem.Rev) && !head.found() {
			if id, _, err := e.verify(ctx, "HEAD"); err != nil {
				return err
			} else if id == "" {
				problem.Kind = UnbornHead
			} else {
				problem.Detail = missingDetail
			}
		}
		results[i].Err = problem
	}
	return nil
}

func kindOf(rev string, itself, peeled answer) (kind RevisionKind, detail string) {
	lost := itself.kind == "tag" && !peeled.found() || itself.kind == "commit"
	switch {
	case itself.ambiguous:
		return AmbiguousRevision, ""
	case isFullHex(rev) && (lost || !itself.found()):
		return MissingObject, ""
	case lost:
		return UnknownRevision, missingDetail
	case itself.found():
		return NotCommit, ""
	}
	return UnknownRevision, ""
}

// namesHead reports whether a revision starts from HEAD.
func namesHead(rev string) bool {
	rest, ok := strings.CutPrefix(rev, "HEAD")
	if !ok {
		rest, ok = strings.CutPrefix(rev, "@")
	}
	return ok && (rest == "" || strings.ContainsAny(rest[:1], "~^"))
}

// verify gives the ID that a revision stands for, there or not, and git's words about it.
func (e *gitEngine) verify(ctx context.Context, rev string) (id, words string, err error) {
	if !sendable(rev) {
		return "", "", nil
	}
	var out []byte
	words, err = e.command.said(ctx, nil, into(&out), "rev-parse", "--verify", "--end-of-options", rev)
	if exitCode(err) == 128 {
		words, _ = strings.CutPrefix(words, "fatal: ")
		if words == "Needed a single revision" {
			words = ""
		}
		return "", words, nil
	}
	return strings.TrimSpace(strings.TrimPrefix(string(out), "--end-of-options\n")), words, err
}
