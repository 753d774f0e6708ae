package gitdiff

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say how a repository is opened.
type Options struct {
	// Engine is "git", "go-git", or "auto" (or empty): where git is installed and recent enough both together, or git alone, and else go-git.
	Engine string
	// Env is the process environment, as os.Environ gives it: PATH finds git, GIT_DIR and its kin find the repository.
	Env []string
	// AllowNetwork lets the git engine fetch what a partial clone lacks. Nothing else uses the network.
	AllowNetwork bool
	// Trace, where it is set, is told how long steps took.
	Trace func(step string, d time.Duration)
}

// Repository is an opened repository: an engine, and where its parts are.
type Repository struct {
	Engine
	// GitDir is the git directory, absolute; a linked worktree has its own.
	GitDir string
	// CommonDir is the git directory that linked worktrees share; mostly GitDir.
	CommonDir string
	// WorkTree is the top of the working tree, absolute; it is empty in a bare repository.
	WorkTree string
	// Prefix is the directory that was opened, relative to WorkTree, with slashes; "." at the top, and where there is no WorkTree.
	Prefix string
	// Shallow says that history ends early, and Partial that objects may be missing which a remote has.
	Shallow, Partial bool
	// Fallback says why "auto" did not take git; it is nil where it did.
	Fallback error

	location *location
	env      environment
	options  Options
}

// Open opens the repository that holds a directory. Its errors are ErrNotRepository, *UnsafeError, and for an engine that was
// asked for by name ErrNoGit, ErrGitTooOld or *UnsupportedError.
func Open(ctx context.Context, dir string, opts Options) (*Repository, error) {
	env := environment(opts.Env)
	began := time.Now()
	l, err := discover(dir, env)
	if err != nil {
		return nil, err
	}
	if env.get("GIT_DIR") != "" && l.workTree != "" {
		env = env.with(nil, "GIT_WORK_TREE="+l.workTree) // where it is not set, git would take the current directory
	}
	if opts.Trace != nil {
		opts.Trace("discover the repository", time.Since(began))
	}
	r := &Repository{
		GitDir:    l.gitDir,
		CommonDir: l.commonDir,
		WorkTree:  l.workTree,
		Prefix:    l.prefix(),
		Shallow:   l.shallow(),
		Partial:   l.promisor() != "",
		location:  l,
		env:       env,
		options:   opts,
	}
	l.replaced = sync.OnceValue(func() bool { return l.findReplaced(ctx, env, opts) })
	r.Engine, r.Fallback, err = chooseEngine(ctx, l, env, opts)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func chooseEngine(ctx context.Context, l *location, env environment, opts Options) (Engine, error, error) {
	switch opts.Engine {
	case "git":
		e, err := openGit(ctx, l, env, opts)
		return engineOf(e, err, nil)
	case "go-git":
		e, err := openGoGit(l, env)
		return engineOf(e, err, nil)
	case "auto", "":
		if e := openAuto(ctx, l, env, opts); e != nil {
			return e, nil, nil
		}
		e, err := openGit(ctx, l, env, opts)
		if errors.Is(err, ErrNoGit) || errors.Is(err, ErrGitTooOld) {
			other, otherErr := openGoGit(l, env)
			if otherErr != nil {
				return nil, nil, errors.Join(otherErr, err)
			}
			return engineOf(other, nil, err)
		}
		return engineOf(e, err, nil)
	}
	return nil, nil, fmt.Errorf("unknown git engine %q", opts.Engine)
}

// engineOf keeps a nil pointer of an engine from becoming an Engine.
func engineOf[E Engine](e E, err, fallback error) (Engine, error, error) {
	if err != nil {
		return nil, nil, err
	}
	return e, fallback, nil
}

func (l *location) shallow() bool {
	info, err := os.Stat(filepath.Join(l.commonDir, "shallow"))
	return err == nil && info.Size() > 0
}

// sha256 reports the repository's object format (git-config(1), extensions.objectFormat).
func (l *location) sha256() bool {
	format, _ := l.config.get("extensions.objectformat")
	return format == "sha256"
}

// hashSize is how many bytes the repository's hashes have.
func (l *location) hashSize() int {
	if l.sha256() {
		return sha256.Size
	}
	return sha1.Size
}

func (l *location) emptyTree() string {
	if l.sha256() {
		return emptyTreeSHA256
	}
	return emptyTreeSHA1
}

func (l *location) noMergeBase(a, b string) error {
	if l.shallow() {
		return fmt.Errorf("%w of %s and %s (the clone is shallow)", ErrNoMergeBase, a, b)
	}
	return fmt.Errorf("%w of %s and %s", ErrNoMergeBase, a, b)
}

// inProcess reports whether the engine does without git.
func (r *Repository) inProcess() bool {
	_, inProcess := r.Engine.(*goGitEngine)
	return inProcess
}
