package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/planner"
)

// node is one node of the drawn graph: a service, or what some service or target leads to.
type node struct {
	path    string
	service *Service
}

// link is an edge between two nodes, by their indices.
type link struct{ from, to int }

// DOT writes services and path dependencies in the language of Graphviz.
func DOT(w io.Writer, found Workspace) error {
	nodes, links := drawn(found)
	var b strings.Builder
	b.WriteString("digraph monoplan {\n  rankdir=LR;\n  node [fontname=\"Helvetica\"];\n")
	for i, n := range nodes {
		shape := "ellipse"
		if n.service != nil {
			shape = "box"
		}
		fmt.Fprintf(&b, "  n%d [shape=%s, label=\"%s\"];\n", i, shape, dotLabel(n))
	}
	for _, l := range links {
		fmt.Fprintf(&b, "  n%d -> n%d;\n", l.from, l.to)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Mermaid writes services and path dependencies as a Mermaid flowchart, which Markdown on GitHub and GitLab draws.
func Mermaid(w io.Writer, found Workspace) error {
	nodes, links := drawn(found)
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, n := range nodes {
		if n.service != nil {
			fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, mermaidLabel(n))
			continue
		}
		fmt.Fprintf(&b, "  n%d([\"%s\"])\n", i, mermaidLabel(n))
	}
	for _, l := range links {
		fmt.Fprintf(&b, "  n%d --> n%d\n", l.from, l.to)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// drawn gives the nodes sorted by path, and each pair of them that an edge joins once.
func drawn(found Workspace) ([]node, []link) {
	byPath := map[string]node{}
	edges := slices.Concat(found.Edges, found.packageLinks(), found.serviceLinks())
	for _, e := range edges {
		byPath[e.From] = node{path: e.From}
		byPath[e.To] = node{path: e.To}
	}
	for i, s := range found.Services {
		byPath[s.Path] = node{path: s.Path, service: &found.Services[i]}
	}
	var nodes []node
	index := map[string]int{}
	for i, path := range slices.Sorted(maps.Keys(byPath)) {
		nodes = append(nodes, byPath[path])
		index[path] = i
	}
	var links []link
	for _, e := range edges {
		links = append(links, link{index[e.From], index[e.To]})
	}
	slices.SortFunc(links, func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	return nodes, slices.Compact(links)
}

// packageLinks gives the dependencies between packages by their paths: a service that is a package is one node.
func (w Workspace) packageLinks() []Edge {
	type key struct {
		algorithm planner.Algorithm
		name      string
	}
	paths := make(map[key]string)
	for _, p := range w.Packages {
		paths[key{p.Algorithm, p.Name}] = p.Path
	}
	var links []Edge
	for _, p := range w.Packages {
		for _, e := range p.Edges {
			links = append(links, Edge{From: p.Path, To: paths[key{p.Algorithm, e.To}], File: e.File, Line: e.Line})
		}
	}
	return links
}

// serviceLinks leads from services to the packages that they are in, and are not themselves.
func (w Workspace) serviceLinks() []Edge {
	type place struct {
		algorithm planner.Algorithm
		path      string
	}
	isPackage := make(map[place]bool, len(w.Packages))
	for _, p := range w.Packages {
		isPackage[place{p.Algorithm, p.Path}] = true
	}
	var links []Edge
	for _, s := range w.Services {
		dir := s.Path
		for dir != "." && !isPackage[place{s.Algorithm, dir}] {
			dir = path.Dir(dir)
		}
		if dir != "." && dir != s.Path {
			links = append(links, Edge{From: s.Path, To: dir})
		}
	}
	return links
}

// dotLabel is what a node says: the name, path and type of a service, the path of anything else. The line break is an
// escape of DOT, so what comes from the repository is escaped before it.
func dotLabel(n node) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	return joinLabel(n, escape, `\n`)
}

// mermaidLabel is the same for Mermaid, whose labels are HTML with its own escape for "#".
func mermaidLabel(n node) string {
	escape := strings.NewReplacer("#", "#35;", "&", "#amp;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", `\`, "#92;")
	return joinLabel(n, escape, "<br>")
}

func joinLabel(n node, escape *strings.Replacer, newline string) string {
	lines := []string{Quote(n.path)}
	if n.service != nil {
		lines = []string{Quote(n.service.Name), Quote(n.path), kind(*n.service)}
	}
	for i, l := range lines {
		lines[i] = escape.Replace(l)
	}
	return strings.Join(lines, newline)
}

func kind(s Service) string { return s.Type + ", " + reachCell(s).text }
