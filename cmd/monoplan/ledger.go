package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monoplan/monoplan/internal/nearest"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

const ledgerLong = `
Read and repair the ledger, which has for each stage and service the commit that was deployed last. It is where
ledger: of seed.yml says; a shared one is fetched, and what is changed is pushed at once.

Every change is in the log, with who made it and why. docs/ledger.md tells how the ledger works.`

func newLedger(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Read and repair what is remembered of deploys",
		Long:  withExitCodes(ledgerLong, exitLedger),
		Args:  noUnknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLedgerShow(a), newLedgerLog(a), newLedgerSet(a), newLedgerForget(a), newLedgerCopy(a))
	return cmd
}

// ledgerFlags are those of the commands about one stage.
type ledgerFlags struct {
	stage    string
	services []string
	all      bool
	why      string
}

func (o *ledgerFlags) addStage(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.stage, "stage", "", "the `stage`: an environment such as dev or prod")
}

func (o *ledgerFlags) addServices(cmd *cobra.Command, what string) {
	cmd.Flags().StringSliceVar(&o.services, "service", nil, what+" these `services`, by name or path")
}

func (o *ledgerFlags) addWhy(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.why, "why", "", "the `reason`, for the log")
}

// checkStage finds a stage that is missing.
func (o *ledgerFlags) checkStage() error {
	if strings.TrimSpace(o.stage) == "" {
		return usage("--stage <stage>, such as --stage dev", "--stage is missing")
	}
	return nil
}

// checkServices finds what cannot be meant: no service at all, or some and all.
func (o *ledgerFlags) checkServices() error {
	switch {
	case o.all && len(o.services) > 0:
		return usage("name services or say --all", "--service and --all exclude each other")
	case !o.all && len(o.services) == 0:
		return usage("--service <service> names one, --all is for every one", "no service is named")
	}
	return o.checkStage()
}

// ledgerView is the ledger of the repository, opened, with the services of head.
type ledgerView struct {
	*session
	view   *view
	ledger *stageLedger
}

// withLedger opens the ledger that seed.yml names for a command whose job it is: the network is used where that has it.
func (a *app) withLedger(ctx context.Context, use func(*ledgerView) error) error {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	v, err := s.look(ctx, comparison{head: "HEAD", onMissing: "deploy"})
	if err != nil {
		return err
	}
	l, err := s.openStageLedger(ctx, v.config, ledgerOptions{network: true, local: true})
	if err != nil {
		return err
	}
	defer func() {
		if err := l.close(); err != nil {
			s.log.Debug("closing the ledger", "error", err)
		}
	}()
	err = use(&ledgerView{session: s, view: v, ledger: l})
	if errors.As(err, new(*ledger.LockedError)) {
		return &hinted{err, "try again when that run has ended; monoplan unlock takes away the lock of one that is over"}
	}
	return err
}

// targets gives services by their names or directories: of head, and those that a stage remembers though head has them no more.
func (v *ledgerView) targets(stage *ledger.Stage, wanted []string) ([]ledger.Target, error) {
	known := v.known(stage)
	var names []string
	for _, t := range known {
		names = append(names, t.Name, t.Path)
	}
	var found []ledger.Target
	for _, name := range wanted {
		if at := indexOfPath(known, v.subjectPaths(name)); at >= 0 {
			found = append(found, known[at])
			continue
		}
		at := slices.IndexFunc(known, func(t ledger.Target) bool { return t.Name == name })
		if at < 0 {
			hint := "monoplan services lists them"
			if near := nearest.Name(name, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			return nil, usage(hint, "there is no service %s", report.Quote(name))
		}
		if same := namesakes(known, name); len(same) > 1 {
			return nil, usage("name it by its path", "%s is the name of %s", report.Quote(name), strings.Join(same, " and of "))
		}
		found = append(found, known[at])
	}
	return found, nil
}

// indexOfPath finds the service that lies at the first of the paths that has one; it gives -1 where none does.
func indexOfPath(known []ledger.Target, paths []string) int {
	for _, path := range paths {
		if at := slices.IndexFunc(known, func(t ledger.Target) bool { return t.Path == path }); at >= 0 {
			return at
		}
	}
	return -1
}

// namesakes lists the paths of the services that have a name.
func namesakes(known []ledger.Target, name string) []string {
	var paths []string
	for _, t := range known {
		if t.Name == name {
			paths = append(paths, t.Path)
		}
	}
	return paths
}

// known lists the services of head, and after them those that only the stage has.
func (v *ledgerView) known(stage *ledger.Stage) []ledger.Target {
	var known []ledger.Target
	here := map[string]bool{}
	for _, s := range v.view.workspace.Services {
		if !s.Missing {
			here[s.Path] = true
			known = append(known, targetOf(s))
		}
	}
	var gone []ledger.Target
	for path, s := range stage.Services {
		if !here[path] {
			gone = append(gone, ledger.Target{Path: path, Name: s.Name, Type: s.Type, Phase: s.Phase})
		}
	}
	slices.SortFunc(gone, func(a, b ledger.Target) int { return strings.Compare(a.Path, b.Path) })
	return append(known, gone...)
}

func targetOf(s workspace.Service) ledger.Target {
	return ledger.Target{Path: s.Path, Name: s.Name, Type: s.Type, Phase: s.Phase}
}

// called names a few services for people, and counts the rest.
func called(names []string) string {
	const few = 5
	if len(names) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}
