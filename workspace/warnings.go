package workspace

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Warning is something that the plan was widened for, or that its user should know.
type Warning struct {
	File    string // empty where it is about no file
	Line    int    // 1-based, 0 for the whole file
	Message string
}

// allWarnings gives the warnings of a snapshot in order, those of packages among them unless another program is asked for
// these.
func (s *snapshot) allWarnings(packagesAsked bool) []Warning {
	if packagesAsked || len(s.packages) == 0 {
		return s.warnings
	}
	all := make(map[Warning]bool)
	for _, w := range s.warnings {
		all[w] = true
	}
	for _, packages := range s.packages {
		for _, w := range packages.Warnings {
			all[Warning(w)] = true
		}
	}
	return inOrder(all)
}

func inOrder(warnings map[Warning]bool) []Warning {
	return slices.SortedFunc(maps.Keys(warnings), Warning.compare)
}

func (w Warning) compare(v Warning) int {
	return cmp.Or(strings.Compare(w.File, v.File), cmp.Compare(w.Line, v.Line), strings.Compare(w.Message, v.Message))
}

func encodeWarning(e *encoder, w Warning) {
	e.string(w.File)
	e.int(w.Line)
	e.string(w.Message)
}

func decodeWarning(d *decoder) Warning {
	return Warning{File: d.string(), Line: d.int(), Message: d.string()}
}
