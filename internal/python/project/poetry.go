package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/marker"
	"github.com/monoplan/monoplan/internal/python/toml"
)

// poetry reads [tool.poetry]. Where [project] lists dependencies, Poetry's own table only adds where these come from.
func (r *reader) poetry() {
	table := r.Document.Get("tool", "poetry")
	dependencies := table.Get("dependencies")
	r.python(dependencies.Get("python"))
	project := r.Document.Get("project")
	if project.Get("dependencies") == nil && project.Get("optional-dependencies") == nil {
		r.Main = append(r.Main, r.poetryGroup(dependencies)...)
		r.Dynamic = r.Dynamic && len(dependencies.Entries()) == 0
	} else {
		for _, dependency := range dependencies.Entries() {
			name := python.NormalizeName(dependency.Name)
			for _, specification := range dependency.Value.Each() {
				r.eachNamed(name, func(req *Requirement) { req.takeSource(specification, "") })
			}
		}
	}
	r.poetryExtras(table.Get("extras"))
	r.poetryGroups(table)
}

func (r *reader) poetryGroups(table *toml.Value) {
	groups := map[string]*toml.Value{}
	for _, group := range table.Get("group").Entries() {
		groups[python.NormalizeName(group.Name)] = group.Value
	}
	for name := range groups {
		r.Groups[name] = append(r.Groups[name], r.includingGroup(name, groups, map[string]bool{})...)
	}
	if dev := table.Get("dev-dependencies"); dev != nil {
		r.Groups["dev"] = append(r.Groups["dev"], r.poetryGroup(dev)...)
	}
}

// includingGroup gives a group's requirements with those of the groups that it includes; seen are those on the way.
func (r *reader) includingGroup(name string, groups map[string]*toml.Value, seen map[string]bool) []Requirement {
	if seen[name] {
		return nil
	}
	seen[name] = true
	all := r.poetryGroup(groups[name].Get("dependencies"))
	for _, included := range groups[name].Get("include-groups").Texts() {
		all = append(all, r.includingGroup(python.NormalizeName(included), groups, seen)...)
	}
	return all
}

// poetryExtras reads [tool.poetry.extras]: names of optional dependencies for each extra.
func (r *reader) poetryExtras(table *toml.Value) {
	for _, extra := range table.Entries() {
		name := python.NormalizeName(extra.Name)
		r.Extras = append(r.Extras, name)
		for _, dependency := range extra.Value.Texts() {
			for i := range r.Main {
				if r.Main[i].Name == python.NormalizeName(dependency) && r.Main[i].Optional {
					r.Main[i].ForExtras = append(r.Main[i].ForExtras, name)
				}
			}
		}
	}
}

// poetryGroup reads a table of dependencies.
func (r *reader) poetryGroup(table *toml.Value) []Requirement {
	var all []Requirement
	for _, dependency := range table.Entries() {
		name := python.NormalizeName(dependency.Name)
		if name == "python" {
			continue
		}
		for _, specification := range dependency.Value.Each() {
			req, err := poetryRequirement(name, specification)
			if err != nil {
				r.fail(specification.Line, err)
				continue
			}
			all = append(all, req)
		}
	}
	return all
}

// poetryRequirement reads a constraint alone, or {version, extras, markers, python, platform, optional, path, …}.
func poetryRequirement(name string, specification *toml.Value) (Requirement, error) {
	req := Requirement{Name: name, Line: specification.Line}
	text, alone := specification.Text()
	if !alone {
		text, _ = specification.Get("version").Text()
	}
	var err error
	if req.Constraint, err = ParseConstraint(text); err != nil {
		return req, fmt.Errorf("%s: %w", name, err)
	}
	req.Text = text
	for _, extra := range specification.Get("extras").Texts() {
		req.Extras = append(req.Extras, python.NormalizeName(extra))
	}
	req.Optional = specification.Get("optional").IsTrue()
	req.takeSource(specification, "")
	req.Conditions, err = poetryConditions(specification)
	return req, err
}

// poetryConditions reads markers, and what Poetry has short words for: python and platform.
func poetryConditions(specification *toml.Value) ([]marker.Marker, error) {
	var texts []string
	if text, ok := specification.Get("markers").Text(); ok {
		texts = append(texts, text)
	}
	if text, ok := specification.Get("python").Text(); ok {
		condition, err := pythonCondition(text)
		if err != nil {
			return nil, err
		}
		texts = append(texts, condition)
	}
	if text, ok := specification.Get("platform").Text(); ok {
		texts = append(texts, platformCondition(text))
	}
	var conditions []marker.Marker
	for _, text := range texts {
		m, err := marker.Parse(text)
		if err != nil {
			return nil, err
		}
		if !m.IsAny() {
			conditions = append(conditions, m)
		}
	}
	return conditions, nil
}

// pythonCondition translates a constraint on Python to a marker. A version of two numbers is one of python_version: <=3.8 has 3.8.5 in it.
func pythonCondition(text string) (string, error) {
	constraint, err := ParseConstraint(text)
	if err != nil {
		return "", err
	}
	var alternatives []string
	for _, set := range constraint {
		var clauses []string
		for _, specifier := range set {
			operator, version := specifier.Parts()
			variable := "python_version"
			if strings.Count(strings.TrimSuffix(version, ".*"), ".") > 1 {
				variable = "python_full_version"
			}
			clauses = append(clauses, fmt.Sprintf("%s %s '%s'", variable, operator, version))
		}
		alternatives = append(alternatives, strings.Join(clauses, " and "))
	}
	return strings.Join(alternatives, " or "), nil
}

// platformCondition translates names of platforms: "linux || darwin", "!=win32".
func platformCondition(text string) string {
	var alternatives []string
	for alternative := range strings.SplitSeq(text, "||") {
		var clauses []string
		for _, clause := range strings.FieldsFunc(alternative, func(r rune) bool { return r == ',' || r == ' ' }) {
			operator := "=="
			if strings.HasPrefix(clause, "!=") {
				operator = "!="
			}
			clauses = append(clauses, fmt.Sprintf("sys_platform %s '%s'", operator, strings.TrimLeft(clause, "!=")))
		}
		if len(clauses) > 0 && !slices.Contains(clauses, "sys_platform == '*'") {
			alternatives = append(alternatives, strings.Join(clauses, " and "))
		}
	}
	return strings.Join(alternatives, " or ")
}
