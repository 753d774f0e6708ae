package history

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// ParseFile reads the history in a file. Its errors begin with the file's name.
func ParseFile(file string) (*History, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	h, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return h, nil
}

// Parse reads a history. Its errors name the section and the line that it cannot read.
func Parse(data []byte) (*History, error) {
	archive := txtar.Parse(data)
	p := &parser{h: &History{Comment: strings.TrimSpace(string(archive.Comment))}}
	for _, section := range archive.Files {
		if err := p.section(section.Name, string(section.Data)); err != nil {
			return nil, fmt.Errorf("section %q: %w", section.Name, err)
		}
	}
	if p.h.Comment == "" {
		return nil, errors.New("the comment that says what the history shows is missing")
	}
	if len(p.h.Commits) == 0 {
		return nil, errors.New("no commit")
	}
	return p.h, nil
}

type parser struct {
	h *History
	// ops is where the files of the commit or working tree above go.
	ops *[]Op
}

func (p *parser) section(name, body string) error {
	word, rest, _ := strings.Cut(name, " ")
	switch word {
	case "commit":
		return p.commit(strings.Fields(rest), body)
	case "worktree":
		p.h.Worktree = []Op{}
		p.ops = &p.h.Worktree
		return p.body(body, nil)
	case "plan":
		return p.plan(strings.Fields(rest), body)
	}
	if p.ops == nil {
		return errors.New("a file before the first commit")
	}
	path, err := Unescape(name)
	if err != nil {
		return err
	}
	*p.ops = append(*p.ops, Op{Verb: "put", Path: path, Arg: body})
	return nil
}

func (p *parser) commit(words []string, body string) error {
	c := Commit{}
	switch {
	case len(words) == 1:
		c.Name = words[0]
		if n := len(p.h.Commits); n > 0 {
			c.Parents = []string{p.h.Commits[n-1].Name}
		}
	case len(words) == 2 && words[1] == "orphan":
		c.Name = words[0]
	case len(words) == 3 && words[1] == "from":
		c.Name, c.Parents = words[0], strings.Split(words[2], ",")
	default:
		return errors.New("want: commit NAME [from A[,B] | orphan]")
	}
	p.h.Commits = append(p.h.Commits, c)
	last := &p.h.Commits[len(p.h.Commits)-1]
	p.ops = &last.Ops
	return p.body(body, last)
}

// body reads the lines below a commit's header, or below that of the working tree, where c is nil.
func (p *parser) body(body string, c *Commit) error {
	for line := range lines(body) {
		fields := strings.Fields(line)
		for i := range fields {
			var err error
			if fields[i], err = Unescape(fields[i]); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
		}
		if want, known := arguments[fields[0]]; !known || len(fields)-1 != want {
			return fmt.Errorf("%q is no change of a tree", line)
		}
		switch verb := fields[0]; {
		case verb == "branch" && c != nil:
			c.Branches = append(c.Branches, fields[1])
		case verb == "tag" && c != nil:
			c.Tags = append(c.Tags, fields[1])
		case verb == "branch" || verb == "tag":
			return fmt.Errorf("%q: the working tree has no refs", line)
		default:
			fields = append(fields, "", "")
			*p.ops = append(*p.ops, Op{Verb: verb, Path: fields[1], Arg: fields[2]})
		}
	}
	return nil
}

// arguments has the words of a body and how many arguments follow each.
var arguments = map[string]int{
	"delete": 1, "move": 2, "symlink": 2, "submodule": 2, "exec": 1, "noexec": 1, "clear": 0, "branch": 1, "tag": 1,
}

func (p *parser) plan(words []string, body string) error {
	if len(words) == 0 {
		return errors.New("want: plan BASE..HEAD [FLAGS]")
	}
	base, head, ok := strings.Cut(words[0], "..")
	if !ok {
		return errors.New("want: plan BASE..HEAD [FLAGS]")
	}
	plan := Plan{Base: base, Head: head, Flags: words[1:]}
	for line := range lines(body) {
		if err := plan.line(line); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
	}
	p.h.Plans = append(p.h.Plans, plan)
	return nil
}

func (p *Plan) line(line string) error {
	word, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	text = strings.TrimSpace(text)
	switch {
	case line[0] == ' ' || line[0] == '\t':
		if len(p.Decisions) == 0 {
			return errors.New("a reason without a service")
		}
		last := &p.Decisions[len(p.Decisions)-1]
		reason, err := parseReason(strings.Fields(line))
		last.Reasons = append(last.Reasons, reason)
		return err
	case word == "warning":
		p.Warnings = append(p.Warnings, text)
	case word == "error", word == "usage":
		p.Errors = append(p.Errors, text)
		p.Usage = word == "usage"
	case word == "deploy", word == "skip", word == "remove":
		d, err := parseDecision(word, strings.Fields(text))
		p.Decisions = append(p.Decisions, d)
		return err
	default:
		return errors.New("want deploy, skip, remove, warning, error or usage")
	}
	return nil
}

func parseDecision(action string, words []string) (d Decision, err error) {
	if len(words) == 0 {
		return d, errors.New("no service")
	}
	d.Action = action
	if d.Path, err = Unescape(words[0]); err != nil {
		return d, err
	}
	words = words[1:]
	for _, said := range []struct {
		word string
		to   *string
	}{{"as", &d.Name}, {"type", &d.Type}} {
		if len(words) >= 2 && words[0] == said.word {
			if *said.to, err = Unescape(words[1]); err != nil {
				return d, err
			}
			words = words[2:]
		}
	}
	if len(words) == 0 {
		switch action {
		case "skip":
			words = []string{"unchanged"}
		case "remove":
			words = []string{"not-in-commit"}
		default:
			return d, errors.New("no reason")
		}
	}
	reason, err := parseReason(words)
	d.Reasons = []Reason{reason}
	return d, err
}

// parseReason reads RULE [FILE [xN] [via A > B]].
func parseReason(words []string) (Reason, error) {
	r := Reason{Rule: words[0]}
	if len(words) == 1 {
		return r, nil
	}
	file, err := Unescape(words[1])
	if err != nil {
		return r, err
	}
	r.File, r.Files = file, 1
	words = words[2:]
	if len(words) > 0 && words[0] != "via" {
		count, ok := strings.CutPrefix(words[0], "x")
		if r.Files, err = strconv.Atoi(count); err != nil || !ok {
			return r, fmt.Errorf("%q is not xN", words[0])
		}
		words = words[1:]
	}
	if len(words) == 0 {
		return r, nil
	}
	if words[0] != "via" || len(words)%2 != 0 {
		return r, fmt.Errorf("%q is not via A > B", strings.Join(words, " "))
	}
	for i := 1; i < len(words); i += 2 {
		if i > 1 && words[i-1] != ">" {
			return r, fmt.Errorf("%q is not via A > B", strings.Join(words, " "))
		}
		target, err := Unescape(words[i])
		if err != nil {
			return r, err
		}
		r.Via = append(r.Via, target)
	}
	return r, nil
}

// lines gives the lines of a body but for empty ones and comments.
func lines(body string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(body) {
			line = strings.TrimRight(line, "\n")
			if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
				continue
			}
			if !yield(line) {
				return
			}
		}
	}
}

// Unescape replaces each %XX by its byte.
func Unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", fmt.Errorf("%q ends in a broken escape", s)
		}
		code, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("%q has a broken escape", s)
		}
		b.WriteByte(byte(code))
		i += 2
	}
	return b.String(), nil
}

// Escape is the inverse of Unescape: it leaves no blank, no control character, no percent sign and no byte above ASCII.
func Escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
