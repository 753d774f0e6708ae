package pep517

import (
	"regexp"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
)

// Common lists what the build requirements of most projects come to, pinned: an environment with each can be made
// beforehand.
func Common() [][]string {
	return [][]string{
		{"poetry-core==2.1.3"}, {"poetry-core==1.9.1"}, {"hatchling==1.27.0"}, {"setuptools==80.9.0"},
		{"setuptools==80.9.0", "wheel==0.45.1"}, {"flit-core==3.12.0"}, {"pdm-backend==2.4.5"},
	}
}

// Pinned gives what build requirements come to, sorted, where each of them has a pin and no condition.
func Pinned(requires []string) ([]string, bool) {
	plain := regexp.MustCompile(`^[^;\[@]*$`)
	var pinned []string
	for _, r := range requires {
		lines := Constraints([]string{r})
		if len(lines) != 1 || !plain.MatchString(r) {
			return nil, false
		}
		name, version, _ := strings.Cut(lines[0], "==")
		pinned = append(pinned, python.NormalizeName(name)+"=="+version)
	}
	slices.Sort(pinned)
	return slices.Compact(pinned), true
}
