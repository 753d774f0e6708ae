package stream

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Host is a CI that folds parts of a log. The zero value folds nothing.
type Host struct {
	kind  hostKind
	token string
}

type hostKind int

const (
	none hostKind = iota
	gitHub
	gitLab
	buildkite
)

// HostOf finds out by a CI's own variables which one shows the log. token is a word that no log has: GitHub Actions
// takes lines for commands until it is told not to, and then waits for that word.
func HostOf(getenv func(string) string, token string) Host {
	switch {
	case getenv("GITHUB_ACTIONS") == "true":
		return Host{gitHub, token}
	case getenv("GITLAB_CI") == "true":
		return Host{gitLab, token}
	case getenv("BUILDKITE") == "true":
		return Host{buildkite, token}
	}
	return Host{}
}

func (h Host) folds() bool { return h.kind != none }

// open begins a part of the log; that of a failure is not folded away, where the CI lets one choose.
// GitHub: "Workflow commands for GitHub Actions", ::group:: and ::stop-commands::. GitLab: "CI/CD job logs", custom
// collapsible sections. Buildkite: "Managing log output", --- and +++.
func (h Host) open(w io.Writer, name, title string, failed bool, now time.Time) {
	switch h.kind {
	case gitHub:
		fmt.Fprintf(w, "::group::%s\n::stop-commands::%s\n", title, h.token)
	case gitLab:
		fmt.Fprintf(w, "\x1b[0Ksection_start:%d:%s[collapsed=%t]\r\x1b[0K%s\n", now.Unix(), sectionName(name), !failed, title)
	case buildkite:
		mark := "---"
		if failed {
			mark = "+++"
		}
		fmt.Fprintf(w, "%s %s\n", mark, title)
	}
}

func (h Host) close(w io.Writer, name string, now time.Time) {
	switch h.kind {
	case gitHub:
		fmt.Fprintf(w, "::%s::\n::endgroup::\n", h.token)
	case gitLab:
		fmt.Fprintf(w, "\x1b[0Ksection_end:%d:%s\r\x1b[0K\n", now.Unix(), sectionName(name))
	}
}

// annotate says a failure where the CI shows failures: above the log.
func (h Host) annotate(w io.Writer, e Event) {
	if h.kind != gitHub {
		fmt.Fprintf(w, "%s\n", failure(e))
		return
	}
	text := failure(e)
	if len(e.Tail) > 0 {
		text += "\n" + strings.Join(e.Tail, "\n")
	}
	fmt.Fprintf(w, "::error title=%s::%s\n", escapeProperty("monoplan: "+e.Service), escapeData(text))
}

// escape keeps a line of a log from opening a part of its own. Those of GitHub are stopped by the word, and those of
// GitLab need control characters, which are gone.
func (h Host) escape(line string) string {
	if h.kind == buildkite && (strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "~~~") || strings.HasPrefix(line, "^^^")) {
		return " " + line
	}
	return line
}

// sectionName has what GitLab takes: letters, digits, "_", "." and "-".
func sectionName(name string) string {
	return "monoplan_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-", r) {
			return r
		}
		return '_'
	}, name)
}

// escapeData and escapeProperty are GitHub's own escapes (actions/toolkit, command.ts).
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}
