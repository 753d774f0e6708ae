package main

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/deployer"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/report"
)

// isOfLedger reports whether a run ended because the ledger moved, or because somebody else holds what it needs.
func isOfLedger(err error) bool {
	var stale *stalePlanError
	return errors.As(err, new(*ledger.MovedError)) || errors.As(err, new(*ledger.LockedError)) ||
		errors.As(err, new(*ledger.LostError)) || errors.As(err, &stale) && stale.isOfLedger()
}

// planHint says what to do next about what is to be deployed, or must not be; it is empty where there is nothing to say.
func planHint(err error) string {
	var (
		dirty    *dirtyError
		backward *backwardError
		missing  *missingBaselineError
		absent   *absentError
	)
	switch {
	case errors.As(err, new(*stalePlanError)):
		return "make a new plan: monoplan plan --stage <stage> --out <file>"
	case errors.As(err, new(*foreignPlanError)):
		return "a plan is deployed in the repository that it was made in, with its commit checked out"
	case errors.As(err, new(*report.PlanFileError)):
		return "monoplan plan --stage <stage> --out <file> makes one"
	case errors.As(err, new(*unsharedError)):
		return "add to seed.yml: ledger: {backend: git, remote: origin}; or insist with --local-ledger"
	case errors.As(err, &dirty) && dirty.head != "":
		return "leave the checkout alone while a deploy runs; git worktree add makes another"
	case errors.As(err, &dirty):
		return "commit or ignore them, or add --allow-dirty: what they are in is then deployed and not remembered"
	case errors.As(err, &absent):
		return absent.hint()
	case errors.As(err, &backward) && backward.unknown:
		return "a clone with its whole history can tell: git fetch --unshallow"
	case errors.As(err, &backward):
		return "deploy a newer commit, or leave out --forward-only"
	case errors.As(err, &missing) && missing.asked:
		return "no remote gave it; --on-missing-baseline=deploy deploys without"
	case errors.As(err, &missing):
		return "--fetch gets it where the remote has it; --on-missing-baseline=deploy deploys without"
	}
	return ""
}

// ledgerHint is planHint for what is remembered.
func ledgerHint(err error) string {
	var refused *ledger.RefusedError
	switch {
	case errors.As(err, new(*ledger.LockedError)):
		return "--wait waits for it; monoplan unlock takes away the lock of a run that is over"
	case errors.As(err, new(*ledger.MovedError)):
		return "somebody else deployed: plan again"
	case errors.As(err, new(*ledger.NotFetchedError)):
		return "add --fetch; planning uses no network without it"
	case errors.As(err, new(*ledger.VersionError)):
		return "a newer monoplan wrote it: install that one; nothing was changed"
	case errors.As(err, new(*ledger.CorruptError)):
		return "nothing was changed; docs/ledger.md tells how to repair it"
	case errors.As(err, &refused) && refused.RefOnly:
		return "a host that takes only branches needs ledger: {backend: git, remote: origin, ref: \"refs/heads/monoplan/{stage}\"}; a protected one must let this user push there"
	case errors.As(err, &refused) && errors.As(err, new(*fs.PathError)):
		return "" // it is a matter of files, and not of credentials
	case errors.As(err, &refused):
		return "the ledger is read and written with the credentials of git or AWS that this machine has"
	case errors.As(err, new(*ledger.UnreachableError)):
		return "nothing was changed there; try again when it can be reached"
	case errors.As(err, new(*ledger.PathError)):
		return "plans have services of any name, and the ledger does not: rename the directory, or name the other services"
	case errors.As(err, new(*ledger.NameError)):
		return "stages are called dev, prod or pr-17, for example"
	case errors.Is(err, ledger.ErrNotEmpty):
		return "--replace takes their place"
	case errors.As(err, new(*ledger.JournalError)):
		return "it has deploys that the ledger does not have yet; docs/ledger.md tells what to do with it"
	}
	return ""
}

// deployerHint is planHint for what deploys and removes.
func deployerHint(err error) string {
	var (
		tool    *deployer.ToolError
		command *deployer.NoCommandError
		absent  *deployer.DirectoryError
	)
	switch {
	case errors.As(err, &tool) && tool.Get != "":
		return "install it: " + strings.Join(waysToInstall(err), "; ")
	case errors.As(err, new(*deployer.NameError)):
		return "it was deployed from one directory and then from another: monoplan ledger forget drops the record of the first"
	case errors.As(err, new(*deployer.UnnamedStackError)):
		return "name: in seed.yml names the service, and so its stack; or a samconfig.toml beside the template names the stack of each stage"
	case errors.As(err, new(*deployer.StackNameError)):
		return "a samconfig.toml beside the template names the stack of each stage"
	case errors.As(err, &absent):
		return "a sparse checkout? git sparse-checkout add " + report.Quote(absent.Path) + " has git write it"
	case errors.As(err, &command) && command.Service.Remove:
		return "deploy: {remove: …} is read from the commit that was deployed, and is not there: remove it by hand, and have monoplan ledger forget drop the record"
	case errors.As(err, &command):
		return "deploy: {command: …} in seed.yml says how it is deployed"
	}
	return ""
}

// waysToInstall lists the commands that install the tools that are missing, each once.
func waysToInstall(err error) []string {
	var ways []string
	for _, e := range parts(err) {
		var tool *deployer.ToolError
		if errors.As(e, &tool) && tool.Get != "" && !slices.Contains(ways, tool.Get) {
			ways = append(ways, tool.Get)
		}
	}
	return ways
}
