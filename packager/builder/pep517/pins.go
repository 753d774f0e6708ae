package pep517

import (
	"regexp"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/pep440"
)

// Pins names the table of pinned versions, as part of the key of what is built: it changes with the table.
const Pins = "1"

// pins gives the versions of common build requirements that are taken where a project's requirement lets them pass, the
// first that does. All run on Python 3.9.
func pins(name string) []string {
	switch python.NormalizeName(name) {
	case "poetry-core":
		return []string{"2.1.3", "1.9.1", "1.0.8"}
	case "hatchling":
		return []string{"1.27.0"}
	case "setuptools":
		return []string{"80.9.0", "75.8.2", "69.5.1", "59.8.0"}
	case "wheel":
		return []string{"0.45.1"}
	case "flit-core":
		return []string{"3.12.0", "2.3.0"}
	case "pdm-backend":
		return []string{"2.4.5"}
	case "setuptools-scm":
		return []string{"8.3.1", "7.1.0"}
	case "hatch-vcs":
		return []string{"0.5.0"}
	case "cython":
		return []string{"3.1.3", "0.29.37"}
	}
	return nil
}

// Constraints gives a line for each requirement that has a pin, as pip's --constraint takes it.
func Constraints(requires []string) []string {
	form := regexp.MustCompile(`^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;@()]*)\)?\s*(?:;.*)?$`)
	var lines []string
	for _, r := range requires {
		m := form.FindStringSubmatch(r)
		if m == nil {
			continue
		}
		wanted, err := pep440.ParseSet(m[2])
		if err != nil {
			continue // the installer says what is wrong with it
		}
		for _, pin := range pins(m[1]) {
			if v, err := pep440.Parse(pin); err == nil && wanted.Contains(v) {
				lines = append(lines, m[1]+"=="+pin)
				break
			}
		}
	}
	return lines
}
