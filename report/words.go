package report

import (
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/planner"
)

// Sentence says in words what made a rule hold for a service, without the rule's name and on one line. Its subject,
// "it", is the service.
func Sentence(s planner.ServicePlan, r planner.Reason) string {
	switch r.Rule {
	case planner.Forced:
		return "asked for with --force"
	case planner.CheckDisabled:
		return "it is always deployed (check_code_change: false)"
	case planner.SingleService:
		return "it is the only service here, so it is always deployed"
	case planner.FirstDeploy:
		return "there is nothing to compare it with"
	case planner.PreviousFailed:
		return "its last deploy failed, was interrupted, or had uncommitted files"
	case planner.MissingBaseline:
		return "the commit to compare it with is not in this repository"
	case planner.OwnFile:
		return changed(r) + " in its directory"
	case planner.NestedFile:
		return changed(r) + " in a service nested inside it"
	case planner.ParentFile:
		return changed(r) + " in the service around it"
	case planner.PathDependency:
		return changed(r) + ", which it uses" + through(r)
	case planner.LibraryFile:
		return changed(r) + " in a library, and it may use anything"
	case planner.WorkspacePackage:
		return packageSentence(s, r)
	case planner.OrphanFile:
		if isSeed(r) {
			return changed(r) + ", by which every service is planned"
		}
		if knowsPackages(s) {
			return changed(r) + ", in no package"
		}
		return changed(r) + ", in no service and in no library"
	case planner.Unchanged:
		return "nothing that it uses changed"
	case planner.NotInCommit:
		if s.Action == planner.Remove {
			return "it was there, and is gone"
		}
		return "it is registered, and not in this commit"
	}
	return changed(r)
}

// knowsPackages reports whether the algorithm that decided about a service knows packages.
func knowsPackages(s planner.ServicePlan) bool {
	return s.Algorithm == planner.Lerna || s.Algorithm == planner.Pnpm
}

func changed(r planner.Reason) string {
	file := Quote(r.File)
	switch {
	case r.Files > 2:
		return fmt.Sprintf("%s and %d more files changed", file, r.Files-1)
	case r.Files == 2:
		return file + " and 1 more file changed"
	}
	return file + " changed"
}

// through names the chain; one whose only link holds the file says no more than the file's own path does, unless the
// link is longer away than that.
func through(r planner.Reason) string {
	if len(r.Via) == 0 || len(r.Via) == 1 && r.Via[0] == r.File {
		return ""
	}
	return " through " + chain(r.Via)
}

// catalogFile is the one file that makes a package change without being in it.
const catalogFile = "pnpm-workspace.yaml"

// packageSentence names the package, and the chain to the one that changed.
func packageSentence(s planner.ServicePlan, r planner.Reason) string {
	its := "its package " + Quote(r.Package)
	switch {
	case r.Included > 0:
		return includedSentence(its, r)
	case r.Asked && r.File == "":
		return fmt.Sprintf("%s lists %s", s.Algorithm, its)
	case r.File == "":
		return its + " is always listed" + through(r)
	case len(r.Via) > 0:
		return changed(r) + ", and " + its + " depends on " + chain(r.Via)
	case r.File == catalogFile:
		return "a catalog of " + r.File + " changed, which " + its + " uses"
	}
	return changed(r) + " in " + its
}

// includedSentence names the listed package that depends on the service's own, and why that one is listed.
func includedSentence(its string, r planner.Reason) string {
	listed := fmt.Sprintf("%s is listed with %s, which depends on it", its, Quote(r.Via[r.Included-1]))
	if via := r.Via[r.Included:]; len(via) > 0 {
		listed += " and on " + chain(via)
	}
	if r.File == "" {
		return fmt.Sprintf("%s; %s is always listed", listed, Quote(r.Via[len(r.Via)-1]))
	}
	return changed(r) + ", and " + listed
}

func chain(via []string) string {
	quoted := make([]string, len(via))
	for i, v := range via {
		quoted[i] = Quote(v)
	}
	return strings.Join(quoted, " -> ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
