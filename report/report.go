// Package report shows what was decided and what was found: a plan as JSON, as text and as plain lists, the reasons of
// one service or of one file, and the services of a repository with the graph of what they use.
//
// A plan is read by two kinds of reader. A script wants the same bytes for the same plan, every field where it always
// is, and no surprise from a file name: that is JSON (the published contract, see docs/plan.md) and the lists. A person
// wants to see at a glance what is deployed and why: that is the text. Whatever a repository calls its files, a person's
// terminal is never sent a control character by one of the functions here, and a list never holds one name as two.
//
// Nothing here decides anything, and nothing here knows a terminal: width and colour are asked for by the caller.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monoplan/monoplan/planner"
)

// Style is how text is to look.
type Style struct {
	// Width is the number of columns that a line may take; 0 leaves lines as long as they are.
	Width int
	// Colour asks for ANSI colours.
	Colour bool
}

// Workspace is what was found in a repository.
type Workspace struct {
	// Services are sorted by path.
	Services []Service
	// Edges are the path dependencies, of services and of what they lead to.
	Edges []Edge
	// Packages are those of the algorithms in use that know any, sorted by algorithm and path.
	Packages []Package
}

// Package is a package of a JavaScript workspace, as an algorithm has it.
type Package struct {
	Algorithm planner.Algorithm
	Path      string
	Name      string
	// Edges are its dependencies on other packages, From and To being the names of packages.
	Edges []Edge
}

// Service is one service as it was found.
type Service struct {
	Name string
	Path string
	Type string
	// Marker is the file that makes the directory a service; empty for a registered service without one.
	Marker string
	Phase  int
	// Missing says that the service is registered and not in the commit.
	Missing bool
	// Open says that the service may use anything in the repository.
	Open bool
	// Algorithm decides about the service.
	Algorithm planner.Algorithm
	// Why is what makes the service open or closed.
	Why Cause
}

// Cause is a fact and where it was read.
type Cause struct {
	Text string
	// File is empty for a fact of no file, and Line is 0 for one of a whole file.
	File string
	Line int
}

// Edge is one path dependency: From is a service's directory or a target, To a target.
type Edge struct {
	From, To string
	// File and Line are where it was read.
	File string
	Line int
}

// NewlineError says that a list of lines cannot hold an item, because the item holds a newline itself.
type NewlineError struct {
	Item string
}

func (e *NewlineError) Error() string {
	return fmt.Sprintf("%q holds a newline, and would be two lines", e.Item)
}

// Names writes the names of the services to deploy, one a line, or each ended by a NUL where nul is set. A name with a
// newline is a *NewlineError in a list of lines, and nothing is written.
func Names(w io.Writer, p *planner.Plan, nul bool) error {
	return writeList(w, p.Names(planner.Deploy), nul)
}

// Paths writes the directories of the services to deploy, as [Names] writes their names.
func Paths(w io.Writer, p *planner.Plan, nul bool) error {
	var paths []string
	for _, s := range p.Services {
		if s.Action == planner.Deploy {
			paths = append(paths, s.Path)
		}
	}
	return writeList(w, paths, nul)
}

func writeList(w io.Writer, items []string, nul bool) error {
	end := "\n"
	if nul {
		end = "\x00"
	}
	var b strings.Builder
	for _, item := range items {
		if !nul && strings.Contains(item, "\n") {
			return &NewlineError{Item: item}
		}
		b.WriteString(item)
		b.WriteString(end)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
