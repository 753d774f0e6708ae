package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/planner"
	"github.com/monoplan/monoplan/workspace"
)

// comparison is which two trees are compared, and how, as the flags say it.
type comparison struct {
	since     string
	head      string
	worktree  bool
	mergeBase bool
	log       bool
	onMissing string
	algorithm string
	engine    string

	hasSince, hasHead bool
}

// noBaseline is the word for a service that was never deployed.
const noBaseline = "none"

func (c *comparison) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.since, "since", "", "the `commit` to compare with; none for no baseline")
	flags.StringVar(&c.head, "head", "HEAD", "the `commit` to be deployed; seed.yml is then its own")
	flags.BoolVar(&c.worktree, "worktree", false, "compare the working tree, uncommitted and untracked files included")
	flags.BoolVar(&c.mergeBase, "merge-base", false, "compare from the merge base, for pull requests")
	flags.BoolVar(&c.log, "log", false, "count every path that any commit since touched, reverted or not")
	flags.Var(newChoice(&c.onMissing, "deploy", "fail"), "on-missing-baseline", "what to do where the repository lacks the commit of --since: deploy or fail")
	algorithmFlag(cmd, &c.algorithm)
}

// algorithmFlag adds the flag that takes the place of seed.yml's check_code_change.
func algorithmFlag(cmd *cobra.Command, algorithm *string) {
	words := append([]string{fromConfig}, workspace.Algorithms()...)
	cmd.Flags().Var(newChoice(algorithm, words...), "algorithm", "how changes lead to services: "+strings.Join(words, ", ")+"; what a service of seed.yml says for itself still holds")
}

// engineFlag adds the flag for commands whose question Lerna and pnpm answer themselves.
func engineFlag(cmd *cobra.Command, engine *string) {
	cmd.Flags().Var(newChoice(engine, "own", engineCLI), "engine", "how the algorithms lerna and pnpm find what changed: own, or cli for the project's own program")
}

// fromConfig leaves the algorithm to seed.yml.
const fromConfig = "auto"

// override is the algorithm that takes the place of what seed.yml says of all services, or empty.
func (c *comparison) override() planner.Algorithm {
	if c.algorithm == fromConfig {
		return ""
	}
	return planner.Algorithm(c.algorithm)
}

// check finds what cannot be meant.
func (c *comparison) check(cmd *cobra.Command) error {
	c.hasSince, c.hasHead = cmd.Flags().Changed("since"), cmd.Flags().Changed("head")
	switch {
	case c.hasSince && strings.TrimSpace(c.since) == "":
		return usage("an unset variable? --since none is for a first deploy", "--since is empty")
	case c.hasHead && strings.TrimSpace(c.head) == "":
		return usage("leave it out for HEAD", "--head is empty")
	case c.worktree && c.hasHead:
		return usage("the working tree is compared instead of a commit", "--worktree and --head exclude each other")
	case c.worktree && c.log:
		return usage("the working tree has no log", "--worktree and --log exclude each other")
	case c.engine == engineCLI && c.log:
		return usage("Lerna and pnpm compare trees", "--engine=cli and --log exclude each other")
	case !c.hasSince && (c.mergeBase || c.log):
		return usage("name the commit to compare with", "--merge-base and --log need --since")
	}
	return nil
}

// isFirst reports whether there is no baseline: by its word, or by the all-zero sha that a CI gives for a new branch.
func (c *comparison) isFirst() bool {
	return c.since == noBaseline || isFullID(c.since) && strings.Trim(c.since, "0") == ""
}

// isFullID reports whether a revision is a whole object name, of SHA-1 or SHA-256.
func isFullID(rev string) bool {
	return (len(rev) == 40 || len(rev) == 64) && strings.Trim(rev, "0123456789abcdefABCDEF") == ""
}
