//go:build man

package main

import (
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// addMan adds the command that writes the manual pages. It is for those who package monoplan, and only in a program that
// was built with the tag "man": what turns Markdown into pages takes the better part of a millisecond to start, which
// every other command would pay.
func addMan(root *cobra.Command, a *app) { root.AddCommand(newMan(a)) }

func newMan(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "man <directory>",
		Short:  "Write the manual pages to a directory",
		Long:   withExitCodes("Write a manual page for each command to a directory, which is made if it is not there."),
		Hidden: true,
		Args:   oneArgument("a directory"),
		RunE:   func(cmd *cobra.Command, args []string) error { return runMan(cmd.Root(), a.resolve(args[0])) },
	}
}

func runMan(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	escapeUse(root)
	date := sourceTime()
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "monoplan", Manual: "monoplan", Date: &date}, dir)
}

// escapeUse keeps "<commit>" from being taken for HTML: the pages come from Markdown.
func escapeUse(cmd *cobra.Command) {
	cmd.Use = strings.ReplaceAll(cmd.Use, "<", `\<`)
	for _, c := range cmd.Commands() {
		escapeUse(c)
	}
}

// sourceTime is when the commit that was built was made, so that the same source gives the same pages; the epoch where
// Go did not note it.
func sourceTime() time.Time {
	info, _ := debug.ReadBuildInfo()
	t, err := time.Parse(time.RFC3339, setting(info, "vcs.time"))
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return t
}
