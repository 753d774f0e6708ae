package tag

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/monoplan/monoplan/internal/python"
	"github.com/monoplan/monoplan/internal/python/pep440"
)

// Wheel is what the file name of a wheel says (PEP 427).
type Wheel struct {
	Name    string // normalized
	Version pep440.Version
	Build   Build
	// Tags are all that the name stands for: "py2.py3-none-any" is two.
	Tags []Tag
}

// Build is a build tag, which orders wheels that are else the same. The zero value, no build tag, comes first.
type Build struct {
	number string // digits without leading zeros
	rest   string
}

// Compare orders build tags: by their number, then by what comes behind it.
func (b Build) Compare(c Build) int {
	return cmp.Or(cmp.Compare(len(b.number), len(c.number)), strings.Compare(b.number, c.number), strings.Compare(b.rest, c.rest))
}

// String gives the build tag as it was written, but for leading zeros.
func (b Build) String() string { return b.number + b.rest }

// ParseWheel reads a wheel's file name. The error names it.
func ParseWheel(file string) (Wheel, error) {
	stem, found := strings.CutSuffix(file, ".whl")
	parts := strings.Split(stem, "-")
	if !found || len(parts) != 5 && len(parts) != 6 {
		return Wheel{}, fmt.Errorf("%q is no name of a wheel", file)
	}
	var w Wheel
	if !isWheelName(parts[0]) {
		return w, fmt.Errorf("%q: %q is no project's name", file, parts[0])
	}
	w.Name = python.NormalizeName(parts[0])
	var err error
	if w.Version, err = pep440.Parse(parts[1]); err != nil {
		return w, fmt.Errorf("%q: %w", file, err)
	}
	if len(parts) == 6 {
		if w.Build, found = parseBuild(parts[2]); !found {
			return w, fmt.Errorf("%q: %q is no build tag", file, parts[2])
		}
	}
	if w.Tags, found = parseTags(parts[len(parts)-3], parts[len(parts)-2], parts[len(parts)-1]); !found {
		return w, fmt.Errorf("%q: not a set of tags", file)
	}
	return w, nil
}

// isWheelName reports whether a name is one of ASCII letters, digits, "_" and ".", and not with two "_" in a row.
func isWheelName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && c != '.' && !isAlphanumeric(c) {
			return false
		}
	}
	return name != "" && !strings.Contains(name, "__")
}

func parseBuild(text string) (Build, bool) {
	rest := strings.TrimLeft(text, "0123456789")
	digits := text[:len(text)-len(rest)]
	if digits == "" {
		return Build{}, false
	}
	number := strings.TrimLeft(digits, "0")
	if number == "" {
		number = "0"
	}
	return Build{number: number, rest: rest}, true
}

// mostTags bounds what one name may stand for: names are foreign, and three lists multiply.
const mostTags = 1000

// parseTags reads compressed sets of tags, "py2.py3", which stand for every combination.
func parseTags(interpreters, abis, platforms string) ([]Tag, bool) {
	a, b, c := strings.Split(interpreters, "."), strings.Split(abis, "."), strings.Split(platforms, ".")
	if len(a)*len(b)*len(c) > mostTags {
		return nil, false
	}
	tags := make([]Tag, 0, len(a)*len(b)*len(c))
	for _, interpreter := range a {
		for _, abi := range b {
			for _, platform := range c {
				if !isInterpreter(interpreter) || abi == "" || platform == "" {
					return nil, false
				}
				tags = append(tags, Tag{strings.ToLower(interpreter), strings.ToLower(abi), strings.ToLower(platform)})
			}
		}
	}
	return tags, true
}

// isInterpreter reports whether a tag's interpreter is a word that begins with a letter.
func isInterpreter(text string) bool {
	for i := range len(text) {
		if c := text[i]; c != '_' && !isAlphanumeric(c) {
			return false
		}
	}
	return text != "" && (text[0] < '0' || text[0] > '9')
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
