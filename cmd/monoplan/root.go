package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// app is what every command shares: the world outside, where to write, and the options of all commands.
type app struct {
	process
	out *output
	// jsonMessages makes messages objects.
	jsonMessages bool
	// noPull has Docker take what images it has: a demo is to be quick.
	noPull bool

	engine  string
	noCache bool
	fetch   bool
	dir     string
	verbose bool
}

// resolve makes a path absolute, from the directory of -C, or else the current one. That directory itself is the path "".
func (a *app) resolve(path string) string {
	from := a.Dir
	for _, name := range []string{a.dir, path} {
		if filepath.IsAbs(name) {
			from = name
		} else {
			from = filepath.Join(from, name)
		}
	}
	return filepath.Clean(from)
}

func (a *app) messages() messages { return messages{w: a.Stderr, json: a.jsonMessages} }

// run is the whole command: its arguments, without the program's name, to an exit code.
func run(ctx context.Context, args []string, p process) exitCode {
	a := &app{process: p, out: newOutput(p.Stdout), jsonMessages: asksForJSON(args)}
	root := newRoot(a)
	root.SetArgs(args)
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		completeChoices(root)
	}
	err := root.ExecuteContext(ctx)
	if flushed := a.out.flush(); flushed != nil && (err == nil || errors.As(err, new(statusError))) {
		err = flushed
	}
	code := status(ctx, err)
	if err != nil && !isQuiet(err) {
		a.report(ctx, err, code)
	}
	return code
}

func (a *app) report(ctx context.Context, err error, code exitCode) {
	if code == exitInterrupted && ctx.Err() != nil {
		a.messages().fail(errors.New("interrupted"), "", code)
		return
	}
	a.messages().fail(err, hintFor(err), code)
}

const rootLong = `
monoplan deploys only what changed in a serverless monorepo. It finds the services of a repository, compares two
commits, tells which services have to be deployed and why, packages them for AWS Lambda, deploys them, and remembers.

  monoplan changed --since <commit>     which services changed
  monoplan explain <service or file>    why, in full
  monoplan services                     what was found
  monoplan package                      artifacts of the services
  monoplan deploy --stage <stage>       plan, package, deploy, remember
  monoplan demo                         a tour, in a repository of its own`

func newRoot(a *app) *cobra.Command {
	var asksVersion bool
	root := &cobra.Command{
		Use:   "monoplan",
		Short: "Deploy only what changed in a serverless monorepo",
		Long:  withExitCodes(rootLong, exitChanged, exitDeploy, exitLedger),
		Args:  noUnknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asksVersion {
				return a.printVersion()
			}
			return cmd.Help()
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.out)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(helpHint(cmd), "%s", err)
	})
	flags := root.PersistentFlags()
	flags.StringVarP(&a.dir, "directory", "C", "", "run as if started in `dir`, from where other paths on the command line are then seen")
	flags.Var(newChoice(&a.engine, "auto", "git", "go-git"), "git-engine", "how git is read: auto, git or go-git")
	flags.BoolVar(&a.fetch, "fetch", false, "let git fetch what a partial clone lacks; no plan uses the network without it")
	flags.BoolVar(&a.noCache, "no-cache", false, "neither use nor keep the snapshot cache")
	flags.BoolVar(&a.verbose, "verbose", false, "tell on standard error what each step took")
	root.AddCommand(newChanged(a), newExplain(a), newServices(a), newGraph(a), newPackage(a), newPlan(a), newDeploy(a), newLedger(a), newUnlock(a), newCache(a), newDemo(a), newVersion(a))
	root.Flags().BoolVar(&asksVersion, "version", false, "print the version")
	addMan(root, a)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = knownCommand
		case "completion":
			refuseUnknown(cmd)
		}
	}
	return root
}

// refuseUnknown has a group of cobra's own take none but its commands, and those no arguments.
func refuseUnknown(group *cobra.Command) {
	group.Args = noUnknownCommand
	group.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, cmd := range group.Commands() {
		cmd.Args = noArguments
	}
}

// knownCommand refuses the name of a command that is not there.
func knownCommand(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil {
		return err
	}
	return noUnknownCommand(found, rest)
}

func noUnknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := helpHint(cmd)
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + cmd.CommandPath() + " " + near[0] + "?"
	}
	return usage(hint, "unknown command %q", args[0])
}

// noArguments and oneArgument are cobra's checks in our voice.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(helpHint(cmd), "%s takes no argument, but was given %q", cmd.Name(), args[0])
	}
	return nil
}

func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(helpHint(cmd), "%s takes %s, but was given %d arguments", cmd.Name(), what, len(args))
		}
		return nil
	}
}

func helpHint(cmd *cobra.Command) string { return cmd.CommandPath() + " --help tells more" }

// asksForJSON looks for --format json before anything is parsed: a command line that does not parse is answered in
// JSON too where that was asked for.
func asksForJSON(args []string) bool {
	asked := false
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if value, ok := strings.CutPrefix(arg, "--format="); ok {
			asked = value == "json"
		} else if i > 0 && args[i-1] == "--format" {
			asked = arg == "json"
		}
	}
	return asked
}

// choice is the value of a flag that takes one of a few words (pflag.Value).
type choice struct {
	value *string
	words []string
}

// newChoice makes the first word the default.
func newChoice(value *string, words ...string) *choice {
	*value = words[0]
	return &choice{value: value, words: words}
}

func (c *choice) String() string { return *c.value }
func (c *choice) Type() string   { return "word" }

func (c *choice) Set(s string) error {
	for _, w := range c.words {
		if s == w {
			*c.value = s
			return nil
		}
	}
	last := len(c.words) - 1
	return fmt.Errorf("must be %s or %s", strings.Join(c.words[:last], ", "), c.words[last])
}

// completeChoices has a shell complete the words of every choice. cobra keeps what is registered for good, so it is done
// for a shell that asks alone.
func completeChoices(cmd *cobra.Command) {
	register := func(f *pflag.Flag) {
		if c, ok := f.Value.(*choice); ok {
			complete := cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp)
			if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
				panic(err) // a flag that is not its command's: a mistake in this program
			}
		}
	}
	cmd.LocalFlags().VisitAll(register)
	for _, sub := range cmd.Commands() {
		completeChoices(sub)
	}
}

// formatFlag adds --format with its words, the first being the default.
func formatFlag(cmd *cobra.Command, value *string, words ...string) {
	cmd.Flags().Var(newChoice(value, words...), "format", "how to print: "+strings.Join(words, ", "))
}
