package python

import (
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/python/toml"
)

// pylockName gives the name of a lock by PEP 751 ("File Name"), and whether a file is one: of pylock.dev.toml it is "dev", and
// pylock.toml has none.
func pylockName(base string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(base, "pylock.")
	if !ok || rest == "toml" {
		return "", ok
	}
	name, ok = strings.CutSuffix(rest, ".toml")
	return name, ok && name != "" && !strings.Contains(name, ".")
}

// IsPylock reports whether a file of this name is a lock by PEP 751.
func IsPylock(base string) bool {
	_, ok := pylockName(base)
	return ok
}

// ParsePylock reads the lock by PEP 751 whose file is called base: the packages that come from a path, with Dev set those whose marker asks
// for a dev group, or all where the file is called after one.
func ParsePylock(base string, data []byte) (*Manifest, error) {
	if !lockMayName(data) && !hasConflict(data) {
		return &Manifest{}, nil
	}
	return readPylock(base, data)
}

func readPylock(base string, data []byte) (*Manifest, error) {
	document, err := toml.Parse(data)
	if err != nil {
		return &Manifest{}, err
	}
	m := &Manifest{}
	group, _ := pylockName(base)
	for _, p := range document.Get("packages").Elements() {
		name, _ := p.Get("name").Text()
		marker, _ := p.Get("marker").Text()
		dev := IsDevGroup(group) || asksForDevGroup(marker)
		for _, key := range []string{"vcs", "directory", "archive", "sdist", "wheels"} {
			for _, source := range p.Get(key).Each() {
				m.lockedSource(source, NormalizeName(name), dev)
			}
		}
	}
	return m, nil
}

// asksForDevGroup reports whether a marker holds only where a dev group is installed: whichever of its alternatives does, it names one. One
// with parentheses may hold elsewhere, too.
func asksForDevGroup(marker string) bool {
	if !strings.Contains(marker, "dependency_groups") || strings.Contains(marker, "(") {
		return false
	}
	for alternative := range strings.SplitSeq(marker, " or ") {
		if !slices.ContainsFunc(strings.Split(alternative, " and "), namesDevGroup) {
			return false
		}
	}
	return true
}

// namesDevGroup reports whether a part of a marker is "group" in dependency_groups, of a dev group.
func namesDevGroup(part string) bool {
	name, ok := strings.CutSuffix(strings.TrimSpace(part), " in dependency_groups")
	return ok && IsDevGroup(strings.Trim(name, `"' `))
}
