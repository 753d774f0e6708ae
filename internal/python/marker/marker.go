package marker

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/pep440"
)

// Marker is an expression over an environment. The zero value holds everywhere.
type Marker struct {
	text string
	root expression
}

// String gives the marker as it was written.
func (m Marker) String() string { return m.text }

// IsAny reports whether the marker is the empty one, which holds everywhere.
func (m Marker) IsAny() bool { return m.text == "" }

// Evaluate reports whether the marker holds.
func (m Marker) Evaluate(e Environment) bool { return m.IsAny() || m.root.holds(&e) }

// expression is a comparison, or others of which all ("and") or any ("or") must hold.
type expression struct {
	comparison
	all, any []expression
}

func (x *expression) holds(e *Environment) bool {
	switch {
	case x.all != nil:
		return !slices.ContainsFunc(x.all, func(part expression) bool { return !part.holds(e) })
	case x.any != nil:
		return slices.ContainsFunc(x.any, func(part expression) bool { return part.holds(e) })
	default:
		return x.compare(e)
	}
}

// comparison is of a variable with a literal.
type comparison struct {
	variable variable
	operator string
	literal  string
	reversed bool // the literal comes first
	// specifier is the operator with the literal, where both make a clause of PEP 440.
	specifier *pep440.Specifier
}

func (c *comparison) compare(e *Environment) bool {
	switch {
	case c.variable == extra:
		return c.compareExtra(e.Extras)
	case c.variable == extras:
		return hasName(e.Extras, c.literal) == (c.operator == "in")
	case c.variable == dependencyGroups:
		return hasName(e.Groups, c.literal) == (c.operator == "in")
	}
	value := e.value(c.variable)
	if c.specifier != nil {
		return c.specifier.ContainsText(value)
	}
	if !c.reversed {
		return compareTexts(value, c.operator, c.literal)
	}
	if c.variable.isVersion() {
		if spec, err := pep440.ParseSpecifier(c.operator + value); err == nil {
			return spec.ContainsText(c.literal)
		}
	}
	return compareTexts(c.literal, c.operator, value)
}

// compareExtra compares with each of several extras: one that is equal will do, and none may be for "!=".
func (c *comparison) compareExtra(asked []string) bool {
	if len(asked) == 0 {
		return c.compareOneExtra("")
	}
	if c.operator == "!=" || c.operator == "not in" {
		return !slices.ContainsFunc(asked, func(name string) bool { return !c.compareOneExtra(name) })
	}
	return slices.ContainsFunc(asked, c.compareOneExtra)
}

func (c *comparison) compareOneExtra(name string) bool {
	name = python.NormalizeName(name)
	if c.reversed {
		return compareTexts(c.literal, c.operator, name)
	}
	return compareTexts(name, c.operator, c.literal)
}

func hasName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(other string) bool { return python.NormalizeName(other) == name })
}

// compareTexts compares what are not both versions: texts have no order, only their being equal.
func compareTexts(left, operator, right string) bool {
	switch operator {
	case "==", "<=", ">=":
		return left == right
	case "!=":
		return left != right
	case "in":
		return strings.Contains(right, left)
	case "not in":
		return !strings.Contains(right, left)
	default:
		return false
	}
}
