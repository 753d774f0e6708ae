package pep440

import (
	"fmt"
	"slices"
	"strings"
)

// Specifier is one clause of a specifier: an operator and a version.
type Specifier struct {
	operator string
	version  Version
	prefix   bool   // "1.2.*"
	text     string // of "===", as it is written
}

// operators are PEP 440's, those first that another one begins.
var operators = [...]string{"===", "==", "~=", "!=", "<=", ">=", "<", ">"}

// ParseSpecifier reads one clause: ">=1.2", "== 1.*", "~=2.0.1".
func ParseSpecifier(text string) (Specifier, error) {
	trimmed := strings.Trim(text, " \t\n\r\f\v")
	for _, operator := range operators {
		if rest, found := strings.CutPrefix(trimmed, operator); found {
			if spec, ok := newSpecifier(operator, strings.TrimLeft(rest, " \t\n\r\f\v")); ok {
				return spec, nil
			}
			break
		}
	}
	return Specifier{}, fmt.Errorf("%q is no version specifier", text)
}

func newSpecifier(operator, text string) (Specifier, bool) {
	spec := Specifier{operator: operator}
	if operator == "===" {
		spec.text = text
		return spec, !strings.ContainsAny(text, " \t\n\r\f\v;)")
	}
	equality := operator == "==" || operator == "!="
	s := scanner{rest: text}
	if release, found := strings.CutSuffix(text, ".*"); found && equality {
		spec.prefix = true
		s.rest = release
	}
	var ok bool
	if spec.version, ok = s.version(); !ok {
		return spec, false
	}
	if equality && !spec.prefix {
		spec.version.local, ok = s.local()
	}
	v := spec.version
	switch {
	case !ok || s.rest != "":
		return spec, false
	case spec.prefix && (v.pre != final || v.post != "" || v.dev != ""):
		return spec, false
	}
	return spec, operator != "~=" || len(v.release) > 1
}

// Contains reports whether a version is one that the specifier asks for.
func (s Specifier) Contains(v Version) bool {
	switch s.operator {
	case "===":
		return strings.EqualFold(v.String(), s.text)
	case "==":
		return s.equals(v)
	case "!=":
		return !s.equals(v)
	case "~=":
		return v.comparePublic(s.version) >= 0 && hasPrefix(v, s.version.epoch, s.version.release[:len(s.version.release)-1])
	case "<=":
		return v.comparePublic(s.version) <= 0
	case ">=":
		return v.comparePublic(s.version) >= 0
	case "<":
		return v.comparePublic(s.version.firstPrerelease()) < 0
	default:
		return v.comparePublic(s.version) > 0 && !v.isPostOf(s.version)
	}
}

// ContainsText is Contains for a version that may be none, such as the release of an operating system: no clause but "===" asks for such
// a text, which compares as it is written.
func (s Specifier) ContainsText(text string) bool {
	if s.operator == "===" {
		return strings.EqualFold(text, s.text)
	}
	v, err := Parse(text)
	return err == nil && s.Contains(v)
}

func (s Specifier) equals(v Version) bool {
	switch {
	case s.prefix:
		return hasPrefix(v, s.version.epoch, s.version.release)
	case len(s.version.local) == 0:
		return v.comparePublic(s.version) == 0
	default:
		return v.Compare(s.version) == 0
	}
}

// hasPrefix reports whether a version's release begins with numbers; it has as many zeros behind it as one likes.
func hasPrefix(v Version, epoch string, release []string) bool {
	if v.epoch != epoch {
		return false
	}
	for i, n := range release {
		if number(v.release, i) != n {
			return false
		}
	}
	return true
}

// Parts gives the operator, and the version in its normal form with ".*" where it is a prefix.
func (s Specifier) Parts() (operator, version string) {
	return s.operator, strings.TrimPrefix(s.String(), s.operator)
}

// Exact gives the version that is the only one to do, and whether there is one.
func (s Specifier) Exact() (version string, exact bool) {
	switch {
	case s.operator == "===":
		return s.text, true
	case s.operator == "==" && !s.prefix:
		return s.version.String(), true
	default:
		return "", false
	}
}

// String gives the clause as PEP 440 writes it, with the version in its normal form.
func (s Specifier) String() string {
	switch {
	case s.operator == "===":
		return s.operator + s.text
	case s.prefix:
		return s.operator + s.version.String() + ".*"
	default:
		return s.operator + s.version.String()
	}
}

// Set is clauses that hold together. Without any, every version will do.
type Set []Specifier

// ParseSet reads clauses with commas between them: ">=1.2, <2". The empty text is the set that every version is in.
func ParseSet(text string) (Set, error) {
	var set Set
	for clause := range strings.SplitSeq(text, ",") {
		if strings.Trim(clause, " \t\n\r\f\v") == "" {
			continue
		}
		spec, err := ParseSpecifier(clause)
		if err != nil {
			return nil, err
		}
		set = append(set, spec)
	}
	return set, nil
}

// Contains reports whether a version is one that all clauses ask for.
func (s Set) Contains(v Version) bool {
	return !slices.ContainsFunc(s, func(spec Specifier) bool { return !spec.Contains(v) })
}

// String gives the clauses sorted, so that sets that are written in another order are the same text.
func (s Set) String() string {
	texts := make([]string, len(s))
	for i, spec := range s {
		texts[i] = spec.String()
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ",")
}
