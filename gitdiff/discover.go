package gitdiff

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// location is where a repository's parts are, as git-rev-parse(1) would tell. Paths are absolute, with symbolic links
// resolved.
type location struct {
	dir       string // where the search began
	gitDir    string
	commonDir string
	workTree  string // empty where there is none
	config    config // of the repository alone
	// ordinary says that the repository was found by the .git of its working tree, and nothing on the way looked like another.
	ordinary bool
	// partial is the remote that a partial clone may fetch what it lacks from; empty for a clone that is whole.
	partial string
	// lender is a remote that commits were fetched from without their files, for as long as the repository is open.
	lender string
	// replaced reports whether objects may stand for others. Without it, as in a submodule, the files of references tell.
	replaced func() bool
}

// discover finds the repository that holds dir, by the rules of git(1) and gitrepository-layout(5): GIT_DIR and its kin
// where they are set, else the first directory upwards that has a .git or is a git directory itself. It starts no
// process, so both engines share it.
func discover(dir string, env environment) (*location, error) {
	dir, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	if objects := env.get("GIT_OBJECT_DIRECTORY"); objects != "" {
		env = env.with(nil, "GIT_OBJECT_DIRECTORY="+absolute(dir, objects))
	}
	if explicit := env.get("GIT_DIR"); explicit != "" {
		gitDir, ok := gitDirectory(absolute(dir, explicit), env)
		if !ok {
			return nil, fmt.Errorf("%w: GIT_DIR is %q", ErrNotRepository, explicit)
		}
		return locate(dir, explicitTop(dir, gitDir), gitDir, env)
	}
	ceilings := ceilingDirectories(env)
	passed := false // a .git that is none: git may end at it
	for at := dir; ; at = filepath.Dir(at) {
		if gitDir, ok := gitDirectory(filepath.Join(at, ".git"), env); ok {
			l, err := locate(dir, at, gitDir, env)
			if err == nil {
				l.ordinary = !passed && l.workTree == at
			}
			return l, err
		}
		passed = passed || exists(filepath.Join(at, ".git"))
		if isGitDirectory(at, env) {
			return locate(dir, "", at, env)
		}
		if at == filepath.Dir(at) || slices.Contains(ceilings, filepath.Dir(at)) {
			return nil, fmt.Errorf("%w (nor any directory above): %s", ErrNotRepository, dir)
		}
	}
}

// locate completes a location. The natural work tree is the one that holds the git directory; it is empty for a git
// directory that was found by being inside of it.
func locate(dir, natural, gitDir string, env environment) (*location, error) {
	l := &location{dir: dir, gitDir: gitDir, commonDir: commonDirectory(gitDir, env), config: config{}}
	if err := l.config.read(filepath.Join(l.commonDir, "config")); err != nil {
		return nil, err
	}
	l.partial = l.config.promisor()
	linked := l.commonDir != l.gitDir
	own := l.config
	if linked {
		// A linked worktree has its place from its .git file: core.bare and core.worktree are the main one's.
		own = config{}
	}
	if l.config.boolean("extensions.worktreeconfig", false) {
		specific := config{}
		if err := specific.read(filepath.Join(gitDir, "config.worktree")); err != nil {
			return nil, err
		}
		merged := config{}
		for _, layer := range []config{own, specific} {
			for key, values := range layer {
				merged[key] = append(merged[key], values...)
			}
		}
		own = merged
	}
	workTree, err := l.findWorkTree(natural, own, env)
	if err != nil {
		return nil, err
	}
	l.workTree = workTree
	return l, nil
}

// explicitTop is the natural work tree of a git directory that GIT_DIR names: to git it is the current directory. Git itself names
// that of a linked worktree so to its hooks, which may go to directories below: there it is the worktree's own.
func explicitTop(dir, gitDir string) string {
	data, err := os.ReadFile(filepath.Join(gitDir, "gitdir"))
	if err != nil {
		return dir
	}
	file := absolute(gitDir, strings.TrimRight(string(data), "\r\n"))
	top, err := realPath(filepath.Dir(file))
	if err != nil {
		return dir
	}
	named, ok := gitDirectory(file, nil)
	rel, err := filepath.Rel(top, dir)
	if err != nil || !filepath.IsLocal(rel) || !ok || named != gitDir {
		return dir
	}
	return top
}

func (l *location) findWorkTree(natural string, own config, env environment) (string, error) {
	if explicit := env.get("GIT_WORK_TREE"); explicit != "" {
		return realPath(absolute(l.dir, explicit))
	}
	if configured, ok := own.get("core.worktree"); ok {
		return realPath(absolute(l.gitDir, configured))
	}
	if natural == "" || own.boolean("core.bare", false) {
		return "", nil
	}
	return natural, nil
}

// prefix is the directory that the search began in, relative to the work tree, with slashes.
func (l *location) prefix() string {
	if l.workTree == "" {
		return "."
	}
	rel, err := filepath.Rel(l.workTree, l.dir)
	if err != nil || !filepath.IsLocal(rel) {
		return "."
	}
	return filepath.ToSlash(rel)
}

// gitDirectory tells the git directory that a .git stands for: itself, or for a file ("gitdir: path", as linked
// worktrees and submodules have) the one that it names.
func gitDirectory(path string, env environment) (string, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", false
		}
		target, ok := strings.CutPrefix(string(data), "gitdir: ")
		if !ok {
			return "", false
		}
		path = absolute(filepath.Dir(path), strings.TrimRight(target, "\r\n"))
	}
	path, err = realPath(path)
	if err != nil || !isGitDirectory(path, env) {
		return "", false
	}
	return path, true
}

// isGitDirectory has git's own test: a HEAD that looks like one, refs, and objects.
func isGitDirectory(path string, env environment) bool {
	if !looksLikeHead(filepath.Join(path, "HEAD")) {
		return false
	}
	common := commonDirectory(path, env)
	objects := filepath.Join(common, "objects")
	if explicit := env.get("GIT_OBJECT_DIRECTORY"); explicit != "" {
		objects = explicit
	}
	return exists(objects) && exists(filepath.Join(common, "refs"))
}

func looksLikeHead(path string) bool {
	if target, err := os.Readlink(path); err == nil {
		return strings.HasPrefix(target, "refs/")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	text := strings.TrimSpace(string(data))
	if ref, ok := strings.CutPrefix(text, "ref:"); ok {
		return strings.HasPrefix(strings.TrimSpace(ref), "refs/")
	}
	return isFullHex(text)
}

// commonDirectory is the main git directory of a linked worktree's, and for any other itself.
func commonDirectory(gitDir string, env environment) string {
	named := env.get("GIT_COMMON_DIR")
	if named == "" {
		data, err := os.ReadFile(filepath.Join(gitDir, "commondir"))
		if err != nil {
			return gitDir
		}
		named = strings.TrimRight(string(data), "\r\n")
	}
	common, err := realPath(absolute(gitDir, named))
	if err != nil {
		return gitDir
	}
	return common
}

func ceilingDirectories(env environment) []string {
	var ceilings []string
	for _, ceiling := range filepath.SplitList(env.get("GIT_CEILING_DIRECTORIES")) {
		if !filepath.IsAbs(ceiling) {
			continue
		}
		if real, err := filepath.EvalSymlinks(ceiling); err == nil {
			ceiling = real
		}
		ceilings = append(ceilings, filepath.Clean(ceiling))
	}
	return ceilings
}

func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

func absolute(base, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// isFullHex reports whether s is a full object name, of sha1 or of sha256.
func isFullHex(s string) bool {
	return (len(s) == 40 || len(s) == 64) && isHex(s)
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return s != ""
}
