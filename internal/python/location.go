package python

import (
	"net/url"
	"strings"
)

// location is where something that is installed from lies, if that is a local path.
type location struct {
	path         string
	subdirectory string
	egg          string // the project's name, where the fragment of a URL gives it
	variable     bool   // the path begins with a variable, so that nothing is known of it
}

// LocalPath gives the path that a path or URL leads to, as the option of a line of requirements names it, and whether it is a local one.
func LocalPath(text string) (path string, local bool) {
	loc, local := parseLocation(text)
	return loc.path, local
}

// parseLocation reads a path or URL as pip, uv, Hatch and PDM write them after the "@" of a direct reference or in a
// line of requirements: ../lib, file:../lib, file:///lib, ${PROJECT_ROOT}, {root:uri}, with a fragment. It gives ok false for
// one that is not local, or of which nothing is known.
func parseLocation(text string) (loc location, ok bool) {
	rest, fragment := cutFragment(text)
	loc.subdirectory, loc.egg = parseFragment(fragment)
	rest, versioned := cutVersionControl(rest)
	rest, isURL, local := cutFileScheme(rest)
	if !local {
		return location{}, false
	}
	if versioned {
		rest = cutRevision(rest)
	}
	if isURL {
		rest, _, _ = strings.Cut(rest, "?")
	}
	if after, prefix, uri, found := cutRoot(rest); found {
		if rest = prefix + strings.TrimLeft(after, "/"); rest == "" {
			rest = "."
		}
		isURL = isURL || uri
	}
	whole := rest
	rest = cutVariable(rest)
	if rest == "" && whole != "" {
		return location{variable: true}, false
	}
	if isURL {
		rest = percentDecode(rest)
	}
	if rest == "" || rest == "/" || strings.Contains(rest, "\x00") {
		return location{}, false
	}
	loc.path = rest
	return loc, true
}

// cutFragment cuts "#subdirectory=…", "#egg=…", a hash or any other fragment of a URL; in a path a "#" is a character like others,
// unless a key and "=" come after it.
func cutFragment(text string) (rest, fragment string) {
	before, after, found := strings.Cut(text, "#")
	if !found {
		return text, ""
	}
	if hasScheme(text) || strings.HasPrefix(text, "{") || strings.Contains(after, "=") {
		return before, after
	}
	return text, ""
}

func parseFragment(fragment string) (subdirectory, egg string) {
	for part := range strings.SplitSeq(fragment, "&") {
		key, val, _ := strings.Cut(part, "=")
		switch key {
		case "subdirectory":
			subdirectory = percentDecode(val)
		case "egg":
			egg = NormalizeName(requirementName(percentDecode(val)))
		}
	}
	return subdirectory, egg
}

// cutVersionControl cuts the "git+" of git+file:///….
func cutVersionControl(text string) (rest string, found bool) {
	for _, system := range []string{"git+", "hg+", "svn+", "bzr+"} {
		if len(text) > len(system) && strings.EqualFold(text[:len(system)], system) {
			return text[len(system):], true
		}
	}
	return text, false
}

// cutRevision cuts the "@revision" that ends what a version control system clones.
func cutRevision(text string) string {
	if i := strings.LastIndexByte(text, '@'); i > 0 {
		return text[:i]
	}
	return text
}

// cutFileScheme takes the scheme and host off a file URL; a path passes as it is, any other URL is not local. A host other than
// this one is no valid file URL: what was meant is the relative path that file://../lib and file://./lib look like.
func cutFileScheme(text string) (rest string, isURL, local bool) {
	if !hasScheme(text) {
		return text, false, text != ""
	}
	if len(text) < 5 || !strings.EqualFold(text[:5], "file:") {
		return "", true, false
	}
	rest = text[5:]
	if after, found := strings.CutPrefix(rest, "//"); found {
		rest = after
		if host, path, _ := strings.Cut(rest, "/"); strings.EqualFold(host, "localhost") {
			rest = "/" + path
		}
	}
	return rest, true, rest != ""
}

// hasScheme reports whether a text begins as a URL does (RFC 3986): a letter, then letters, digits, "+", "-", ".", then ":".
func hasScheme(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case isLetter(c):
		case i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'):
		default:
			return i > 0 && c == ':'
		}
	}
	return false
}

// cutRoot takes a variable for the project's own directory off the front, PDM's ${PROJECT_ROOT} or Hatch's {root}, {root:uri},
// {root:parent:uri}, and gives the relative path that it stands for.
func cutRoot(text string) (after, prefix string, uri, found bool) {
	trimmed := strings.TrimLeft(text, "/")
	if after, found := strings.CutPrefix(trimmed, "${PROJECT_ROOT}"); found {
		return after, "", false, true
	}
	if !strings.HasPrefix(trimmed, "{root") {
		return text, "", false, false
	}
	variable, after, closed := strings.Cut(trimmed[1:], "}")
	if !closed {
		return text, "", false, false
	}
	modifiers := strings.Split(variable, ":")
	for _, modifier := range modifiers[1:] {
		switch modifier {
		case "parent":
			prefix += "../"
		case "uri":
			uri = true
		case "real":
		default:
			return text, "", false, false
		}
	}
	return after, prefix, uri, modifiers[0] == "root"
}

// cutVariable ends a path that holds a variable, $NAME, ${NAME} or {name}, at the deepest directory before it.
func cutVariable(path string) string {
	return cutBefore(path, "${")
}

// cutGlob ends a path that holds a glob at the deepest directory before it.
func cutGlob(path string) string {
	return cutBefore(path, "*?[{")
}

// cutBefore gives the deepest directory before the first of some characters: "" for none, and for the file system's root.
func cutBefore(path, characters string) string {
	i := strings.IndexAny(path, characters)
	if i < 0 {
		return path
	}
	return strings.TrimRight(path[:strings.LastIndexByte(path[:i], '/')+1], "/")
}

// percentDecode decodes what can be decoded: a "%" that begins no pair of digits stays.
func percentDecode(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if i+2 < len(text) && text[i] == '%' {
			if decoded, err := url.PathUnescape(text[i : i+3]); err == nil {
				b.WriteString(decoded)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
