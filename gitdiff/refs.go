package gitdiff

import (
	"os"
	"path/filepath"
	"strings"
)

// refStore reads references as files, loose and packed (gitrepository-layout(5) and git-check-ref-format(1)).
type refStore struct {
	gitDir, commonDir string
}

// refDepth is how many symbolic references git follows.
const refDepth = 5

// read gives the ID that a full reference name stands for; symbolic ones are followed. It is empty for one that is not
// there. target is the last name on the way: for HEAD its branch.
func (r *refStore) read(name string) (id, target string) {
	for range refDepth {
		content := r.content(name)
		next, symbolic := strings.CutPrefix(content, "ref:")
		if !symbolic {
			if len(content) > 40 && strings.ContainsAny(content[40:41], " \t\n") {
				content = content[:40]
			}
			if !isFullHex(content) {
				content = ""
			}
			return strings.ToLower(content), name
		}
		if name = strings.TrimSpace(next); !validRef(name) {
			return "", name
		}
	}
	return "", name
}

// content is what a reference's file says, or packed-refs in its place.
func (r *refStore) content(name string) string {
	dir := r.commonDir
	if r.perWorktree(name) {
		dir = r.gitDir
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "refs/") {
		return "ref: " + target
	}
	if data, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(data))
	}
	if id, found := r.firstPacked(name); found == name {
		return id
	}
	return ""
}

// perWorktree reports whether each linked worktree has a reference of this name of its own.
func (r *refStore) perWorktree(name string) bool {
	if !strings.HasPrefix(name, "refs/") {
		return true
	}
	return strings.HasPrefix(name, "refs/bisect/") || strings.HasPrefix(name, "refs/worktree/") ||
		strings.HasPrefix(name, "refs/rewritten/")
}

// parsePackedRefs reads the lines of packed-refs.
func parsePackedRefs(text string, into map[string]string) {
	for line := range strings.Lines(text) {
		if id, name := parsePackedRef(strings.TrimRight(line, "\n")); name != "" {
			into[name] = id
		}
	}
}

// expand finds the reference that a short name means, by the rules of gitrevisions(7).
func (r *refStore) expand(name string) (id, target string) {
	if !validRef(name) {
		return "", ""
	}
	for _, rule := range []string{"*", "refs/*", "refs/tags/*", "refs/heads/*", "refs/remotes/*", "refs/remotes/*/HEAD"} {
		full := strings.Replace(rule, "*", name, 1)
		if !strings.HasPrefix(full, "refs/") && strings.Trim(full, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
			continue // other files of the git directory are no references
		}
		if id, target := r.read(full); id != "" {
			return id, target
		}
	}
	return "", ""
}

// validRef reports whether a name may be one of a reference.
func validRef(name string) bool {
	if name == "" || name == "@" || strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return false
	}
	if strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.HasSuffix(name, ".") {
		return false
	}
	for i := range len(name) {
		if name[i] < ' ' {
			return false
		}
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || segment[0] == '.' || strings.HasSuffix(segment, ".lock") {
			return false
		}
	}
	return true
}
