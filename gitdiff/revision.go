package gitdiff

import (
	"strconv"
	"strings"
)

// revision is the syntax of a revision that gitrevisions(7) has: a name, a path within it, and steps from it.
type revision struct {
	name  string
	steps []revStep
	// path is what comes after a colon, where there is one.
	path    string
	hasPath bool
	// unsupported names a form that is not read here.
	unsupported string
	malformed   bool
	// dated says that it is a place in the reflog by its date.
	dated bool
}

// InFull gives the forms in which a revision names a tag, a branch and a branch of a remote in full: of those that there are git
// takes the first. It gives nothing for a revision that can be but one thing.
func InFull(rev string) []string {
	r := parseRevision(rev)
	isWhole := isFullHex(r.name) || r.name == "HEAD" || strings.HasPrefix(r.name, "refs/")
	if isWhole || r.malformed || r.unsupported != "" || r.hasPath || !validRef(r.name) {
		return nil
	}
	return []string{"refs/tags/" + rev, "refs/heads/" + rev, "refs/remotes/" + rev}
}

// revStep is "~n", "^n", or "^{kind}".
type revStep struct {
	op   byte // '~', '^' or '{'
	n    int
	kind string
}

// commitish reports whether the name must be that of a commit for the first step to make sense.
func (r *revision) commitish() bool {
	return !r.hasPath && (len(r.steps) == 0 || r.steps[0].op != '{' || r.steps[0].kind == "commit")
}

func parseRevision(text string) revision {
	if strings.HasPrefix(text, ":/") {
		return revision{unsupported: "a search of messages"}
	}
	if strings.HasPrefix(text, ":") {
		return revision{unsupported: "a path of the index"}
	}
	end := nameEnd(text)
	r := revision{name: text[:end]}
	r.checkName()
	rest := text[end:]
	for rest != "" && !r.malformed && r.unsupported == "" {
		switch rest[0] {
		case ':':
			r.path, r.hasPath = rest[1:], true
			rest = ""
		case '~', '^':
			rest = r.step(rest)
		default:
			r.malformed = true
		}
	}
	return r
}

// nameEnd finds the first step or colon that is not within the braces of "@{…}".
func nameEnd(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '~', '^', ':':
			return i
		case '@':
			if strings.HasPrefix(text[i:], "@{") {
				if end := strings.IndexByte(text[i:], '}'); end > 0 {
					i += end
				}
			}
		}
	}
	return len(text)
}

// firstTimestamp is the first number that git takes for a date and not for a place (its get_oid_basic).
const firstTimestamp = 100_000_000

// checkName sorts out the forms of "@{…}": only that of an upstream is read here.
func (r *revision) checkName() {
	_, inside, ok := strings.Cut(r.name, "@{")
	if !ok {
		return
	}
	switch inside = strings.ToLower(strings.TrimSuffix(inside, "}")); inside {
	case "u", "upstream":
	case "push":
		r.unsupported = "@{push}"
	default:
		r.unsupported = "a place in the reflog"
		n, err := strconv.Atoi(inside)
		r.dated = err != nil || n >= firstTimestamp
	}
}

// step takes one step off the front.
func (r *revision) step(rest string) string {
	op := rest[0]
	rest = rest[1:]
	if op == '^' && strings.HasPrefix(rest, "{") {
		kind, after, ok := strings.Cut(rest[1:], "}")
		switch {
		case !ok:
			r.malformed = true
		case strings.HasPrefix(kind, "/"):
			r.unsupported = "a search of messages"
		}
		r.steps = append(r.steps, revStep{op: '{', kind: kind})
		return after
	}
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	n := 1
	if digits > 0 {
		var err error
		if n, err = strconv.Atoi(rest[:digits]); err != nil {
			r.malformed = true
		}
	}
	r.steps = append(r.steps, revStep{op: op, n: n})
	return rest[digits:]
}
