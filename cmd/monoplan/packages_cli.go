package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/monoplan/monoplan/internal/javascript/tool"
	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// engineCLI is the word for asking the project's own Lerna or pnpm, in place of doing as they do.
const engineCLI = "cli"

// Lerna and pnpm compare with the working tree, whatever commit is meant, and see of it what git tracks.
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
	unseen, err := s.checkedOut(ctx, c, v)
	if err != nil {
		return err
	}
	packages := make(map[planner.Algorithm]planner.Packages)
	for _, a := range slices.Sorted(maps.Keys(v.packages)) {
		if why := v.workspace.Unaskable(a); why != nil {
			return &unaskableError{*why}
		}
		t, err := tool.Find(a, s.repo.WorkTree, s.app.Env)
		if err != nil {
			return err
		}
		all, err := t.All(ctx)
		if err != nil {
			return err
		}
		s.step(string(a) + " lists all")
		if err := allSeen(a, all, unseen); err != nil {
			return err
		}
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

// checkedOut makes sure that the working tree, which the programs compare with, is what the plan is for, and gives the
// files of the plan that they do not see.
func (s *session) checkedOut(ctx context.Context, c comparison, v *view) (unseen []string, err error) {
	if s.repo.WorkTree == "" {
		return nil, errNotCheckedOut
	}
	if !c.worktree {
		found, err := s.repo.Resolve(ctx, []string{"HEAD"})
		if err != nil {
			return nil, err
		}
		if found[0].Err != nil || found[0].Commit.ID != v.head.ID {
			return nil, errNotCheckedOut
		}
	}
	_, changes, err := s.repo.Worktree(ctx, v.head.Tree)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		switch _, ignored := v.workspace.Ignored(change.Path, false); {
		case change.OldMode != 0 && !c.worktree:
			return nil, errNotCommitted
		case change.OldMode == 0 && change.NewID == "" && c.worktree && !ignored: // one that git was told of has an ID
			unseen = append(unseen, change.Path)
		}
	}
	return unseen, nil
}

// unaskableError says why a program's list of packages would not be all of them.
type unaskableError struct{ why workspace.Warning }

func (e *unaskableError) Error() string {
	return fmt.Sprintf("%s:%d: %s, and --engine=cli has to know them", e.why.File, e.why.Line, e.why.Message)
}

// unseenError names a file in a package that the package's tool does not see.
type unseenError struct {
	algorithm planner.Algorithm
	file      string
}

func (e *unseenError) Error() string {
	return fmt.Sprintf("%s does not see %s, which git does not track: what it would list with it is not known", e.algorithm, report.Quote(e.file))
}

// allSeen finds a file that lies in a package and that the program does not see.
func allSeen(a planner.Algorithm, packages []tool.Package, unseen []string) error {
	for _, file := range unseen {
		if slices.ContainsFunc(packages, func(p tool.Package) bool { return p.Path != "." && isIn(file, p.Path) }) {
			return &unseenError{a, file}
		}
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
	case errors.As(err, new(*unaskableError)):
		return "leave the setting out of lerna.json, or --engine=cli out of the command"
	case errors.As(err, new(*unseenError)):
		return "git add it, or leave out --engine=cli"
	case errors.Is(err, errNotCommitted):
		return "commit them, or add --worktree"
	}
	return ""
}
