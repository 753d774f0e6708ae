package gitdiff

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A repository is plain if nothing about it leaves a doubt that git would find it, would agree to read it, and would read in it what
// is read in process. It is so for nearly all; and where it is not, git is asked for everything.

// doubtful are the variables that move parts of a repository, or change what its objects are: those that "git rev-parse
// --local-env-vars" lists, and what takes discovery further or has it stop.
var doubtful = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_DIR",
	"GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE",
	"GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REFERENCE_BACKEND", "GIT_REF_PARANOIA",
	"GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
	"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
	"GIT_TEST_ASSUME_DIFFERENT_OWNER", // by which git's own tests have a repository refused
}

// isPlain reports whether the repository is plain, as far as its place tells.
func (l *location) isPlain(env environment) bool {
	if !l.ordinary {
		return false
	}
	if slices.ContainsFunc(doubtful, func(name string) bool { return env.get(name) != "" }) {
		return false
	}
	// Git refuses what belongs to somebody else, unless safe.directory lists it (git-config(1)).
	for _, path := range []string{l.workTree, filepath.Join(l.workTree, ".git"), l.gitDir} {
		if !isOwn(path) {
			return false
		}
	}
	return isOneDevice(l.dir, l.workTree)
}

// absent reports whether there is no reference of this name, nor one that is damaged.
func (r *refStore) absent(name string) bool {
	id, _ := r.expand(name)
	return id == "" && validRef(name) && r.content(name) == ""
}

// plain reports whether a name can only be one of a reference, by the first of the rules of gitrevisions(7) that applies: a file of this
// name in the git directory may be one as well, as may one of another worktree.
func (r *refStore) plain(name string) bool {
	if strings.HasPrefix(name, "worktrees/") || strings.HasPrefix(name, "main-worktree/") {
		return false
	}
	id, target := r.expand(name)
	if id == "" {
		return false
	}
	if target == name || name == "HEAD" {
		return true
	}
	for _, dir := range []string{r.gitDir, r.commonDir} {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			return strings.HasPrefix(name, "refs/")
		}
	}
	return true
}
