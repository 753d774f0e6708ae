package report

import (
	"fmt"
	"io"
	"slices"
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
		fmt.Fprintf(&b, "\n%s: %s\n", st.paint(string(r.Rule), yellow), Sentence(s, r)+movedTo(p, s))
		fmt.Fprintf(&b, "  %s\n", st.paint(meaning(s, r, found), faint))
		writeChain(&b, s, r, found)
	}
	writeReach(&b, s.Path, found)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeChain shows where each link of a chain was read: from the service to the files for path dependencies, and from
// the files to the service for packages.
func writeChain(b *strings.Builder, s planner.ServicePlan, r planner.Reason, found Workspace) {
	links := linksOf(s, r, found)
	if r.Rule != planner.WorkspacePackage {
		for _, e := range links {
			fmt.Fprintf(b, "  %s -> %s%s\n", Quote(e.From), Quote(e.To), source(e))
		}
		return
	}
	if r.File != "" {
		holder := append([]string{r.Package}, r.Via...)[len(r.Via)]
		fmt.Fprintf(b, "  %s -> %s\n", Quote(r.File), Quote(holder))
	}
	for i, e := range slices.Backward(links) {
		if i < r.Included {
			fmt.Fprintf(b, "  %s -> %s, which it depends on%s\n", Quote(e.From), Quote(e.To), source(e))
		} else {
			fmt.Fprintf(b, "  %s -> %s, which depends on it%s\n", Quote(e.To), Quote(e.From), source(e))
		}
	}
	how := "which is in it"
	if found.holds(s, r.Package) {
		how = "which holds it"
	}
	fmt.Fprintf(b, "  %s -> %s, %s\n", Quote(r.Package), Quote(s.Path), how)
}

// holds reports whether a package is in a service's directory, and not the service in the package.
func (w Workspace) holds(s planner.ServicePlan, name string) bool {
	return slices.ContainsFunc(w.Packages, func(p Package) bool {
		return p.Algorithm == s.Algorithm && p.Name == name && p.Path != s.Path && (s.Path == "." || strings.HasPrefix(p.Path, s.Path+"/"))
	})
}

// isInPackage reports whether a service is in a package of its algorithm; the one at the root counts for none.
func (w Workspace) isInPackage(s planner.ServicePlan) bool {
	return slices.ContainsFunc(w.Packages, func(p Package) bool {
		return p.Algorithm == s.Algorithm && p.Path != "." && (s.Path == p.Path || strings.HasPrefix(s.Path, p.Path+"/"))
	})
}

// linksOf gives the links of a reason's chain, with the place that each was read from where that is known.
func linksOf(s planner.ServicePlan, r planner.Reason, found Workspace) []Edge {
	from, edges := s.Path, found.Edges
	if r.Rule == planner.WorkspacePackage {
		from, edges = r.Package, found.packageEdges(s.Algorithm)
	}
	var links []Edge
	for n, to := range r.Via {
		link := Edge{From: from, To: to}
		if n < r.Included {
			link = Edge{From: to, To: from}
		}
		if i := slices.IndexFunc(edges, func(e Edge) bool { return e.From == link.From && e.To == link.To }); i >= 0 {
			link = edges[i]
		}
		links = append(links, link)
		from = to
	}
	return links
}

// packageEdges gives the dependencies between an algorithm's packages.
func (w Workspace) packageEdges(a planner.Algorithm) []Edge {
	var edges []Edge
	for _, p := range w.Packages {
		if p.Algorithm == a {
			edges = append(edges, p.Edges...)
		}
	}
	return edges
}

func source(e Edge) string {
	if e.File == "" {
		return ""
	}
	return " (" + position(e.File, e.Line) + ")"
}

// writeReach says whether the service is open or closed, since library-file and orphan-file turn on it. One that is not
// there is neither.
func writeReach(b *strings.Builder, path string, found Workspace) {
	for _, s := range found.Services {
		if s.Path == path && !s.Missing {
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

// SubjectKind says what is explained by which services it deploys.
type SubjectKind int

// The kinds of subjects. Of a directory any file in it is meant.
const (
	FileSubject SubjectKind = iota
	LibraryDirectory
	PackageDirectory
)

// FileFacts is what is known of a file, or of a directory, besides which services it deploys.
type FileFacts struct {
	// File is its path.
	File string
	Kind SubjectKind
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
			fmt.Fprintf(&b, "  %s: %s\n", st.paint(string(r.Rule), yellow), fileMeaning(s, r, found))
			writeChain(&b, s, r, found)
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
		deploy, skip := p.Count(planner.Deploy), p.Count(planner.Skip)
		what := map[SubjectKind]string{
			FileSubject: "a change of it", LibraryDirectory: "a library; a change in it", PackageDirectory: "a package; a change in it",
		}[facts.Kind]
		fmt.Fprintf(&b, "%s deploys %d of %s", what, deploy, count(deploy+skip, "service"))
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
func fileMeaning(s planner.ServicePlan, r planner.Reason, found Workspace) string {
	if r.File == "" {
		return Sentence(s, r) + ", whatever changed"
	}
	return meaning(s, r, found)
}

// meaning says what a rule stands for.
func meaning(s planner.ServicePlan, reason planner.Reason, found Workspace) string {
	switch reason.Rule {
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
		switch {
		case reason.Asked && reason.File == "":
			return "something changed in the service's package, or in one that the package depends on"
		case reason.Included > 0:
			return "lerna.json's includeDependencies lists what a listed package depends on, too"
		}
		return "it belongs to the service's package, or to one that the package depends on"
	case planner.OrphanFile:
		if isSeed(reason) {
			return "what it says may be about any service"
		}
		if knowsPackages(s) {
			return "the packages that could be read do not tell who uses it, so any service may"
		}
		return "it lies in no service and in no library, so nobody knows who uses it"
	case planner.Unchanged:
		if found.isInPackage(s) {
			return "no changed file is in its package, nor in anything that it depends on"
		}
		return "no changed file is in its directory, nor in anything that it reaches"
	case planner.NotInCommit:
		if s.Action == planner.Remove {
			return "its marker, or its registered directory, was in the base and is not here"
		}
		return "seed.yml registers a directory that is not here"
	}
	return string(reason.Rule)
}
