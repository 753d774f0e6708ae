package report

import (
	"io"

	"github.com/monoplan/monoplan/planner"
)

type (
	explainedServiceJSON struct {
		Version int           `json:"version"`
		Service explainedJSON `json:"service"`
	}
	explainedFileJSON struct {
		Version int `json:"version"`
		explainedSubjectJSON
		Changed  *bool           `json:"changed"`
		Ignored  bool            `json:"ignored"`
		Services []explainedJSON `json:"services"`
	}
	explainedSubjectJSON struct {
		File          string `json:"file,omitempty"`
		FileBase64    string `json:"file_base64,omitempty"`
		Library       string `json:"library,omitempty"`
		LibraryBase64 string `json:"library_base64,omitempty"`
		Package       string `json:"package,omitempty"`
		PackageBase64 string `json:"package_base64,omitempty"`
	}
	explainedJSON struct {
		Name       string                `json:"name"`
		NameBase64 string                `json:"name_base64,omitempty"`
		Path       string                `json:"path"`
		PathBase64 string                `json:"path_base64,omitempty"`
		Algorithm  string                `json:"algorithm"`
		Action     string                `json:"action"`
		Reasons    []explainedReasonJSON `json:"reasons"`
	}
	explainedReasonJSON struct {
		reasonJSON
		// Chain has the links of via, with the place that each was read from.
		Chain []edgeJSON `json:"chain,omitempty"`
	}
)

// ExplainServiceJSON writes what [ExplainService] does as one JSON object (docs/plan.md, "The explanations").
func ExplainServiceJSON(w io.Writer, s planner.ServicePlan, found Workspace) error {
	return writeJSON(w, explainedServiceJSON{planVersion, explained(s, found)})
}

// ExplainFileJSON writes what [ExplainFile] does as one JSON object (docs/plan.md, "The explanations"): the services that
// a change of the file, or of one in the library or the package, deploys.
func ExplainFileJSON(w io.Writer, p *planner.Plan, facts FileFacts, found Workspace) error {
	out := explainedFileJSON{Version: planVersion, Changed: facts.Changed, Ignored: facts.Ignored, Services: []explainedJSON{}}
	switch of := &out.explainedSubjectJSON; facts.Kind {
	case LibraryDirectory:
		of.Library, of.LibraryBase64 = facts.File, broken(facts.File)
	case PackageDirectory:
		of.Package, of.PackageBase64 = facts.File, broken(facts.File)
	default:
		of.File, of.FileBase64 = facts.File, broken(facts.File)
	}
	for _, s := range p.Services {
		if s.Action == planner.Deploy {
			out.Services = append(out.Services, explained(s, found))
		}
	}
	return writeJSON(w, out)
}

func explained(s planner.ServicePlan, found Workspace) explainedJSON {
	out := explainedJSON{
		Name: s.Name, NameBase64: broken(s.Name), Path: s.Path, PathBase64: broken(s.Path),
		Algorithm: string(s.Algorithm), Action: string(s.Action), Reasons: []explainedReasonJSON{},
	}
	for _, r := range s.Reasons {
		reason := explainedReasonJSON{reasonJSON: toReasonJSON(r)}
		if links := linksOf(s, r, found); len(links) > 0 {
			reason.Chain = toEdgesJSON(links)
		}
		out.Reasons = append(out.Reasons, reason)
	}
	return out
}
