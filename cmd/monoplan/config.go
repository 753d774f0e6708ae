package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/monoplan/monoplan/internal/tree"
	"github.com/monoplan/monoplan/workspace"
)

// configText reads seed.yml: from the working tree, or from the commit where one was named with --head or the working tree does
// not have it. It gives nil where there is none.
func (s *session) configText(ctx context.Context, c comparison, head tree.Reader) (text []byte, err error) {
	if c.hasHead || s.repo.WorkTree == "" {
		text, err = readFromTree(ctx, head, workspace.ConfigFile)
	} else {
		text, err = os.ReadFile(filepath.Join(s.repo.WorkTree, workspace.ConfigFile))
		if errors.Is(err, fs.ErrNotExist) {
			text, err = s.notCheckedOut(ctx, c, head)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.warnOfOtherName(ctx, c, head)
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", workspace.ConfigFile, err)
	case text == nil:
		return []byte{}, nil
	}
	return text, nil
}

// notCheckedOut reads the commit's seed.yml where the working tree has none since not all is checked out: no setting may be lost by
// that. One that was deleted is gone.
func (s *session) notCheckedOut(ctx context.Context, c comparison, head tree.Reader) ([]byte, error) {
	switch may, err := s.repo.MayLack(ctx, workspace.ConfigFile); {
	case err != nil:
		return nil, err
	case !may:
		return nil, fs.ErrNotExist
	}
	if c.worktree {
		var err error
		if head, _, err = s.repo.Worktree(ctx, head.ID()); err != nil {
			return nil, err
		}
	}
	return readFromTree(ctx, head, workspace.ConfigFile)
}

// otherConfigFile is the name that people take for that of seed.yml.
const otherConfigFile = "seed.yaml"

// warnOfOtherName warns of a configuration that nobody reads, where seed.yml would be read from.
func (s *session) warnOfOtherName(ctx context.Context, c comparison, head tree.Reader) error {
	isThere := false
	if c.hasHead || s.repo.WorkTree == "" {
		entries, err := head.Lookup(ctx, []string{otherConfigFile})
		if err != nil {
			return err
		}
		isThere = entries[0].Exists()
	} else {
		_, err := os.Lstat(filepath.Join(s.repo.WorkTree, otherConfigFile))
		isThere = err == nil
	}
	if isThere {
		s.app.messages().warn(otherConfigFile, 0, "it is not read: the configuration is called "+workspace.ConfigFile)
	}
	return nil
}

// parseConfig parses a seed.yml; no seed.yml is the default one.
func (s *session) parseConfig(text []byte) (*workspace.Config, error) {
	if text == nil {
		return workspace.DefaultConfig(), nil
	}
	return s.cache().ParseConfig(workspace.ConfigFile, text)
}

// configHash is the hash of the seed.yml in use, empty where there is none.
func (v *view) configHash() string {
	if v.config.Source == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(v.config.Source))
	return hex.EncodeToString(sum[:])
}

// maxLinks is how many symbolic links are followed, as Linux does (path_resolution(7)).
const maxLinks = 40

// readFromTree reads a file of a commit, and follows it where it is a symbolic link. What is not there is fs.ErrNotExist.
func readFromTree(ctx context.Context, t tree.Reader, name string) ([]byte, error) {
	for range maxLinks {
		entries, err := t.Lookup(ctx, []string{name})
		if err != nil {
			return nil, err
		}
		e := entries[0]
		switch {
		case !e.Exists():
			return nil, fs.ErrNotExist
		case !e.Mode.IsFile() && e.Mode != tree.Symlink:
			return nil, errors.New("not a file")
		}
		var data []byte
		err = t.Read(ctx, entries, func(_ int, b []byte) error {
			data = append(data, b...)
			return nil
		})
		if err != nil || e.Mode != tree.Symlink {
			return data, err
		}
		name = path.Join(path.Dir(name), string(data))
	}
	return nil, errors.New("too many symbolic links")
}
