package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/javascript/tool"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/planner"
)

// engineCLI is the word for asking the project's own Lerna or pnpm, in place of doing as they do.
const engineCLI = "cli"

// Lerna and pnpm compare with the working tree, whatever commit is meant.
var (
	errNotCheckedOut = errors.New("--engine=cli can only compare with what is checked out, and --head is another commit")
	errNotCommitted  = errors.New("--engine=cli can only compare with what is checked out, and tracked files differ from the commit")
)

// askTools has the packages of each algorithm in use listed by its own program, and those of them that changed since each
// of the baselines that head was compared with.
func (s *session) askTools(ctx context.Context, c comparison, v *view, comparisons map[string]planner.Comparison) error {
	if len(v.packages) == 0 {
		return nil
	}
	if err := s.checkedOut(ctx, c, v); err != nil {
		return err
	}
	packages := make(map[planner.Algorithm]planner.Packages)
	for _, a := range slices.Sorted(maps.Keys(v.packages)) {
		t, err := tool.Find(a, s.repo.WorkTree, s.app.Env)
		if err != nil {
			return err
		}
		all, err := t.All(ctx)
		if err != nil {
			return err
		}
		s.step(string(a) + " lists all")
		packages[a] = packagesListed(all, v.packages[a].Overlapping)
		for _, base := range slices.Sorted(maps.Keys(comparisons)) {
			changed, err := t.Since(ctx, base)
			if err != nil {
				return err
			}
			s.step(string(a) + " lists changed")
			compared := comparisons[base]
			compared.Listings = maps.Clone(compared.Listings)
			if compared.Listings == nil {
				compared.Listings = make(map[planner.Algorithm]planner.Listing)
			}
			if compared.Listings[a], err = listedOf(all, changed); err != nil {
				return err
			}
			comparisons[base] = compared
		}
	}
	v.packages = packages
	return nil
}

// checkedOut makes sure that the working tree, which the programs compare with, is what the plan is for.
func (s *session) checkedOut(ctx context.Context, c comparison, v *view) error {
	switch {
	case s.repo.WorkTree == "":
		return errNotCheckedOut
	case c.worktree:
		return nil
	}
	found, err := s.repo.Resolve(ctx, []string{"HEAD"})
	if err != nil {
		return err
	}
	if found[0].Err != nil || found[0].Commit.ID != v.head.ID {
		return errNotCheckedOut
	}
	_, changes, err := s.repo.Worktree(ctx, v.head.Tree)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(changes, func(c tree.Change) bool { return c.OldMode != 0 }) {
		return errNotCommitted
	}
	return nil
}

// packagesListed makes the planner's packages of a program's. Who depends on whom is the program's to know.
func packagesListed(all []tool.Package, overlapping bool) planner.Packages {
	p := planner.Packages{Overlapping: overlapping}
	for _, one := range all {
		name := one.Name
		if name == "" {
			name = one.Path
		}
		p.List = append(p.List, planner.Package{Path: one.Path, Name: name})
	}
	return p
}

// listedOf finds the changed packages among all of them. One that is not there was added between the two questions.
func listedOf(all, changed []tool.Package) (planner.Listing, error) {
	listing := planner.Listing{Asked: true, Listed: make(map[int]bool)}
	for _, one := range changed {
		at := slices.IndexFunc(all, func(p tool.Package) bool { return p.Path == one.Path })
		if at < 0 {
			return planner.Listing{}, errors.New(one.Path + " changed, and is none of the packages that were listed before")
		}
		listing.Listed[at] = true
	}
	return listing, nil
}

func toolHint(err error) string {
	switch {
	case errors.As(err, new(*tool.NotFoundError)):
		return "install the project's packages first; without --engine=cli none of them is needed"
	case errors.As(err, new(*tool.FailedError)), errors.As(err, new(*tool.OutputError)):
		return "what changed is not known; leave out --engine=cli to plan without the program"
	case errors.Is(err, errNotCheckedOut):
		return "check the commit out, or leave out --engine=cli"
	case errors.Is(err, errNotCommitted):
		return "commit them, or add --worktree"
	}
	return ""
}
