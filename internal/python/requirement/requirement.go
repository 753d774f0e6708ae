// Package requirement reads requirements as PEP 508 has them: a name, extras, versions or a URL, and a marker.
//
// internal/python reads them for what planning asks, the name and a local path, from texts of any tool. Here one is read in whole, and what
// PEP 508 does not allow is an error: a requirement that is half understood would have a package left out.
package requirement

import (
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/pep440"
)

// Requirement is one requirement.
type Requirement struct {
	Name   string   // normalized
	Extras []string // normalized, in the order of the text
	// Specifier says which versions will do; empty where URL is given, and for any version.
	Specifier pep440.Set
	// URL is what comes after the "@" of a direct reference.
	URL    string
	Marker marker.Marker
}

// Parse reads a requirement. The error names the text.
func Parse(text string) (Requirement, error) {
	req, rest, ok := parseName(strings.TrimLeft(text, " \t"))
	if !ok {
		return Requirement{}, fmt.Errorf("%q is no requirement", text)
	}
	condition := ""
	if after, direct := strings.CutPrefix(rest, "@"); direct {
		after = strings.TrimLeft(after, " \t")
		end := strings.IndexAny(after, " \t")
		if end < 0 {
			end = len(after)
		}
		req.URL, condition = after[:end], strings.TrimLeft(after[end:], " \t")
		if req.URL == "" {
			return Requirement{}, fmt.Errorf("%q has no URL after its @", text)
		}
	} else {
		end := strings.IndexByte(rest, ';')
		if end < 0 {
			end = len(rest)
		}
		var err error
		if req.Specifier, err = parseSpecifier(rest[:end]); err != nil {
			return Requirement{}, fmt.Errorf("requirement %q: %w", text, err)
		}
		condition = rest[end:]
	}
	return req.withMarker(text, condition)
}

// withMarker reads what comes last: nothing, or ";" and a marker.
func (r Requirement) withMarker(text, condition string) (Requirement, error) {
	condition, found := strings.CutPrefix(condition, ";")
	if !found {
		if condition != "" {
			return Requirement{}, fmt.Errorf("%q has more than a requirement", text)
		}
		return r, nil
	}
	if strings.Trim(condition, " \t") == "" {
		return Requirement{}, fmt.Errorf("%q has no marker after its semicolon", text)
	}
	var err error
	r.Marker, err = marker.Parse(strings.Trim(condition, " \t"))
	return r, err
}

// parseName reads the name and the extras.
func parseName(text string) (req Requirement, rest string, ok bool) {
	name := identifier(text)
	rest = strings.TrimLeft(text[len(name):], " \t")
	req.Name = python.NormalizeName(name)
	if list, found := strings.CutPrefix(rest, "["); found {
		list, after, closed := strings.Cut(list, "]")
		if req.Extras, ok = parseExtras(list); !ok || !closed {
			return req, "", false
		}
		rest = strings.TrimLeft(after, " \t")
	}
	return req, rest, name != ""
}

func parseExtras(list string) (extras []string, ok bool) {
	if strings.Trim(list, " \t") == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(list, ",") {
		part = strings.Trim(part, " \t")
		if part == "" || identifier(part) != part {
			return nil, false
		}
		extras = append(extras, python.NormalizeName(part))
	}
	return extras, true
}

// parseSpecifier reads clauses, which parentheses may stand around.
func parseSpecifier(text string) (pep440.Set, error) {
	text = strings.Trim(text, " \t")
	if inner, found := strings.CutPrefix(text, "("); found {
		inner, closed := strings.CutSuffix(inner, ")")
		if !closed {
			return nil, fmt.Errorf("%q has no closing parenthesis", text)
		}
		text = inner
	}
	clauses := strings.Split(text, ",")
	for i, clause := range clauses {
		if strings.Trim(clause, " \t") == "" && len(clauses) > 1 && (i == 0 || i < len(clauses)-1) {
			return nil, fmt.Errorf("%q has a comma too many", text)
		}
	}
	return pep440.ParseSet(text)
}

// identifier gives the name that a text begins with: letters, digits, ".", "_" and "-", with a letter or digit at either end; or, as
// Python's own parser has it, "_" at its end.
func identifier(text string) string {
	end := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && c == '_':
			end = i + 1
		case i == 0 || c != '-' && c != '.':
			return text[:end]
		}
	}
	return text[:end]
}
