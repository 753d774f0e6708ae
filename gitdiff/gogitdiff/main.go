// Command gogitdiff prints the paths at which two commits differ, by go-git's own comparison of trees and nothing else. It is
// what the go-git engine of package gitdiff is measured against.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gogitdiff <commit> <commit>, in a repository")
		os.Exit(2)
	}
	if err := diff(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gogitdiff:", err)
		os.Exit(1)
	}
}

func diff(from, to string) error {
	repository, err := git.PlainOpen(".")
	if err != nil {
		return err
	}
	before, err := treeOf(repository, from)
	if err != nil {
		return err
	}
	after, err := treeOf(repository, to)
	if err != nil {
		return err
	}
	changes, err := object.DiffTree(before, after)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	for _, c := range changes {
		path := c.To.Name
		if path == "" {
			path = c.From.Name
		}
		fmt.Fprintln(out, path)
	}
	return out.Flush()
}

func treeOf(repository *git.Repository, revision string) (*object.Tree, error) {
	id, err := repository.ResolveRevision(plumbing.Revision(revision))
	if err != nil {
		return nil, err
	}
	commit, err := repository.CommitObject(*id)
	if err != nil {
		return nil, err
	}
	return commit.Tree()
}
