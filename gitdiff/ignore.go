package gitdiff

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monoplan/monoplan/internal/gitignore"
)

const ignoreFile = ".gitignore"

// ignoreRules are the patterns that hold in a directory and below, the last word last: those of the user, of the
// repository (info/exclude), and of each .gitignore from the top down (gitignore(5), DESCRIPTION). All are rewritten to
// be relative to the top, so that a pattern of one file can take back what one of another ignores.
type ignoreRules struct {
	lines   []gitignore.Line
	matcher *gitignore.Matcher
}

func (r *ignoreRules) add(lines []gitignore.Line) *ignoreRules {
	if len(lines) == 0 {
		return r
	}
	added := &ignoreRules{lines: append(slices.Clip(r.lines), lines...)}
	added.matcher, _ = gitignore.Parse(added.lines) // git passes over a pattern that can match nothing
	return added
}

func (r *ignoreRules) ignores(path string, isDir bool) bool {
	ignored, _ := r.matcher.Match(path, isDir)
	return ignored
}

// baseRules are the patterns that hold in the whole working tree before any .gitignore.
func (l *location) baseRules(env environment, settings config) (*ignoreRules, error) {
	excludes, ok := settings.get("core.excludesfile")
	if !ok {
		excludes = userConfig(env, "ignore")
	}
	rules := &ignoreRules{}
	for _, path := range []string{expandHome(excludes, env), filepath.Join(l.commonDir, "info", "exclude")} {
		if path == "" {
			continue
		}
		data, err := os.ReadFile(absolute(l.workTree, path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rules = rules.add(ignoreLines("", string(data)))
	}
	return rules, nil
}

// within adds the patterns of a directory's own .gitignore.
func (r *ignoreRules) within(dir string, data []byte) *ignoreRules {
	if dir == "." {
		dir = ""
	}
	return r.add(ignoreLines(dir, string(data)))
}

// readIgnoreFile reads the .gitignore of a directory, and gives fs.ErrNotExist where there is none. One that is a symbolic link counts
// not, as in git.
func readIgnoreFile(root *os.Root, dir string) ([]byte, error) {
	path := filepath.Join(filepath.FromSlash(dir), ignoreFile)
	info, err := root.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	return root.ReadFile(path)
}

// ignoreLines rewrites the patterns of a file in a directory ("" for the top) to be relative to the top.
func ignoreLines(dir, text string) []gitignore.Line {
	var lines []gitignore.Line
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		if dir != "" {
			line = rebase(dir, line)
		}
		if line != "" {
			lines = append(lines, gitignore.Line{Text: line, Number: 1})
		}
	}
	return lines
}

// rebase makes a pattern of a directory's file one of the top: a pattern with a slash but at its end is relative to
// the directory, and one without is a name at any depth below.
func rebase(dir, line string) string {
	pattern, negated := strings.CutPrefix(line, "!")
	if strings.Trim(pattern, "/ ") == "" {
		return ""
	}
	escaped := "/" + globEscaper.Replace(dir)
	body := strings.TrimSuffix(strings.TrimRight(pattern, " "), "/")
	switch {
	case strings.HasPrefix(pattern, "/"):
		pattern = escaped + pattern
	case strings.Contains(body, "/"):
		pattern = escaped + "/" + pattern
	default:
		pattern = escaped + "/**/" + pattern
	}
	if negated {
		pattern = "!" + pattern
	}
	return pattern
}

var globEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)
