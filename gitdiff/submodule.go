package gitdiff

import (
	"cmp"
	"context"
	"path/filepath"
)

// isRepository reports whether a directory of the working tree is the top of another repository's.
func (l *location) isRepository(path string) bool {
	_, ok := gitDirectory(filepath.Join(l.workTree, filepath.FromSlash(path), ".git"), nil)
	return ok
}

// checkedOut gives the commit that the working tree has of a submodule, and nothing where what is there differs from every commit. One that
// is not populated, or has no commit yet, is as it is recorded.
func (l *location) checkedOut(ctx context.Context, env environment, path, recorded string, open func(*location, environment) (Engine, error)) (string, error) {
	if !l.isRepository(path) {
		return recorded, nil
	}
	env = env.with([]string{
		"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
	})
	inner, err := discover(filepath.Join(l.workTree, filepath.FromSlash(path)), env)
	if err != nil {
		return "", err
	}
	engine, err := open(inner, env)
	if err != nil {
		return "", err
	}
	defer engine.Close()
	heads, err := engine.Resolve(ctx, []string{"HEAD"})
	if err != nil {
		return "", err
	}
	head := heads[0].Commit
	_, changes, err := engine.Worktree(ctx, head.Tree) // without a commit all that is there differs
	if err != nil || len(changes) > 0 {
		return "", err
	}
	return cmp.Or(head.ID, recorded), nil
}
