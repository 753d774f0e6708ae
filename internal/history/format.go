package history

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

// Format writes the history as Parse reads it. A file that does not end in a line feed gets one, as txtar has it.
func (h *History) Format() []byte {
	archive := &txtar.Archive{Comment: []byte(h.Comment + "\n\n")}
	add := func(name string, body string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(body)})
	}
	for i, c := range h.Commits {
		header := "commit " + c.Name
		switch {
		case i > 0 && len(c.Parents) == 0:
			header += " orphan"
		case i > 0 && (len(c.Parents) > 1 || c.Parents[0] != h.Commits[i-1].Name):
			header += " from " + strings.Join(c.Parents, ",")
		}
		addOps(add, header, c.Ops, refLines(c))
	}
	if h.Worktree != nil {
		addOps(add, "worktree", h.Worktree, "")
	}
	for _, p := range h.Plans {
		header := strings.Join(append([]string{"plan", p.Base + ".." + p.Head}, p.Flags...), " ")
		add(header, p.Format())
	}
	return txtar.Format(archive)
}

func refLines(c Commit) string {
	var b strings.Builder
	for _, name := range c.Branches {
		fmt.Fprintf(&b, "branch %s\n", Escape(name))
	}
	for _, name := range c.Tags {
		fmt.Fprintf(&b, "tag %s\n", Escape(name))
	}
	return b.String()
}

// addOps adds the section of a commit, or of the working tree, and those of its files.
func addOps(add func(name, body string), header string, ops []Op, refs string) {
	body := refs
	for _, op := range ops {
		if op.Verb != "put" {
			body += strings.TrimRight(fmt.Sprintf("%s %s %s", op.Verb, Escape(op.Path), Escape(op.Arg)), " ") + "\n"
		}
	}
	add(header, body)
	for _, op := range ops {
		if op.Verb == "put" {
			add(Escape(op.Path), op.Arg)
		}
	}
}

// Format writes the body of a plan's section, a service a line and its further reasons below it.
func (p Plan) Format() string {
	var b bytes.Buffer
	for _, text := range p.Errors {
		fmt.Fprintf(&b, "%s %s\n", map[bool]string{true: "usage", false: "error"}[p.Usage], text)
	}
	for _, d := range p.Decisions {
		b.WriteString(d.String())
	}
	for _, text := range p.Warnings {
		fmt.Fprintf(&b, "warning %s\n", text)
	}
	return b.String()
}

// String writes the decision as it stands in a plan's section, with a line feed at the end of each line.
func (d Decision) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", d.Action, Escape(d.Path))
	if d.Name != "" {
		fmt.Fprintf(&b, " as %s", Escape(d.Name))
	}
	if d.Type != "" {
		fmt.Fprintf(&b, " type %s", Escape(d.Type))
	}
	for i, r := range d.Reasons {
		if i > 0 {
			b.WriteString("\n   ")
		}
		b.WriteString(" " + r.String())
	}
	b.WriteString("\n")
	return b.String()
}

// String writes the reason as it stands in a plan's section.
func (r Reason) String() string {
	s := r.Rule
	if r.File != "" {
		s += " " + Escape(r.File)
	}
	if r.Files > 1 {
		s += fmt.Sprintf(" x%d", r.Files)
	}
	for i, target := range r.Via {
		s += [...]string{" via ", " > "}[min(i, 1)] + Escape(target)
	}
	return s
}
