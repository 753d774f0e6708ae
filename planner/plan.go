package planner

import (
	"cmp"
	"slices"
	"strings"
)

// Rule names one rule of the planner.
type Rule string

// The rules, in the order in which a service's reasons are listed.
const (
	Forced           Rule = "forced"
	CheckDisabled    Rule = "check-disabled"
	SingleService    Rule = "single-service"
	FirstDeploy      Rule = "first-deploy"
	PreviousFailed   Rule = "previous-failed"
	MissingBaseline  Rule = "missing-baseline"
	OwnFile          Rule = "own-file"
	NestedFile       Rule = "nested-file"
	ParentFile       Rule = "parent-file"
	PathDependency   Rule = "path-dependency"
	LibraryFile      Rule = "library-file"
	WorkspacePackage Rule = "workspace-package"
	OrphanFile       Rule = "orphan-file"
	Unchanged        Rule = "unchanged"
	NotInCommit      Rule = "not-in-commit"
)

// Rules lists every rule in the order of reasons.
var Rules = []Rule{
	Forced, CheckDisabled, SingleService, FirstDeploy, PreviousFailed, MissingBaseline,
	OwnFile, NestedFile, ParentFile, PathDependency, LibraryFile, WorkspacePackage, OrphanFile,
	Unchanged, NotInCommit,
}

// Action is what a plan does with a service.
type Action string

// The actions of a plan.
const (
	Deploy Action = "deploy"
	Skip   Action = "skip"
	Remove Action = "remove"
)

// Reason is one rule that held for a service, with what made it hold.
type Reason struct {
	Rule Rule
	// File is the first changed path, in byte order, of those that made the rule hold; empty for a rule about no file.
	File string
	// Left is for orphan-file the first of those paths that head has, empty where all are gone.
	Left string
	// Files counts those paths.
	Files int
	// Package is the name of the package that the service is in, for workspace-package.
	Package string
	// Via is the chain that leads from the service to the files: of targets for path-dependency, and of the names of
	// packages, the service's own left out, for workspace-package.
	Via []string
	// Included counts the first of those packages which are there because they depend on the one before, and not the other way
	// round: a listed one includes what it depends on.
	Included int
	// Asked says that another program listed the package: where there is no file, it alone knows why.
	Asked bool
}

// ServicePlan is the decision about one service.
type ServicePlan struct {
	Name  string
	Path  string
	Type  string
	Phase int
	// Algorithm decided about the service; of one that was removed it is the plan's.
	Algorithm Algorithm
	Action    Action
	Baseline  string // the commit it was compared with, in hex; empty where there is none
	Reasons   []Reason
}

// Revision is a commit as the user named it.
type Revision struct {
	Ref string
	SHA string // hex; empty where the commit is not there
}

// Plan is the decision about every service. The slices are sorted: services by path, reasons by rule and chain.
type Plan struct {
	Algorithm Algorithm // of the services that have none of their own
	Stage     string    // empty for a plan that was asked for no stage
	Head      Revision
	Worktree  bool // the working tree was compared, and not Head's commit
	Base      *Revision
	Services  []ServicePlan
	// PackagesUnknown says that the packages of an algorithm could not be read, so that there are orphans which are none.
	PackagesUnknown bool
}

// Names lists the names of the services that have the action, in the plan's order.
func (p *Plan) Names(action Action) []string {
	names := []string{}
	for _, s := range p.Services {
		if s.Action == action {
			names = append(names, s.Name)
		}
	}
	return names
}

// Count is how many services have the action.
func (p *Plan) Count(action Action) (n int) {
	for _, s := range p.Services {
		if s.Action == action {
			n++
		}
	}
	return n
}

// ComparePaths orders paths by their bytes, "." as itself.
func ComparePaths(a, b string) int { return strings.Compare(a, b) }

func compareReasons(a, b Reason) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Rules, a.Rule), slices.Index(Rules, b.Rule)),
		cmp.Compare(len(a.Via), len(b.Via)),
		slices.Compare(a.Via, b.Via),
	)
}
