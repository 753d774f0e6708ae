package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/monoplan/monoplan/gitdiff"
	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/report"
	"github.com/monoplan/monoplan/workspace"
)

// session is one repository, opened, and the clock of what is done to it.
type session struct {
	app  *app
	repo *gitdiff.Repository
	log  *slog.Logger
	mark time.Time
	// cache is made once: to name this build takes a look at the program's file.
	cache func() *workspace.Cache
	// closers end what else was opened.
	closers []func() error
}

// open opens the repository that holds the current directory, or that of -C.
func (a *app) open(ctx context.Context) (*session, error) {
	if err := a.checkDirectory(); err != nil {
		return nil, err
	}
	s := &session{app: a, log: a.logger(), mark: time.Now()}
	repo, err := gitdiff.Open(ctx, a.resolve(""), gitdiff.Options{
		Engine:       a.engine,
		Env:          a.Env,
		AllowNetwork: a.fetch,
		Trace:        func(step string, took time.Duration) { s.log.Debug(step, "took", took) },
	})
	switch {
	case a.engine == "git" && (errors.Is(err, gitdiff.ErrNoGit) || errors.Is(err, gitdiff.ErrGitTooOld)):
		return nil, &hinted{err, "--git-engine=go-git needs no git"}
	case err != nil:
		return nil, err
	}
	s.repo = repo
	s.cache = sync.OnceValue(s.openCache)
	go s.cache() // which may take an answer of git's
	if repo.Fallback != nil {
		s.log.Debug("not using git", "because", repo.Fallback)
	}
	s.step("open")
	return s, nil
}

// checkDirectory finds a -C that cannot be meant.
func (a *app) checkDirectory() error {
	if a.dir == "" {
		return nil
	}
	info, err := os.Stat(a.resolve(""))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &hinted{fmt.Errorf("there is no directory %s", report.Quote(a.dir)), "-C names the directory to run in"}
	case err != nil:
		return err
	case !info.IsDir():
		return &hinted{fmt.Errorf("%s is no directory", report.Quote(a.dir)), "-C names the directory to run in"}
	}
	return nil
}

func (s *session) close() {
	if c := s.cache(); c != nil {
		c.Wait()
		s.step("store")
	}
	for _, end := range s.closers {
		if err := end(); err != nil {
			s.log.Debug("closing", "error", err)
		}
	}
	if err := s.repo.Close(); err != nil {
		s.log.Debug("closing the repository", "error", err)
	}
	s.step("close")
}

// logger says nothing unless --verbose asks for it.
func (a *app) logger() *slog.Logger {
	if !a.verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// step notes the end of a step, for --verbose.
func (s *session) step(name string) {
	now := time.Now()
	s.log.Debug(name, "took", now.Sub(s.mark), "engine", s.repo.Name())
	s.mark = now
}

// workspaceOptions are what the services of a view's tree are found with, but for seed.yml.
func (s *session) workspaceOptions(v *view, c comparison) workspace.Options {
	return workspace.Options{
		Tree:          v.tree,
		Repository:    s.repositoryName(),
		Cache:         s.cache(),
		Step:          s.step,
		PackagesAsked: c.engine == engineCLI,
		Diff: func(ctx context.Context, old string) ([]tree.Change, error) {
			switch {
			case old == v.base.Tree: // a snapshot of the base is what the last run often left
				return v.net, nil
			case c.worktree:
				_, changes, err := s.repo.Worktree(ctx, old)
				return changes, err
			}
			return s.diff(ctx, old, v.tree.ID())
		},
	}
}

// diff gives all that differs between two trees.
func (s *session) diff(ctx context.Context, old, new string) ([]tree.Change, error) {
	changes, err := s.repo.Changes(ctx, []string{old}, new)
	if err != nil {
		return nil, err
	}
	return changes[0], nil
}

// openCache gives the cache, nil for none, as where objects may be replaced: it knows a tree by its ID. It is in the git directory that
// linked worktrees share: a tree is the same in each of them.
func (s *session) openCache() *workspace.Cache {
	build := buildID()
	if s.app.noCache || build == "" || s.repo.ReplacesObjects() {
		return nil
	}
	return &workspace.Cache{
		Dir:    filepath.Join(s.repo.CommonDir, "monoplan"),
		Build:  build,
		Failed: func(err error) { s.log.Debug("the snapshot was not kept", "error", err) },
	}
}

// repositoryName is what a service at the root is called after: the directory of the working tree that has the git
// directory, which is the same in each linked worktree, or the git directory of a bare repository.
func (s *session) repositoryName() string {
	dir := s.repo.CommonDir
	if filepath.Base(dir) == ".git" {
		dir = filepath.Dir(dir)
	} else if s.repo.WorkTree != "" && s.repo.GitDir == s.repo.CommonDir {
		dir = s.repo.WorkTree
	}
	return strings.TrimSuffix(filepath.Base(dir), ".git")
}
