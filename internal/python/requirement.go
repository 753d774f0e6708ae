package python

import "strings"

// requirement is what one requirement says: a name, and where it is installed from, if that is local.
type requirement struct {
	name  string // normalized; empty where a path alone is given
	loc   location
	local bool
}

// parseRequirement reads a requirement as PEP 508 has it, `name[extra] @ target ; marker` or `name>=1`, and as pip and PDM
// write it besides: a path or URL alone, or behind -e. It gives ok false for what is none of these.
func parseRequirement(text string) (req requirement, ok bool) {
	text = strings.TrimSpace(text)
	if target, editable := cutEditable(text); editable {
		return parseTarget(target), true
	}
	name, rest := cutName(text)
	if target, direct := strings.CutPrefix(rest, "@"); direct && name != "" {
		return directReference(name, target), true
	}
	if isTarget(text) {
		return parseTarget(text), true
	}
	return requirement{name: NormalizeName(name)}, name != "" && endsName(rest)
}

// LocalRequirement gives the local path that a requirement is installed from, as a line of requirements names it, with or without a name
// and behind "-e" or not. It gives ok false for a requirement that comes from elsewhere, and for what is none.
func LocalRequirement(text string) (r Reference, ok bool) {
	req, ok := parseRequirement(text)
	return Reference{Name: req.name, Path: req.loc.path, Subdirectory: req.loc.subdirectory}, ok && req.local
}

// parseTarget reads a path or URL that no name comes before, as pip takes it on a line or after -e; pip takes
// `name @ target` after -e too.
func parseTarget(text string) requirement {
	text = strings.TrimSpace(text)
	name, rest := cutName(text)
	if target, direct := strings.CutPrefix(rest, "@"); direct && name != "" {
		return directReference(name, target)
	}
	path, fragment := cutFragment(strings.TrimSpace(cutTargetMarker(text)))
	if path = cutExtras(path); fragment != "" {
		path += "#" + fragment
	}
	loc, local := parseLocation(path)
	return requirement{name: loc.egg, loc: loc, local: local}
}

func cutTargetMarker(text string) string {
	if hasScheme(text) || strings.HasPrefix(text, "{") {
		return cutURLMarker(text)
	}
	text, _, _ = strings.Cut(text, ";")
	return text
}

// TargetCondition gives the extras, normalized, that a path or URL without a name in front asks for (../lib[a,b]), and the marker behind
// it.
func TargetCondition(text string) (extras []string, marker string) {
	target := cutTargetMarker(text)
	marker = strings.Trim(text[len(target):], "; \t")
	path, _ := cutFragment(strings.TrimSpace(target))
	list := strings.Trim(path[len(cutExtras(path)):], "[] \t")
	for extra := range strings.SplitSeq(list, ",") {
		if extra = strings.TrimSpace(extra); extra != "" {
			extras = append(extras, NormalizeName(extra))
		}
	}
	return extras, marker
}

func cutEditable(text string) (target string, found bool) {
	for _, option := range []string{"--editable", "-e"} {
		if after, has := strings.CutPrefix(text, option); has && after != "" && strings.ContainsRune(" \t=", rune(after[0])) {
			return strings.TrimLeft(after, " \t="), true
		}
	}
	return "", false
}

// directReference reads what comes after the "@" of a direct reference.
func directReference(name, target string) requirement {
	loc, local := parseLocation(cutURLMarker(strings.TrimSpace(target)))
	return requirement{name: NormalizeName(name), loc: loc, local: local}
}

// cutName takes a name and its extras off the front of a requirement.
func cutName(text string) (name, rest string) {
	name = requirementName(text)
	rest = strings.TrimLeft(text[len(name):], " \t")
	if name != "" && strings.HasPrefix(rest, "[") {
		if _, after, closed := strings.Cut(rest, "]"); closed {
			rest = strings.TrimLeft(after, " \t")
		}
	}
	return name, rest
}

// requirementName gives the project's name that a requirement begins with, or "". A name ends in a letter or digit, or as Python's own
// parser has it in "_".
func requirementName(text string) string {
	end := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case isLetter(c) || isDigit(c) || i > 0 && c == '_':
			end = i + 1
		case i > 0 && (c == '-' || c == '.'):
		default:
			return text[:end]
		}
	}
	return text[:end]
}

// endsName reports whether what comes after a name and its extras can come after one: a version, a marker, or nothing.
func endsName(rest string) bool {
	return rest == "" || strings.ContainsRune("<>=!~;(", rune(rest[0]))
}

// isTarget reports whether pip takes a requirement without "name @" for a path or URL: it begins with a scheme, looks like a path
// ("." in front or a "/" anywhere), or is the name of an archive.
func isTarget(text string) bool {
	if hasScheme(text) || strings.HasPrefix(text, ".") || strings.HasPrefix(text, "{root") || strings.HasPrefix(text, "${") {
		return true
	}
	path, _, _ := strings.Cut(text, ";")
	if path == "" || strings.ContainsRune("<>=", rune(path[0])) {
		return false // what a merge left behind: "<<<<<<< origin/main"
	}
	return strings.Contains(path, "/") || IsArchive(path)
}

// cutExtras cuts the "[extra,…]" that ends a path, or what an option's splitting at blanks left of it.
func cutExtras(text string) string {
	text = strings.TrimSpace(text)
	open := strings.LastIndexByte(text, '[')
	if open <= 0 || text[open-1] == '/' || strings.Contains(text[open:], "/") {
		return text
	}
	return strings.TrimSpace(text[:open])
}

// IsArchive reports whether a path names a wheel or a source archive, by the endings that pip knows.
func IsArchive(path string) bool {
	path = strings.ToLower(cutExtras(path))
	for _, ending := range []string{
		".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma",
	} {
		if strings.HasSuffix(path, ending) {
			return true
		}
	}
	return false
}

// markerVariables are what an environment marker begins with (PEP 508).
var markerVariables = []string{
	"python_version", "python_full_version", "os_name", "sys_platform", "platform_", "implementation_", "extra", "dependency_groups", "(", "'", `"`,
}

// cutURLMarker cuts the "; marker" that comes after a URL. A URL may hold a ";" itself: one that ends it has a blank on
// either side, or a marker right behind.
func cutURLMarker(text string) string {
	for i := range len(text) {
		if text[i] != ';' {
			continue
		}
		before, after := text[:i], text[i+1:]
		if after == "" || isBlank(after[0]) || i > 0 && isBlank(before[i-1]) || beginsMarker(after) {
			return strings.TrimSpace(before)
		}
	}
	return text
}

func beginsMarker(text string) bool {
	for _, variable := range markerVariables {
		if strings.HasPrefix(text, variable) {
			return true
		}
	}
	return false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
