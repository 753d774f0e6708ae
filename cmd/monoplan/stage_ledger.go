package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/monoplan/monoplan/internal/bucket"
	"github.com/monoplan/monoplan/ledger"
	"github.com/monoplan/monoplan/ledger/gitstore"
	"github.com/monoplan/monoplan/ledger/s3store"
	"github.com/monoplan/monoplan/workspace"
)

// ledgerOptions say how a command uses the ledger.
type ledgerOptions struct {
	// network says that it may be fetched and pushed.
	network bool
	// local says that the ledger may be on this machine alone, though that is a CI's.
	local bool
}

// stageLedger is the ledger of a repository, with where it is.
type stageLedger struct {
	*ledger.Ledger
	// remote is the git remote that has it, empty for another place; shared says that others see it.
	remote string
	shared bool
	close  func() error
}

// openStageLedger opens the ledger that seed.yml names, or the refs of this repository. It reads nothing.
func (s *session) openStageLedger(ctx context.Context, c *workspace.Config, o ledgerOptions) (*stageLedger, error) {
	dir := filepath.Join(s.repo.CommonDir, "monoplan", "ledger")
	l := &stageLedger{shared: true, close: func() error { return nil }}
	var store ledger.Store
	switch c.Ledger.Backend {
	case "s3":
		b, err := bucket.Open(ctx, c.Ledger.URL)
		if err != nil {
			return nil, err
		}
		store = s3store.New(b, s3store.Options{Copies: filepath.Join(dir, "copies"), Offline: !o.network})
	case "file":
		path := s.resolveInTree(c.Ledger.Path)
		l.shared = !s.holds(path) // a checkout is gone with its job
		store = ledger.File(path)
	default:
		documents := s.repo.Documents()
		l.close = documents.Close
		l.remote = c.Ledger.Remote
		l.shared = l.remote != ""
		store = gitstore.New(documents, gitstore.Options{Ref: c.Ledger.RefOf, Remote: l.remote, Offline: !o.network})
	}
	host, err := os.Hostname()
	if err != nil {
		s.log.Debug("this machine has no name", "error", err)
	}
	l.Ledger = ledger.New(store, ledger.Options{
		Now: time.Now, Who: s.app.owner(), Host: host, Dir: dir,
		Warn: func(err error) { s.app.messages().warn("", 0, err.Error()) },
	})
	return l, nil
}

// holds reports whether a path is below the repository's root.
func (s *session) holds(path string) bool {
	inside, err := filepath.Rel(cmp.Or(s.repo.WorkTree, s.repo.CommonDir), path)
	return err == nil && filepath.IsLocal(inside)
}

// resolveInTree gives a path that is relative to the repository's root.
func (s *session) resolveInTree(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(cmp.Or(s.repo.WorkTree, s.repo.CommonDir), filepath.FromSlash(name))
}
