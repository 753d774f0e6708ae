package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
)

// revisions is what the flags named: head's commit, and the base as it is to be compared with.
type revisions struct {
	head gitdiff.Commit
	base gitdiff.Commit // none unless state is planner.Known
	// state says whether there is a base.
	state planner.BaselineState
}

// resolve resolves both revisions at once. A base that the repository lacks is no error where it is a full sha: what
// changed since cannot be known, and doubt deploys.
func (s *session) resolve(ctx context.Context, c comparison) (revisions, error) {
	revs := []string{c.head}
	if c.hasSince && !c.isFirst() {
		revs = append(revs, c.since)
	}
	found, err := s.repo.Resolve(ctx, revs)
	if err != nil {
		return revisions{}, err
	}
	if err := found[0].Err; err != nil {
		return revisions{}, err
	}
	if err := s.warnOfNamesakes(ctx, found); err != nil {
		return revisions{}, err
	}
	r := revisions{head: found[0].Commit}
	if len(found) == 1 {
		s.step("resolve")
		return r, nil
	}
	if err := found[1].Err; err != nil {
		r.state = planner.Unavailable
		return r, c.missing(err)
	}
	r.base, r.state = found[1].Commit, planner.Known
	if c.mergeBase {
		if r.base, err = s.repo.MergeBase(ctx, r.base.ID, r.head.ID); err != nil {
			return revisions{}, err
		}
	}
	s.step("resolve")
	return r, nil
}

// warnOfNamesakes warns of a name that a tag has and a branch, or a branch of a remote, where these are different commits.
func (s *session) warnOfNamesakes(ctx context.Context, found []gitdiff.Resolution) error {
	for _, f := range found {
		forms := gitdiff.InFull(f.Rev)
		if f.Err != nil || len(forms) == 0 {
			continue
		}
		named, err := s.repo.Resolve(ctx, forms)
		if err != nil {
			return err
		}
		var taken, others []string
		for _, n := range named {
			switch {
			case n.Err != nil:
			case n.Commit.ID == f.Commit.ID:
				taken = append(taken, report.Quote(n.Rev))
			default:
				others = append(others, report.Quote(n.Rev)+" ("+short(n.Commit.ID)+")")
			}
		}
		if len(taken) > 0 && len(others) > 0 {
			s.app.messages().warn("", 0, fmt.Sprintf("%s is taken for %s (%s), and is also %s: a name in full is but one",
				report.Quote(f.Rev), taken[0], short(f.Commit.ID), strings.Join(others, " and ")))
		}
	}
	return nil
}

// missing decides whether a base that did not resolve is an error.
func (c *comparison) missing(err error) error {
	var revision *gitdiff.RevisionError
	if errors.As(err, &revision) && revision.Kind == gitdiff.UnknownRevision {
		return &hinted{err, revisionHint(revision) + "; --since none is for no baseline"}
	}
	if !errors.As(err, &revision) || revision.Kind != gitdiff.MissingObject || !isFullID(c.since) {
		return err
	}
	if c.onMissing == "fail" {
		return err
	}
	return nil
}
