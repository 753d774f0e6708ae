package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/monoplan/monoplan/planner"
)

// planVersion is the version of the contract in docs/plan.md.
const planVersion = 1

// The keys of the contract, in their order: encoding/json writes a struct's fields as they are declared.
type (
	planJSON struct {
		Version   int           `json:"version"`
		Algorithm string        `json:"algorithm"`
		Stage     string        `json:"stage,omitempty"`
		Head      headJSON      `json:"head"`
		Base      *baseJSON     `json:"base,omitempty"`
		Services  []servicePlan `json:"services"`
		Deploy    []string      `json:"deploy"`
		Skip      []string      `json:"skip"`
		Remove    []string      `json:"remove"`
	}
	headJSON struct {
		Ref      string  `json:"ref"`
		SHA      *string `json:"sha"`
		Worktree bool    `json:"worktree"`
	}
	baseJSON struct {
		Ref string  `json:"ref"`
		SHA *string `json:"sha"`
	}
	servicePlan struct {
		Name       string       `json:"name"`
		NameBase64 string       `json:"name_base64,omitempty"`
		Path       string       `json:"path"`
		PathBase64 string       `json:"path_base64,omitempty"`
		Type       string       `json:"type"`
		Phase      int          `json:"phase"`
		Algorithm  string       `json:"algorithm,omitempty"`
		Action     string       `json:"action"`
		Baseline   *string      `json:"baseline"`
		Reasons    []reasonJSON `json:"reasons"`
	}
	reasonJSON struct {
		Rule          string   `json:"rule"`
		File          string   `json:"file,omitempty"`
		FileBase64    string   `json:"file_base64,omitempty"`
		Files         int      `json:"files,omitempty"`
		Package       string   `json:"package,omitempty"`
		PackageBase64 string   `json:"package_base64,omitempty"`
		Via           []string `json:"via,omitempty"`
		ViaBase64     []string `json:"via_base64,omitempty"`
		Included      int      `json:"included,omitempty"`
		Asked         bool     `json:"asked,omitempty"`
	}
)

// JSON writes the plan as version 1 of the published contract (docs/plan.md, docs/plan.schema.json). The same plan is
// the same bytes.
func JSON(w io.Writer, p *planner.Plan) error { return writeJSON(w, planAsJSON(p)) }

func planAsJSON(p *planner.Plan) planJSON {
	out := planJSON{
		Version:   planVersion,
		Algorithm: string(p.Algorithm),
		Stage:     p.Stage,
		Head:      headJSON{Ref: p.Head.Ref, SHA: orNull(p.Head.SHA), Worktree: p.Worktree},
		Services:  []servicePlan{},
		Deploy:    p.Names(planner.Deploy),
		Skip:      p.Names(planner.Skip),
		Remove:    p.Names(planner.Remove),
	}
	if p.Base != nil {
		out.Base = &baseJSON{Ref: p.Base.Ref, SHA: orNull(p.Base.SHA)}
	}
	for _, s := range p.Services {
		out.Services = append(out.Services, serviceJSON(p, s))
	}
	return out
}

func serviceJSON(p *planner.Plan, s planner.ServicePlan) servicePlan {
	out := servicePlan{
		Name: s.Name, NameBase64: broken(s.Name),
		Path: s.Path, PathBase64: broken(s.Path),
		Type: s.Type, Phase: s.Phase, Action: string(s.Action),
		Baseline: orNull(s.Baseline),
		Reasons:  []reasonJSON{},
	}
	if s.Algorithm != p.Algorithm {
		out.Algorithm = string(s.Algorithm)
	}
	for _, r := range s.Reasons {
		out.Reasons = append(out.Reasons, toReasonJSON(r))
	}
	return out
}

func toReasonJSON(r planner.Reason) reasonJSON {
	return reasonJSON{
		Rule: string(r.Rule),
		File: r.File, FileBase64: broken(r.File), Files: r.Files,
		Package: r.Package, PackageBase64: broken(r.Package),
		Via: r.Via, ViaBase64: anyBroken(r.Via), Included: r.Included, Asked: r.Asked,
	}
}

// broken gives the bytes of a text that JSON cannot hold, which are those that are no UTF-8, and nothing for any other.
// The encoder itself writes U+FFFD for each broken byte in the text's own field.
func broken(s string) string {
	if utf8.ValidString(s) {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(s))
}

// anyBroken gives every text of a chain in base64 where one of them is broken, so that the two lists have the same
// length and the same order.
func anyBroken(chain []string) []string {
	if !slices.ContainsFunc(chain, func(s string) bool { return !utf8.ValidString(s) }) {
		return nil
	}
	var out []string
	for _, s := range chain {
		out = append(out, base64.StdEncoding.EncodeToString([]byte(s)))
	}
	return out
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(indent(b.Bytes()))
	return err
}
