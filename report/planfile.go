package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/monoplan/monoplan/planner"
)

// PlanFile is a plan that was made to be deployed later, with what it was made from: where any of that has moved since,
// the plan is none any more.
type PlanFile struct {
	// By is the version of monoplan that made it.
	By   string
	Plan *planner.Plan
	// Config is the hash of seed.yml, empty where there was none.
	Config string
	// Ledger is where the ledger is, as a person reads it.
	Ledger string
	// Remembered is what the ledger had of the plan's services, those of which it had nothing left out.
	Remembered []Remembered
}

// Remembered is the last that a ledger knows of a service.
type Remembered struct {
	Service string    `json:"service"`
	Path    string    `json:"path"`
	Commit  string    `json:"commit"`
	Outcome string    `json:"outcome"`
	Run     string    `json:"run"`
	Time    time.Time `json:"time"`
}

// PlanFileError says why a file is no plan to deploy.
type PlanFileError struct {
	What string
}

func (e *PlanFileError) Error() string { return e.What }

// planFileVersion is the version of the form of a plan file. The plan in it has its own.
const planFileVersion = 1

type planFileJSON struct {
	Version    int          `json:"version"`
	By         string       `json:"monoplan"`
	Plan       planJSON     `json:"plan"`
	Config     string       `json:"config"`
	Ledger     string       `json:"ledger"`
	Remembered []Remembered `json:"remembered"`
	// Sum is the hash of the file with this field empty.
	Sum string `json:"sum"`
}

// WritePlanFile writes a plan file: an object with the plan as [JSON] writes it, with a sum over the whole.
func WritePlanFile(w io.Writer, f PlanFile) error {
	out := planFileJSON{
		Version: planFileVersion, By: f.By, Plan: planAsJSON(f.Plan), Config: f.Config, Ledger: f.Ledger,
		Remembered: slices.Clone(f.Remembered),
	}
	if out.Remembered == nil {
		out.Remembered = []Remembered{}
	}
	sum, err := out.sum()
	if err != nil {
		return err
	}
	out.Sum = sum
	return writeJSON(w, out)
}

// sum is taken of what a reader gets: a byte that is no UTF-8 is written in another way when it was read once.
func (f planFileJSON) sum() (string, error) {
	f.Sum = ""
	text, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	var read planFileJSON
	if err := json.Unmarshal(text, &read); err != nil {
		return "", err
	}
	if text, err = json.Marshal(read); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// ReadPlanFile reads what WritePlanFile wrote. A file that is anything else, that was cut short or edited, is a
// *PlanFileError.
func ReadPlanFile(r io.Reader) (PlanFile, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return PlanFile{}, err
	}
	var version struct{ Version int }
	if err := json.Unmarshal(data, &version); err != nil {
		return PlanFile{}, &PlanFileError{"no plan file: " + err.Error()}
	}
	if version.Version != planFileVersion {
		return PlanFile{}, &PlanFileError{fmt.Sprintf("a plan file of version %d, and this monoplan knows %d", version.Version, planFileVersion)}
	}
	var in planFileJSON
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return PlanFile{}, &PlanFileError{"no plan file: " + err.Error()}
	}
	sum, err := in.sum()
	if err != nil {
		return PlanFile{}, err
	}
	if sum != in.Sum {
		return PlanFile{}, &PlanFileError{"the plan file is not as monoplan wrote it: its sum is another"}
	}
	plan, err := in.Plan.plan()
	if err != nil {
		return PlanFile{}, &PlanFileError{"no plan file: " + err.Error()}
	}
	return PlanFile{By: in.By, Plan: plan, Config: in.Config, Ledger: in.Ledger, Remembered: in.Remembered}, nil
}

// plan gives back what planAsJSON took.
func (p planJSON) plan() (*planner.Plan, error) {
	if p.Version != planVersion {
		return nil, fmt.Errorf("the plan is of version %d", p.Version)
	}
	out := &planner.Plan{
		Algorithm: planner.Algorithm(p.Algorithm), Stage: p.Stage, Worktree: p.Head.Worktree,
		Head: planner.Revision{Ref: p.Head.Ref, SHA: orEmpty(p.Head.SHA)},
	}
	if p.Base != nil {
		out.Base = &planner.Revision{Ref: p.Base.Ref, SHA: orEmpty(p.Base.SHA)}
	}
	for _, s := range p.Services {
		service, err := s.plan()
		if err != nil {
			return nil, err
		}
		out.Services = append(out.Services, service)
	}
	return out, nil
}

func (s servicePlan) plan() (planner.ServicePlan, error) {
	var errs [2]error
	out := planner.ServicePlan{
		Type: s.Type, Phase: s.Phase, Algorithm: planner.Algorithm(s.Algorithm), Action: planner.Action(s.Action),
		Baseline: orEmpty(s.Baseline),
	}
	out.Name, errs[0] = unbroken(s.Name, s.NameBase64)
	out.Path, errs[1] = unbroken(s.Path, s.PathBase64)
	for _, r := range s.Reasons {
		reason, err := r.reason()
		if err != nil {
			return out, err
		}
		out.Reasons = append(out.Reasons, reason)
	}
	return out, firstOf(errs[:])
}

func (r reasonJSON) reason() (planner.Reason, error) {
	out := planner.Reason{Rule: planner.Rule(r.Rule), Files: r.Files, Via: r.Via, Included: r.Included, Asked: r.Asked}
	var errs [2]error
	out.File, errs[0] = unbroken(r.File, r.FileBase64)
	out.Package, errs[1] = unbroken(r.Package, r.PackageBase64)
	if err := firstOf(errs[:]); err != nil || len(r.ViaBase64) == 0 {
		return out, err
	}
	out.Via = nil
	for _, link := range r.ViaBase64 {
		text, err := unbroken("", link)
		if err != nil {
			return out, err
		}
		out.Via = append(out.Via, text)
	}
	return out, nil
}

// unbroken gives the bytes of a text: those in base64 where there are any.
func unbroken(text, encoded string) (string, error) {
	if encoded == "" {
		return text, nil
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	return string(data), err
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Moved says what of a plan file is not as it is now, a line each; nothing where the plan still holds. Of the ledger it
// looks at the services named, or at all of the plan's where none is.
func (f PlanFile) Moved(now PlanFile, services []string) []string {
	var moved []string
	if f.Plan.Head.SHA != now.Plan.Head.SHA {
		moved = append(moved, fmt.Sprintf("head: the plan is of %s, and head is %s", shortID(f.Plan.Head.SHA), shortID(now.Plan.Head.SHA)))
	}
	if f.Config != now.Config {
		moved = append(moved, "seed.yml is not the one that the plan was made with")
	}
	if f.Ledger != now.Ledger {
		moved = append(moved, fmt.Sprintf("the ledger: the plan was made with %s, and this is %s", Quote(f.Ledger), Quote(now.Ledger)))
	}
	before, after := byPath(f.Remembered), byPath(now.Remembered)
	for _, s := range f.Plan.Services {
		if len(services) > 0 && !slices.Contains(services, s.Name) {
			continue
		}
		was, is := before[asRead(s.Path)], after[asRead(s.Path)]
		if was.Commit != is.Commit || was.Outcome != is.Outcome || was.Run != is.Run || !was.Time.Equal(is.Time) {
			moved = append(moved, fmt.Sprintf("the ledger: %s: %s then, %s now", Quote(s.Name), was, is))
		}
	}
	return moved
}

// byPath tells services apart that moved: of each there are two, of one name.
func byPath(all []Remembered) map[string]Remembered {
	m := make(map[string]Remembered, len(all))
	for _, r := range all {
		m[asRead(r.Path)] = r
	}
	return m
}

// asRead is a text as JSON gives it back: each byte that is no UTF-8 is another.
func asRead(text string) string { return string([]rune(text)) }

// String says it in a few words.
func (r Remembered) String() string {
	if r.Outcome == "" {
		return "never deployed"
	}
	parts := []string{r.Outcome}
	if r.Commit != "" {
		parts = append(parts, "at "+shortID(r.Commit))
	}
	return strings.Join(append(parts, r.Time.UTC().Format(time.RFC3339)), " ")
}
