package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monoplan/monoplan/planner"
)

// ExplainService writes every reason of the decision about one service in full: the rule, what made it hold, what the
// rule means, and for a path dependency each link of the chain with the file and line that it was read from.
func ExplainService(w io.Writer, p *planner.Plan, s planner.ServicePlan, found Workspace, st Style) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s%s\n", st.paint(Quote(s.Name), bold), st.paint(string(s.Action), actionCell(s.Action).colour), Comparing(p))
	fmt.Fprintf(&b, "%s, %s\n", Quote(s.Path), s.Type)
	for _, r := range s.Reasons {
		fmt.Fprintf(&b, "\n%s: %s\n", st.paint(string(r.Rule), yellow), Sentence(s.Action, r))
		fmt.Fprintf(&b, "  %s\n", st.paint(meaning(s.Action, r.Rule), faint))
		writeChain(&b, s.Path, r.Via, found.Edges)
	}
	writeReach(&b, s.Path, found)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeChain shows where each link of a chain was read.
func writeChain(b *strings.Builder, from string, via []string, edges []Edge) {
	for _, to := range via {
		fmt.Fprintf(b, "  %s -> %s%s\n", Quote(from), Quote(to), source(from, to, edges))
		from = to
	}
}

func source(from, to string, edges []Edge) string {
	for _, e := range edges {
		if e.From == from && e.To == to {
			return " (" + position(e.File, e.Line) + ")"
		}
	}
	return ""
}

// writeReach says whether the service is open or closed, since library-file and orphan-file turn on it.
func writeReach(b *strings.Builder, path string, found Workspace) {
	for _, s := range found.Services {
		if s.Path == path {
			fmt.Fprintf(b, "\nit is %s\n", reach(s))
		}
	}
}

func reach(s Service) string {
	word := "closed"
	if s.Open {
		word = "open"
	}
	if why := cause(s.Why); why != "" {
		return word + ": " + why
	}
	return word
}

func cause(c Cause) string {
	switch {
	case c.File == "":
		return c.Text
	case c.Text == "":
		return position(c.File, c.Line)
	}
	return c.Text + " (" + position(c.File, c.Line) + ")"
}

func position(file string, line int) string {
	if line == 0 {
		return Quote(file)
	}
	return fmt.Sprintf("%s:%d", Quote(file), line)
}

// FileFacts is what is known of a file besides which services it deploys.
type FileFacts struct {
	File string
	// Changed says whether the file differs from the base; nil where there is no base.
	Changed *bool
	// Ignored says that seed.yml ignores the file.
	Ignored bool
}

// ExplainFile writes which services a change of one file deploys and by which rules. The plan is that of a change of
// this file and of nothing else.
func ExplainFile(w io.Writer, p *planner.Plan, facts FileFacts, found Workspace, st Style) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", st.paint(Quote(facts.File), bold), fileSummary(p, facts))
	for _, s := range p.Services {
		if s.Action != planner.Deploy {
			continue
		}
		fmt.Fprintf(&b, "\n%s (%s)\n", st.paint(Quote(s.Name), green), Quote(s.Path))
		for _, r := range s.Reasons {
			fmt.Fprintf(&b, "  %s: %s\n", st.paint(string(r.Rule), yellow), fileMeaning(s.Action, r))
			writeChain(&b, s.Path, r.Via, found.Edges)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func fileSummary(p *planner.Plan, facts FileFacts) string {
	var b strings.Builder
	if facts.Ignored {
		b.WriteString("seed.yml ignores it, so its changes deploy nothing")
	} else {
		deploy, skip := len(p.Names(planner.Deploy)), len(p.Names(planner.Skip))
		fmt.Fprintf(&b, "a change of it deploys %d of %s", deploy, count(deploy+skip, "service"))
	}
	if facts.Changed != nil {
		verb := "changed"
		if !*facts.Changed {
			verb = "did not change"
		}
		fmt.Fprintf(&b, "\nit %s%s", verb, Comparing(p))
	}
	return b.String()
}

// fileMeaning is a rule's meaning, except for the rules that hold whatever changed.
func fileMeaning(a planner.Action, r planner.Reason) string {
	if r.File == "" {
		return Sentence(a, r) + ", whatever changed"
	}
	return meaning(a, r.Rule)
}

// meaning says what a rule stands for.
func meaning(a planner.Action, r planner.Rule) string {
	switch r {
	case planner.Forced:
		return "every service is deployed, whatever changed"
	case planner.CheckDisabled:
		return "seed.yml switches the check off for this service"
	case planner.SingleService:
		return "a repository with one service deploys it whatever changed"
	case planner.FirstDeploy:
		return "without a baseline everything counts as changed"
	case planner.PreviousFailed:
		return "what a failed deploy left behind is not known"
	case planner.MissingBaseline:
		return "what changed since cannot be known; a shallow clone may lack the commit"
	case planner.OwnFile:
		return "it lies in the service's own directory"
	case planner.NestedFile:
		return "it lies in a service nested in this one, whose package holds that directory too"
	case planner.ParentFile:
		return "it belongs to a service whose directory contains this one"
	case planner.PathDependency:
		return "it lies in what the service reaches by path dependencies"
	case planner.LibraryFile:
		return "it lies in a library that the service does not declare, and the service is open: it may use anything"
	case planner.WorkspacePackage:
		return "it belongs to the service's package, or to one that the package depends on"
	case planner.OrphanFile:
		return "it lies in no service and in no library, so nobody knows who uses it"
	case planner.Unchanged:
		return "no changed file is in its directory, nor in anything that it reaches"
	case planner.NotInCommit:
		if a == planner.Remove {
			return "its marker, or its registered directory, was in the base and is not here"
		}
		return "seed.yml registers a directory that is not here"
	}
	return string(r)
}
