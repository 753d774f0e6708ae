package project

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/monoplan/monoplan/internal/python/pep440"
)

// Constraint is which versions will do: those in one of its sets. Without any, every version will do.
type Constraint []pep440.Set

// Allows reports whether a version will do.
func (c Constraint) Allows(v pep440.Version) bool {
	return len(c) == 0 || slices.ContainsFunc(c, func(set pep440.Set) bool { return set.Contains(v) })
}

// ParseConstraint reads a constraint as Poetry writes it: clauses of PEP 440 with commas or blanks between, alternatives with "||", and
// besides "^1.2" (up to the next version that may break: <2.0), "~1.2" (<1.3), "1.2.*", "*", and "1.2" for just that version.
func ParseConstraint(text string) (Constraint, error) {
	var constraint Constraint
	for alternative := range strings.SplitSeq(strings.ReplaceAll(text, "||", "|"), "|") {
		set, err := parseClauses(alternative)
		if err != nil {
			return nil, fmt.Errorf("constraint %q: %w", text, err)
		}
		if len(set) == 0 {
			return nil, nil // any version
		}
		constraint = append(constraint, set)
	}
	return constraint, nil
}

func parseClauses(text string) (pep440.Set, error) {
	var set pep440.Set
	rest := text
	for {
		rest = strings.TrimLeft(rest, " \t\n,")
		if rest == "" {
			return set, nil
		}
		after := strings.TrimLeft(rest, "<>=!~^")
		operator := rest[:len(rest)-len(after)]
		after = strings.TrimLeft(after, " \t")
		end := strings.IndexAny(after, " \t\n,<>=!~^")
		if end < 0 {
			end = len(after)
		}
		clauses, err := poetryClause(operator, after[:end])
		if err != nil {
			return nil, err
		}
		set = append(set, clauses...)
		rest = after[end:]
	}
}

// poetryClause translates one clause to those of PEP 440.
func poetryClause(operator, version string) (pep440.Set, error) {
	if version == "*" || version == "x" && operator == "" {
		return nil, nil
	}
	switch operator {
	case "^":
		return between(version, caretPart)
	case "~":
		return between(version, func(release []string) int { return min(1, len(release)-1) })
	case "", "=":
		operator = "=="
	}
	return pep440.ParseSet(operator + version)
}

// caretPart gives which number of a release goes up in the next version that may break: the first that is not zero, or the last one
// written.
func caretPart(release []string) int {
	i := slices.IndexFunc(release, func(n string) bool { return n != "0" })
	if i < 0 {
		return len(release) - 1
	}
	return i
}

// between gives the versions from one on, up to the one in which a number of its release goes up.
func between(version string, part func(release []string) int) (pep440.Set, error) {
	v, err := pep440.Parse(version)
	if err != nil {
		return nil, err
	}
	release := v.Release(1)
	i := part(release)
	n, err := strconv.Atoi(release[i])
	if err != nil {
		return nil, fmt.Errorf("%q has a number that is too large", version)
	}
	release[i] = strconv.Itoa(n + 1)
	for j := range release[i+1:] {
		release[i+1+j] = "0"
	}
	upper := strings.Join(release, ".")
	if epoch, _, found := strings.Cut(v.Public(), "!"); found {
		upper = epoch + "!" + upper
	}
	return pep440.ParseSet(">=" + v.Public() + ",<" + upper)
}
