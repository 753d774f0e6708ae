package report

import (
	"fmt"
	"io"
	"strings"
)

// ServicesText writes what was found: a line a service with its type and whether it is closed or open and why, then the
// path dependencies with the file and line that each was read from.
func ServicesText(w io.Writer, found Workspace, st Style) error {
	var b strings.Builder
	var rows [][]cell
	for _, s := range found.Services {
		rows = append(rows, []cell{
			{Quote(s.Name), bold}, {Quote(s.Path), plain}, {s.Type, plain}, reachCell(s), {cause(s.Why), faint},
		})
	}
	st.writeTable(&b, rows)
	if len(found.Edges) > 0 {
		b.WriteString("\npath dependencies:\n")
		st.writeTable(&b, edgeRows(found.Edges))
	}
	st.writePackages(&b, found.Packages)
	fmt.Fprintf(&b, "\n%s, %s%s\n", count(len(found.Services), "service"), paths(len(found.Edges)), packageCount(found.Packages))
	_, err := io.WriteString(w, b.String())
	return err
}

// writePackages writes the packages of each algorithm, with what they depend on.
func (st Style) writePackages(b *strings.Builder, packages []Package) {
	for i, p := range packages {
		if i > 0 && packages[i-1].Algorithm == p.Algorithm {
			continue
		}
		fmt.Fprintf(b, "\npackages, as %s has them:\n", p.Algorithm)
		var rows [][]cell
		for _, q := range packages {
			if q.Algorithm != p.Algorithm {
				continue
			}
			rows = append(rows, []cell{{Quote(q.Name), bold}, {Quote(q.Path), plain}})
			rows = append(rows, edgeRows(q.Edges)...)
		}
		st.writeTable(b, rows)
	}
}

func packageCount(packages []Package) string {
	if len(packages) == 0 {
		return ""
	}
	return ", " + count(len(packages), "package")
}

func paths(n int) string {
	if n == 1 {
		return "1 path dependency"
	}
	return fmt.Sprintf("%d path dependencies", n)
}

func reachCell(s Service) cell {
	switch {
	case s.Missing:
		return cell{"not in this commit", red}
	case s.Open:
		return cell{"open", yellow}
	}
	return cell{"closed", green}
}

func edgeRows(edges []Edge) [][]cell {
	var rows [][]cell
	for _, e := range edges {
		rows = append(rows, []cell{
			{Quote(e.From), plain}, {"-> " + Quote(e.To), plain}, {position(e.File, e.Line), faint},
		})
	}
	return rows
}

type (
	workspaceJSON struct {
		Version  int           `json:"version"`
		Services []serviceItem `json:"services"`
		Edges    []edgeJSON    `json:"edges"`
		Packages []packageItem `json:"packages,omitempty"`
	}
	packageItem struct {
		Algorithm  string     `json:"algorithm"`
		Name       string     `json:"name"`
		NameBase64 string     `json:"name_base64,omitempty"`
		Path       string     `json:"path"`
		PathBase64 string     `json:"path_base64,omitempty"`
		Edges      []edgeJSON `json:"edges"`
	}
	serviceItem struct {
		Name         string    `json:"name"`
		NameBase64   string    `json:"name_base64,omitempty"`
		Path         string    `json:"path"`
		PathBase64   string    `json:"path_base64,omitempty"`
		Type         string    `json:"type"`
		Marker       *string   `json:"marker"`
		MarkerBase64 string    `json:"marker_base64,omitempty"`
		Phase        int       `json:"phase"`
		Missing      bool      `json:"missing"`
		Open         bool      `json:"open"`
		Why          causeJSON `json:"why"`
	}
	causeJSON struct {
		Text       string `json:"text"`
		File       string `json:"file,omitempty"`
		FileBase64 string `json:"file_base64,omitempty"`
		Line       int    `json:"line,omitempty"`
	}
	edgeJSON struct {
		From       string `json:"from"`
		FromBase64 string `json:"from_base64,omitempty"`
		To         string `json:"to"`
		ToBase64   string `json:"to_base64,omitempty"`
		File       string `json:"file"`
		FileBase64 string `json:"file_base64,omitempty"`
		Line       int    `json:"line,omitempty"`
	}
)

// ServicesJSON writes what was found as one JSON object (docs/plan.md, "The services").
func ServicesJSON(w io.Writer, found Workspace) error {
	out := workspaceJSON{Version: planVersion, Services: []serviceItem{}}
	for _, s := range found.Services {
		out.Services = append(out.Services, serviceItem{
			Name: s.Name, NameBase64: broken(s.Name),
			Path: s.Path, PathBase64: broken(s.Path),
			Type:   s.Type,
			Marker: orNull(s.Marker), MarkerBase64: broken(s.Marker),
			Phase: s.Phase, Missing: s.Missing, Open: s.Open,
			Why: causeJSON{Text: s.Why.Text, File: s.Why.File, FileBase64: broken(s.Why.File), Line: s.Why.Line},
		})
	}
	out.Edges = toEdgesJSON(found.Edges)
	for _, p := range found.Packages {
		out.Packages = append(out.Packages, packageItem{
			Algorithm: string(p.Algorithm),
			Name:      p.Name, NameBase64: broken(p.Name),
			Path: p.Path, PathBase64: broken(p.Path),
			Edges: toEdgesJSON(p.Edges),
		})
	}
	return writeJSON(w, out)
}

func toEdgesJSON(edges []Edge) []edgeJSON {
	out := []edgeJSON{}
	for _, e := range edges {
		out = append(out, edgeJSON{
			From: e.From, FromBase64: broken(e.From),
			To: e.To, ToBase64: broken(e.To),
			File: e.File, FileBase64: broken(e.File), Line: e.Line,
		})
	}
	return out
}
