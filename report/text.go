package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monoplan/monoplan/planner"
)

// Text writes the plan for a person: a line for each service to deploy or to remove, with the first of its reasons, then
// how many are skipped. Where the style has a width, lines are cut to it.
func Text(w io.Writer, p *planner.Plan, st Style) error {
	var b strings.Builder
	rows := planRows(p)
	b.Grow(usualLine * (len(rows) + 2))
	if st.Width > 0 && st.room(rows) < 2*narrowest {
		rows = dropColumn(rows, pathColumn)
	}
	st.writeTable(&b, rows)
	if len(rows) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(summary(p))
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// usualLine is how many bytes a line of a table mostly has room in.
const usualLine = 160

// pathColumn is the column that a narrow terminal does without.
const pathColumn = 2

func planRows(p *planner.Plan) [][]cell {
	var rows [][]cell
	for _, s := range p.Services {
		if s.Action == planner.Skip || len(s.Reasons) == 0 {
			continue
		}
		rows = append(rows, []cell{
			actionCell(s.Action),
			{Quote(s.Name), bold},
			{Quote(s.Path), plain},
			{string(s.Reasons[0].Rule), faint},
			{Sentence(s, s.Reasons[0]) + movedTo(p, s) + furtherReasons(s), plain},
		})
	}
	return rows
}

func actionCell(a planner.Action) cell {
	switch a {
	case planner.Deploy:
		return cell{string(a), green}
	case planner.Remove:
		return cell{string(a), red}
	}
	return cell{string(a), faint}
}

// movedTo says of a service that is gone where head has one of its name: to remove the one would take down the other.
func movedTo(p *planner.Plan, s planner.ServicePlan) string {
	if s.Action != planner.Remove {
		return ""
	}
	for _, other := range p.Services {
		isThere := other.Action != planner.Remove && len(other.Reasons) > 0 && other.Reasons[0].Rule != planner.NotInCommit
		if isThere && other.Name == s.Name {
			return fmt.Sprintf(": %s is in %s now, and is not to be taken down", Quote(other.Name), Quote(other.Path))
		}
	}
	return ""
}

func furtherReasons(s planner.ServicePlan) string {
	if n := len(s.Reasons) - 1; n > 0 {
		return " (" + count(n, "more reason") + ")"
	}
	return ""
}

// summary is the line at the end of a plan.
func summary(p *planner.Plan) string {
	deploy, remove, skip := p.Count(planner.Deploy), p.Count(planner.Remove), p.Count(planner.Skip)
	absent := absentNames(p)
	var parts []string
	if deploy == 0 {
		parts = append(parts, "nothing to deploy")
	} else {
		parts = append(parts, fmt.Sprintf("%d of %s to deploy", deploy, count(deploy+skip, "service")))
	}
	if remove > 0 {
		parts = append(parts, fmt.Sprintf("%d to remove", remove))
	}
	if n := skip - len(absent); n > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped as unchanged", n))
	}
	if len(absent) > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped as not in this commit (%s)", len(absent), strings.Join(absent, ", ")))
	}
	text := strings.Join(parts, ", ")
	if p.Stage != "" {
		text = Quote(p.Stage) + ": " + text
	}
	return text + Comparing(p)
}

// absentNames lists the services that are skipped because head does not have them: unlike the unchanged ones they are
// worth a name, since that is most often a mistake in the register.
func absentNames(p *planner.Plan) []string {
	var names []string
	for _, s := range p.Services {
		if s.Action == planner.Skip && len(s.Reasons) > 0 && s.Reasons[0].Rule == planner.NotInCommit {
			names = append(names, Quote(s.Name))
		}
	}
	return names
}

// Comparing says what was compared with what: "; v1.2 (0123456789) against HEAD (abcdef0123)".
func Comparing(p *planner.Plan) string {
	head := revision(p.Head)
	if p.Worktree {
		head = "the working tree"
	}
	if p.Base == nil {
		return ": " + head
	}
	return ": " + revision(*p.Base) + " against " + head
}

func revision(r planner.Revision) string {
	switch {
	case r.SHA == "" && (r.Ref == "none" || strings.Trim(r.Ref, "0") == ""):
		return "no baseline"
	case r.SHA == "":
		return shortID(r.Ref) + " (not here)"
	case strings.HasPrefix(r.SHA, r.Ref):
		return shortID(r.SHA)
	}
	return Quote(r.Ref) + " (" + shortID(r.SHA) + ")"
}

// shortID cuts a full object name to what a person compares by eye; anything else stays whole.
func shortID(s string) string {
	const digits = 10
	if len(s) < 40 || strings.Trim(s, "0123456789abcdef") != "" {
		return Quote(s)
	}
	return s[:digits]
}
